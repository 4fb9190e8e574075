//! The panel's session cookie: given, found in a response, renewed and ended.

use std::{fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose};
use http::{HeaderMap, header};
use idweave_transport::{
    AuthContext, BoxFuture, Credential, Credentials, Error, ErrorKind, FetchedToken, Scheme,
    Secret, TokenCache,
};
use serde::Deserialize;

/// The name of the cookie.
pub(super) const COOKIE: &str = "id0";

/// A session of a panel that was opened elsewhere: the value of its cookie
/// `id0`, as accepting an invite sets it. Renewed where the panel renews it.
#[derive(Clone)]
pub struct SessionCookie(TokenCache);

impl SessionCookie {
    /// Creates the credentials from the cookie's value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when no cookie can have that value.
    pub fn new(id0: impl Into<Secret>) -> Result<Self, Error> {
        let id0 = id0.into();
        let tokens = TokenCache::new();
        // Used until it is refused: there is nothing to replace it with.
        tokens.store(FetchedToken::new(Credential::cookie(&id0)?, None));
        Ok(Self(tokens))
    }

    /// Reads the session that a response has set, as that of accepting an invite.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when the response sets none.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Error> {
        match session_cookie(headers) {
            Some(cookie) if !cookie.is_empty() => Self::new(cookie),
            _ => Err(Error::new(
                ErrorKind::Credentials,
                "the response sets no session cookie",
            )),
        }
    }
}

impl Credentials for SessionCookie {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Cookie(COOKIE)
    }

    fn cached(&self, _: Scheme) -> Option<Credential> {
        self.0.cached()
    }

    fn fetch<'a>(
        &'a self,
        _: Scheme,
        _: Option<&'a Credential>,
        _: &'a AuthContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(async {
            Err(Error::new(
                ErrorKind::Credentials,
                "the session has ended: log in, or use an access token",
            ))
        })
    }

    fn on_response(&self, _: Scheme, headers: &HeaderMap) {
        update_session(&self.0, headers);
    }
}

impl fmt::Debug for SessionCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionCookie(***)")
    }
}

pub(super) fn fetched(cookie: &Secret) -> Result<FetchedToken, Error> {
    Ok(FetchedToken::new(
        Credential::plain(cookie)?,
        lifetime(cookie.expose()),
    ))
}

/// What a response sets the session cookie to; empty when it is taken away.
pub(super) fn session_cookie(headers: &HeaderMap) -> Option<Secret> {
    headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .rev()
        .find_map(|cookie| {
            let mut parts = cookie.split(';').map(str::trim);
            let value = parts
                .next()?
                .strip_prefix(COOKIE)?
                .strip_prefix('=')?
                .trim_matches('"');
            let ended = parts.any(|attribute| {
                attribute.split_once('=').is_some_and(|(name, age)| {
                    name.eq_ignore_ascii_case("max-age")
                        && age.trim().parse::<i64>().is_ok_and(|age| age <= 0)
                })
            });
            let value = Secret::new(value);
            let usable = !ended && Credential::cookie(&value).is_ok();
            Some(if usable { value } else { Secret::default() })
        })
}

/// Until when a session token says it is good: the `exp` of a JWT. Its
/// signature is the panel's business; here it only tells when to ask again.
fn lifetime(token: &str) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let claims = general_purpose::URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1)?)
        .ok()?;
    let end =
        Duration::try_from_secs_f64(serde_json::from_slice::<Claims>(&claims).ok()?.exp).ok()?;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .ok()?;
    Some(end.saturating_sub(now))
}

/// Takes over a session that the panel has renewed or ended.
pub(super) fn update_session(tokens: &TokenCache, headers: &HeaderMap) {
    match session_cookie(headers) {
        Some(cookie) if cookie.is_empty() => tokens.invalidate(),
        Some(cookie) => {
            if let Ok(fetched) = fetched(&cookie) {
                tokens.store(fetched);
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    fn cookie(lines: &[&str]) -> Option<String> {
        let headers = lines
            .iter()
            .map(|line| (header::SET_COOKIE, line.parse().unwrap()))
            .collect();
        session_cookie(&headers).map(|cookie| cookie.expose().to_owned())
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        assert_eq!(
            cookie(&["a=b", "id0=x.y.z; Path=/; HttpOnly"]).as_deref(),
            Some("x.y.z")
        );
        assert_eq!(cookie(&["id0=old", "id0=new"]).as_deref(), Some("new"));
        assert_eq!(cookie(&["id01=x", "xid0=y", "id0x"]), None);
        assert_eq!(cookie(&["id0=; Path=/"]).as_deref(), Some(""));
        assert_eq!(cookie(&["id0=x; Max-Age=0"]).as_deref(), Some(""));
    }

    #[test]
    fn the_end_of_a_session_is_read_from_its_token() {
        let in_an_hour = std::time::SystemTime::now()
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs()
            + 3600;
        let claims = general_purpose::URL_SAFE_NO_PAD.encode(format!("{{\"exp\":{in_an_hour}}}"));
        let left = lifetime(&format!("h.{claims}.s")).unwrap();
        assert!((3590..=3600).contains(&left.as_secs()), "{left:?}");
        for token in ["", "a", "a.b.c", "a.e30.c", "a.eyJleHAiOi0xfQ.c"] {
            assert_eq!(lifetime(token), None, "{token}");
        }
    }

    #[test]
    fn a_session_follows_renewal_and_end() {
        let session = SessionCookie::new("one").unwrap();
        let value = || {
            session
                .cached(Scheme::Cookie(COOKIE))
                .map(|c| c.value().to_str().unwrap().to_owned())
        };
        assert_eq!(value().as_deref(), Some("one"));
        let set = |text: &str| {
            HeaderMap::from_iter([(header::SET_COOKIE, HeaderValue::from_str(text).unwrap())])
        };
        session.on_response(Scheme::Cookie(COOKIE), &set("id0=two"));
        assert_eq!(value().as_deref(), Some("two"));
        session.on_response(Scheme::Cookie(COOKIE), &set("other=x"));
        assert_eq!(value().as_deref(), Some("two"));
        session.on_response(Scheme::Cookie(COOKIE), &set("id0="));
        assert_eq!(value(), None);
    }
}

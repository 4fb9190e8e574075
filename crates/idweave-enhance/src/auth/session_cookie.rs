//! The panel's session cookie: given, found in a response, renewed and ended.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose};
use http::{HeaderMap, header};
use idweave_transport::{
    AuthContext, Credential, Error, ErrorKind, FetchedToken, Scheme, Secret, TokenCache,
    TokenSource,
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
        // Used until it is refused: there is nothing to replace it with.
        let given = FetchedToken::new(Credential::cookie(&id0.into())?, None);
        Ok(Self(TokenCache::new().with_token(given)))
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

impl TokenSource for SessionCookie {
    fn tokens(&self) -> &TokenCache {
        &self.0
    }

    fn scheme(&self) -> Scheme {
        Scheme::Cookie(COOKIE)
    }

    fn is_replaceable(&self, _: &AuthContext) -> bool {
        false
    }

    fn observe_response(&self, headers: &HeaderMap, context: &AuthContext) {
        update_session(&self.0, headers, context);
    }

    async fn fetch_token(&self, _: &AuthContext) -> Result<FetchedToken, Error> {
        Err(Error::new(
            ErrorKind::Credentials,
            "the session has ended: log in, or use an access token",
        ))
    }
}

impl fmt::Debug for SessionCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionCookie(***)")
    }
}

/// The session that a response has set, for as long as the token in it says.
pub(super) fn fetched(cookie: &Secret, headers: &HeaderMap) -> Result<FetchedToken, Error> {
    let credential = Credential::cookie(cookie)?;
    Ok(match claims(cookie.expose()) {
        Some((expiry, issued)) => FetchedToken::expiring_at(credential, expiry, headers, issued),
        None => FetchedToken::new(credential, None),
    })
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

/// When a session token says that it expires and when it was issued: the `exp` and `iat` of a
/// JWT. Its signature is the panel's business; here it only tells when to ask again.
fn claims(token: &str) -> Option<(SystemTime, Option<SystemTime>)> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
        #[serde(default)]
        iat: Option<f64>,
    }
    let time = |seconds: f64| {
        let since = Duration::try_from_secs_f64(seconds).ok()?;
        UNIX_EPOCH.checked_add(since)
    };
    let json = general_purpose::URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1)?)
        .ok()?;
    let claims: Claims = serde_json::from_slice(&json).ok()?;
    Some((time(claims.exp)?, claims.iat.and_then(time)))
}

/// Takes over a session that the panel has renewed or ended.
pub(super) fn update_session(tokens: &TokenCache, headers: &HeaderMap, context: &AuthContext) {
    match session_cookie(headers) {
        Some(cookie) if cookie.is_empty() => tokens.invalidate(context),
        Some(cookie) => {
            if let Ok(fetched) = fetched(&cookie, headers) {
                tokens.store(fetched, context);
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let read = |json: &str| {
            let payload = general_purpose::URL_SAFE_NO_PAD.encode(json);
            claims(&format!("h.{payload}.s"))
        };
        assert_eq!(read(r#"{"exp":7200}"#), Some((at(7200), None)));
        assert_eq!(
            read(r#"{"exp":7200,"iat":3600}"#),
            Some((at(7200), Some(at(3600))))
        );
        assert_eq!(read(r#"{"exp":7200,"iat":-1}"#), Some((at(7200), None)));
        for json in [r#"{"exp":-1}"#, r#"{"exp":1e300}"#, "{}", "[]", ""] {
            assert_eq!(read(json), None, "{json}");
        }
        for token in ["", "a", "a.b.c"] {
            assert_eq!(claims(token), None, "{token}");
        }
    }
}

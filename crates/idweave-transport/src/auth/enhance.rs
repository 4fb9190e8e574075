//! Enhance: a panel session, by login or by a cookie that is already there.
//!
//! An Enhance access token is a plain [`Bearer`](crate::Bearer).

use std::{fmt, sync::Arc, time::Duration};

use ::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use base64::{Engine as _, engine::general_purpose};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    credential::is_cookie_value,
    token_cache::{Fetched, Token, Tokens},
};
use crate::{
    AuthContext, BoxFuture, Credential, Credentials, Error, ErrorKind, Scheme, Secret,
    request::append_pair,
};

/// The session's cookie.
const COOKIE: &str = "id0";

/// Gets the second factor's pin when one is asked for.
type Pin = Arc<dyn Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync>;

/// A login to an Enhance panel (`POST /login/sessions`).
///
/// The session cookie is kept, taken over where the panel renews it, and got
/// anew when the panel no longer accepts it.
///
/// ```
/// use idweave_transport::{EnhanceLogin, Secret, Session};
///
/// let login = EnhanceLogin::new("ann@acme.io", Secret::new("correct horse"));
/// let session = Session::builder("https://panel.acme.io/api").credentials(login).build()?;
/// # Ok::<(), idweave_transport::Error>(())
/// ```
#[derive(Clone)]
pub struct EnhanceLogin {
    email: Arc<str>,
    password: Secret,
    realm: Option<Arc<str>>,
    device: Option<Secret>,
    pin: Option<Pin>,
    tokens: Tokens,
    token: Arc<Token>,
}

impl EnhanceLogin {
    /// A login; nothing is sent until a call needs it.
    pub fn new(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            email: email.into().into(),
            password: password.into(),
            realm: None,
            device: None,
            pin: None,
            tokens: Tokens::default(),
            token: Arc::default(),
        }
    }

    /// The realm the login belongs to; that of the panel's host name unless set.
    #[must_use]
    pub fn realm(mut self, id: impl Into<String>) -> Self {
        self.realm = Some(id.into().into());
        self.other()
    }

    /// The id of a device that has passed the second factor and was remembered.
    #[must_use]
    pub fn device(mut self, id: impl Into<Secret>) -> Self {
        self.device = Some(id.into());
        self.other()
    }

    /// The pin of the second factor, for one login.
    #[must_use]
    pub fn with_pin(self, pin: impl Into<Secret>) -> Self {
        let pin = pin.into();
        self.with_pin_from(move || {
            let pin = pin.clone();
            Box::pin(async move { Ok(pin) })
        })
    }

    /// Where to get the pin of the second factor at each login.
    #[must_use]
    pub fn with_pin_from(
        mut self,
        pin: impl Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync + 'static,
    ) -> Self {
        self.pin = Some(Arc::new(pin));
        self.other()
    }

    /// A login with other settings is another one: it shares no session with what it was cloned from.
    fn other(mut self) -> Self {
        self.tokens = Tokens::default();
        self.token = Arc::default();
        self
    }

    async fn login(&self, context: &AuthContext<'_>) -> Result<Fetched, Error> {
        let base = context.base_url();
        let mut url = format!("{base}/login/sessions");
        if let Some(realm) = &self.realm {
            let mut query = String::new();
            append_pair(&mut query, "realmId", realm);
            url.push('?');
            url.push_str(&query);
        }
        let body = LoginCreds {
            email: &self.email,
            password: &self.password,
            device_id: self.device.as_ref(),
        };
        let response = post(context, &url, &body, None).await?;
        let cookie = required(&response)?;
        if response.status() != StatusCode::CREATED {
            return fetched(&cookie);
        }
        // 201 is half a session: it only lets the second factor in.
        let Some(pin) = &self.pin else {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the panel asks for a second factor: give `with_pin` or `with_pin_from`, or use an access token",
            ));
        };
        let pending: Pending = serde_json::from_slice(response.body()).map_err(|error| {
            Error::new(
                ErrorKind::Credentials,
                "the panel asks for a second factor, but not for which",
            )
            .with_json_error(&error)
        })?;
        let pin = pin().await?;
        let body = SecondFactor {
            auth_method: &pending.auth_method,
            pin: &pin,
        };
        let response = post(context, &format!("{base}/login/2fa"), &body, Some(&cookie)).await?;
        fetched(&required(&response)?)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginCreds<'a> {
    email: &'a str,
    password: &'a Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a Secret>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pending {
    auth_method: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SecondFactor<'a> {
    auth_method: &'a str,
    pin: &'a Secret,
}

#[derive(Deserialize)]
struct PanelError {
    code: Option<String>,
}

async fn post(
    context: &AuthContext<'_>,
    url: &str,
    body: &impl Serialize,
    cookie: Option<&Secret>,
) -> Result<Response<Bytes>, Error> {
    let json = serde_json::to_vec(body).map_err(|_| {
        Error::new(
            ErrorKind::Credentials,
            "the login cannot be written as JSON",
        )
    })?;
    let mut request = Request::new(crate::secret::wiped(json));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url
        .parse()
        .map_err(|_| Error::invalid("the panel's address makes no URL"))?;
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if let Some(cookie) = cookie {
        let cookie = Credential::plain(&format!("{COOKIE}={}", cookie.expose()).into())?;
        headers.insert(header::COOKIE, cookie.value().clone());
    }
    let response = context.send(request).await.map_err(|error| {
        error.into_kind(ErrorKind::Credentials, "the panel's login was not reached")
    })?;
    if response.status().is_success() {
        return Ok(response);
    }
    let code = serde_json::from_slice::<PanelError>(response.body())
        .ok()
        .and_then(|answer| answer.code);
    Err(Error::credentials_refused(
        "the panel's login",
        code.as_deref(),
        response,
    ))
}

fn required(response: &Response<Bytes>) -> Result<Secret, Error> {
    match session_cookie(response.headers()) {
        Some(cookie) if !cookie.is_empty() => Ok(cookie),
        _ => Err(Error::new(
            ErrorKind::Credentials,
            "the panel let the login pass, but set no session cookie",
        )),
    }
}

fn fetched(cookie: &Secret) -> Result<Fetched, Error> {
    Ok(Fetched::new(
        Credential::plain(cookie)?,
        lifetime(cookie.expose()),
    ))
}

/// What an answer sets the session cookie to; empty when it is taken away.
fn session_cookie(headers: &HeaderMap) -> Option<Secret> {
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
            let usable = !ended && is_cookie_value(value);
            Some(if usable {
                value.into()
            } else {
                Secret::default()
            })
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
fn on_response(token: &Token, headers: &HeaderMap) {
    match session_cookie(headers) {
        Some(cookie) if cookie.is_empty() => token.forget(),
        Some(cookie) => {
            if let Ok(fetched) = fetched(&cookie) {
                token.put(fetched);
            }
        }
        None => {}
    }
}

impl Credentials for EnhanceLogin {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Cookie(COOKIE)
    }

    fn cached(&self, _: Scheme) -> Option<Credential> {
        self.token.current()
    }

    fn fetch<'a>(
        &'a self,
        _: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(self.token.obtain(rejected, context, || self.login(context)))
    }

    fn is_refreshable(&self, _: Scheme) -> bool {
        true
    }

    fn on_response(&self, _: Scheme, headers: &HeaderMap) {
        on_response(&self.token, headers);
    }

    fn bind(&self, base_url: &str) -> Option<Arc<dyn Credentials>> {
        Some(Arc::new(Self {
            token: self.tokens.of(base_url),
            ..self.clone()
        }))
    }
}

impl fmt::Debug for EnhanceLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnhanceLogin(***)")
    }
}

/// A session of an Enhance panel that is already there: the value of its cookie
/// `id0`, as accepting an invite sets it. Renewed where the panel renews it.
#[derive(Clone)]
pub struct EnhanceSession(Arc<Token>);

impl EnhanceSession {
    /// Takes the cookie's value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when no cookie can have that value.
    pub fn new(id0: impl Into<Secret>) -> Result<Self, Error> {
        let id0 = id0.into();
        if !is_cookie_value(id0.expose()) {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the session holds characters that no cookie can",
            ));
        }
        let token = Token::default();
        // Used until it is refused: there is nothing to replace it with.
        token.put(Fetched::new(Credential::plain(&id0)?, None));
        Ok(Self(Arc::new(token)))
    }

    /// Takes the session that an answer has set, as that of accepting an invite.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when the answer sets none.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Error> {
        match session_cookie(headers) {
            Some(cookie) if !cookie.is_empty() => Self::new(cookie),
            _ => Err(Error::new(
                ErrorKind::Credentials,
                "the answer sets no session cookie",
            )),
        }
    }
}

impl Credentials for EnhanceSession {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Cookie(COOKIE)
    }

    fn cached(&self, _: Scheme) -> Option<Credential> {
        self.0.current()
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
        on_response(&self.0, headers);
    }
}

impl fmt::Debug for EnhanceSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnhanceSession(***)")
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
        let session = EnhanceSession::new("one").unwrap();
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

//! DocSpace: logging in by e-mail and password, and links that carry a permission.
//!
//! A DocSpace API key or OAuth 2.0 token is a plain [`Bearer`](crate::Bearer).

use std::{
    fmt,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, SystemTime},
};

use ::http::{HeaderValue, Method, Request, Response, header};
use bytes::Bytes;
use percent_encoding::utf8_percent_encode;
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use super::token_cache::{Fetched, Token, Tokens};
use crate::{
    AuthContext, BoxFuture, Credential, Credentials, Error, ErrorKind, Scheme, Secret,
    request::RESERVED,
};

/// More iterations than this are taken for an attempt to keep the client busy.
const MOST_ITERATIONS: u32 = 10_000_000;

/// Gets the second factor's code when one is asked for.
type Code = Arc<dyn Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync>;

/// A DocSpace login by e-mail and password (`POST /api/2.0/authentication`).
///
/// The password is sent as the hash that the portal asks for (PBKDF2 with the
/// parameters of `GET /api/2.0/settings`). The login's token goes as bearer
/// and is replaced before it ends.
///
/// ```
/// use idweave_transport::{DocSpaceLogin, Secret, Session};
///
/// let login = DocSpaceLogin::new("ann@acme.io", Secret::new("correct horse"));
/// let session = Session::builder("https://acme.onlyoffice.com").credentials(login).build()?;
/// # Ok::<(), idweave_transport::Error>(())
/// ```
#[derive(Clone)]
pub struct DocSpaceLogin {
    email: Arc<str>,
    password: Secret,
    code: Option<Code>,
    tokens: Tokens,
    token: Arc<Token>,
}

impl DocSpaceLogin {
    /// A login; nothing is sent until a call needs it.
    pub fn new(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            email: email.into().into(),
            password: password.into(),
            code: None,
            tokens: Tokens::default(),
            token: Arc::default(),
        }
    }

    /// The code of the second factor, for one login.
    #[must_use]
    pub fn with_code(self, code: impl Into<Secret>) -> Self {
        let code = code.into();
        self.with_code_from(move || {
            let code = code.clone();
            Box::pin(async move { Ok(code) })
        })
    }

    /// Where to get the code of the second factor at each login.
    #[must_use]
    pub fn with_code_from(
        mut self,
        code: impl Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync + 'static,
    ) -> Self {
        self.code = Some(Arc::new(code));
        self.other()
    }

    /// A login with other settings is another one: it shares no token with what it was cloned from.
    fn other(mut self) -> Self {
        self.tokens = Tokens::default();
        self.token = Arc::default();
        self
    }

    async fn login(&self, context: &AuthContext<'_>) -> Result<Fetched, Error> {
        let base = context.base_url();
        let settings: Settings = read(
            context
                .send(request(
                    Method::GET,
                    &format!("{base}/api/2.0/settings"),
                    Bytes::new(),
                )?)
                .await,
        )?;
        let hash = hash(self.password.clone(), settings.password_hash).await?;
        let mut credentials = LoginBody {
            user_name: &self.email,
            password_hash: &hash,
            code: None,
        };
        let mut answer: Login = self
            .post(
                context,
                &format!("{base}/api/2.0/authentication"),
                &credentials,
            )
            .await?;
        if answer.token.is_none() && (answer.tfa || answer.sms) {
            let Some(code) = &self.code else {
                return Err(Error::new(
                    ErrorKind::Credentials,
                    "the portal asks for a second factor: give `with_code` or `with_code_from`, or use an API key",
                ));
            };
            let code = code().await?;
            credentials.code = Some(&code);
            // The portal reads the code from the body; the path has a place for it.
            let segment = Zeroizing::new(utf8_percent_encode(code.expose(), RESERVED).to_string());
            let url = Zeroizing::new(format!("{base}/api/2.0/authentication/{}", *segment));
            answer = self.post(context, &url, &credentials).await?;
        }
        let Some(token) = answer.token.filter(|token| !token.is_empty()) else {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the portal let the login pass, but gave no token",
            ));
        };
        let lifetime = answer.expires.as_deref().and_then(seconds).map(|end| {
            let now = SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs();
            Duration::from_secs(end.saturating_sub(now))
        });
        Ok(Fetched::new(Credential::bearer(&token)?, lifetime))
    }

    async fn post(
        &self,
        context: &AuthContext<'_>,
        url: &str,
        body: &LoginBody<'_>,
    ) -> Result<Login, Error> {
        let json = serde_json::to_vec(body).map_err(|_| {
            Error::new(
                ErrorKind::Credentials,
                "the login cannot be written as JSON",
            )
        })?;
        read(
            context
                .send(request(Method::POST, url, crate::secret::wiped(json))?)
                .await,
        )
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginBody<'a> {
    user_name: &'a str,
    password_hash: &'a Secret,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a Secret>,
}

#[derive(Deserialize)]
struct Envelope<T> {
    response: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    #[serde(default)]
    password_hash: Hashing,
}

/// How the portal wants passwords hashed.
#[derive(Deserialize)]
#[serde(default)]
struct Hashing {
    size: u32,
    iterations: u32,
    salt: String,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            size: 256,
            iterations: 100_000,
            salt: String::new(),
        }
    }
}

#[derive(Deserialize)]
struct Login {
    token: Option<Secret>,
    expires: Option<String>,
    #[serde(default)]
    tfa: bool,
    #[serde(default)]
    sms: bool,
}

fn request(method: Method, url: &str, body: Bytes) -> Result<Request<Bytes>, Error> {
    let has_body = !body.is_empty();
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = url
        .parse()
        .map_err(|_| Error::invalid("the portal's address makes no URL"))?;
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::ACCEPT, json.clone());
    if has_body {
        request.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    Ok(request)
}

fn read<T: for<'de> Deserialize<'de>>(
    response: Result<Response<Bytes>, Error>,
) -> Result<T, Error> {
    let response = response.map_err(|error| {
        error.into_kind(ErrorKind::Credentials, "the portal's login was not reached")
    })?;
    if !response.status().is_success() {
        return Err(Error::credentials_refused(
            "the portal's login",
            None,
            response,
        ));
    }
    serde_json::from_slice::<Envelope<T>>(response.body())
        .map(|envelope| envelope.response)
        .map_err(|error| {
            Error::new(
                ErrorKind::Credentials,
                "the portal's answer to the login is not one",
            )
            .with_json_error(&error)
        })
}

/// Lowercase hex of PBKDF2-HMAC-SHA256, on a thread that may take its time.
async fn hash(password: Secret, hashing: Hashing) -> Result<Secret, Error> {
    let broken = || {
        Error::new(
            ErrorKind::Credentials,
            "the portal asks for an impossible password hash",
        )
    };
    let iterations = NonZeroU32::new(hashing.iterations)
        .filter(|n| n.get() <= MOST_ITERATIONS)
        .ok_or_else(broken)?;
    if hashing.size == 0 || !hashing.size.is_multiple_of(8) || hashing.size > 4096 {
        return Err(broken());
    }
    let work = move || {
        let mut bytes = Zeroizing::new(vec![0; hashing.size as usize / 8]);
        ring::pbkdf2::derive(
            ring::pbkdf2::PBKDF2_HMAC_SHA256,
            iterations,
            hashing.salt.as_bytes(),
            password.expose().as_bytes(),
            &mut bytes,
        );
        let mut hex = String::with_capacity(bytes.len() * 2);
        for byte in bytes.iter() {
            for digit in [byte >> 4, byte & 15] {
                hex.extend(char::from_digit(digit.into(), 16));
            }
        }
        Secret::new(hex)
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::new(ErrorKind::Credentials, "the password hash was not finished"))
}

/// Seconds since 1970 of `2026-01-31T10:20:30.0000000+03:00`.
///
/// None for a time without zone: DocSpace writes `0001-01-01T00:00:00` for "not said".
fn seconds(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let zone = text
        .get(19..)?
        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone.as_bytes() {
        b"Z" | b"z" => 0,
        [
            sign @ (b'+' | b'-'),
            h1 @ b'0'..=b'9',
            h2 @ b'0'..=b'9',
            b':',
            m1 @ b'0'..=b'9',
            m2 @ b'0'..=b'9',
        ] => {
            let two = |a: &u8, b: &u8| i64::from(a - b'0') * 10 + i64::from(b - b'0');
            let minutes = two(h1, h2) * 60 + two(m1, m2);
            if *sign == b'+' {
                minutes * 60
            } else {
                -minutes * 60
            }
        }
        _ => return None,
    };
    // Days since 1970 in the proleptic Gregorian calendar, years starting in March.
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468;
    u64::try_from(days * 86_400 + hour * 3_600 + minute * 60 + second - offset)
        .ok()
        .filter(|at| *at > 0)
}

impl Credentials for DocSpaceLogin {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Bearer
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

    fn bind(&self, base_url: &str) -> Option<Arc<dyn Credentials>> {
        Some(Arc::new(Self {
            token: self.tokens.of(base_url),
            ..self.clone()
        }))
    }
}

impl fmt::Debug for DocSpaceLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DocSpaceLogin(***)")
    }
}

/// A DocSpace link that carries a permission: an invitation, a password change.
///
/// Sent as the header `confirm` to the operations that take it. Combine it with
/// a login where both are needed: `link.and(login)`.
///
/// ```
/// use idweave_transport::ConfirmLink;
///
/// let link = ConfirmLink::parse("https://acme.onlyoffice.com/confirm/LinkInvite?type=LinkInvite&key=1.abc")?;
/// # Ok::<(), idweave_transport::Error>(())
/// ```
#[derive(Clone)]
pub struct ConfirmLink(Credential);

impl ConfirmLink {
    /// Takes the link, or its query part alone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when it has no `type`, as the short links of
    /// mails have not: open those first, they redirect to the long one.
    pub fn parse(link: impl Into<Secret>) -> Result<Self, Error> {
        let link = link.into();
        let text = link.expose().trim();
        let query = match Url::parse(text) {
            Ok(url) => Zeroizing::new(url.query().unwrap_or_default().to_owned()),
            Err(_) => Zeroizing::new(text.trim_start_matches('?').to_owned()),
        };
        if !query.split('&').any(|pair| {
            pair.strip_prefix("type=")
                .is_some_and(|kind| !kind.is_empty())
        }) {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the confirm link names no type: take the link in full",
            ));
        }
        Credential::plain(&Secret::new(query.as_str())).map(Self)
    }
}

impl Credentials for ConfirmLink {
    fn provides(&self, scheme: Scheme) -> bool {
        matches!(scheme, Scheme::Header(name) if name.eq_ignore_ascii_case("confirm"))
    }

    fn cached(&self, _: Scheme) -> Option<Credential> {
        Some(self.0.clone())
    }
}

impl fmt::Debug for ConfirmLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmLink(***)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times_with_a_zone_are_read_and_others_are_not_known() {
        for (text, at) in [
            ("2026-01-31T10:20:30.0000000+03:00", Some(1_769_844_030)),
            ("2026-01-31T07:20:30Z", Some(1_769_844_030)),
            ("2024-02-29T23:59:59.9-00:30", Some(1_709_252_999)),
            ("1970-01-01T00:00:01Z", Some(1)),
            ("0001-01-01T00:00:00", None),
            ("0001-01-01T00:00:00.0000000Z", None),
            ("2026-01-31T10:20:30", None),
            ("2026-01-31", None),
            ("", None),
            ("2026-01-31T10:20:30+3", None),
            ("ää26-01-31T10:20:30Z", None),
        ] {
            assert_eq!(seconds(text), at, "{text}");
        }
    }

    #[tokio::test]
    async fn passwords_are_hashed_as_the_portal_asks() {
        // RFC 7914 section 11, PBKDF2-HMAC-SHA-256 with one iteration.
        let hashing = Hashing {
            size: 512,
            iterations: 1,
            salt: "salt".to_owned(),
        };
        assert_eq!(
            hash("passwd".into(), hashing).await.unwrap().expose(),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc\
             49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        );
    }

    #[tokio::test]
    async fn hashes_that_only_cost_time_are_refused() {
        for (size, iterations) in [(256, 0), (256, u32::MAX), (0, 1), (12, 1), (1 << 20, 8)] {
            assert!(
                hash(
                    "x".into(),
                    Hashing {
                        size,
                        iterations,
                        salt: String::new()
                    }
                )
                .await
                .is_err()
            );
        }
    }

    #[test]
    fn a_confirm_link_may_be_whole_or_a_query() {
        for link in [
            "https://p.io/confirm/LinkInvite?type=LinkInvite&key=a%3D&uid=1",
            "?type=LinkInvite&key=a%3D&uid=1",
            "type=LinkInvite&key=a%3D&uid=1",
        ] {
            let link = ConfirmLink::parse(link).unwrap();
            assert_eq!(link.0.value(), "type=LinkInvite&key=a%3D&uid=1");
            assert!(link.0.value().is_sensitive());
        }
        for link in ["https://p.io/s/abc", "", "key=1", "type=&key=1"] {
            assert!(ConfirmLink::parse(link).is_err(), "{link}");
        }
        assert!(ConfirmLink::parse("type=a\r\nX: y").is_err());
    }
}

//! Logging in to a portal by e-mail and password.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use http::{HeaderMap, Response};
use idweave_transport::{
    AuthContext, BoxFuture, Bytes, Credential, Environment, Error, ErrorKind, FetchedToken, Secret,
    TokenCache, TokenSource, encode_segment,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::password_hash::{Hashing, hash};

/// Gets the second factor's code when one is asked for.
type Code = Arc<dyn Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync>;

/// A login by e-mail and password (`POST /api/2.0/authentication`).
///
/// The password is sent as the hash that the portal asks for (PBKDF2 with the
/// parameters of `GET /api/2.0/settings`). The login's token goes as bearer
/// and is replaced before it ends.
///
/// ```
/// use idweave_docspace::{Client, Login, Secret};
///
/// let login = Login::new("ann@acme.io", Secret::new("correct horse"));
/// let client = Client::builder("https://acme.onlyoffice.com").credentials(login).build()?;
/// # Ok::<(), idweave_docspace::Error>(())
/// ```
#[derive(Clone)]
pub struct Login {
    email: Arc<str>,
    password: Secret,
    code: Option<Code>,
    tokens: TokenCache,
}

impl Login {
    /// Creates a login; nothing is sent until a call needs it.
    pub fn new(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            email: email.into().into(),
            password: password.into(),
            code: None,
            tokens: TokenCache::new(),
        }
    }

    /// Reads the settings `EMAIL` and `PASSWORD`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when a variable is missing or cannot be used.
    pub fn from_environment(environment: &Environment) -> Result<Self, Error> {
        Ok(Self::new(
            environment.required_var("EMAIL")?,
            environment.required_secret("PASSWORD")?,
        ))
    }

    /// Sets the code of the second factor, for one login.
    #[must_use]
    pub fn with_code(self, code: impl Into<Secret>) -> Self {
        let code = code.into();
        self.with_code_from(move || {
            let code = code.clone();
            Box::pin(async move { Ok(code) })
        })
    }

    /// Sets where to get the code of the second factor at each login.
    #[must_use]
    pub fn with_code_from(
        mut self,
        code: impl Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync + 'static,
    ) -> Self {
        self.code = Some(Arc::new(code));
        self.with_new_cache()
    }

    /// A login with other settings is another one: it shares no token with what it was cloned from.
    fn with_new_cache(mut self) -> Self {
        self.tokens = TokenCache::new();
        self
    }
}

impl TokenSource for Login {
    fn tokens(&self) -> &TokenCache {
        &self.tokens
    }

    async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
        let base = context.base_url();
        let response = successful(context.get(&format!("{base}/api/2.0/settings")).await)?;
        let settings: Settings = read(&response)?;
        let hash = hash(self.password.clone(), settings.password_hash).await?;
        let mut body = LoginBody {
            user_name: &self.email,
            password_hash: &hash,
            code: None,
        };
        let url = format!("{base}/api/2.0/authentication");
        let mut response = successful(context.post_json(&url, &body, HeaderMap::new()).await)?;
        let mut login: LoginResponse = read(&response)?;
        if login.token.is_none() && (login.tfa || login.sms) {
            let Some(code) = &self.code else {
                return Err(Error::new(
                    ErrorKind::Credentials,
                    "the portal asks for a second factor: give `with_code` or `with_code_from`, or use an API key",
                ));
            };
            let code = code().await?;
            body.code = Some(&code);
            // The portal reads the code from the body; the path has a place for it.
            let segment = Zeroizing::new(encode_segment(code.expose()));
            let url = Zeroizing::new(format!("{base}/api/2.0/authentication/{}", *segment));
            response = successful(context.post_json(&url, &body, HeaderMap::new()).await)?;
            login = read(&response)?;
        }
        let Some(token) = login.token.filter(|token| !token.is_empty()) else {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the portal let the login pass, but gave no token",
            ));
        };
        let credential = Credential::bearer(&token)?;
        let expiry = login.expires.as_deref().and_then(seconds);
        let expiry = expiry.and_then(|end| UNIX_EPOCH.checked_add(Duration::from_secs(end)));
        Ok(match expiry {
            Some(expiry) => FetchedToken::expiring_at(credential, expiry, response.headers(), None),
            None => FetchedToken::new(credential, None),
        })
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

#[derive(Deserialize)]
struct LoginResponse {
    token: Option<Secret>,
    expires: Option<String>,
    #[serde(default)]
    tfa: bool,
    #[serde(default)]
    sms: bool,
}

fn successful(response: Result<Response<Bytes>, Error>) -> Result<Response<Bytes>, Error> {
    let response =
        response.map_err(|error| error.into_credentials("the portal's login was not reached"))?;
    if response.status().is_success() {
        return Ok(response);
    }
    Err(Error::credentials_refused(
        "the portal's login",
        None,
        response,
    ))
}

fn read<'de, T: Deserialize<'de>>(response: &'de Response<Bytes>) -> Result<T, Error> {
    serde_json::from_slice::<Envelope<T>>(response.body())
        .map(|envelope| envelope.response)
        .map_err(|error| {
            Error::new(
                ErrorKind::Credentials,
                "the response of the portal's login is not a login",
            )
            .with_json_error(&error)
        })
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

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(***)")
    }
}

#[cfg(test)]
mod tests {
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
}

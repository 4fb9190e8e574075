//! Logging in to a panel by e-mail and password.

use std::{fmt, sync::Arc};

use http::{HeaderMap, Response, StatusCode, header};
use idweave_transport::{
    AuthContext, BoxFuture, Bytes, Credential, Environment, Error, ErrorKind, FetchedToken, Scheme,
    Secret, TokenCache, TokenSource, encode_segment,
};
use serde::{Deserialize, Serialize};

use super::session_cookie::{COOKIE, fetched, session_cookie, update_session};

/// Gets the second factor's pin when one is asked for.
type Pin = Arc<dyn Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync>;

/// A login to a panel (`POST /login/sessions`).
///
/// The session cookie is kept, taken over where the panel renews it, and replaced
/// when the panel no longer accepts it.
///
/// ```
/// use idweave_enhance::{Client, Login, Secret};
///
/// let login = Login::new("ann@acme.io", Secret::new("correct horse"));
/// let client = Client::builder("https://panel.acme.io/api").credentials(login).build()?;
/// # Ok::<(), idweave_enhance::Error>(())
/// ```
#[derive(Clone)]
pub struct Login {
    email: Arc<str>,
    password: Secret,
    realm: Option<Arc<str>>,
    device: Option<Secret>,
    pin: Option<Pin>,
    tokens: TokenCache,
}

impl Login {
    /// Creates a login; nothing is sent until a call needs it.
    pub fn new(email: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self {
            email: email.into().into(),
            password: password.into(),
            realm: None,
            device: None,
            pin: None,
            tokens: TokenCache::new(),
        }
    }

    /// Reads the settings `EMAIL` and `PASSWORD`, and `REALM_ID` where it is set.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when a variable is missing or cannot be used.
    pub fn from_environment(environment: &Environment) -> Result<Self, Error> {
        let login = Self::new(
            environment.required_var("EMAIL")?,
            environment.required_secret("PASSWORD")?,
        );
        Ok(match environment.var("REALM_ID") {
            Some(realm) => login.realm(realm),
            None => login,
        })
    }

    /// Sets the realm the login belongs to; that of the panel's host name unless set.
    #[must_use]
    pub fn realm(mut self, id: impl Into<String>) -> Self {
        self.realm = Some(id.into().into());
        self.with_new_cache()
    }

    /// Sets the id of a device that has passed the second factor and was remembered.
    #[must_use]
    pub fn device(mut self, id: impl Into<Secret>) -> Self {
        self.device = Some(id.into());
        self.with_new_cache()
    }

    /// Sets the pin of the second factor, for one login.
    #[must_use]
    pub fn with_pin(self, pin: impl Into<Secret>) -> Self {
        let pin = pin.into();
        self.with_pin_from(move || {
            let pin = pin.clone();
            Box::pin(async move { Ok(pin) })
        })
    }

    /// Sets where to get the pin of the second factor at each login.
    #[must_use]
    pub fn with_pin_from(
        mut self,
        pin: impl Fn() -> BoxFuture<'static, Result<Secret, Error>> + Send + Sync + 'static,
    ) -> Self {
        self.pin = Some(Arc::new(pin));
        self.with_new_cache()
    }

    /// A login with other settings is another one: it shares no session with what it was cloned from.
    fn with_new_cache(mut self) -> Self {
        self.tokens = TokenCache::new();
        self
    }
}

impl TokenSource for Login {
    fn tokens(&self) -> &TokenCache {
        &self.tokens
    }

    fn scheme(&self) -> Scheme {
        Scheme::Cookie(COOKIE)
    }

    fn observe_response(&self, headers: &HeaderMap, context: &AuthContext) {
        update_session(&self.tokens, headers, context);
    }

    async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
        let base = context.base_url();
        let mut url = format!("{base}/login/sessions");
        if let Some(realm) = &self.realm {
            url.push_str("?realmId=");
            url.push_str(&encode_segment(realm));
        }
        let body = LoginCreds {
            email: &self.email,
            password: &self.password,
            device_id: self.device.as_ref(),
        };
        let response = post(context, &url, &body, HeaderMap::new()).await?;
        let cookie = required_cookie(&response)?;
        if response.status() != StatusCode::CREATED {
            return fetched(&cookie, response.headers());
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
        let pending = Credential::plain(&format!("{COOKIE}={}", cookie.expose()).into())?;
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, pending.value().clone());
        let response = post(context, &format!("{base}/login/2fa"), &body, headers).await?;
        fetched(&required_cookie(&response)?, response.headers())
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

/// The response of the panel's login, when it is a success.
async fn post<T: Serialize>(
    context: &AuthContext,
    url: &str,
    body: &T,
    headers: HeaderMap,
) -> Result<Response<Bytes>, Error> {
    let response = context
        .post_json(url, body, headers)
        .await
        .map_err(|error| error.into_credentials("the panel's login was not reached"))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let code = serde_json::from_slice::<PanelError>(response.body())
        .ok()
        .and_then(|error| error.code);
    Err(Error::credentials_refused(
        "the panel's login",
        code.as_deref(),
        response,
    ))
}

fn required_cookie(response: &Response<Bytes>) -> Result<Secret, Error> {
    match session_cookie(response.headers()) {
        Some(cookie) if !cookie.is_empty() => Ok(cookie),
        _ => Err(Error::new(
            ErrorKind::Credentials,
            "the panel let the login pass, but set no session cookie",
        )),
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(***)")
    }
}

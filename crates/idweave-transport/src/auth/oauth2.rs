//! OAuth 2.0 tokens (RFC 6749): client credentials and refresh token.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ::http::{HeaderValue, Method, Request, header};
use bytes::Bytes;
use serde::Deserialize;

use super::{fetched_token::FetchedToken, token_cache::TokenCache, token_source::TokenSource};
use crate::{AuthContext, Credential, Error, ErrorKind, Secret, request::append_pair};

/// The client credentials grant (RFC 6749 section 4.4).
///
/// Tokens are shared by all clones, replaced a minute before they end, and
/// asked for once however many calls wait. They are the token endpoint's, not one service's:
/// where one service must not see the tokens of another, give each credentials of its own.
///
/// ```
/// use idweave_transport::{ClientCredentials, Secret};
///
/// let credentials =
///     ClientCredentials::new("https://auth.acme.io/oauth2/token", "client", Secret::new("secret")).scope("read");
/// ```
#[derive(Clone)]
pub struct ClientCredentials(Grant);

/// The refresh token grant (RFC 6749 section 6).
///
/// A new refresh token that comes with an access token replaces the old one;
/// [`on_rotation`](Self::on_rotation) is where to store it. The exchange goes on when the call
/// that needs it is dropped, so that the new one is not lost. Clones share
/// the tokens, as those of [`ClientCredentials`] do.
#[derive(Clone)]
pub struct RefreshToken {
    grant: Grant,
    refresh: Arc<Mutex<Secret>>,
    rotated: Option<Rotated>,
}

type Rotated = Arc<dyn Fn(&Secret) + Send + Sync>;

#[derive(Clone)]
struct Grant {
    token_url: Arc<str>,
    client_id: Arc<str>,
    client_secret: Option<Secret>,
    in_body: bool,
    parameters: Vec<(String, String)>,
    tokens: TokenCache,
}

impl ClientCredentials {
    /// Creates a grant that requests tokens from `token_url`; id and secret go in a basic `Authorization` header.
    pub fn new(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        Self(Grant::new(
            token_url.into(),
            client_id.into(),
            Some(client_secret.into()),
        ))
    }

    /// Sets the scope to request, space separated.
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.parameter("scope", scope)
    }

    /// Adds another parameter of the token request, such as `audience`.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.parameters.push((name.into(), value.into()));
        Self(self.0.with_new_cache())
    }

    /// Sends id and secret in the form instead of the header (RFC 6749 section 2.3.1).
    #[must_use]
    pub fn in_body(mut self) -> Self {
        self.0.in_body = true;
        Self(self.0.with_new_cache())
    }
}

impl RefreshToken {
    /// Creates a grant that requests access tokens from `token_url` by a refresh token.
    pub fn new(
        token_url: impl Into<String>,
        client_id: impl Into<String>,
        refresh_token: impl Into<Secret>,
    ) -> Self {
        Self {
            grant: Grant::new(token_url.into(), client_id.into(), None),
            refresh: Arc::new(Mutex::new(refresh_token.into())),
            rotated: None,
        }
    }

    /// Sets the secret of a confidential client.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.grant.client_secret = Some(secret.into());
        self.grant = self.grant.with_new_cache();
        self
    }

    /// Sends id and secret in the form instead of the header (RFC 6749 section 2.3.1).
    #[must_use]
    pub fn in_body(mut self) -> Self {
        self.grant.in_body = true;
        self.grant = self.grant.with_new_cache();
        self
    }

    /// Sets the function that stores each new refresh token, which is called once for each.
    #[must_use]
    pub fn on_rotation(mut self, store: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.rotated = Some(Arc::new(store));
        self
    }
}

/// The response of RFC 6749 section 5.1, as servers send it.
#[derive(Deserialize)]
struct TokenResponse {
    access_token: Option<Secret>,
    expires_in: Option<Seconds>,
    refresh_token: Option<Secret>,
}

/// Some servers quote the number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(f64),
    Text(String),
}

impl Seconds {
    fn duration(&self) -> Option<Duration> {
        let seconds = match self {
            Self::Number(seconds) => *seconds,
            Self::Text(text) => text.trim().parse().ok()?,
        };
        // One below zero is over already, one that is too large never is.
        Duration::try_from_secs_f64(seconds.max(0.0)).ok()
    }
}

/// The response of RFC 6749 section 5.2.
#[derive(Deserialize)]
struct TokenError {
    error: Option<String>,
}

impl Grant {
    fn new(token_url: String, client_id: String, client_secret: Option<Secret>) -> Self {
        Self {
            token_url: token_url.into(),
            client_id: client_id.into(),
            client_secret,
            in_body: false,
            parameters: Vec::new(),
            tokens: TokenCache::shared(),
        }
    }

    /// A grant with other settings is another one: it shares no token with what it was cloned from.
    fn with_new_cache(mut self) -> Self {
        self.tokens = TokenCache::shared();
        self
    }

    async fn fetch(
        &self,
        context: &AuthContext,
        parameters: &[(&str, &str)],
    ) -> Result<(FetchedToken, Option<Secret>), Error> {
        let mut form = String::new();
        for (name, value) in parameters {
            append_pair(&mut form, name, value);
        }
        for (name, value) in &self.parameters {
            append_pair(&mut form, name, value);
        }
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.token_url.parse().map_err(|error| {
            Error::invalid("the token endpoint's address is not a URL").with_source(error)
        })?;
        match &self.client_secret {
            Some(secret) if !self.in_body => {
                let basic = Credential::basic(&self.client_id, secret)?;
                request
                    .headers_mut()
                    .insert(header::AUTHORIZATION, basic.value().clone());
            }
            secret => {
                append_pair(&mut form, "client_id", &self.client_id);
                if let Some(secret) = secret {
                    append_pair(&mut form, "client_secret", secret.expose());
                }
            }
        }
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        *request.body_mut() = crate::secret::wiped(form);

        let response = context
            .send(request)
            .await
            .map_err(|error| error.into_credentials("the token endpoint was not reached"))?;
        let status = response.status();
        if !status.is_success() {
            let code = serde_json::from_slice::<TokenError>(response.body())
                .ok()
                .and_then(|error| error.error);
            return Err(Error::credentials_refused(
                "the token endpoint",
                code.as_deref(),
                response,
            ));
        }
        let issued: TokenResponse = serde_json::from_slice(response.body()).map_err(|error| {
            Error::new(
                ErrorKind::Credentials,
                "the response of the token endpoint is not a token response",
            )
            .with_json_error(&error)
        })?;
        let Some(token) = issued.access_token.filter(|token| !token.is_empty()) else {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the response of the token endpoint has no access_token",
            ));
        };
        let lifetime = issued.expires_in.as_ref().and_then(Seconds::duration);
        Ok((
            FetchedToken::new(Credential::bearer(&token)?, lifetime),
            issued.refresh_token,
        ))
    }
}

impl TokenSource for ClientCredentials {
    fn tokens(&self) -> &TokenCache {
        &self.0.tokens
    }

    async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
        let grant = [("grant_type", "client_credentials")];
        let (fetched, _) = self.0.fetch(context, &grant).await?;
        Ok(fetched)
    }
}

impl TokenSource for RefreshToken {
    fn tokens(&self) -> &TokenCache {
        &self.grant.tokens
    }

    async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
        let refresh = self
            .refresh
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let grant = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose()),
        ];
        let (fetched, next) = self.grant.fetch(context, &grant).await?;
        if let Some(next) = next.filter(|next| !next.is_empty() && *next != refresh) {
            // The old one is already used, whatever becomes of storing the new one.
            *self.refresh.lock().unwrap_or_else(PoisonError::into_inner) = next.clone();
            if let Some(store) = &self.rotated {
                store(&next);
            }
        }
        Ok(fetched)
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCredentials(***)")
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken(***)")
    }
}

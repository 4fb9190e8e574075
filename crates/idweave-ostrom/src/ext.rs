//! How a client of Ostrom is made: two environments, each with a host for
//! calls and one for tokens.

use idweave_transport::{ClientBuilder, ClientCredentials, RateLimit, Secret};

use crate::Client;

/// Where the sandbox answers: a data set of its own, for trying things out.
pub const SANDBOX_URL: &str = "https://sandbox.ostrom-api.io";

/// Where the sandbox gives out tokens.
pub const SANDBOX_AUTH_URL: &str = "https://auth.sandbox.ostrom-api.io";

/// Where the real service answers.
pub const PRODUCTION_URL: &str = "https://production.ostrom-api.io";

/// Where the real service gives out tokens.
pub const PRODUCTION_AUTH_URL: &str = "https://auth.production.ostrom-api.io";

/// The credentials of a client, for the host that gives out tokens at `auth_url`.
///
/// Clones share one token: make them once and give them to every client.
pub fn client_credentials(
    auth_url: &str,
    client_id: impl Into<String>,
    client_secret: impl Into<Secret>,
) -> ClientCredentials {
    let token_url = format!("{}/oauth2/token", auth_url.trim().trim_end_matches('/'));
    ClientCredentials::new(token_url, client_id, client_secret)
}

impl Client {
    /// Starts a client of the service at `base_url`; a slash at its end makes no difference.
    ///
    /// It needs [`client_credentials`]. Ostrom grants 50 requests a minute, and that is what is sent at most.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder<Self> {
        ClientBuilder::new(base_url)
            .service("ostrom")
            .rate_limit(RateLimit::per_minute(50))
    }

    /// Starts a client of the sandbox.
    pub fn sandbox(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder<Self> {
        Self::builder(SANDBOX_URL).credentials(client_credentials(
            SANDBOX_AUTH_URL,
            client_id,
            client_secret,
        ))
    }

    /// Starts a client of the real service.
    pub fn production(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder<Self> {
        Self::builder(PRODUCTION_URL).credentials(client_credentials(
            PRODUCTION_AUTH_URL,
            client_id,
            client_secret,
        ))
    }
}

//! How a client of Ostrom is made: two environments, each with a host for
//! calls and one for tokens.

use idweave_transport::{ClientBuilder, ClientCredentials, RateLimit, Secret};

use crate::Client;

/// The address of the sandbox, which has a data set of its own for trying things out.
pub const SANDBOX_URL: &str = "https://sandbox.ostrom-api.io";

/// The address at which the sandbox issues tokens.
pub const SANDBOX_AUTH_URL: &str = "https://auth.sandbox.ostrom-api.io";

/// The address of the production environment.
pub const PRODUCTION_URL: &str = "https://production.ostrom-api.io";

/// The address at which the production environment issues tokens.
pub const PRODUCTION_AUTH_URL: &str = "https://auth.production.ostrom-api.io";

/// Creates the credentials of a client, for the host that issues tokens at `auth_url`.
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

    /// Starts a client of the production environment.
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

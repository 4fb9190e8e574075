//! How a client of ONLYOFFICE DocSpace is made.

use idweave_transport::{
    ApiKey as HeaderKey, ClientBuilder, ConcurrencyLimit, Error, RateLimit, Secret,
};

use crate::Client;

impl Client {
    /// Starts a client of the portal at `base_url`; a slash at its end makes no difference.
    ///
    /// It keeps to the portal's default limits: 1500 requests a minute, 50 reads and 15 writes at once.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder<Self> {
        ClientBuilder::new(base_url)
            .service("docspace")
            .rate_limit(RateLimit::per_minute(1500))
            .concurrency_limit(ConcurrencyLimit::new(50).with_writes(15))
    }
}

/// The token of `generateJwtToken`, which the operations on OAuth 2.0 clients want in a header of its own.
///
/// Combine it with the credentials of the other operations by `and`.
///
/// # Errors
///
/// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when the token is empty or holds control characters.
pub fn signature(token: impl Into<Secret>) -> Result<HeaderKey, Error> {
    HeaderKey::header("x-signature", token)
}

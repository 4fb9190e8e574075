//! How a client of ONLYOFFICE DocSpace is made.

use idweave_transport::{ClientBuilder, ConcurrencyLimit, RateLimit};

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

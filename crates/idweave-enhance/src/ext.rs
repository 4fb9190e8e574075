//! How a client of Enhance is made.

use idweave_transport::{ClientBuilder, ConcurrencyLimit, RateLimit};

use crate::Client;

impl Client {
    /// Starts a client of the panel at `base_url`, which ends in `/api` as a rule.
    ///
    /// Enhance publishes no limits; five requests a second and four at once are what panels are known to bear.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder<Self> {
        ClientBuilder::new(base_url)
            .service("enhance")
            .rate_limit(RateLimit::per_minute(300))
            .concurrency_limit(ConcurrencyLimit::new(4))
    }
}

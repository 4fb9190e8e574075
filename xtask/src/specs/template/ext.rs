//! How a client of @DISPLAY@ is made.

use idweave_transport::ClientBuilder;

use crate::Client;

impl Client {
    /// Starts a client of the service at `base_url`; a slash at its end makes no difference.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder<Self> {
        ClientBuilder::new(base_url).service("@NAME@")
    }
}

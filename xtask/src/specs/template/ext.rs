//! Builds clients for @DISPLAY@.

use idweave_transport::ClientBuilder;

use crate::Client;

impl Client {
    /// Starts building a client for the service at `base_url`; a trailing slash makes no difference.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder<Self> {
        ClientBuilder::new(base_url).service("@NAME@")
    }
}

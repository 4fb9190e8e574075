//! A service as one client sees it: where it is, who asks, and within what bounds.
//!
//! Generated clients hold a [`Session`] and start every call from it.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    Call, ClientBuilder, Credentials, Layer, Operation, RetryPolicy, base_url::BaseUrl,
    circuit::Circuit, http::Limits, rate::Rate, retry::Budget,
};

/// A shared handle to one service; cloning it is cheap.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

/// Builds a bare [`Session`].
pub type SessionBuilder = ClientBuilder<Session>;

pub(crate) struct Inner {
    pub(crate) service: &'static str,
    pub(crate) base: BaseUrl,
    pub(crate) plain_http: bool,
    pub(crate) http: reqwest::Client,
    pub(crate) credentials: Option<Arc<dyn Credentials>>,
    pub(crate) limits: Limits,
    pub(crate) timeout: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) rate: Rate,
    pub(crate) circuit: Circuit,
    pub(crate) layers: Vec<Arc<dyn Layer>>,
}

impl Session {
    pub(crate) fn new(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Starts a builder; `base_url` may end in a slash and have a sub-path.
    pub fn builder(base_url: impl Into<String>) -> SessionBuilder {
        ClientBuilder::new(base_url)
    }

    /// Starts a call of `operation`.
    pub fn call(&self, operation: &'static Operation) -> Call<'_> {
        Call::new(&self.inner, operation)
    }

    #[cfg(test)]
    pub(crate) fn context(&self, deadline: tokio::time::Instant) -> crate::AuthContext<'_> {
        crate::AuthContext::new(&self.inner, deadline)
    }

    /// Where the service is, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.inner.base.as_str()
    }

    /// The service's name, as traces and metrics show it.
    pub fn service(&self) -> &'static str {
        self.inner.service
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("service", &self.inner.service)
            .field("base_url", &self.inner.base)
            .field("credentials", &self.inner.credentials.is_some())
            .finish_non_exhaustive()
    }
}

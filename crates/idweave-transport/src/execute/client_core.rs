//! The state that the calls of one client share: address, credentials and limits.

use std::{sync::Arc, time::Duration};

use super::{
    circuit_breaker::CircuitBreaker,
    layer::Layer,
    rate_limit::RequestLimiter,
    retry::{Budget, RetryPolicy},
};
use crate::{Credentials, http::HttpClient};

/// The settings and the state of one client.
pub(crate) struct ClientCore {
    pub(crate) service: &'static str,
    pub(crate) http: Arc<HttpClient>,
    pub(crate) credentials: Option<Arc<dyn Credentials>>,
    pub(crate) timeout: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) limiter: RequestLimiter,
    pub(crate) circuit: CircuitBreaker,
    pub(crate) layers: Vec<Arc<dyn Layer>>,
}

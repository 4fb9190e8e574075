//! What happens between a call and its response: limits, attempts, waits, layers and traces.

mod authorize;
mod circuit_breaker;
mod circuit_state;
mod client_core;
mod execution;
mod imposed_limits;
mod layer;
mod observe;
mod range;
mod rate_limit;
mod retry;
mod retry_after;

pub(crate) use self::{
    circuit_breaker::CircuitBreaker,
    client_core::ClientCore,
    execution::Execution,
    layer::LayerFn,
    range::{bounded, positive},
    rate_limit::RequestLimiter,
    retry::Budget,
    retry_after::requested_delay,
};
pub use self::{
    circuit_breaker::CircuitBreakerPolicy,
    layer::{Layer, Next},
    rate_limit::{ConcurrencyLimit, RateLimit},
    retry::{Backoff, RetryBudget, RetryContext, RetryPolicy},
};

//! When a failed attempt is followed by another one, and after which wait.
//!
//! Repeated is what is idempotent, and what certainly was not sent. A POST that
//! may have arrived is never repeated, whatever its failure.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use ::http::StatusCode;

/// Exponential waits with full jitter.
///
/// The wait before attempt *n + 1* is a random time up to `initial_delay * 2^(n-1)`, but
/// at most `max_delay`; where the service asks for a longer one, that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// The bound of the first wait.
    pub initial_delay: Duration,
    /// The bound of every wait.
    pub max_delay: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            initial_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(10),
        }
    }
}

impl Backoff {
    /// Creates a backoff with the bounds of the first and of every wait.
    pub const fn new(initial_delay: Duration, max_delay: Duration) -> Self {
        Self {
            initial_delay,
            max_delay,
        }
    }

    /// The wait after the `attempt`th attempt failed.
    pub(crate) fn wait(&self, attempt: u32, requested: Option<Duration>) -> Duration {
        let bound = self
            .initial_delay
            .saturating_mul(1 << (attempt.saturating_sub(1)).min(20))
            .min(self.max_delay);
        let jitter = bound.mul_f64(fraction());
        requested.map_or(jitter, |requested| requested.max(jitter))
    }
}

/// A random number of [0, 1): the standard library's hash keys are random, and
/// spreading callers in time needs no better.
fn fraction() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

/// A failed attempt, for deciding whether another one follows.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RetryContext<'a> {
    /// The attempts so far.
    pub attempts: u32,
    /// Whether the operation may be repeated at all.
    pub idempotent: bool,
    /// Whether the request certainly did not leave.
    pub not_sent: bool,
    /// The error.
    pub error: &'a crate::Error,
}

/// A condition of the user's own; both it and the safety rule must hold.
type Condition = Arc<dyn Fn(RetryContext<'_>) -> bool + Send + Sync>;

/// The policy that says whether, how often and how fast a failed call is repeated.
///
/// ```
/// use idweave_transport::RetryPolicy;
///
/// let policy = RetryPolicy::default()
///     .with_attempts(5)
///     .with_condition(|retry| retry.error.status().is_none_or(|status| status != 500));
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    pub(crate) attempts: u32,
    pub(crate) backoff: Backoff,
    pub(crate) budget: RetryBudget,
    condition: Option<Condition>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            backoff: Backoff::default(),
            budget: RetryBudget::default(),
            condition: None,
        }
    }
}

impl RetryPolicy {
    /// Creates a policy of one attempt.
    #[must_use]
    pub fn disabled() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// Sets the most attempts a call makes, the first included; 0 counts as 1.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Sets the waits between attempts.
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Sets the share of traffic that may be repeats.
    #[must_use]
    pub fn with_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Narrows what is repeated. It cannot widen it: what is neither idempotent
    /// nor certainly unsent stays unrepeated.
    #[must_use]
    pub fn with_condition(
        mut self,
        condition: impl Fn(RetryContext<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.condition = Some(Arc::new(condition));
        self
    }

    /// Whether another attempt is due, budget and time aside.
    pub(crate) fn allows(&self, failure: RetryContext<'_>) -> bool {
        failure.attempts < self.attempts
            && (failure.idempotent || failure.not_sent)
            && is_transient(failure.error)
            && self
                .condition
                .as_ref()
                .is_none_or(|condition| condition(failure))
    }
}

/// Whether the next attempt may fare better.
fn is_transient(error: &crate::Error) -> bool {
    use crate::ErrorKind::{CircuitOpen, Credentials, Decode, RateLimited};
    match error.kind() {
        // These are there to stop attempts.
        CircuitOpen | RateLimited => false,
        // The token endpoint was not reached. Its 429 has been waited for already.
        Credentials => {
            error.is_transient() && error.status() != Some(StatusCode::TOO_MANY_REQUESTS)
        }
        Decode => error.is_truncated_or_replaced(),
        _ => error.is_transient(),
    }
}

impl std::fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("attempts", &self.attempts)
            .field("backoff", &self.backoff)
            .field("budget", &self.budget)
            .field("condition", &self.condition.is_some())
            .finish()
    }
}

/// The share of a client's traffic that may be repeats, so that an outage does not
/// bring a multiple of the usual load.
///
/// A repeat costs one; each call that succeeds at the first attempt earns
/// `percent` of one, up to `reserve`, which is also what a new client starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryBudget {
    /// Repeats a client may make without having earned them.
    pub reserve: u32,
    /// Repeats earned per hundred successes.
    pub percent: u32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self {
            reserve: 100,
            percent: 20,
        }
    }
}

impl RetryBudget {
    /// Creates a budget of `reserve` repeats to begin with, and `percent` more per hundred successes.
    pub const fn new(reserve: u32, percent: u32) -> Self {
        Self { reserve, percent }
    }
}

/// What is left of a [`RetryBudget`], in hundredths of a repeat.
pub(crate) struct Budget {
    left: AtomicU32,
    most: u32,
    earned: u32,
}

impl Budget {
    pub(crate) fn new(budget: RetryBudget) -> Self {
        let most = budget.reserve.saturating_mul(100);
        Self {
            left: AtomicU32::new(most),
            most,
            earned: budget.percent,
        }
    }

    /// Pays for one repeat, if it can.
    pub(crate) fn spend(&self) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(100)
            })
            .is_ok()
    }

    pub(crate) fn earn(&self) {
        // Full is the usual state, and reading is cheaper than writing.
        if self.left.load(Ordering::Relaxed) < self.most {
            let _ = self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                    Some(left.saturating_add(self.earned).min(self.most))
                });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_grows_to_its_bound_and_a_longer_requested_delay_wins() {
        let backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));
        for _ in 0..200 {
            assert!(backoff.wait(1, None) < Duration::from_millis(100));
            assert!(backoff.wait(3, None) < Duration::from_millis(400));
            assert!(backoff.wait(90, None) < Duration::from_secs(2));
            assert_eq!(
                backoff.wait(1, Some(Duration::from_secs(7))),
                Duration::from_secs(7)
            );
        }
    }

    #[test]
    fn backoff_jitter_spreads_the_delays() {
        let (mut low, mut high) = (0, 0);
        for _ in 0..400 {
            if fraction() < 0.5 {
                low += 1
            } else {
                high += 1
            }
        }
        assert!(low > 100 && high > 100, "{low} {high}");
    }

    #[test]
    fn retry_budget_is_spent_and_earned_back() {
        let budget = Budget::new(RetryBudget::new(2, 50));
        assert!(budget.spend() && budget.spend() && !budget.spend());
        budget.earn();
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend() && !budget.spend());
    }
}

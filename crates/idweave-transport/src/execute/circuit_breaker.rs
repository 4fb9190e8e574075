//! The circuit breaker: stops calls to a service that cannot be reached.

use std::{
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use crate::{Error, ErrorKind};

/// The policy that says when calls stop being sent, and for how long.
///
/// After `failures` transport failures in a row (no connection, broken
/// connection, silence; a status is none) calls fail at once with
/// [`ErrorKind::CircuitOpen`] for `pause`. Then one is let through to see: if
/// it brings a response, whichever, all is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitBreakerPolicy {
    failures: u32,
    pause: Duration,
}

impl Default for CircuitBreakerPolicy {
    fn default() -> Self {
        Self::new(20, Duration::from_secs(5))
    }
}

impl CircuitBreakerPolicy {
    /// Creates a policy that opens after `failures` in a row (0 counts as 1) for `pause`.
    pub const fn new(failures: u32, pause: Duration) -> Self {
        Self {
            failures: if failures == 0 { 1 } else { failures },
            pause,
        }
    }
}

/// The state of one client's circuit.
#[derive(Debug)]
pub(crate) struct CircuitBreaker {
    policy: Option<CircuitBreakerPolicy>,
    epoch: Instant,
    failures: AtomicU32,
    /// Until when it is open, in milliseconds after `epoch`; 0 while closed.
    open: AtomicU64,
}

impl CircuitBreaker {
    pub(crate) fn new(policy: Option<CircuitBreakerPolicy>) -> Self {
        Self {
            policy,
            epoch: Instant::now(),
            failures: AtomicU32::new(0),
            open: AtomicU64::new(0),
        }
    }

    /// Whether an attempt may go; an error when not.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Some(policy) = self.policy else {
            return Ok(());
        };
        let open = self.open.load(Ordering::Relaxed);
        if open == 0 {
            return Ok(());
        }
        let now = self.now();
        // Whoever moves the end goes to see; the others stay out for another pause.
        if now >= open
            && self
                .open
                .compare_exchange(
                    open,
                    now + millis(policy.pause),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok()
        {
            return Ok(());
        }
        let left = Duration::from_millis(open.saturating_sub(now));
        Err(Error::new(
            ErrorKind::CircuitOpen,
            format!(
                "{} transport failures in a row, next try in {:.1} s",
                policy.failures,
                left.as_secs_f64()
            ),
        )
        .with_requested_delay(left))
    }

    /// Whether an attempt now would be refused.
    pub(crate) fn is_open(&self) -> bool {
        let open = self.open.load(Ordering::Relaxed);
        open != 0 && self.now() < open
    }

    /// A response came.
    pub(crate) fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) > 0 {
            self.failures.store(0, Ordering::Relaxed);
            self.open.store(0, Ordering::Relaxed);
        }
    }

    /// No response came.
    pub(crate) fn failed(&self, kind: ErrorKind) {
        let Some(policy) = self.policy else { return };
        if !matches!(
            kind,
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Transport
        ) {
            return;
        }
        let failures = self
            .failures
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        if failures >= policy.failures {
            if failures == policy.failures {
                tracing::warn!(failures, "circuit open: the service cannot be reached");
            }
            self.open
                .store(self.now() + millis(policy.pause), Ordering::Relaxed);
        }
    }

    fn now(&self) -> u64 {
        // 0 says closed.
        millis(self.epoch.elapsed()) + 1
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_secs(5);

    fn broken() -> CircuitBreaker {
        let circuit = CircuitBreaker::new(Some(CircuitBreakerPolicy::new(3, PAUSE)));
        for _ in 0..3 {
            assert!(circuit.check().is_ok());
            circuit.failed(ErrorKind::Connect);
        }
        circuit
    }

    #[tokio::test(start_paused = true)]
    async fn circuit_breaker_opens_after_failures_in_a_row_and_closes_on_a_response() {
        let circuit = broken();
        assert_eq!(
            circuit.check().map_err(|error| error.kind()),
            Err(ErrorKind::CircuitOpen)
        );
        tokio::time::advance(PAUSE).await;
        assert!(circuit.check().is_ok());
        assert!(circuit.check().is_err(), "one is enough to see");
        circuit.succeeded();
        assert!(circuit.check().is_ok() && circuit.check().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn circuit_breaker_stays_open_after_a_failed_trial() {
        let circuit = broken();
        tokio::time::advance(PAUSE).await;
        assert!(circuit.check().is_ok());
        circuit.failed(ErrorKind::Timeout);
        assert!(circuit.check().is_err());
        tokio::time::advance(PAUSE).await;
        assert!(circuit.check().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn circuit_breaker_stays_closed_on_responses_between_failures_and_other_failures() {
        let circuit = CircuitBreaker::new(Some(CircuitBreakerPolicy::new(2, PAUSE)));
        for _ in 0..5 {
            circuit.failed(ErrorKind::Transport);
            circuit.succeeded();
            circuit.failed(ErrorKind::Status);
            circuit.failed(ErrorKind::Decode);
        }
        assert!(circuit.check().is_ok());
        let off = CircuitBreaker::new(None);
        (0..100).for_each(|_| off.failed(ErrorKind::Connect));
        assert!(off.check().is_ok());
    }
}

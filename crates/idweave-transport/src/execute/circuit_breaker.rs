//! The circuit breaker: stops calls to a service that cannot be reached.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    circuit_state::{Admission, Limits, State},
    range::positive,
};
use crate::{Error, ErrorKind};

/// The policy that says when calls stop being sent, and for how long.
///
/// After `failures` transport failures in a row (no connection, broken
/// connection, silence; a status is none) calls fail at once with
/// [`ErrorKind::CircuitOpen`] for `pause`. Then one is let through to see: if
/// it brings a response, whichever, all is as before. If it fails, or nothing is
/// heard of it for another `pause`, the next one is let through; one that is
/// cancelled gives its place to the next at once.
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
    /// Creates a policy that opens after `failures` in a row (0 counts as 1) for `pause`, which is
    /// more than 0 and at most 30 days.
    pub const fn new(failures: u32, pause: Duration) -> Self {
        Self {
            failures: if failures == 0 { 1 } else { failures },
            pause,
        }
    }
}

/// The circuit of one client.
#[derive(Debug)]
pub(crate) struct CircuitBreaker {
    limits: Option<Limits>,
    epoch: Instant,
    /// A [`State`]. In one word, so that each change is one step.
    state: AtomicU64,
}

impl CircuitBreaker {
    pub(crate) fn new(policy: Option<CircuitBreakerPolicy>) -> Result<Self, Error> {
        let limits = match policy {
            Some(CircuitBreakerPolicy { failures, pause }) => {
                positive("the circuit breaker's pause", pause)?;
                let pause = millis(pause).max(1);
                Some(Limits { failures, pause })
            }
            None => None,
        };
        Ok(Self {
            limits,
            epoch: Instant::now(),
            state: AtomicU64::new(State::CLOSED.to_word()),
        })
    }

    /// An error while calls are refused. Nothing changes, so that a call may still wait or fail.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match (self.limits, self.state()) {
            (Some(limits), state @ State::Open(_)) => match state.acquire(limits, self.now()).1 {
                Admission::Refused(left) => Err(refused(limits, left)),
                Admission::Sent | Admission::Trial(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Whether an attempt now would be refused.
    pub(crate) fn is_open(&self) -> bool {
        self.check().is_err()
    }

    /// Lets an attempt be sent, at the last moment before it is; an error when it may not.
    pub(crate) fn acquire(&self) -> Result<AttemptPermit<'_>, Error> {
        let mut permit = AttemptPermit {
            circuit: self,
            trial: None,
        };
        let Some(limits) = self.limits else {
            return Ok(permit);
        };
        let mut word = self.state.load(Ordering::Relaxed);
        loop {
            let (state, admission) = State::from_word(word).acquire(limits, self.now_if_open(word));
            match admission {
                Admission::Sent => return Ok(permit),
                Admission::Refused(left) => return Err(refused(limits, left)),
                Admission::Trial(until) => {
                    let changed = self.state.compare_exchange(
                        word,
                        state.to_word(),
                        Ordering::Relaxed,
                        Ordering::Relaxed,
                    );
                    match changed {
                        Ok(_) => {
                            permit.trial = Some(until);
                            return Ok(permit);
                        }
                        Err(current) => word = current,
                    }
                }
            }
        }
    }

    fn succeeded(&self) {
        // Closed without a failure is the usual state, and reading is cheaper than writing.
        let state = self.state();
        if state != State::CLOSED {
            self.state
                .store(state.succeeded().to_word(), Ordering::Relaxed);
        }
    }

    fn failed(&self) {
        let Some(limits) = self.limits else { return };
        let now = self.now();
        let before = self.change(|state| state.failed(limits, now));
        if let (State::Closed(_), State::Open(_)) = (before, before.failed(limits, now)) {
            tracing::warn!(
                failures = limits.failures,
                "circuit open: the service cannot be reached"
            );
        }
    }

    fn abandoned(&self, until: u64) {
        self.change(|state| state.abandoned(until, self.now()));
    }

    /// Changes the state in one step, and returns what it was.
    fn change(&self, event: impl Fn(State) -> State) -> State {
        let change = |word| Some(event(State::from_word(word)).to_word());
        let before = self
            .state
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, change);
        // The function always gives a state.
        before.map_or_else(State::from_word, State::from_word)
    }

    fn state(&self) -> State {
        State::from_word(self.state.load(Ordering::Relaxed))
    }

    fn now(&self) -> u64 {
        millis(self.epoch.elapsed())
    }

    /// The time, where the state depends on it: reading the clock costs more than the rest.
    fn now_if_open(&self, word: u64) -> u64 {
        match State::from_word(word) {
            State::Closed(_) => 0,
            State::Open(_) => self.now(),
        }
    }
}

/// An attempt that may be sent. Dropped without an outcome, it says nothing about the service.
#[derive(Debug)]
pub(crate) struct AttemptPermit<'a> {
    circuit: &'a CircuitBreaker,
    /// Until when this is the only attempt, while the circuit is open.
    trial: Option<u64>,
}

impl AttemptPermit<'_> {
    /// Says what came of the attempt.
    pub(crate) fn finish<T>(mut self, outcome: &Result<T, Error>) {
        match outcome {
            Err(error) if is_transport_failure(error.kind()) => self.circuit.failed(),
            // Part of a response is a response; of other errors, such as a layer's, nothing is known.
            Err(error) if error.status().is_none() => return,
            _ => self.circuit.succeeded(),
        }
        self.trial = None;
    }
}

impl Drop for AttemptPermit<'_> {
    fn drop(&mut self) {
        if let Some(until) = self.trial {
            self.circuit.abandoned(until);
        }
    }
}

const fn is_transport_failure(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Transport
    )
}

fn refused(limits: Limits, left: u64) -> Error {
    let left = Duration::from_millis(left);
    Error::new(
        ErrorKind::CircuitOpen,
        format!(
            "{} transport failures in a row, next try in {:.1} s",
            limits.failures,
            left.as_secs_f64()
        ),
    )
    .with_requested_delay(left)
}

fn millis(duration: Duration) -> u64 {
    // Far from the bit that says open.
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX >> 2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PAUSE: Duration = Duration::from_secs(5);

    fn circuit(failures: u32) -> CircuitBreaker {
        CircuitBreaker::new(Some(CircuitBreakerPolicy::new(failures, PAUSE))).unwrap()
    }

    fn fail(permit: AttemptPermit<'_>, kind: ErrorKind) {
        permit.finish::<()>(&Err(Error::new(kind, "of the test")));
    }

    fn broken() -> CircuitBreaker {
        let circuit = circuit(3);
        for _ in 0..3 {
            fail(circuit.acquire().unwrap(), ErrorKind::Connect);
        }
        circuit
    }

    #[tokio::test(start_paused = true)]
    async fn circuit_breaker_opens_after_failures_in_a_row_and_closes_on_a_response() {
        let circuit = broken();
        assert_eq!(
            circuit.acquire().unwrap_err().kind(),
            ErrorKind::CircuitOpen
        );
        assert_eq!(circuit.check().unwrap_err().retry_after(), Some(PAUSE));
        tokio::time::advance(PAUSE).await;
        let trial = circuit.acquire().unwrap();
        assert!(circuit.acquire().is_err(), "one is enough to see");
        trial.finish(&Ok(()));
        assert!(circuit.acquire().is_ok() && circuit.acquire().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn circuit_breaker_stays_open_after_a_failed_trial() {
        let circuit = broken();
        tokio::time::advance(PAUSE).await;
        fail(circuit.acquire().unwrap(), ErrorKind::Timeout);
        assert!(circuit.acquire().is_err());
        tokio::time::advance(PAUSE).await;
        assert!(circuit.acquire().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn circuit_breaker_gives_the_place_of_a_cancelled_trial_to_the_next_call() {
        let circuit = broken();
        tokio::time::advance(PAUSE).await;
        drop(circuit.acquire().unwrap());
        let trial = circuit.acquire().unwrap();
        // A layer refused it, so that nothing was sent.
        fail(trial, ErrorKind::InvalidRequest);
        let silent = circuit.acquire().unwrap();
        assert!(circuit.acquire().is_err());
        tokio::time::advance(PAUSE).await;
        let next = circuit.acquire().unwrap();
        // The place is no longer its own.
        drop(silent);
        assert!(circuit.acquire().is_err());
        next.finish(&Ok(()));
        assert!(circuit.acquire().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn circuit_breaker_stays_closed_on_responses_between_failures_and_other_failures() {
        let circuit = circuit(2);
        for _ in 0..5 {
            fail(circuit.acquire().unwrap(), ErrorKind::Transport);
            circuit.acquire().unwrap().finish(&Ok(()));
            fail(circuit.acquire().unwrap(), ErrorKind::Credentials);
            fail(circuit.acquire().unwrap(), ErrorKind::InvalidRequest);
        }
        assert!(circuit.acquire().is_ok());
        let off = CircuitBreaker::new(None).unwrap();
        (0..100).for_each(|_| fail(off.acquire().unwrap(), ErrorKind::Connect));
        assert!(off.acquire().is_ok());
    }

    #[test]
    fn circuit_breaker_recovers_after_failures_and_responses_on_many_threads() {
        for _ in 0..2_000 {
            let circuit = circuit(2);
            let permits: Vec<_> = (0..4).map(|_| circuit.acquire().unwrap()).collect();
            std::thread::scope(|threads| {
                for (number, permit) in permits.into_iter().enumerate() {
                    threads.spawn(move || match number % 2 {
                        0 => fail(permit, ErrorKind::Connect),
                        _ => permit.finish(&Ok(())),
                    });
                }
            });
            let last = AttemptPermit {
                circuit: &circuit,
                trial: None,
            };
            last.finish(&Ok(()));
            assert!(circuit.acquire().is_ok(), "open after a response");
        }
    }

    #[test]
    fn circuit_breaker_rejects_a_pause_that_is_zero_or_too_long() {
        for pause in [
            Duration::ZERO,
            Duration::from_secs(31 * 86_400),
            Duration::MAX,
        ] {
            let policy = CircuitBreakerPolicy::new(1, pause);
            let error = CircuitBreaker::new(Some(policy)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.to_string().contains("at most 30 days"), "{error}");
        }
    }
}

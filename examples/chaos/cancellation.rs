//! Callers that give up: some operations are dropped while their call is under way.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use super::{
    faults::{FaultInjector, fraction, mix},
    settings::Settings,
};

/// When an operation is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cancellation {
    /// After its future was polled so many times: before its request is sent, or on its way.
    Polled(u32),
    /// When the service has handled so many attempts, and has not sent the last response yet.
    Handled(usize),
}

impl Cancellation {
    /// All kinds, in the order of the report.
    pub const ALL: [Self; 5] = [
        Self::Polled(1),
        Self::Polled(2),
        Self::Polled(3),
        Self::Handled(1),
        Self::Handled(2),
    ];

    /// Selects whether and when an operation is dropped; the seed and its number decide.
    ///
    /// The last operations are not: what was sent for one that is dropped arrives some time later,
    /// and the run must see it.
    pub fn pick(settings: &Settings, number: u64) -> Option<Self> {
        let last = 16 * settings.concurrency as u64;
        let bits = mix(settings.seed ^ mix(number ^ mix(0xCA11)));
        let is_dropped = fraction(bits) < settings.cancellations
            && number.saturating_add(last) < settings.operations;
        is_dropped.then(|| Self::ALL[(mix(bits) % Self::ALL.len() as u64) as usize])
    }

    pub fn name(self) -> String {
        match self {
            Self::Polled(polls) => format!("dropped at poll {}", polls + 1),
            Self::Handled(attempts) => format!("dropped when attempt {attempts} was handled"),
        }
    }

    /// Runs an operation until it is dropped, which gives `None`, or ends before that.
    pub async fn run<T>(
        self,
        injector: &FaultInjector,
        number: u64,
        operation: impl Future<Output = T>,
    ) -> Option<T> {
        match self {
            Self::Polled(polls) => {
                let mut operation = pin!(operation);
                let mut left = polls;
                poll_fn(|context| {
                    if left == 0 {
                        return Poll::Ready(None);
                    }
                    left -= 1;
                    operation.as_mut().poll(context).map(Some)
                })
                .await
            }
            Self::Handled(attempts) => {
                let handled = injector.watch(number, attempts);
                tokio::select! {
                    biased;
                    () = handled.notified() => None,
                    outcome = operation => Some(outcome),
                }
            }
        }
    }
}

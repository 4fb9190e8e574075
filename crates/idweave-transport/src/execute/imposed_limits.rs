//! What a service itself says in its responses about when it grants the next call.
//!
//! A spent allowance (`X-RateLimit-Remaining: 0` with its reset) stops all calls of the client, a
//! 429 with a delay those of its operation. Both end by themselves, and before that when a response
//! to a later request says so, or when the user has them forgotten.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::http::{HeaderMap, StatusCode};
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use super::retry_after::{remaining_requests, requested_delay, reset_delay};
use crate::{Error, ErrorKind, Operation, duration::after};

/// The limits of one client that its service has imposed.
#[derive(Default)]
pub(crate) struct ImposedLimits {
    blocks: Mutex<Blocks>,
    /// Whether there is a block. Reading it is all that a call usually costs.
    any: AtomicBool,
    /// Wakes the calls that wait when a block is lifted before its time.
    lifted: Notify,
}

/// Until when which calls are not sent.
#[derive(Default)]
struct Blocks {
    client: Option<Block>,
    /// Some operations have limits of their own.
    operations: HashMap<&'static str, Block>,
}

/// Since when and until when no call is sent.
#[derive(Clone, Copy)]
struct Block {
    since: Instant,
    until: Instant,
}

impl Blocks {
    fn are_empty(&self) -> bool {
        self.client.is_none() && self.operations.is_empty()
    }

    /// Removes those that are over, or do not pass the test.
    fn retain(&mut self, mut keep: impl FnMut(Option<&'static str>, Block) -> bool) {
        self.client = self.client.filter(|block| keep(None, *block));
        self.operations
            .retain(|operation, block| keep(Some(operation), *block));
    }
}

impl ImposedLimits {
    /// Whether some call has to wait, or had to until now.
    pub(super) fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// Waits until calls of `operation` are granted; an error at once when that is after the deadline.
    pub(super) async fn wait(
        &self,
        operation: &'static Operation,
        deadline: Instant,
    ) -> Result<(), Error> {
        loop {
            // Before the blocks are read, so that none is lifted unnoticed in between.
            let lifted = self.lifted.notified();
            let Some(until) = self.blocked_until(operation) else {
                return Ok(());
            };
            refuse_beyond(until, deadline)?;
            let _ = timeout_at(until, lifted).await;
        }
    }

    fn blocked_until(&self, operation: &'static Operation) -> Option<Instant> {
        let now = Instant::now();
        let mut blocks = self.blocks();
        blocks.retain(|_, block| block.until > now);
        self.any.store(!blocks.are_empty(), Ordering::Relaxed);
        let own = blocks.operations.get(operation.id());
        own.copied()
            .into_iter()
            .chain(blocks.client)
            .map(|block| block.until)
            .max()
    }

    /// Learns from a response what the service still grants. Its request was sent at `sent`.
    pub(crate) fn observe_response(
        &self,
        operation: &'static Operation,
        status: StatusCode,
        headers: &HeaderMap,
        sent: Instant,
    ) {
        let remaining = remaining_requests(headers);
        if remaining == Some(0)
            && let Some(delay) = reset_delay(headers)
        {
            self.block(None, delay);
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            if let Some(delay) = requested_delay(status, headers) {
                self.block(Some(operation.id()), delay);
            }
        } else if self.any.load(Ordering::Relaxed) {
            // Responses overtake each other: only what was sent after the block says that it is over.
            self.lift(|blocked, block| {
                block.since < sent
                    && match blocked {
                        None => remaining.is_some(),
                        Some(id) => id == operation.id(),
                    }
            });
        }
    }

    /// Forgets what responses have said.
    pub(crate) fn forget(&self) {
        self.lift(|_, _| true);
    }

    fn lift(&self, mut is_over: impl FnMut(Option<&'static str>, Block) -> bool) {
        let mut blocks = self.blocks();
        blocks.retain(|operation, block| !is_over(operation, block));
        self.any.store(!blocks.are_empty(), Ordering::Relaxed);
        drop(blocks);
        self.lifted.notify_waiters();
    }

    fn block(&self, operation: Option<&'static str>, delay: Duration) {
        let since = Instant::now();
        let until = after(since, delay);
        let mut blocks = self.blocks();
        let block = match operation {
            Some(id) => blocks
                .operations
                .entry(id)
                .or_insert(Block { since, until }),
            None => blocks.client.get_or_insert(Block { since, until }),
        };
        *block = Block {
            since,
            until: until.max(block.until),
        };
        self.any.store(true, Ordering::Relaxed);
    }

    fn blocks(&self) -> MutexGuard<'_, Blocks> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error at once, if waiting would take longer than the call may.
pub(super) fn refuse_beyond(until: Instant, deadline: Instant) -> Result<(), Error> {
    let wait = until.saturating_duration_since(Instant::now());
    if until >= deadline {
        return Err(Error::new(
            ErrorKind::RateLimited,
            format!(
                "the service grants no call for {:.1} s, and the call may not take that long",
                wait.as_secs_f64()
            ),
        )
        .with_requested_delay(wait));
    }
    tracing::debug!(
        wait_ms = wait.as_millis() as u64,
        "waiting for the rate limit"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use ::http::Method;

    use super::*;

    static READ: Operation = Operation::new("read", Method::GET, "/");
    static WRITE: Operation = Operation::new("write", Method::POST, "/");

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn in_an_hour() -> Instant {
        Instant::now() + Duration::from_secs(3_600)
    }

    const SPENT: &[(&str, &str)] = &[
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "3600"),
    ];
    const LEFT: &[(&str, &str)] = &[
        ("x-ratelimit-remaining", "7"),
        ("x-ratelimit-reset", "3600"),
    ];

    /// Whether a call would have to wait.
    async fn is_blocked(rate: &ImposedLimits, operation: &'static Operation) -> bool {
        let soon = Instant::now() + Duration::from_secs(1);
        let outcome = rate.wait(operation, soon).await;
        outcome.is_err_and(|error| error.kind() == ErrorKind::RateLimited)
    }

    #[tokio::test(start_paused = true)]
    async fn rate_limit_blocks_the_client_until_the_reset_of_a_spent_allowance() {
        let rate = ImposedLimits::default();
        let start = Instant::now();
        rate.observe_response(
            &READ,
            StatusCode::OK,
            &headers(&[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "9")]),
            start,
        );
        rate.wait(&READ, in_an_hour()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        rate.observe_response(
            &READ,
            StatusCode::OK,
            &headers(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")]),
            start,
        );
        let error = rate
            .wait(&WRITE, Instant::now() + Duration::from_secs(5))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(9)));
        assert!(error.is_retryable());
        assert_eq!(start.elapsed(), Duration::ZERO, "no use in waiting");
        rate.wait(&WRITE, in_an_hour()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(9));
    }

    #[tokio::test(start_paused = true)]
    async fn rate_limit_blocks_only_the_operation_that_got_a_429() {
        let rate = ImposedLimits::default();
        let start = Instant::now();
        rate.observe_response(
            &WRITE,
            StatusCode::TOO_MANY_REQUESTS,
            &headers(&[("retry-after", "900")]),
            start,
        );
        rate.wait(&READ, in_an_hour()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        rate.wait(&WRITE, in_an_hour()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(900));
        assert!(!rate.any());
    }

    #[tokio::test(start_paused = true)]
    async fn rate_limit_block_is_lifted_by_a_response_to_a_later_request_alone() {
        let rate = ImposedLimits::default();
        let (ok, spent, left) = (StatusCode::OK, headers(SPENT), headers(LEFT));
        let before = Instant::now();
        tokio::time::advance(Duration::from_secs(1)).await;
        rate.observe_response(&READ, ok, &spent, before);
        rate.observe_response(
            &WRITE,
            StatusCode::TOO_MANY_REQUESTS,
            &headers(&[("retry-after", "3600")]),
            before,
        );
        // A response that was overtaken by the one above.
        rate.observe_response(&READ, ok, &left, before);
        rate.observe_response(&WRITE, ok, &left, before);
        assert!(is_blocked(&rate, &READ).await && is_blocked(&rate, &WRITE).await);
        tokio::time::advance(Duration::from_secs(1)).await;
        let after = Instant::now();
        // It does not say what is left.
        rate.observe_response(&READ, ok, &HeaderMap::new(), after);
        assert!(is_blocked(&rate, &READ).await);
        rate.observe_response(&READ, ok, &left, after);
        assert!(!is_blocked(&rate, &READ).await, "the service has reopened");
        assert!(is_blocked(&rate, &WRITE).await, "its 429 still stands");
        rate.observe_response(&WRITE, ok, &HeaderMap::new(), after);
        assert!(!is_blocked(&rate, &WRITE).await);
        assert!(!rate.any());
    }

    #[tokio::test(start_paused = true)]
    async fn rate_limit_block_that_is_forgotten_wakes_the_calls_that_wait() {
        let rate = Arc::new(ImposedLimits::default());
        let start = Instant::now();
        rate.observe_response(&READ, StatusCode::OK, &headers(SPENT), start);
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let rate = rate.clone();
                tokio::spawn(async move {
                    let end = Instant::now() + Duration::from_secs(7_200);
                    rate.wait(&READ, end).await.map(drop)
                })
            })
            .collect();
        tokio::time::advance(Duration::from_secs(60)).await;
        rate.forget();
        for call in waiting {
            call.await.unwrap().unwrap();
        }
        assert_eq!(start.elapsed().as_secs(), 60);
    }
}

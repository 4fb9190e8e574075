//! Limits of the requests that are sent, so that a 429 is the exception.
//!
//! Three bounds, each optional: a token bucket set in advance, a bound on calls
//! under way, and what the service itself says in its responses.

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroU32,
    ops::Add,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use ::http::{HeaderMap, StatusCode};
use governor::{
    NotUntil, Quota, RateLimiter,
    clock::{Clock, Reference},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until, timeout_at},
};

use super::retry_after::{remaining_requests, requested_delay, reset_delay};
use crate::{Error, ErrorKind, Operation};

/// The longest wait that a response can impose on later calls.
const MAX_IMPOSED_DELAY: Duration = Duration::from_secs(3_600);

/// A limit of the requests sent in any period of a given length.
///
/// A part of them, the burst, may go at once; the rest is spread evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    requests: u32,
    per: Duration,
    burst: u32,
}

impl RateLimit {
    /// Creates a limit of `requests` in any `per`, a fifth of them at once.
    pub const fn new(requests: u32, per: Duration) -> Self {
        let burst = requests / 5;
        Self {
            requests,
            per,
            burst: if burst == 0 { 1 } else { burst },
        }
    }

    /// Creates a limit of `requests` a minute.
    pub const fn per_minute(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(60))
    }

    /// Creates a limit of `requests` a second.
    pub const fn per_second(requests: u32) -> Self {
        Self::new(requests, Duration::from_secs(1))
    }

    /// Sets how many may go at once; less than all of them.
    #[must_use]
    pub const fn with_burst(mut self, burst: u32) -> Self {
        self.burst = burst;
        self
    }

    /// A bucket of `burst` that fills with the rest over `per` never lets more than `requests` pass in it.
    fn quota(self) -> Result<Quota, Error> {
        let steady = self.requests.saturating_sub(self.burst).max(1);
        Quota::with_period(self.per / steady)
            .zip(NonZeroU32::new(self.burst))
            .map(|(quota, burst)| quota.allow_burst(burst))
            .ok_or_else(|| Error::invalid("the rate limit lets nothing pass"))
    }
}

/// A limit of the calls under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimit {
    reads: usize,
    writes: usize,
}

impl ConcurrencyLimit {
    /// Creates a limit of `calls` reads (GET, HEAD) and as many others.
    pub const fn new(calls: usize) -> Self {
        Self {
            reads: calls,
            writes: calls,
        }
    }

    /// Sets another bound for what is not a read.
    #[must_use]
    pub const fn with_writes(mut self, calls: usize) -> Self {
        self.writes = calls;
        self
    }
}

/// What must be waited for before an attempt.
pub(crate) struct RequestLimiter {
    bucket: Option<Bucket>,
    permits: Option<[Arc<Semaphore>; 2]>,
    epoch: Instant,
    /// When the service grants calls again, in milliseconds after `epoch`; 0 for now.
    blocked: AtomicU64,
    /// The same for single operations: some have limits of their own.
    operations: Mutex<HashMap<&'static str, Instant>>,
    any_operation_blocked: AtomicU64,
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<ClockInstant>>;

/// A call's place among those under way, given back when dropped.
pub(crate) type Permit = Option<OwnedSemaphorePermit>;

impl RequestLimiter {
    pub(crate) fn new(
        limit: Option<RateLimit>,
        concurrency: Option<ConcurrencyLimit>,
    ) -> Result<Self, Error> {
        let bucket = match limit {
            Some(limit) => Some(RateLimiter::direct_with_clock(
                limit.quota()?,
                TokioClock(Instant::now()),
            )),
            None => None,
        };
        if concurrency.is_some_and(|bound| bound.reads == 0 || bound.writes == 0) {
            return Err(Error::invalid("the concurrency limit lets nothing pass"));
        }
        let permits = concurrency.map(|ConcurrencyLimit { reads, writes }| {
            [reads, writes].map(|calls| Arc::new(Semaphore::new(calls.min(Semaphore::MAX_PERMITS))))
        });
        Ok(Self {
            bucket,
            permits,
            epoch: Instant::now(),
            blocked: AtomicU64::new(0),
            operations: Mutex::default(),
            any_operation_blocked: AtomicU64::new(0),
        })
    }

    /// Waits until an attempt may go.
    ///
    /// An error comes at once when that would be after the deadline.
    pub(crate) async fn acquire(
        &self,
        operation: &'static Operation,
        deadline: Instant,
    ) -> Result<Permit, Error> {
        while let Some(until) = self.blocked_until(operation) {
            self.pause(until, deadline).await?;
        }
        if let Some(bucket) = &self.bucket {
            while let Err(not_until) = bucket.check() {
                let not_until: NotUntil<ClockInstant> = not_until;
                let until = Instant::now() + not_until.wait_time_from(bucket.clock().now());
                self.pause(until, deadline).await?;
            }
        }
        let Some([reads, writes]) = &self.permits else {
            return Ok(None);
        };
        let permits = if operation.method().is_safe() {
            reads
        } else {
            writes
        };
        match timeout_at(deadline, permits.clone().acquire_owned()).await {
            // The semaphore is never closed.
            Ok(slot) => Ok(slot.ok()),
            Err(_) => Err(Error::new(
                ErrorKind::Timeout,
                "the time for the whole call went by with waiting for other calls of this client",
            )
            .unsent()),
        }
    }

    async fn pause(&self, until: Instant, deadline: Instant) -> Result<(), Error> {
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
        sleep_until(until).await;
        Ok(())
    }

    fn blocked_until(&self, operation: &'static Operation) -> Option<Instant> {
        let blocked = self.blocked.load(Ordering::Relaxed);
        let some = self.any_operation_blocked.load(Ordering::Relaxed);
        if blocked == 0 && some == 0 {
            return None;
        }
        let now = Instant::now();
        let all = (blocked > 0).then(|| self.epoch + Duration::from_millis(blocked));
        let mut operations = self
            .operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        operations.retain(|_, until| *until > now);
        if operations.is_empty() {
            self.any_operation_blocked.store(0, Ordering::Relaxed);
        }
        all.filter(|until| *until > now)
            .max(operations.get(operation.id()).copied())
    }

    /// Learns from a response what the service still grants.
    pub(crate) fn observe_response(
        &self,
        operation: &'static Operation,
        status: StatusCode,
        headers: &HeaderMap,
    ) {
        if remaining_requests(headers) == Some(0)
            && let Some(delay) = reset_delay(headers)
        {
            let until = (self.epoch.elapsed() + delay.min(MAX_IMPOSED_DELAY)).as_millis() as u64;
            self.blocked.fetch_max(until, Ordering::Relaxed);
        } else if status == StatusCode::TOO_MANY_REQUESTS
            && let Some(requested) = requested_delay(status, headers)
        {
            let until = Instant::now() + requested.min(MAX_IMPOSED_DELAY);
            let mut operations = self
                .operations
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let known = operations.entry(operation.id()).or_insert(until);
            *known = until.max(*known);
            self.any_operation_blocked.store(1, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for RequestLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestLimiter")
            .field("bucket", &self.bucket.is_some())
            .finish_non_exhaustive()
    }
}

/// Tokio's clock for governor, so that tests can stop it.
#[derive(Clone)]
struct TokioClock(Instant);

/// Time since the clock was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ClockInstant(Duration);

impl Clock for TokioClock {
    type Instant = ClockInstant;

    fn now(&self) -> ClockInstant {
        ClockInstant(self.0.elapsed())
    }
}

impl Reference for ClockInstant {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}

impl Add<Nanos> for ClockInstant {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0 + other)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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

    #[tokio::test(start_paused = true)]
    async fn rate_limit_holds_in_any_minute() {
        let rate = RequestLimiter::new(Some(RateLimit::per_minute(50)), None).unwrap();
        let mut sent = Vec::new();
        for _ in 0..160 {
            rate.acquire(&READ, in_an_hour()).await.unwrap();
            sent.push(Instant::now());
        }
        for (index, at) in sent.iter().enumerate() {
            let in_a_minute = sent[index..]
                .iter()
                .take_while(|other| **other - *at < Duration::from_secs(60))
                .count();
            assert!(in_a_minute <= 50, "{in_a_minute}");
        }
        assert_eq!(sent[9], sent[0], "a fifth goes at once");
    }

    #[tokio::test(start_paused = true)]
    async fn rate_limit_blocks_the_client_until_the_reset_of_a_spent_allowance() {
        let rate = RequestLimiter::new(None, None).unwrap();
        let start = Instant::now();
        rate.observe_response(
            &READ,
            StatusCode::OK,
            &headers(&[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "9")]),
        );
        rate.acquire(&READ, in_an_hour()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        rate.observe_response(
            &READ,
            StatusCode::OK,
            &headers(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9")]),
        );
        let error = rate
            .acquire(&WRITE, Instant::now() + Duration::from_secs(5))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(9)));
        assert!(error.is_retryable());
        assert_eq!(start.elapsed(), Duration::ZERO, "no use in waiting");
        rate.acquire(&WRITE, in_an_hour()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(9));
    }

    #[tokio::test(start_paused = true)]
    async fn rate_limit_blocks_only_the_operation_that_got_a_429() {
        let rate = RequestLimiter::new(None, None).unwrap();
        let start = Instant::now();
        rate.observe_response(
            &WRITE,
            StatusCode::TOO_MANY_REQUESTS,
            &headers(&[("retry-after", "900")]),
        );
        rate.acquire(&READ, in_an_hour()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        rate.acquire(&WRITE, in_an_hour()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(900));
        assert_eq!(rate.any_operation_blocked.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn concurrency_limit_counts_reads_and_writes_separately() {
        let rate =
            RequestLimiter::new(None, Some(ConcurrencyLimit::new(2).with_writes(1))).unwrap();
        let soon = Instant::now() + Duration::from_secs(1);
        let first = rate.acquire(&WRITE, soon).await.unwrap();
        let _reads = (
            rate.acquire(&READ, soon).await.unwrap(),
            rate.acquire(&READ, soon).await.unwrap(),
        );
        let error = rate.acquire(&WRITE, soon).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.is_retryable());
        drop(first);
        assert!(rate.acquire(&WRITE, in_an_hour()).await.is_ok());
    }

    #[test]
    fn limits_that_allow_no_request_are_rejected() {
        assert!(RequestLimiter::new(Some(RateLimit::per_minute(50).with_burst(0)), None).is_err());
        assert!(RequestLimiter::new(Some(RateLimit::new(5, Duration::ZERO)), None).is_err());
        assert!(RequestLimiter::new(None, Some(ConcurrencyLimit::new(0))).is_err());
        assert!(RequestLimiter::new(Some(RateLimit::per_minute(1)), None).is_ok());
    }
}

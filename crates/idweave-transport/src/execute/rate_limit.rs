//! Limits of the requests that are sent, so that a 429 is the exception.
//!
//! Three bounds, each optional: a token bucket set in advance, a bound on calls
//! under way, and what the service itself says in its responses.

use std::{fmt, num::NonZeroU32, ops::Add, sync::Arc, time::Duration};

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

use super::{
    imposed_limits::{ImposedLimits, refuse_beyond},
    range::positive,
};
use crate::{
    Error, ErrorKind, Operation,
    duration::{MAX_SETTING, after},
};

/// A limit of the requests sent in any period of a given length.
///
/// A part of them, the burst, may go at once; the rest is spread evenly. Building a client fails
/// for a limit that lets nothing pass, a period above 30 days, or a burst that is not smaller
/// than the number of requests (unless both are 1).
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

    /// Sets how many may go at once; fewer than all of them.
    ///
    /// They are taken from the requests of the period, so that a larger burst leaves fewer for
    /// the rest of it: of 50 a minute with a burst of 40, ten a minute follow.
    #[must_use]
    pub const fn with_burst(mut self, burst: u32) -> Self {
        self.burst = burst;
        self
    }

    /// A bucket of `burst` that fills with the rest over `per` never lets more than `requests` pass in it.
    fn quota(self) -> Result<Quota, Error> {
        positive("the period of the rate limit", self.per)?;
        if self.burst > self.requests || self.burst == self.requests && self.burst > 1 {
            return Err(Error::invalid(
                "the burst of the rate limit must be smaller than its requests, of which it is a part",
            ));
        }
        let steady = self.requests.saturating_sub(self.burst).max(1);
        // Rounded up, so that not one more passes.
        let interval = self.per.as_nanos().div_ceil(u128::from(steady));
        if interval * u128::from(self.burst) > MAX_SETTING.as_nanos() {
            return Err(Error::invalid(
                "the burst of the rate limit takes more than 30 days to be available again",
            ));
        }
        u64::try_from(interval)
            .ok()
            .and_then(|nanos| Quota::with_period(Duration::from_nanos(nanos)))
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
    /// What the service itself asks for.
    pub(crate) imposed: ImposedLimits,
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
            imposed: ImposedLimits::default(),
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
        if self.imposed.any() {
            // On the heap, so that the usual call does not carry it along.
            Box::pin(self.imposed.wait(operation, deadline)).await?;
        }
        if let Some(bucket) = &self.bucket {
            while let Err(not_until) = bucket.check() {
                let not_until: NotUntil<ClockInstant> = not_until;
                let wait = not_until.wait_time_from(bucket.clock().now());
                let until = after(Instant::now(), wait);
                refuse_beyond(until, deadline)?;
                sleep_until(until).await;
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
        Self(self.0.saturating_add(other.into()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ::http::Method;

    use super::*;

    static READ: Operation = Operation::new("read", Method::GET, "/");
    static WRITE: Operation = Operation::new("write", Method::POST, "/");

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
    fn limits_that_cannot_be_kept_are_rejected() {
        let rejected = |limit: RateLimit| {
            let error = RequestLimiter::new(Some(limit), None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{limit:?}");
            error.to_string()
        };
        for limit in [
            RateLimit::per_minute(50).with_burst(50),
            RateLimit::per_minute(50).with_burst(51),
            RateLimit::per_minute(1).with_burst(2),
            RateLimit::per_minute(1).with_burst(u32::MAX),
        ] {
            assert!(rejected(limit).contains("smaller than its requests"));
        }
        for per in [
            Duration::ZERO,
            Duration::from_secs(31 * 86_400),
            Duration::MAX,
        ] {
            assert!(rejected(RateLimit::new(5, per)).contains("at most 30 days"));
        }
        let month = Duration::from_secs(30 * 86_400);
        let slow = RateLimit::new(u32::MAX, month).with_burst(u32::MAX - 1);
        assert!(rejected(slow).contains("30 days"));
    }

    #[tokio::test(start_paused = true)]
    async fn limits_at_the_ends_of_their_range_are_kept() {
        let month = Duration::from_secs(30 * 86_400);
        for limit in [
            RateLimit::per_second(u32::MAX),
            RateLimit::new(u32::MAX, Duration::from_nanos(1)),
            RateLimit::new(u32::MAX, month),
            RateLimit::new(1, month),
            RateLimit::new(2, month),
        ] {
            let rate = RequestLimiter::new(Some(limit), None).unwrap();
            for _ in 0..3 {
                let outcome = rate.acquire(&READ, in_an_hour()).await;
                let kind = outcome.map(drop).map_err(|error| error.kind());
                assert!(matches!(kind, Ok(()) | Err(ErrorKind::RateLimited)));
            }
        }
    }

    #[test]
    fn limits_that_allow_no_request_are_rejected() {
        assert!(RequestLimiter::new(Some(RateLimit::per_minute(50).with_burst(0)), None).is_err());
        assert!(RequestLimiter::new(Some(RateLimit::per_minute(0)), None).is_err());
        assert!(RequestLimiter::new(None, Some(ConcurrencyLimit::new(0))).is_err());
        assert!(RequestLimiter::new(Some(RateLimit::per_minute(1)), None).is_ok());
    }
}

//! The sandbox's clock: real time plus what a test has advanced it by.
//!
//! Every expiry (tokens, invites, rate windows) and every effect that finishes later is read from
//! here, so that a test moves time instead of waiting for it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Real time plus an offset that only grows until the sandbox is reset.
#[derive(Debug, Default)]
pub struct Clock {
    offset_millis: AtomicI64,
}

impl Clock {
    /// Returns the sandbox's present time.
    pub fn now(&self) -> Timestamp {
        let offset = SignedDuration::from_millis(self.offset_millis.load(Ordering::Relaxed));
        Timestamp::now()
            .saturating_add(offset)
            .unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock forward; what falls due in between happens with the next request.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis())
            .unwrap_or(i64::MAX / 4)
            .min(i64::MAX / 4);
        self.offset_millis.fetch_add(millis, Ordering::Relaxed);
    }

    /// Returns how far the clock is ahead of real time.
    pub fn offset(&self) -> Duration {
        Duration::from_millis(
            u64::try_from(self.offset_millis.load(Ordering::Relaxed)).unwrap_or(0),
        )
    }

    pub(crate) fn reset(&self) {
        self.offset_millis.store(0, Ordering::Relaxed);
    }
}

/// Adds a duration to a time; the end of time when the sum is out of range.
pub(crate) fn later(now: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| now.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Formats a time as RFC 3339 with milliseconds and `Z`, as Authress, Ostrom and Enhance do.
pub(crate) fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

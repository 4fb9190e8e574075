//! The range of the durations that settings and services give, so that no sum of one overflows.

use std::time::Duration;

use tokio::time::Instant;

/// The longest wait that a service can ask for; a longer one counts as this.
///
/// It bounds [`Error::retry_after`](crate::Error::retry_after), the wait before the next attempt, and the time for which
/// responses keep later calls from being sent.
pub(crate) const MAX_REQUESTED_DELAY: Duration = Duration::from_secs(3_600);

/// The longest duration of a setting.
pub(crate) const MAX_SETTING: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Returns the time after a duration; one that is longer than any setting counts as that.
pub(crate) fn after(start: Instant, duration: Duration) -> Instant {
    start + duration.min(MAX_SETTING)
}

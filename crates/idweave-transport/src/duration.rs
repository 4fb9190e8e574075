//! The range of the durations that settings and services give, so that no sum of one overflows.

use std::time::Duration;

use tokio::time::Instant;

use crate::Error;

/// The longest wait that a service can ask for; a longer one counts as this.
///
/// It bounds [`Error::retry_after`], the wait before the next attempt, and the time for which
/// responses keep later calls from being sent.
pub(crate) const MAX_REQUESTED_DELAY: Duration = Duration::from_secs(3_600);

/// The longest duration of a setting.
pub(crate) const MAX_SETTING: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Returns the time after a duration; one that is longer than any setting counts as that.
pub(crate) fn after(start: Instant, duration: Duration) -> Instant {
    start + duration.min(MAX_SETTING)
}

/// Rejects a setting that is zero or too long.
pub(crate) fn positive(what: &str, duration: Duration) -> Result<(), Error> {
    if duration.is_zero() || duration > MAX_SETTING {
        return Err(Error::invalid(format!(
            "{what} must be more than 0 and at most 30 days"
        )));
    }
    Ok(())
}

/// Rejects a setting that is too long.
pub(crate) fn bounded(what: &str, duration: Duration) -> Result<(), Error> {
    if duration > MAX_SETTING {
        return Err(Error::invalid(format!("{what} must be at most 30 days")));
    }
    Ok(())
}

//! Rejects settings whose sums could overflow, and time limits within which nothing can happen.

use std::time::Duration;

use crate::{Error, duration::MAX_SETTING};

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

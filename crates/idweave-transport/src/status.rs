//! What a status says about a later attempt.

use ::http::StatusCode;

/// The statuses that say "not now" rather than "no".
pub(crate) fn is_transient_status(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

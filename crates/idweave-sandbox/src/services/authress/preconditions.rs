//! What must hold before a record or a group changes: its version and the size of the body.

use http::StatusCode;
use http::header::{HeaderValue, LAST_MODIFIED};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use serde_json::Value;

use super::error::{ApiError, bad_request, error};
use crate::engine::wire::{Reply, Request};

/// The largest record or group, in bytes.
pub(crate) const MAX_BYTES: usize = 100_000;

/// Returns an error with 413 when the body is too large.
pub(crate) fn check_size(request: &Request) -> Result<(), ApiError> {
    if request.body.len() > MAX_BYTES {
        return Err(ApiError(error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PayloadTooLarge",
            "Split this into several.",
        )));
    }
    Ok(())
}

/// Returns an error with 412 when the current value is newer than the caller's. HTTP dates and
/// RFC 3339 both occur; the former have no fractions.
pub(crate) fn check_unmodified(request: &Request, current: &Value) -> Result<(), ApiError> {
    let Some(text) = request.header("if-unmodified-since") else {
        return Ok(());
    };
    static HTTP_DATE: DateTimeParser = DateTimeParser::new();
    let (since, whole_seconds) = match text.parse::<Timestamp>() {
        Ok(since) => (since, false),
        Err(_) => match HTTP_DATE.parse_timestamp(text) {
            Ok(since) => (since, true),
            Err(_) => return Err(bad_request("If-Unmodified-Since must be a date")),
        },
    };
    let is_newer = last_updated(current).is_some_and(|last| {
        if whole_seconds {
            last.as_second() > since.as_second()
        } else {
            last.as_millisecond() > since.as_millisecond()
        }
    });
    if is_newer {
        let reply = error(
            StatusCode::PRECONDITION_FAILED,
            "PreconditionFailed",
            "It has changed since: read it again.",
        );
        return Err(ApiError(with_last_modified(reply, current)));
    }
    Ok(())
}

/// Adds `Last-Modified` as an HTTP date.
pub(crate) fn with_last_modified(mut reply: Reply, value: &Value) -> Reply {
    let date = last_updated(value)
        .and_then(|at| DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok());
    if let Some(value) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
        reply.headers.insert(LAST_MODIFIED, value);
    }
    reply
}

fn last_updated(value: &Value) -> Option<Timestamp> {
    value["lastUpdated"].as_str()?.parse().ok()
}

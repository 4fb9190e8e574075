//! Reads the errors of Enhance.

use idweave_transport as transport;
use serde_json::Value;

use crate::{
    Error, ErrorKind,
    services::support::error::{ServiceError, from_transport, non_blank},
};

/// Turns a failed call into our error.
///
/// A missing or expired session can have status 403; the code distinguishes it from a missing permission.
pub(super) fn map_error(error: transport::Error) -> Error {
    let error = from_transport(error, read);
    match error.code() {
        Some("no_session_token" | "invalid_session_token") => error.with_explanation(
            ErrorKind::Unauthenticated,
            "missing, invalid or expired session or access token",
        ),
        Some("only_mo_allowed") => error.with_explanation(
            ErrorKind::PermissionDenied,
            "only the master organization of the panel may do this",
        ),
        _ => error,
    }
}

/// Reads `{"code", "message", "detail"}`.
fn read(record: &Value) -> ServiceError {
    let error = ServiceError::from_fields(record, "code", "message");
    ServiceError {
        message: error.message.or_else(|| non_blank(&record["detail"])),
        ..error
    }
}

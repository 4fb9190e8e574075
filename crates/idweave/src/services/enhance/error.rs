//! How Enhance words its failures.

use idweave_transport as transport;
use serde_json::Value;

use crate::{
    Error, ErrorKind,
    services::support::error::{Said, in_call, text},
};

/// Turns a failed call into our error.
///
/// A missing or dead session may come with 403; the code tells it from missing rights.
pub(super) fn failed(error: transport::Error) -> Error {
    let error = in_call(error, read);
    match error.code() {
        Some("no_session_token" | "invalid_session_token") => error.explained(
            ErrorKind::Unauthenticated,
            "the session or access token is missing or no longer valid",
        ),
        Some("only_mo_allowed") => error.explained(
            ErrorKind::PermissionDenied,
            "only the master organization of the panel may do this",
        ),
        _ => error,
    }
}

/// `{"code", "message", "detail"}`.
fn read(record: &Value) -> Said {
    let said = Said::in_fields(record, "code", "message");
    Said {
        message: said.message.or_else(|| text(&record["detail"])),
        ..said
    }
}

//! Reads the errors of Ostrom.

use idweave_transport as transport;
use serde_json::Value;

use crate::{
    Error,
    services::support::error::{ServiceError, from_transport},
};

/// Turns a failed call into our error.
pub(super) fn map_error(error: transport::Error) -> Error {
    from_transport(error, read)
}

/// Reads `{"type", "detail"}`, or the form of the token endpoint (RFC 6749, section 5.2).
fn read(record: &Value) -> ServiceError {
    if record["error"].is_string() {
        ServiceError::from_fields(record, "error", "error_description")
    } else {
        ServiceError::from_fields(record, "type", "detail")
    }
}

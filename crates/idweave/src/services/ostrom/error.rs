//! How Ostrom words its failures.

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

/// `{"type", "detail"}`; the token endpoint has the form of RFC 6749, section 5.2.
fn read(record: &Value) -> ServiceError {
    if record["error"].is_string() {
        ServiceError::from_fields(record, "error", "error_description")
    } else {
        ServiceError::from_fields(record, "type", "detail")
    }
}

//! Reads the errors of Authress.

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

/// Reads `{"title", "errorCode"}`, both optional.
fn read(record: &Value) -> ServiceError {
    ServiceError::from_fields(record, "errorCode", "title")
}

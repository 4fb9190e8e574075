//! How Authress words its failures.

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

/// `{"title", "errorCode"}`, both of them optional.
fn read(record: &Value) -> ServiceError {
    ServiceError::from_fields(record, "errorCode", "title")
}

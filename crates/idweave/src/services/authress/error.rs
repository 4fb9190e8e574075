//! How Authress words its failures.

use idweave_transport as transport;
use serde_json::Value;

use crate::{
    Error,
    services::support::error::{Said, in_call},
};

/// Turns a failed call into our error.
pub(super) fn failed(error: transport::Error) -> Error {
    in_call(error, read)
}

/// `{"title", "errorCode"}`, both of them optional.
fn read(record: &Value) -> Said {
    Said::in_fields(record, "errorCode", "title")
}

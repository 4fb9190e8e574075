//! How Ostrom words its failures.

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

/// `{"type", "detail"}`; the token endpoint has the form of RFC 6749, section 5.2.
fn read(record: &Value) -> Said {
    if record["error"].is_string() {
        Said::in_fields(record, "error", "error_description")
    } else {
        Said::in_fields(record, "type", "detail")
    }
}

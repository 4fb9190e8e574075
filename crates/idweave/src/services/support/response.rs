//! Reads the responses of every service: raw records, required fields, offsets.

use idweave_transport::ResponseValue;
use serde_json::Value;

use crate::{Cursor, Error, ErrorKind, Result};

/// Parses the whole response as the service sent it.
pub(crate) fn raw<T>(response: &ResponseValue<T>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// Rejects HTML, such as the page of a proxy with status 200, where the content of the response is not needed
/// otherwise.
pub(crate) fn reject_html<T>(response: &ResponseValue<T>, operation: &'static str) -> Result<()> {
    if response.body().trim_ascii_start().starts_with(b"<") {
        let text = "HTML response instead of JSON; check the address of the service";
        return Err(Error::new(ErrorKind::UnexpectedResponse, text)
            .with_operation(operation)
            .with_status(response.status().as_u16()));
    }
    Ok(())
}

/// Creates an error about a response without a required field.
pub(crate) fn missing_field(operation: &'static str, what: &str) -> Error {
    let text = format!("the response is missing {what}");
    Error::new(ErrorKind::UnexpectedResponse, text).with_operation(operation)
}

/// Parses a cursor that is the offset of an item.
pub(crate) fn offset(after: Option<&Cursor>) -> Result<u32> {
    let Some(cursor) = after else { return Ok(0) };
    let invalid = || Error::invalid_input("invalid cursor; it is not from this list");
    cursor.as_str().parse().map_err(|_| invalid())
}

/// Returns the cursor of the next page, if the total is larger than offset and items.
pub(crate) fn next_offset(offset: u32, items: usize, total: Option<u64>) -> Option<Cursor> {
    let reached = u64::from(offset) + items as u64;
    let more = items > 0 && total.is_some_and(|total| reached < total);
    more.then(|| Cursor::new(reached.to_string()))
}

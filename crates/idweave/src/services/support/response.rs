//! What every service's answers have in common.

use idweave_transport::ResponseValue;
use serde_json::Value;

use crate::{Cursor, Error, ErrorKind, Result};

/// The whole answer as the service sent it.
pub(crate) fn raw<T>(response: &ResponseValue<T>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// An answer whose content nobody needs must still be the service's own: a proxy's web page with status 200 is not.
pub(crate) fn reject_html<T>(response: &ResponseValue<T>, operation: &'static str) -> Result<()> {
    if response.body().trim_ascii_start().starts_with(b"<") {
        let text = "a web page came in place of the response; is the address that of the service?";
        return Err(Error::new(ErrorKind::UnexpectedResponse, text)
            .with_operation(operation)
            .with_status(response.status().as_u16()));
    }
    Ok(())
}

/// An answer that lacks what it must have.
pub(crate) fn missing_field(operation: &'static str, what: &str) -> Error {
    let text = format!("the answer lacks {what}");
    Error::new(ErrorKind::UnexpectedResponse, text).with_operation(operation)
}

/// Where a list with numbered items goes on.
pub(crate) fn offset(after: Option<&Cursor>) -> Result<u32> {
    let Some(cursor) = after else { return Ok(0) };
    let refused = || Error::invalid_input("the cursor is not one of this list");
    cursor.as_str().parse().map_err(|_| refused())
}

/// The cursor after so many items from an offset, when there are more in all.
pub(crate) fn next_offset(offset: u32, items: usize, total: Option<u64>) -> Option<Cursor> {
    let reached = u64::from(offset) + items as u64;
    let more = items > 0 && total.is_some_and(|total| reached < total);
    more.then(|| Cursor::new(reached.to_string()))
}

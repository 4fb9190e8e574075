//! Parts of bodies that several operations read.

use super::error::{ApiError, bad_request};
use crate::data::fields::Fields;

/// Reads a URL, which is required.
pub(crate) fn url(body: &Fields, name: &str) -> Result<String, ApiError> {
    let url = body.text(name, 1, 2_048)?;
    if url.starts_with("http://") || url.starts_with("https://") {
        Ok(url.to_owned())
    } else {
        Err(bad_request(format!("{name} must be a URL")))
    }
}

//! Percent-encoding, so that no value can become a part of the URL around it.
//!
//! Used for path segments, queries and forms.

use std::fmt::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything outside RFC 3986 section 2.3 `unreserved`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Writes percent-encoded text, without a string in between.
pub(crate) struct PercentEncoder<'a>(pub(crate) &'a mut String);

impl Write for PercentEncoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in utf8_percent_encode(text, RESERVED) {
            self.0.push_str(part);
        }
        Ok(())
    }
}

/// Adds `name=value` to a query or a form.
pub(crate) fn append_pair(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    append(query, name);
    query.push('=');
    append(query, value);
}

/// Adds `text`, percent-encoded.
pub(crate) fn append(query: &mut String, text: &str) {
    // Writing to a string does not fail.
    let _ = PercentEncoder(query).write_str(text);
}

/// Encodes `text` as one segment of a path or one value of a query.
///
/// For token endpoints of your own credentials; a call's own parameters are
/// encoded by the transport. `.` and `..` come out as they are: refuse them where
/// the text is not your own.
///
/// ```
/// assert_eq!(idweave_transport::encode_segment("a/b c"), "a%2Fb%20c");
/// ```
#[must_use]
pub fn encode_segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    append(&mut encoded, text);
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encode_segment_keeps_unreserved_characters_alone() {
        assert_eq!(
            encode_segment("aZ09-._~ /?#%&=+é"),
            "aZ09-._~%20%2F%3F%23%25%26%3D%2B%C3%A9"
        );
    }

    #[test]
    fn append_pair_separates_and_encodes_pairs() {
        let mut query = String::new();
        append_pair(&mut query, "a[]", "1&2");
        append_pair(&mut query, "b", "");
        assert_eq!(query, "a%5B%5D=1%262&b=");
    }
}

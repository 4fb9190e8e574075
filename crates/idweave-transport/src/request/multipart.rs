//! `multipart/form-data` bodies (RFC 7578), for uploads.

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
};

use ::http::HeaderValue;
use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use crate::Error;

/// A form with text and file parts.
///
/// A part that cannot be written is remembered and comes out of the call as
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest).
///
/// ```
/// use idweave_transport::Multipart;
///
/// let form = Multipart::new().text("note", "hello").file("avatar", "me.png", "image/png", vec![0x89]);
/// ```
#[derive(Clone)]
pub struct Multipart {
    boundary: String,
    body: BytesMut,
    error: Option<Error>,
}

impl Default for Multipart {
    fn default() -> Self {
        Self::new()
    }
}

impl Multipart {
    /// Creates an empty form.
    #[must_use]
    pub fn new() -> Self {
        // Random so that no content can be made to contain it.
        let random = || RandomState::new().build_hasher().finish();
        Self {
            boundary: format!("idweave-{:016x}{:016x}", random(), random()),
            body: BytesMut::new(),
            error: None,
        }
    }

    /// Adds a text part.
    #[must_use]
    pub fn text(self, name: &str, value: impl fmt::Display) -> Self {
        self.part(name, None, None, value.to_string().as_bytes())
    }

    /// Adds a part with a JSON value.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(json) => self.part(name, None, Some("application/json"), &json),
            Err(_) => {
                self.refuse(format!("the form part `{name}` cannot be written as JSON"));
                self
            }
        }
    }

    /// Adds a file part.
    #[must_use]
    pub fn file(
        self,
        name: &str,
        file_name: &str,
        content_type: &str,
        content: impl AsRef<[u8]>,
    ) -> Self {
        self.part(name, Some(file_name), Some(content_type), content.as_ref())
    }

    fn refuse(&mut self, why: String) {
        self.error.get_or_insert_with(|| Error::invalid(why));
    }

    fn part(
        mut self,
        name: &str,
        file_name: Option<&str>,
        content_type: Option<&str>,
        content: &[u8],
    ) -> Self {
        if content_type.is_some_and(|value| HeaderValue::from_str(value).is_err()) {
            self.refuse(format!(
                "the form part `{}` has an impossible content type",
                escape(name)
            ));
            return self;
        }
        let mut head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"",
            self.boundary,
            escape(name)
        );
        if let Some(file_name) = file_name {
            head.push_str("; filename=\"");
            head.push_str(&escape(file_name));
            head.push('"');
        }
        if let Some(content_type) = content_type {
            head.push_str("\r\nContent-Type: ");
            head.push_str(content_type);
        }
        head.push_str("\r\n\r\n");
        self.body.put_slice(head.as_bytes());
        self.body.put_slice(content);
        self.body.put_slice(b"\r\n");
        self
    }

    /// The body and its media type.
    pub(crate) fn finish(mut self) -> Result<(Bytes, HeaderValue), Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.body
            .put_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        let content_type =
            HeaderValue::try_from(format!("multipart/form-data; boundary={}", self.boundary))
                .map_err(|error| Error::invalid("impossible boundary").with_source(error))?;
        Ok((self.body.freeze(), content_type))
    }
}

/// As HTML's form submission escapes names: these three end a quoted string or a line.
fn escape(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

impl fmt::Debug for Multipart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multipart")
            .field("length", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn multipart_delimits_parts_and_names_cannot_inject_headers() {
        let (body, content_type) = Multipart::new()
            .text("note", "hi")
            .file("f\"\r\nX: y", "a.png", "image/png", [1, 2])
            .json("data", &[1])
            .finish()
            .unwrap();
        let boundary = content_type
            .to_str()
            .unwrap()
            .split_once("boundary=")
            .unwrap()
            .1
            .to_owned();
        let body = String::from_utf8_lossy(&body).into_owned();
        assert_eq!(
            body,
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhi\r\n\
                 --{boundary}\r\nContent-Disposition: form-data; name=\"f%22%0D%0AX: y\"; filename=\"a.png\"\r\n\
                 Content-Type: image/png\r\n\r\n\u{1}\u{2}\r\n\
                 --{boundary}\r\nContent-Disposition: form-data; name=\"data\"\r\n\
                 Content-Type: application/json\r\n\r\n[1]\r\n--{boundary}--\r\n"
            )
        );
    }

    #[test]
    fn a_content_type_with_a_line_break_is_refused() {
        assert!(
            Multipart::new()
                .file("f", "f", "a/b\r\nX: y", [0])
                .finish()
                .is_err()
        );
    }

    #[test]
    fn multipart_reports_the_first_part_that_cannot_be_written() {
        // JSON has no keys but text.
        let map = std::collections::BTreeMap::from([([1], 2)]);
        let form = Multipart::new()
            .json("first", &map)
            .file("second", "f", "a/b\n", [0]);
        let error = form.finish().unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest);
        assert!(error.to_string().contains("`first`"), "{error}");
    }

    #[test]
    fn multipart_debug_shows_the_length_alone() {
        assert_eq!(
            format!("{:?}", Multipart::new()),
            "Multipart { length: 0, .. }"
        );
        let form = format!("{:?}", Multipart::new().text("note", "MARK"));
        assert!(
            !form.contains("MARK") && !form.contains("length: 0"),
            "{form}"
        );
    }
}

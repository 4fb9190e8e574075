//! Decompresses a response's body as it comes, so that its limit counts what comes out.

use std::io::{self, Write};

use ::http::{
    HeaderMap, HeaderValue,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH},
};
use bytes::Bytes;
use flate2::write::MultiGzDecoder;

use super::collected_body::CollectedBody;
use crate::{Error, ErrorKind};

/// Tells the service that it may compress.
pub(super) fn announce(headers: &mut HeaderMap) {
    if !headers.contains_key(ACCEPT_ENCODING) {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
}

/// Whether a response is compressed. If so, the headers that describe it so are removed: its user gets the content.
pub(super) fn is_compressed(headers: &mut HeaderMap) -> bool {
    let encoding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
    let compressed = encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case(b"gzip"));
    if compressed {
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
    }
    compressed
}

/// A compressed body on its way.
pub(super) struct Gunzip {
    decoder: MultiGzDecoder<Output>,
    begun: bool,
}

/// Where the decompressed bytes go.
struct Output {
    body: CollectedBody,
    overflow: Option<Error>,
}

impl Gunzip {
    pub(super) fn new(body: CollectedBody) -> Self {
        let output = Output {
            body,
            overflow: None,
        };
        Self {
            decoder: MultiGzDecoder::new(output),
            begun: false,
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        self.begun |= !chunk.is_empty();
        let outcome = self.decoder.write_all(chunk);
        outcome.map_err(|error| self.failure(error))
    }

    /// Says whether the compressed bytes were whole; none at all are an empty body.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        if !self.begun {
            return Ok(());
        }
        let outcome = self.decoder.try_finish();
        outcome.map_err(|error| self.failure(error))
    }

    pub(super) fn into_bytes(mut self) -> Bytes {
        let output = self.decoder.get_mut();
        std::mem::replace(&mut output.body, CollectedBody::new(0)).into_bytes()
    }

    fn failure(&mut self, error: io::Error) -> Error {
        let overflow = self.decoder.get_mut().overflow.take();
        overflow.unwrap_or_else(|| {
            Error::new(ErrorKind::Transport, "the compressed body is damaged").with_source(error)
        })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.body.push(Bytes::copy_from_slice(bytes)) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                self.overflow = Some(error);
                Err(io::ErrorKind::FileTooLarge.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

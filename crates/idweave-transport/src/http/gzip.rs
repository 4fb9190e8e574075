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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn compressed(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn content() -> Vec<u8> {
        (0..20_000u32).flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn gunzip_gives_the_content_however_it_is_cut() {
        let content = content();
        for chunk in [1, 7, 1_000_000] {
            let mut body = Gunzip::new(CollectedBody::new(content.len()));
            for chunk in compressed(&content).chunks(chunk) {
                body.push(chunk).unwrap();
                body.push(&[]).unwrap();
            }
            body.finish().unwrap();
            assert_eq!(body.into_bytes(), content);
        }
    }

    #[test]
    fn gunzip_of_no_bytes_is_an_empty_body() {
        let mut body = Gunzip::new(CollectedBody::new(1));
        body.push(&[]).unwrap();
        body.finish().unwrap();
        assert!(body.into_bytes().is_empty());
    }

    #[test]
    fn gunzip_reports_what_is_truncated_or_damaged_and_keeps_what_came() {
        let content = content();
        let whole = compressed(&content);
        let mut truncated = Gunzip::new(CollectedBody::new(content.len()));
        truncated.push(&whole[..whole.len() / 2]).unwrap();
        let error = truncated.finish().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
        let kept = truncated.into_bytes();
        assert!(!kept.is_empty() && content.starts_with(&kept));

        let mut damaged = Gunzip::new(CollectedBody::new(content.len()));
        let error = damaged.push(b"not gzip, but text").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport);
        assert!(error.to_string().contains("damaged"), "{error}");
    }

    #[test]
    fn gunzip_stops_at_the_limit_of_the_content() {
        let content = content();
        let mut body = Gunzip::new(CollectedBody::new(content.len() - 1));
        let pushed = body
            .push(&compressed(&content))
            .and_then(|()| body.finish());
        assert_eq!(pushed.unwrap_err().kind(), ErrorKind::TooLarge);
        assert_eq!(body.into_bytes(), content[..content.len() - 1]);
    }

    #[test]
    fn announce_leaves_the_callers_header() {
        let mut headers = HeaderMap::new();
        announce(&mut headers);
        assert_eq!(headers[ACCEPT_ENCODING], "gzip");
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        announce(&mut headers);
        assert_eq!(headers[ACCEPT_ENCODING], "identity");
    }

    #[test]
    fn is_compressed_removes_the_headers_of_the_compression_alone() {
        for (encoding, compressed) in [("gzip", true), ("GZIP", true), ("br", false)] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("5"));
            assert_eq!(is_compressed(&mut headers), compressed);
            assert_eq!(headers.is_empty(), compressed, "{encoding}");
        }
        assert!(!is_compressed(&mut HeaderMap::new()));
    }
}

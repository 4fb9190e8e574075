//! Reads a response's body, decompressed where that is necessary.

use ::http::HeaderMap;
use bytes::Bytes;

use super::collected_body::CollectedBody;
#[cfg(feature = "gzip")]
use super::gzip::Gunzip;
use crate::Error;

/// A body on its way, decompressed where that is necessary.
pub(super) enum BodyReader {
    Plain(CollectedBody),
    #[cfg(feature = "gzip")]
    Gzip(Box<Gunzip>),
}

impl BodyReader {
    /// Tells the service what can be read.
    pub(super) fn announce(headers: &mut HeaderMap) {
        #[cfg(feature = "gzip")]
        super::gzip::announce(headers);
        #[cfg(not(feature = "gzip"))]
        let _ = headers;
    }

    /// Reads a response of these headers. Those that describe the compression are removed with it.
    pub(super) fn new(headers: &mut HeaderMap, limit: usize) -> Self {
        let body = CollectedBody::new(limit);
        #[cfg(feature = "gzip")]
        if super::gzip::is_compressed(headers) {
            return Self::Gzip(Box::new(Gunzip::new(body)));
        }
        #[cfg(not(feature = "gzip"))]
        let _ = headers;
        Self::Plain(body)
    }

    /// Whether the length that the service announces is that of the body.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    pub(super) fn push(&mut self, chunk: Bytes) -> Result<(), Error> {
        match self {
            Self::Plain(body) => body.push(chunk),
            #[cfg(feature = "gzip")]
            Self::Gzip(body) => body.push(&chunk),
        }
    }

    /// The whole body, or what is wrong with it and what of it came.
    pub(super) fn finish(self) -> Result<Bytes, (Error, Bytes)> {
        match self {
            Self::Plain(body) => Ok(body.into_bytes()),
            #[cfg(feature = "gzip")]
            Self::Gzip(mut body) => match body.finish() {
                Ok(()) => Ok(body.into_bytes()),
                Err(error) => Err((error, body.into_bytes())),
            },
        }
    }

    /// What came of the body.
    pub(super) fn into_bytes(self) -> Bytes {
        match self {
            Self::Plain(body) => body.into_bytes(),
            #[cfg(feature = "gzip")]
            Self::Gzip(body) => body.into_bytes(),
        }
    }
}

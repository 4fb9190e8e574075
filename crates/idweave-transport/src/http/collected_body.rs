//! Collects the chunks of a response's body, within its limit.

use bytes::{Bytes, BytesMut};

use crate::{Error, ErrorKind};

/// What has come of a body so far.
pub(super) struct CollectedBody {
    limit: usize,
    /// Most bodies are one chunk, which then is the body without a copy.
    first: Bytes,
    more: BytesMut,
}

impl CollectedBody {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            first: Bytes::new(),
            more: BytesMut::new(),
        }
    }

    /// Adds a chunk, or as much of it as there is room for.
    pub(super) fn push(&mut self, chunk: Bytes) -> Result<(), Error> {
        if chunk.len() > self.room() {
            self.extend(&chunk[..self.room()]);
            return Err(too_large(self.limit));
        }
        if self.first.is_empty() && self.more.is_empty() {
            self.first = chunk;
        } else {
            self.extend(&chunk);
        }
        Ok(())
    }

    pub(super) fn into_bytes(self) -> Bytes {
        if self.more.is_empty() {
            return self.first;
        }
        let mut all = BytesMut::with_capacity(self.first.len() + self.more.len());
        all.extend_from_slice(&self.first);
        all.extend_from_slice(&self.more);
        all.freeze()
    }

    fn room(&self) -> usize {
        let held = self.first.len() + self.more.len();
        self.limit.saturating_sub(held)
    }

    fn extend(&mut self, bytes: &[u8]) {
        self.more.extend_from_slice(bytes);
    }
}

pub(super) fn too_large(limit: usize) -> Error {
    Error::new(ErrorKind::TooLarge, format!("more than {limit} bytes"))
}

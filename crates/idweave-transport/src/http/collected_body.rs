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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What the chunks make, and whether all of them were taken.
    fn collect(limit: usize, chunks: &[&'static str]) -> (Bytes, Result<(), Error>) {
        let mut body = CollectedBody::new(limit);
        let pushed = chunks
            .iter()
            .try_for_each(|chunk| body.push(Bytes::from_static(chunk.as_bytes())));
        (body.into_bytes(), pushed)
    }

    #[test]
    fn collected_body_takes_as_many_bytes_as_its_limit() {
        for (limit, chunks, text) in [
            (0, &[][..], ""),
            (0, &["", ""], ""),
            (3, &["abc"], "abc"),
            (8, &["abc", "de", "fgh"], "abcdefgh"),
            (5, &["", "ab", "", "cde", ""], "abcde"),
        ] {
            let (body, pushed) = collect(limit, chunks);
            assert_eq!(body, text, "{chunks:?}");
            assert!(pushed.is_ok(), "{chunks:?}");
        }
    }

    #[test]
    fn collected_body_keeps_what_fits_of_a_larger_one() {
        for (limit, chunks, text) in [
            (0, &["a"][..], ""),
            (2, &["abc"], "ab"),
            (7, &["abc", "de", "fgh"], "abcdefg"),
            (6, &["ab", "cd", "ef", "g"], "abcdef"),
        ] {
            let (body, pushed) = collect(limit, chunks);
            assert_eq!(body, text, "{chunks:?}");
            let error = pushed.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge);
            assert!(
                error
                    .to_string()
                    .contains(&format!("more than {limit} bytes"))
            );
        }
    }

    #[test]
    fn collected_body_of_one_chunk_is_not_copied() {
        let chunk = Bytes::from(vec![1, 2, 3]);
        let mut body = CollectedBody::new(3);
        body.push(chunk.clone()).unwrap();
        assert_eq!(body.into_bytes().as_ptr(), chunk.as_ptr());
    }
}

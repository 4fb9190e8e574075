//! The body of a request, sent in pieces so that its progress is seen.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The size of a piece. The connection takes a few of them ahead of what it has sent.
const PIECE: usize = 8 * 1024;

/// A whole body. One of more than a piece tells its [`Progress`].
pub(crate) struct Upload {
    left: Bytes,
    progress: Option<Progress>,
}

/// How much of a body the connection has taken.
#[derive(Clone)]
pub(super) struct Progress(Arc<AtomicUsize>);

impl Upload {
    /// Creates a body, and what tells how much of it was sent if it is large.
    pub(super) fn new(body: Bytes) -> (Self, Option<Progress>) {
        let progress = (body.len() > PIECE).then(|| Progress(Arc::default()));
        let upload = Self {
            left: body,
            progress: progress.clone(),
        };
        (upload, progress)
    }
}

impl Progress {
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.left.len().min(PIECE);
        let piece = self.left.split_to(length);
        if let Some(progress) = &self.progress {
            progress.0.fetch_add(length, Ordering::Relaxed);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}

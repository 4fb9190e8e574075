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

/// A whole body, of the size of [`Bytes`]: it is moved many times on its way.
pub(crate) enum Upload {
    /// At most one piece.
    Small(Bytes),
    Large(Box<Large>),
}

/// A body of more than a piece.
pub(crate) struct Large {
    left: Bytes,
    progress: Progress,
}

/// How much of a body the connection has taken.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<AtomicUsize>);

impl Upload {
    /// Creates a body, and what tells how much of it was sent if it is large.
    pub(super) fn new(body: Bytes) -> (Self, Option<Progress>) {
        if body.len() <= PIECE {
            return (Self::Small(body), None);
        }
        let progress = Progress::default();
        let large = Large {
            left: body,
            progress: progress.clone(),
        };
        (Self::Large(Box::new(large)), Some(progress))
    }

    fn left(&self) -> &Bytes {
        match self {
            Self::Small(left) => left,
            Self::Large(large) => &large.left,
        }
    }
}

impl Progress {
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Large {
    fn piece(&mut self) -> Bytes {
        let length = self.left.len().min(PIECE);
        self.progress.0.fetch_add(length, Ordering::Relaxed);
        self.left.split_to(length)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match &mut *self {
            Self::Small(left) => std::mem::take(left),
            Self::Large(large) => large.piece(),
        };
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left().is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left().len() as u64)
    }
}

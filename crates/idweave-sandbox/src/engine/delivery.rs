//! Responses as they leave: whole, truncated, or with the connection reset.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body as AxumBody;
use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use hyper::body::{Body, Frame, SizeHint};

use crate::engine::wire::Reply;

/// How much of a response arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// Half of its body, then the connection is closed.
    Truncated,
    /// Half of its body, then the connection is reset.
    Reset,
}

/// A mark on a response: its connection is reset, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ConnectionReset {
    /// Instead of the response.
    AtOnce,
    /// Where the response's body is truncated.
    AtTruncation,
}

impl ConnectionReset {
    fn mark(self, mut response: Response) -> Response {
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns a reply into the response that is sent.
pub(crate) fn response(reply: Reply, delivery: Delivery) -> Response {
    let length = reply.body.len();
    let body = if delivery != Delivery::Whole {
        AxumBody::new(TruncatedBody {
            data: Some(reply.body.slice(..length / 2)),
            wait: None,
        })
    } else {
        AxumBody::from(reply.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = *reply.headers;
    if delivery != Delivery::Whole {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if delivery == Delivery::Reset {
        response = ConnectionReset::AtTruncation.mark(response);
    }
    response
}

/// Returns a response in whose place the connection is reset.
pub(crate) fn reset() -> Response {
    ConnectionReset::AtOnce.mark(Response::new(AxumBody::empty()))
}

/// Ends a connection without a whole response.
#[derive(Debug)]
pub(crate) struct ConnectionDropped;

impl std::fmt::Display for ConnectionDropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is reset by a fault")
    }
}

impl std::error::Error for ConnectionDropped {}

/// A body that ends before the length it announced.
struct TruncatedBody {
    data: Option<Bytes>,
    wait: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Body for TruncatedBody {
    type Data = Bytes;
    type Error = ConnectionDropped;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ConnectionDropped>>> {
        let body = self.get_mut();
        if let Some(data) = body.data.take().filter(|data| !data.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        // Let the first half leave before the connection goes.
        let wait = body
            .wait
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(5))));
        std::task::ready!(Future::poll(wait.as_mut(), cx));
        Poll::Ready(Some(Err(ConnectionDropped)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::new()
    }
}

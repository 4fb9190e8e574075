//! Sends one request and reads the whole response.
//!
//! Called by the attempts of a call and by credentials that ask a token endpoint.

use std::{future::Future, time::Duration};

use ::http::{HeaderMap, Method, StatusCode, header::SET_COOKIE};
use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::response::RawResponse;
use crate::{Error, ErrorKind, base_url::BaseUrl};

/// The bounds of an exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The longest silence while waiting for the next bytes of the response.
    pub(crate) idle: Duration,
    /// The largest body, after decompression.
    pub(crate) body: usize,
}

/// The HTTP client of one service, and where it may go.
pub(crate) struct HttpClient {
    pub(crate) client: reqwest::Client,
    pub(crate) base: BaseUrl,
    pub(crate) limits: Limits,
    /// Whether plain http to another machine is wanted.
    pub(crate) plain_http: bool,
}

impl HttpClient {
    /// Sends one request and reads the whole response, whatever its status.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Option<Bytes>,
        deadline: Instant,
    ) -> Result<RawResponse, Error> {
        let mut request = reqwest::Request::new(method, url);
        *request.headers_mut() = headers;
        *request.body_mut() = body.map(Into::into);
        let mut response = with_timeout(self.limits.idle, deadline, self.client.execute(request))
            .await?
            .map_err(failure)?;
        let status = response.status();
        let mut headers = std::mem::take(response.headers_mut());
        mark_sensitive(&mut headers);
        let body = match read(&mut response, deadline, self.limits, status).await {
            Ok(body) => body,
            // What the service refused with is known, if not in full.
            Err((_, partial)) if !status.is_success() => partial,
            Err((error, partial)) => return Err(error.with_response(status, headers, partial)),
        };
        Ok(RawResponse {
            status,
            headers,
            body,
        })
    }
}

/// The body, or why it did not come and what of it did.
async fn read(
    response: &mut reqwest::Response,
    deadline: Instant,
    limits: Limits,
    status: StatusCode,
) -> Result<Bytes, (Error, Bytes)> {
    let announced = response.content_length();
    if status.is_success() && announced.is_some_and(|length| length > limits.body as u64) {
        return Err((too_large(limits.body), Bytes::new()));
    }
    // Most bodies are one chunk, which then is the body without a copy.
    let mut body = Bytes::new();
    let mut more = BytesMut::new();
    loop {
        let chunk = match with_timeout(limits.idle, deadline, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return Ok(join(body, more)),
            Ok(Err(error)) => return Err((failure(error), join(body, more))),
            Err(error) => return Err((error, join(body, more))),
        };
        let room = limits.body.saturating_sub(body.len() + more.len());
        if chunk.len() > room {
            more.extend_from_slice(&chunk[..room]);
            return Err((too_large(limits.body), join(body, more)));
        }
        if body.is_empty() && more.is_empty() {
            body = chunk;
        } else {
            more.extend_from_slice(&chunk);
        }
    }
}

fn join(first: Bytes, more: BytesMut) -> Bytes {
    if more.is_empty() {
        return first;
    }
    let mut all = BytesMut::with_capacity(first.len() + more.len());
    all.extend_from_slice(&first);
    all.extend_from_slice(&more);
    all.freeze()
}

/// Waits for `future` until the deadline, but no longer than `idle`.
async fn with_timeout<F: Future>(
    idle: Duration,
    deadline: Instant,
    future: F,
) -> Result<F::Output, Error> {
    let quiet = Instant::now() + idle;
    timeout_at(quiet.min(deadline), future).await.map_err(|_| {
        if quiet < deadline {
            Error::new(
                ErrorKind::Timeout,
                format!("no byte of a response for {} s", idle.as_secs_f32()),
            )
        } else {
            deadline_exceeded()
        }
    })
}

/// The time for the whole call is over.
pub(crate) fn deadline_exceeded() -> Error {
    Error::new(ErrorKind::Timeout, "the time for the whole call is over")
}

fn too_large(limit: usize) -> Error {
    Error::new(ErrorKind::TooLarge, format!("more than {limit} bytes"))
}

/// Reqwest's error in our terms, without the URL it carries.
fn failure(error: reqwest::Error) -> Error {
    let kind = if error.is_connect() {
        ErrorKind::Connect
    } else if error.is_timeout() {
        ErrorKind::Timeout
    } else if error.is_builder() {
        ErrorKind::InvalidRequest
    } else {
        ErrorKind::Transport
    };
    Error::bare(kind).with_source(error.without_url())
}

/// Marks what must not show when a user prints the headers.
fn mark_sensitive(headers: &mut HeaderMap) {
    if headers.contains_key(SET_COOKIE) {
        headers
            .iter_mut()
            .filter(|(name, _)| *name == SET_COOKIE)
            .for_each(|(_, value)| value.set_sensitive(true));
    }
}

//! Sends one request and reads the whole response.
//!
//! Called by the attempts of a call and by credentials that ask a token endpoint.

use std::{error::Error as StdError, future::Future, pin::pin, time::Duration};

use ::http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode, Uri,
    header::{ACCEPT, SET_COOKIE, USER_AGENT},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    body::BodyReader,
    collected_body::too_large,
    connector::{Connector, Pool},
    response::RawResponse,
    upload::{Progress, Upload},
};
use crate::{Error, ErrorKind, base_url::BaseUrl, duration::after};

/// The bounds of an exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The longest silence: without a byte of a large body being sent, then of the response being received.
    pub(crate) idle: Duration,
    /// The largest body, after decompression.
    pub(crate) body: usize,
}

/// The HTTP client of one service, and where it may go.
pub(crate) struct HttpClient {
    pool: Pool,
    user_agent: HeaderValue,
    pub(crate) base: BaseUrl,
    pub(crate) limits: Limits,
    /// Whether plain http to another machine is wanted.
    pub(crate) plain_http: bool,
}

impl HttpClient {
    pub(crate) fn new(
        connector: Connector,
        user_agent: HeaderValue,
        base: BaseUrl,
        limits: Limits,
        plain_http: bool,
    ) -> Self {
        Self {
            pool: connector.into_pool(),
            user_agent,
            base,
            limits,
            plain_http,
        }
    }

    /// Sends one request and reads the whole response, whatever its status.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        mut headers: HeaderMap,
        body: Option<Bytes>,
        deadline: Instant,
    ) -> Result<RawResponse, Error> {
        let target = Uri::try_from(url.as_str())
            .map_err(|error| Error::invalid("the URL cannot be requested").with_source(error))?;
        if !headers.contains_key(ACCEPT) {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        if !headers.contains_key(USER_AGENT) {
            headers.insert(USER_AGENT, self.user_agent.clone());
        }
        BodyReader::announce(&mut headers);
        let (upload, progress) = Upload::new(body.unwrap_or_default());
        let mut request = Request::new(upload);
        *request.method_mut() = method;
        *request.uri_mut() = target;
        *request.headers_mut() = headers;
        let exchange = self.pool.request(request);
        let response = match progress {
            None => with_timeout(self.limits.idle, deadline, exchange).await?,
            // On the heap, so that small requests do not carry it along.
            Some(progress) => {
                let upload = while_uploading(progress, self.limits.idle, deadline, exchange);
                Box::pin(upload).await?
            }
        };
        let (mut parts, body) = response.map_err(failure)?.into_parts();
        mark_sensitive(&mut parts.headers);
        let reader = BodyReader::new(&mut parts.headers, self.limits.body);
        let body = match read(body, reader, deadline, self.limits, parts.status).await {
            Ok(body) => body,
            // What the service refused with is known, if not in full.
            Err((_, partial)) if !parts.status.is_success() => partial,
            Err((error, partial)) => {
                return Err(error.with_response(parts.status, parts.headers, partial));
            }
        };
        Ok(RawResponse {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }
}

/// The body, or why it did not come and what of it did.
async fn read(
    mut body: Incoming,
    mut reader: BodyReader,
    deadline: Instant,
    limits: Limits,
    status: StatusCode,
) -> Result<Bytes, (Error, Bytes)> {
    let announced = body.size_hint().exact();
    if status.is_success()
        && reader.is_plain()
        && announced.is_some_and(|length| length > limits.body as u64)
    {
        return Err((too_large(limits.body), Bytes::new()));
    }
    loop {
        let outcome = match with_timeout(limits.idle, deadline, body.frame()).await {
            Ok(None) => return reader.finish(),
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(chunk) => reader.push(chunk),
                // Trailers.
                Err(_) => Ok(()),
            },
            Ok(Some(Err(error))) => Err(Error::bare(ErrorKind::Transport).with_source(error)),
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            return Err((error, reader.into_bytes()));
        }
    }
}

/// Waits for `future` until the deadline, but no longer than `idle`.
async fn with_timeout<F: Future>(
    idle: Duration,
    deadline: Instant,
    future: F,
) -> Result<F::Output, Error> {
    let quiet = after(Instant::now(), idle);
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

/// Waits as [`with_timeout`] does, but begins to wait again whenever more of the body was sent.
async fn while_uploading<F: Future>(
    progress: Progress,
    idle: Duration,
    deadline: Instant,
    exchange: F,
) -> Result<F::Output, Error> {
    let mut exchange = pin!(exchange);
    let mut sent = progress.bytes();
    loop {
        let outcome = with_timeout(idle, deadline, exchange.as_mut()).await;
        let now = progress.bytes();
        if outcome.is_ok() || now == sent || Instant::now() >= deadline {
            return outcome;
        }
        sent = now;
    }
}

/// The time for the whole call is over.
pub(crate) fn deadline_exceeded() -> Error {
    Error::new(ErrorKind::Timeout, "the time for the whole call is over")
}

/// The HTTP library's error in our terms.
fn failure(error: hyper_util::client::legacy::Error) -> Error {
    let own = if error.is_connect() {
        Error::bare(ErrorKind::Connect)
    } else if is_unread(&error) {
        Error::bare(ErrorKind::Transport).unsent()
    } else {
        Error::bare(ErrorKind::Transport)
    };
    own.with_source(error)
}

/// Whether an HTTP/2 service says that it did not process the request (RFC 9113, section 8.7).
#[cfg(feature = "http2")]
fn is_unread(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            return match error.reason() {
                Some(h2::Reason::REFUSED_STREAM) => error.is_remote() && error.is_reset(),
                // A stream fails with it only if its number is above the last one that was processed.
                Some(h2::Reason::NO_ERROR) => error.is_remote() && error.is_go_away(),
                _ => false,
            };
        }
        cause = error.source();
    }
    false
}

#[cfg(not(feature = "http2"))]
fn is_unread(_: &(dyn StdError + 'static)) -> bool {
    false
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

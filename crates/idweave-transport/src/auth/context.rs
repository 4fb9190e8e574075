//! What credentials may use while they get a token.

use std::{sync::Arc, time::Duration};

use ::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use crate::{
    Backoff, Error, ErrorKind, base_url::BaseUrl, duration::after, execute::requested_delay,
    http::HttpClient, secret::wiped,
};

/// How often a token endpoint that is busy is asked.
const MAX_ATTEMPTS: u32 = 5;

/// The service that a credential is for, and the access to a token endpoint; handed to
/// [`Credentials`](crate::Credentials) and [`TokenSource`](crate::TokenSource).
///
/// It uses the session's connections and limits, but none of its credentials.
#[derive(Clone)]
pub struct AuthContext {
    http: Arc<HttpClient>,
    backoff: Backoff,
    deadline: Instant,
}

impl AuthContext {
    pub(crate) fn new(http: Arc<HttpClient>, backoff: Backoff, deadline: Instant) -> Self {
        Self {
            http,
            backoff,
            deadline,
        }
    }

    /// The same for a fetch that outlives the call: it has `time_limit`, or the rest of the call's time where that is longer.
    pub(super) fn for_fetch(&self, time_limit: Duration) -> Self {
        let mut context = self.clone();
        context.deadline = self.deadline.max(after(Instant::now(), time_limit));
        context
    }

    /// Returns the base URL of the session, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.http.base.as_str()
    }

    /// Returns when the credential must have been obtained.
    ///
    /// In [`Credentials::fetch`](crate::Credentials::fetch) that is when the call gives up, in
    /// [`TokenSource::fetch_token`](crate::TokenSource::fetch_token) when the fetch is ended.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Gets a JSON document and returns the whole response, whatever its status.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub async fn get(&self, url: &str) -> Result<Response<Bytes>, Error> {
        self.send(json_request(
            Method::GET,
            url,
            HeaderMap::new(),
            Bytes::new(),
        )?)
        .await
    }

    /// Posts a JSON document and returns the whole response, whatever its status.
    ///
    /// `headers` go along, such as the cookie of a login that still needs its
    /// second factor. The body is wiped from memory when it has been sent.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`ErrorKind::Credentials`] when `body` cannot be written as JSON.
    pub async fn post_json<T: Serialize + ?Sized>(
        &self,
        url: &str,
        body: &T,
        headers: HeaderMap,
    ) -> Result<Response<Bytes>, Error> {
        // The error may quote a value, so it is not kept.
        let json = serde_json::to_vec(body).map_err(|_| {
            Error::new(
                ErrorKind::Credentials,
                "the body of the token request cannot be written as JSON",
            )
        })?;
        self.send(json_request(Method::POST, url, headers, wiped(json))?)
            .await
    }

    /// Sends a request and returns the whole response, whatever its status.
    ///
    /// 429 is waited for as long as the service asks and the deadline allows,
    /// and a connection that did not come about is tried again; nothing else is
    /// repeated. Redirects are not followed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] for plain http to another machine, or the
    /// kind of what went wrong on the way.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let (parts, body) = request.into_parts();
        let target = parts.uri.to_string();
        let origin = target.split(['?', '#']).next().unwrap_or_default();
        BaseUrl::parse(origin, self.http.plain_http)?;
        let url = url::Url::parse(&target).map_err(|error| {
            Error::invalid("the address of the token endpoint is not a URL").with_source(error)
        })?;
        let mut attempt = 1;
        loop {
            let outcome = self
                .http
                .send(
                    parts.method.clone(),
                    url.clone(),
                    parts.headers.clone(),
                    (!body.is_empty()).then(|| body.clone()),
                    self.deadline,
                )
                .await;
            let requested = match &outcome {
                Ok(response) if response.status == StatusCode::TOO_MANY_REQUESTS => {
                    requested_delay(response.status, &response.headers)
                }
                Err(error) if error.kind() == ErrorKind::Connect => None,
                _ => return outcome.map(Response::from),
            };
            let until = after(Instant::now(), self.backoff.wait(attempt, requested));
            if attempt == MAX_ATTEMPTS || until >= self.deadline {
                return outcome.map(Response::from);
            }
            tracing::debug!(attempt, "token endpoint busy, waiting");
            sleep_until(until).await;
            attempt += 1;
        }
    }
}

fn json_request(
    method: Method,
    url: &str,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Request<Bytes>, Error> {
    let json = HeaderValue::from_static("application/json");
    let has_body = !body.is_empty();
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = url.parse().map_err(|error| {
        Error::invalid("the address of the token endpoint is not a URL").with_source(error)
    })?;
    *request.headers_mut() = headers;
    request.headers_mut().insert(header::ACCEPT, json.clone());
    if has_body {
        request.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    Ok(request)
}

impl std::fmt::Debug for AuthContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthContext")
            .field("base_url", &self.http.base)
            .finish_non_exhaustive()
    }
}

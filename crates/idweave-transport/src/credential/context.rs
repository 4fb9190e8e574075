//! What credentials may use while they get a token.

use ::http::{Request, Response, StatusCode};
use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use crate::{
    Error, ErrorKind,
    base_url::BaseUrl,
    http::{Answer, exchange},
    session::Inner,
    wait,
};

/// How often a token endpoint that is busy is asked.
const ATTEMPTS: u32 = 5;

/// The way to a token endpoint, handed to [`Credentials::fetch`](crate::Credentials::fetch).
///
/// It uses the session's connections and limits, but none of its credentials.
pub struct AuthContext<'a> {
    session: &'a Inner,
    deadline: Instant,
}

impl<'a> AuthContext<'a> {
    pub(crate) fn new(session: &'a Inner, deadline: Instant) -> Self {
        Self { session, deadline }
    }

    /// The base URL of the session, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.session.base.as_str()
    }

    /// When the call that needs the credential gives up.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Sends a request and returns the whole answer, whatever its status.
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
        BaseUrl::parse(origin, self.session.plain_http)?;
        let url = url::Url::parse(&target).map_err(|error| {
            Error::invalid("the address of the token endpoint is no URL").with_source(error)
        })?;
        let mut attempt = 1;
        loop {
            let mut request = reqwest::Request::new(parts.method.clone(), url.clone());
            *request.headers_mut() = parts.headers.clone();
            if !body.is_empty() {
                *request.body_mut() = Some(body.clone().into());
            }
            let outcome = exchange(
                &self.session.http,
                request,
                self.deadline,
                self.session.limits,
            )
            .await;
            let asked = match &outcome {
                Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                    wait::asked(answer.status, &answer.headers)
                }
                Err(error) if error.kind() == ErrorKind::Connect => None,
                _ => return outcome.map(response),
            };
            let until = Instant::now() + self.session.retry.backoff.wait(attempt, asked);
            if attempt == ATTEMPTS || until >= self.deadline {
                return outcome.map(response);
            }
            tracing::debug!(attempt, "token endpoint busy, waiting");
            sleep_until(until).await;
            attempt += 1;
        }
    }
}

fn response(answer: Answer) -> Response<Bytes> {
    let mut response = Response::new(answer.body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

impl std::fmt::Debug for AuthContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthContext")
            .field("base_url", &self.session.base)
            .finish_non_exhaustive()
    }
}

//! One call: its attempts, the waits between them, and their traces.
//!
//! Owned by [`Call`](crate::Call), which decodes what [`Execution::response`] brings.

use ::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use bytes::Bytes;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::Span;
use url::Url;

use super::{
    authorize::{Authorization, authorize},
    client_core::ClientCore,
    layer::Next,
    observe,
    retry::RetryContext,
    retry_after::requested_delay,
};
use crate::{
    Credential, Error, ErrorKind, Operation, Scheme,
    duration::after,
    http::{RawResponse, deadline_exceeded},
    request::RequestParts,
};

/// How many redirects a call follows.
const MAX_REDIRECTS: u8 = 5;

/// A call between its first attempt and its result.
pub(crate) struct Execution<'a> {
    core: &'a ClientCore,
    operation: &'static Operation,
    parts: RequestParts,
    started: Instant,
    deadline: Instant,
    attempts: u32,
    /// Redirects followed so far.
    redirects: u8,
    /// Credentials that were refused with 401, once.
    rejected: Option<Vec<(Scheme, Credential)>>,
    /// Whether an attempt before this one may have had its effect without its response arriving.
    unanswered: bool,
}

/// What an attempt led to.
enum AttemptOutcome {
    /// The last word, if a good one.
    Done(RawResponse),
    /// The same attempt goes on: with other credentials, or at another address.
    Continue,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(
        core: &'a ClientCore,
        operation: &'static Operation,
        parts: RequestParts,
    ) -> Self {
        let started = Instant::now();
        Self {
            core,
            operation,
            parts,
            started,
            deadline: after(started, core.timeout),
            attempts: 0,
            redirects: 0,
            rejected: None,
            unanswered: false,
        }
    }

    pub(crate) fn span(&self) -> Span {
        observe::span(self.core, self.operation)
    }

    /// Attempts until one brings a success or there is no point in another.
    pub(crate) async fn response(&mut self) -> Result<RawResponse, Error> {
        loop {
            self.attempts += 1;
            match self.attempt().await {
                Ok(AttemptOutcome::Done(response)) => return Ok(response),
                Ok(AttemptOutcome::Continue) => self.attempts -= 1,
                Err(error) => self.retry_or_fail(error).await?,
            }
        }
    }

    /// Waits for the next attempt, or gives the error back as the last word.
    pub(crate) async fn retry_or_fail(&mut self, error: Error) -> Result<(), Error> {
        let policy = &self.core.retry;
        let failure = RetryContext {
            attempts: self.attempts,
            idempotent: self.operation.is_idempotent(),
            not_sent: error.is_not_sent(),
            error: &error,
        };
        if !policy.allows(failure) {
            return Err(error);
        }
        let requested = error
            .status()
            .and_then(|status| requested_delay(status, error.headers()));
        let wait = policy.backoff.wait(self.attempts, requested);
        let until = after(Instant::now(), wait);
        // An open circuit would refuse the next attempt, and this error says more.
        if until >= self.deadline || self.core.circuit.is_open() || !self.core.budget.spend() {
            return Err(error);
        }
        self.unanswered |= error.is_unanswered();
        observe::retry(self.core, self.operation, self.attempts, wait, &error);
        sleep_until(until).await;
        Ok(())
    }

    /// The error with all that is known of the call.
    pub(crate) fn fail(&self, error: Error, span: &Span) -> Error {
        let error = error
            .of(self.operation)
            .after(self.attempts, self.started.elapsed())
            .with_earlier_attempt_unanswered(self.unanswered);
        observe::finished(span, self.attempts, Err(&error));
        error
    }

    pub(crate) fn succeed(&self, status: StatusCode, span: &Span) {
        if self.attempts == 1 {
            self.core.budget.earn();
        }
        observe::finished(span, self.attempts, Ok(status));
    }

    async fn attempt(&mut self) -> Result<AttemptOutcome, Error> {
        let core = self.core;
        core.circuit.check()?;
        let (mut headers, mut url) = self.prepare()?;
        let _permit = core.limiter.acquire(self.operation, self.deadline).await?;
        let authorization = match self.parts.anonymous {
            true => Authorization::default(),
            false => {
                authorize(
                    core,
                    self.operation,
                    self.rejected.as_deref().unwrap_or_default(),
                    self.deadline,
                    &mut headers,
                    &mut url,
                )
                .await?
            }
        };

        let permit = core.circuit.acquire()?;
        let sent = Instant::now();
        let outcome = self.send(headers, url).await;
        permit.finish(&outcome);
        observe::attempt(
            core,
            self.operation,
            self.attempts,
            sent.elapsed(),
            &outcome,
        );
        let response = outcome?;
        core.limiter.imposed.observe_response(
            self.operation,
            response.status,
            &response.headers,
            sent,
        );
        authorization.on_response(&response.headers);
        if response.status.is_success() {
            return Ok(AttemptOutcome::Done(response));
        }
        // Turned away for its token alone, the request had no effect: with another token it is the same attempt.
        if response.status == StatusCode::UNAUTHORIZED
            && self.rejected.is_none()
            && !authorization.replaceable.is_empty()
        {
            tracing::debug!("credentials refused, getting others");
            self.rejected = Some(authorization.replaceable);
            return Ok(AttemptOutcome::Continue);
        }
        if let Some(url) = self.redirected(&response) {
            self.parts.url = url;
            self.redirects += 1;
            return Ok(AttemptOutcome::Continue);
        }
        Err(Error::bare(ErrorKind::Status).with_response(
            response.status,
            response.headers,
            response.body,
        ))
    }

    /// The request but for its credentials.
    fn prepare(&self) -> Result<(HeaderMap, Url), Error> {
        let url = Url::parse(&self.parts.url)
            .map_err(|error| Error::invalid("the path makes no URL").with_source(error))?;
        // Parsing normalises; if it changed anything, the path is not the template's any more.
        if self.redirects == 0 && url.as_str() != self.parts.url {
            return Err(Error::invalid("the path no longer fits its template"));
        }
        let mut headers = HeaderMap::with_capacity(4 + self.parts.headers.len());
        // The static text is shared, not copied.
        let accept =
            HeaderValue::from_maybe_shared(Bytes::from_static(self.operation.accept().as_bytes()))
                .map_err(|error| {
                    Error::invalid("the operation's media type is impossible").with_source(error)
                })?;
        headers.insert(header::ACCEPT, accept);
        for (name, value) in &self.parts.headers {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(body) = &self.parts.body {
            headers.insert(header::CONTENT_TYPE, body.content_type.clone());
        }
        Ok((headers, url))
    }

    async fn send(&self, headers: HeaderMap, url: Url) -> Result<RawResponse, Error> {
        let core = self.core;
        if core.layers.is_empty() {
            let body = self.parts.body.as_ref().map(|body| body.content.clone());
            let method = self.operation.method().clone();
            return core
                .http
                .send(method, url, headers, body, self.deadline)
                .await;
        }
        let body = self
            .parts
            .body
            .as_ref()
            .map(|body| body.content.clone())
            .unwrap_or_default();
        let mut request = Request::new(body);
        *request.method_mut() = self.operation.method().clone();
        *request.uri_mut() = url
            .as_str()
            .parse()
            .map_err(|error| Error::invalid("the path makes no URI").with_source(error))?;
        *request.headers_mut() = headers;
        request.extensions_mut().insert(self.operation);
        let next = Next::new(&core.http, &core.layers, self.deadline);
        match timeout_at(self.deadline, next.run(request)).await {
            Ok(outcome) => outcome.map(RawResponse::from),
            Err(_) => Err(deadline_exceeded()),
        }
    }

    /// Where a redirect may be followed to: the same origin, by GET or HEAD.
    fn redirected(&self, response: &RawResponse) -> Option<String> {
        let follows = matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308)
            && matches!(*self.operation.method(), Method::GET | Method::HEAD)
            && self.redirects < MAX_REDIRECTS;
        if !follows {
            return None;
        }
        let location = response.headers.get(header::LOCATION)?.to_str().ok()?;
        let target = Url::parse(&self.parts.url).ok()?.join(location).ok()?;
        (target.origin() == self.core.http.base.url().origin()).then(|| target.into())
    }
}

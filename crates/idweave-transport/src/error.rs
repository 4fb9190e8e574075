//! The one error type of every call.
//!
//! It keeps all that is known of a failure (status, headers, body, attempts,
//! the chain of causes) and shows none of it that could be secret or personal:
//! `Display` and `Debug` name the operation, the kind and the status only.

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use ::http::{HeaderMap, Response, StatusCode};
use bytes::Bytes;

use crate::{
    Operation, duration::MAX_REQUESTED_DELAY, execute::requested_delay, status::is_transient_status,
};

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The arguments or the settings cannot make a request; nothing was sent.
    InvalidRequest,
    /// No credential fits, or none could be obtained; the operation was not sent.
    Credentials,
    /// No connection was made; nothing was sent.
    Connect,
    /// A time limit passed.
    Timeout,
    /// The connection failed after the request had begun to leave.
    Transport,
    /// The service responded with a status outside 2xx.
    Status,
    /// The response is not what the operation promises.
    Decode,
    /// The response is larger than the limit.
    TooLarge,
    /// The service grants no call before the deadline; not sent.
    RateLimited,
    /// Too many transport failures in a row: the call was not sent, to let the
    /// service recover.
    CircuitOpen,
}

impl ErrorKind {
    const fn sentence(self) -> &'static str {
        match self {
            Self::InvalidRequest => "the request cannot be made",
            Self::Credentials => "no usable credentials",
            Self::Connect => "no connection to the service",
            Self::Timeout => "a time limit passed",
            Self::Transport => "the connection failed",
            Self::Status => "the service refused",
            Self::Decode => "the response is not what the operation promises",
            Self::TooLarge => "the response is larger than the limit",
            Self::RateLimited => "not sent, the service asks to wait",
            Self::CircuitOpen => "not sent, the service has been failing",
        }
    }
}

/// The error of a call.
///
/// [`body`](Self::body) and [`headers`](Self::headers) hold what the service
/// sent, whatever the kind; neither shows in `Display` or `Debug`.
#[derive(Clone)]
pub struct Error {
    // One pointer, so that `Result<T, Error>` stays small on the way that succeeds.
    inner: Box<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    operation: Option<&'static Operation>,
    detail: Option<String>,
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Bytes,
    attempts: u32,
    elapsed: Duration,
    not_sent: bool,
    earlier_attempt_unanswered: bool,
    requested_delay: Option<Duration>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Creates an error of this kind with a sentence that says what to do next.
    ///
    /// For implementations of [`Credentials`](crate::Credentials) and
    /// [`Layer`](crate::Layer). The sentence is shown to people and written to
    /// logs: nothing secret or personal belongs in it.
    #[must_use]
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let mut error = Self::bare(kind);
        error.inner.detail = Some(detail.into());
        error
    }

    /// A failure whose kind, status and cause say everything.
    pub(crate) fn bare(kind: ErrorKind) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                operation: None,
                detail: None,
                status: None,
                headers: HeaderMap::new(),
                body: Bytes::new(),
                attempts: 0,
                elapsed: Duration::ZERO,
                not_sent: matches!(
                    kind,
                    ErrorKind::InvalidRequest
                        | ErrorKind::Credentials
                        | ErrorKind::Connect
                        | ErrorKind::RateLimited
                        | ErrorKind::CircuitOpen
                ),
                earlier_attempt_unanswered: false,
                requested_delay: None,
                source: None,
            }),
        }
    }

    /// Sets the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.inner.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidRequest, detail)
    }

    /// Says that nothing was sent, where the kind does not.
    pub(crate) fn unsent(mut self) -> Self {
        self.inner.not_sent = true;
        self
    }

    /// Says how long to wait, where there is no response that says it.
    pub(crate) fn with_requested_delay(mut self, wait: Duration) -> Self {
        self.inner.requested_delay = Some(wait.min(MAX_REQUESTED_DELAY));
        self
    }

    pub(crate) fn of(mut self, operation: &'static Operation) -> Self {
        self.inner.operation.get_or_insert(operation);
        self
    }

    pub(crate) fn with_response(
        mut self,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        self.inner.status = Some(status);
        self.inner.headers = headers;
        self.inner.body = body;
        self
    }

    pub(crate) fn after(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.inner.attempts = attempts;
        self.inner.elapsed = elapsed;
        self
    }

    pub(crate) fn with_earlier_attempt_unanswered(mut self, unanswered: bool) -> Self {
        self.inner.earlier_attempt_unanswered = unanswered;
        self
    }

    /// Turns a failure on the way to a token into one of the credentials, with the original as its source.
    ///
    /// Nothing of the call itself was sent, so that it is repeated when the
    /// cause is one that may pass. For implementations of [`Credentials`](crate::Credentials).
    #[must_use]
    pub fn into_credentials(mut self, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let cause = self.clone();
        self.inner.kind = ErrorKind::Credentials;
        self.inner.detail = Some(detail);
        self.inner.not_sent = true;
        self.inner.source = Some(Arc::new(cause));
        self
    }

    /// Creates the error of a refusal by a token endpoint, with its status, headers and body.
    ///
    /// `code` is shown when it looks like a code of a protocol and not like a
    /// sentence. For implementations of [`Credentials`](crate::Credentials).
    #[must_use]
    pub fn credentials_refused(
        endpoint: &str,
        code: Option<&str>,
        response: Response<Bytes>,
    ) -> Self {
        let (parts, body) = response.into_parts();
        let code = code
            .filter(|code| {
                code.len() <= 40
                    && code
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                    // Words, and not a key that happens to have no digit.
                    && code.split('_').all(|word| word.len() < 32)
            })
            .map(|code| format!(" ({code})"))
            .unwrap_or_default();
        let detail = format!("{endpoint} answered {}{code}", parts.status);
        Self::bare(ErrorKind::Status)
            .with_response(parts.status, parts.headers, body)
            .into_credentials(detail)
    }

    /// Sets the reason why JSON did not decode as the source.
    ///
    /// Unlike serde_json's own error, it quotes no value: one may be a secret.
    #[must_use]
    pub fn with_json_error(self, error: &serde_json::Error) -> Self {
        self.with_source(JsonError::new(error))
    }

    /// Returns the kind of the failure.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Returns the sentence that says more than the kind does, if there is one.
    ///
    /// It is part of `Display` and as harmless.
    pub fn detail(&self) -> Option<&str> {
        self.inner.detail.as_deref()
    }

    /// Returns the vendor's name of the operation, when one was being called.
    pub fn operation(&self) -> Option<&'static str> {
        self.inner.operation.map(Operation::id)
    }

    /// Returns the status, when there was a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.inner.status
    }

    /// Returns the headers of the response; empty when there was none.
    pub fn headers(&self) -> &HeaderMap {
        &self.inner.headers
    }

    /// Returns the body of the response as far as it was read; empty when there was none.
    pub fn body(&self) -> &Bytes {
        &self.inner.body
    }

    /// Returns the service's id of this exchange, to be quoted to its support.
    pub fn request_id(&self) -> Option<&str> {
        const NAMES: [&str; 5] = [
            "x-request-id",
            "request-id",
            "x-correlation-id",
            "x-amzn-requestid",
            "x-amz-cf-id",
        ];
        NAMES
            .iter()
            .find_map(|name| self.inner.headers.get(*name))
            .and_then(|value| value.to_str().ok())
    }

    /// Returns how long the service asks to wait (`Retry-After`, `X-RateLimit-Reset`;
    /// the longer), counted from now.
    ///
    /// It is at most an hour, whatever the service asks for, and so can be added to a time.
    pub fn retry_after(&self) -> Option<Duration> {
        let by_response = self
            .inner
            .status
            .and_then(|status| requested_delay(status, &self.inner.headers));
        by_response.or(self.inner.requested_delay)
    }

    /// Returns how many times sending the request was attempted.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// Returns whether an earlier attempt of the same call may have had its effect, without
    /// the service's response arriving.
    ///
    /// What the service says to a repetition can then be about that attempt: 404 to a DELETE
    /// that was carried out, or 412 to a PUT with `If-Match` (RFC 9110 section 13.1.1). Only
    /// whoever knows what this service means by the status can tell.
    ///
    /// An attempt counts if its connection failed or was silent after the request had begun to
    /// leave, if its response was cut short or replaced, and if a gateway said that it got none
    /// (502 and 504, RFC 9110 sections 15.6.3 and 15.6.5).
    pub fn earlier_attempt_unanswered(&self) -> bool {
        self.inner.earlier_attempt_unanswered
    }

    /// Returns the time from the call to this error, waiting included.
    pub fn elapsed(&self) -> Duration {
        self.inner.elapsed
    }

    /// Returns whether the same call may be made again and might then succeed.
    ///
    /// False for a request that is not idempotent and may have had its effect.
    pub fn is_retryable(&self) -> bool {
        if !self.is_transient() {
            return false;
        }
        self.inner.not_sent
            // A limiter turns a request away before it has an effect.
            || self.inner.status == Some(StatusCode::TOO_MANY_REQUESTS)
            || self.inner.operation.is_some_and(Operation::is_idempotent)
    }

    /// Whether the cause may pass by itself.
    pub(crate) fn is_transient(&self) -> bool {
        match self.inner.kind {
            ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Transport
            | ErrorKind::RateLimited
            | ErrorKind::CircuitOpen => true,
            ErrorKind::Status => self.inner.status.is_some_and(is_transient_status),
            // The endpoint that issues tokens was not reached; the credential is not wrong.
            ErrorKind::Credentials => {
                let source = self.inner.source.as_ref();
                let cause = source.and_then(|source| source.downcast_ref::<Self>());
                // Or its response was cut short or replaced on the way.
                cause.is_some_and(Self::is_transient) || self.is_truncated_or_replaced()
            }
            ErrorKind::InvalidRequest | ErrorKind::Decode | ErrorKind::TooLarge => false,
        }
    }

    /// Whether the response was cut short or replaced on its way, so that the next
    /// may be whole: JSON that ends early, or something else where JSON belongs.
    pub(crate) fn is_truncated_or_replaced(&self) -> bool {
        use serde_json::error::Category;
        self.inner
            .source
            .as_ref()
            .and_then(|source| source.downcast_ref::<JsonError>())
            .is_some_and(|error| matches!(error.category, Category::Eof | Category::Syntax))
    }

    /// Whether the request may have reached the service, and the service's response did not come.
    pub(crate) fn is_unanswered(&self) -> bool {
        !self.inner.not_sent
            && match self.inner.kind {
                ErrorKind::Status => matches!(
                    self.inner.status,
                    Some(StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT)
                ),
                _ => true,
            }
    }

    /// Whether the service cannot have seen the request.
    pub(crate) fn is_not_sent(&self) -> bool {
        self.inner.not_sent
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        if let Some(operation) = inner.operation {
            write!(
                f,
                "{} ({} {}): ",
                operation.id(),
                operation.method(),
                operation.path()
            )?;
        }
        match (inner.kind, inner.status) {
            (ErrorKind::Status, Some(status)) => write!(f, "the service answered {status}")?,
            (kind, _) => f.write_str(kind.sentence())?,
        }
        if let Some(detail) = &inner.detail {
            write!(f, ": {detail}")?;
        }
        if inner.attempts > 1 {
            write!(
                f,
                " (after {} attempts in {:.1} s)",
                inner.attempts,
                inner.elapsed.as_secs_f64()
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.inner;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("operation", &self.operation())
            .field("status", &inner.status.map(|status| status.as_u16()))
            .field("detail", &inner.detail)
            .field("attempts", &inner.attempts)
            .field("elapsed", &inner.elapsed)
            .field("body_length", &inner.body.len())
            .field("source", &inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// Why JSON did not decode, without the values that serde_json would quote.
#[derive(Debug)]
pub(crate) struct JsonError {
    category: serde_json::error::Category,
    line: usize,
    column: usize,
    expectation: Option<String>,
}

impl JsonError {
    pub(crate) fn new(error: &serde_json::Error) -> Self {
        Self {
            category: error.classify(),
            line: error.line(),
            column: error.column(),
            expectation: expectation(&error.to_string()),
        }
    }
}

/// What of serde's message names our types and not the service's values.
fn expectation(message: &str) -> Option<String> {
    if message.starts_with("missing field `") || message.starts_with("duplicate field `") {
        return message.split(" at line ").next().map(str::to_owned);
    }
    if message.starts_with("invalid ") {
        let expected = message.rsplit_once(", expected ")?.1;
        return Some(format!("expected {}", expected.split(" at line ").next()?));
    }
    None
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use serde_json::error::Category;
        f.write_str(match self.category {
            Category::Eof => "the JSON ends early",
            Category::Syntax => "not JSON",
            Category::Data | Category::Io => "JSON of another shape",
        })?;
        if let Some(expectation) = &self.expectation {
            write!(f, ": {expectation}")?;
        }
        if self.line == 0 {
            // It was decoded from a value and not from text.
            return Ok(());
        }
        write!(f, ", line {} column {}", self.line, self.column)
    }
}

impl StdError for JsonError {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    struct User {
        #[allow(dead_code)]
        id: u32,
    }

    #[test]
    fn json_errors_name_our_types_and_never_the_services_values() {
        for (json, says) in [
            (r#"{"id":"MARK, expected MARK"}"#, "expected u32"),
            (r#"{"name":"MARK"}"#, "missing field `id`"),
            ("<html>MARK</html>", "not JSON"),
            (r#"{"id":1"#, "ends early"),
        ] {
            let shown =
                JsonError::new(&serde_json::from_str::<User>(json).unwrap_err()).to_string();
            assert!(shown.contains(says), "{shown}");
            assert!(!shown.contains("MARK"), "{shown}");
        }
    }

    #[test]
    fn credentials_refused_shows_a_code_and_no_key() {
        let shown = |code: &str| {
            let response = Response::new(Bytes::new());
            let error = Error::credentials_refused("the token endpoint", Some(code), response);
            format!("{error} {error:?}").contains(code)
        };
        assert!(shown("invalid_grant") && shown("unmet_authentication_requirements"));
        for secret in ["abcdefabcdefabcdefabcdefabcdefab", "sk-abc", "Ann", "a1"] {
            assert!(!shown(secret), "{secret}");
        }
    }

    #[test]
    fn error_display_and_debug_show_neither_body_nor_headers() {
        let mut headers = HeaderMap::new();
        headers.insert("set-cookie", "MARK=1".parse().unwrap());
        let error = Error::new(ErrorKind::Status, "try later").with_response(
            StatusCode::BAD_GATEWAY,
            headers,
            Bytes::from_static(b"MARK"),
        );
        assert!(!format!("{error} {error:?} {error:#?}").contains("MARK"));
        assert_eq!(error.body(), "MARK");
    }
}

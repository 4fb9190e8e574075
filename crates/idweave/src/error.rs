//! The one error type: what went wrong, where, and what the service itself said.
//!
//! Nothing a service or a caller sent reaches `Display` or `Debug`: both are safe to log.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::{Ability, Capability, Support};

/// What kind of failure it was; what a program decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument cannot be right: refused here, or by the service (400, 413, 422).
    InvalidInput,
    /// The service has no such ability, or refuses it for good (405, 415, 501).
    Unsupported,
    /// The credentials are missing, wrong or no longer valid (401).
    Unauthenticated,
    /// The credentials are good, their owner may not do this (403).
    PermissionDenied,
    /// There is no such thing (404, 410).
    NotFound,
    /// It exists already, or has changed in the meantime (409, 412).
    Conflict,
    /// The account or plan does not cover it (402).
    PaymentRequired,
    /// Too many calls; see [`Error::retry_after`] (429).
    RateLimited,
    /// The service failed or is down (5xx).
    Unavailable,
    /// No answer in time; the service may have acted all the same.
    Timeout,
    /// The connection could not be made or broke.
    Transport,
    /// The service answered, but not with what it should.
    UnexpectedResponse,
    /// The service ended without the result and without saying why, for instance because the person cancelled.
    NotCompleted,
    /// The set-up is wrong: an address, a name, a settings file.
    InvalidConfig,
}

impl ErrorKind {
    /// The kind that an HTTP status stands for, unless the service means something else by it.
    pub fn from_status(status: u16) -> Self {
        match status {
            400 | 413 | 414 | 422 => Self::InvalidInput,
            401 => Self::Unauthenticated,
            402 => Self::PaymentRequired,
            403 => Self::PermissionDenied,
            404 | 410 => Self::NotFound,
            405 | 415 | 501 => Self::Unsupported,
            408 => Self::Timeout,
            409 | 412 => Self::Conflict,
            429 => Self::RateLimited,
            500.. => Self::Unavailable,
            _ => Self::UnexpectedResponse,
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::InvalidInput => "the service refused the input",
            Self::Unsupported => "the service does not support this",
            Self::Unauthenticated => "the service did not accept the credentials",
            Self::PermissionDenied => "these credentials may not do this",
            Self::NotFound => "there is no such thing",
            Self::Conflict => "it exists already or has changed in the meantime",
            Self::PaymentRequired => "the plan does not cover this",
            Self::RateLimited => "too many calls",
            Self::Unavailable => "the service failed",
            Self::Timeout => "no answer in time",
            Self::Transport => "the connection failed",
            Self::UnexpectedResponse => "the answer was not what it should be",
            Self::NotCompleted => "the service ended without a result",
            Self::InvalidConfig => "the set-up is wrong",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.summary())
    }
}

/// Makes an error with the usual sentence for its kind.
impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind, kind.summary())
    }
}

/// What every call returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Arc<dyn StdError + Send + Sync + 'static>;

/// Any failure of idweave.
///
/// `Display` is one line in our words: service, operation, what happened, status and the service's code. It and
/// `Debug` are safe to log. The service's own sentence may name people or repeat input, so it is only in
/// [`service_message`](Self::service_message).
///
/// ```
/// use idweave::{ErrorKind, UserId};
///
/// let error = "no colon".parse::<UserId>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// assert!(!error.is_retryable());
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    /// Our own sentence; never holds input or anything a service sent.
    message: Cow<'static, str>,
    service: Option<String>,
    operation: Option<Cow<'static, str>>,
    status: Option<u16>,
    code: Option<String>,
    service_message: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    retryable: bool,
    source: Option<Source>,
}

impl Error {
    /// An error of your own making, for services you add.
    ///
    /// `message` is what `Display` shows: say what happened and what to do, and put no input, secret or person in it.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            service: None,
            operation: None,
            status: None,
            code: None,
            service_message: None,
            request_id: None,
            retry_after: None,
            retryable: false,
            source: None,
        }))
    }

    pub(crate) fn invalid_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidConfig, message)
    }

    /// Says what is missing and, since the caller wants to get on, what is there.
    pub(crate) fn unsupported(
        service_type: &str,
        capability: &Capability,
        ability: Ability,
    ) -> Self {
        let why = match capability.get(ability) {
            Support::Planned => "is not offered by idweave yet",
            _ => "is nothing this service can do",
        };
        let able = capability
            .iter()
            .filter(|(_, support)| support.is_available())
            .map(|(ability, _)| ability.call())
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("{} {why}; {service_type} offers {able}", ability.call());
        Self::new(ErrorKind::Unsupported, message).with_operation(ability.name())
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The hub's name for the service, when one was involved.
    pub fn service(&self) -> Option<&str> {
        self.0.service.as_deref()
    }

    /// The vendor's name of the operation that failed, `getUsers`; the name of the ability when nothing was sent.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The HTTP status, when there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's own code for it, such as Enhance's `not_found`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The service's own sentence. It may hold personal data: show it to the person concerned, do not log it.
    pub fn service_message(&self) -> Option<&str> {
        self.0.service_message.as_deref()
    }

    /// The id under which the service's operator can find the call.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may be made again and may then succeed.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Adds the vendor's name of the operation.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.0.operation = Some(operation.into());
        self
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the service's own code and sentence.
    #[must_use]
    pub fn with_service_error(mut self, code: Option<String>, message: Option<String>) -> Self {
        self.0.code = code;
        self.0.service_message = message;
        self
    }

    /// Adds the id of the request at the service.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    /// Says that the call may be repeated, and when.
    #[must_use]
    pub fn with_retry(mut self, retryable: bool, after: Option<Duration>) -> Self {
        self.0.retryable = retryable;
        self.0.retry_after = after;
        self
    }

    /// Adds the error underneath.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// The same failure seen as another kind, with our own explanation of it.
    #[must_use]
    pub(crate) fn with_explanation(
        mut self,
        kind: ErrorKind,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.0.kind = kind;
        self.0.message = message.into();
        self
    }

    /// The same failure seen as another kind.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says under which name the hub knows the service.
    #[must_use]
    pub(crate) fn with_service(mut self, name: &str) -> Self {
        self.0.service = Some(name.to_owned());
        self
    }
}

/// A code made for programs, not a sentence in the place of one.
fn is_code(code: &str) -> bool {
    code.len() <= 64
        && code
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-:".contains(c))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(service) = self.service() {
            write!(f, "{service}: ")?;
        }
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.0.message)?;
        match (self.status(), self.code().filter(|code| is_code(code))) {
            (Some(status), Some(code)) => write!(f, " (status {status}, code {code})"),
            (Some(status), None) => write!(f, " (status {status})"),
            (None, Some(code)) => write!(f, " (code {code})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("service", &self.0.service)
            .field("operation", &self.0.operation)
            .field("status", &self.0.status)
            .field("code", &self.code().filter(|code| is_code(code)))
            .field("request_id", &self.0.request_id)
            .field("retry_after", &self.0.retry_after)
            .field("retryable", &self.0.retryable)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// An error as reports write it: what `Display` says, taken apart.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
struct ErrorRepr {
    kind: ErrorKind,
    service: Option<String>,
    operation: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    message: String,
    retryable: bool,
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ErrorRepr {
            kind: self.kind(),
            service: self.0.service.clone(),
            operation: self.operation().map(str::to_owned),
            status: self.status(),
            code: self.code().filter(|code| is_code(code)).map(str::to_owned),
            message: self.to_string(),
            retryable: self.is_retryable(),
        }
        .serialize(serializer)
    }
}

impl JsonSchema for Error {
    fn schema_name() -> Cow<'static, str> {
        ErrorRepr::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        ErrorRepr::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_said_is_in_message_only() {
        let error = Error::from(ErrorKind::PermissionDenied)
            .with_service("docspace")
            .with_operation("getUserById")
            .with_status(403)
            .with_service_error(
                Some("ann@acme.io did it".into()),
                Some("ann@acme.io is barred".into()),
            );
        assert_eq!(error.service_message(), Some("ann@acme.io is barred"));
        assert_eq!(
            error.to_string(),
            "docspace: getUserById: these credentials may not do this (status 403)"
        );
        let json = serde_json::to_string(&error).unwrap_or_default();
        for text in [error.to_string(), format!("{error:?}"), json] {
            assert!(!text.contains("ann@"), "{text}");
        }
    }

    #[test]
    fn an_unsupported_ability_says_what_there_is_instead() {
        let capability = Capability::default()
            .with(Ability::LinkAccount, Support::Native)
            .with(Ability::ListGroups, Support::Planned);
        let error = Error::unsupported("ostrom", &capability, Ability::ListUsers);
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(
            error.to_string().ends_with("ostrom offers links().link()"),
            "{error}"
        );
        let planned = Error::unsupported("ostrom", &capability, Ability::ListGroups);
        assert!(
            planned.to_string().contains("not offered by idweave yet"),
            "{planned}"
        );
    }
}

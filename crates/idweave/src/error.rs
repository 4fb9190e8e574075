//! The error type of the crate: what failed, in which service and operation, and the service's own message.
//!
//! Nothing that a service or a caller sent reaches `Display` or `Debug`: both are safe to log.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use serde::{Serialize, Serializer};

use crate::{Ability, Capability, Support, redact::Redacted};

/// The kind of a failure, for programs to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// Invalid argument, rejected before sending or by the service (400, 413, 414, 422).
    InvalidInput,
    /// Not supported by the service (405, 415, 501).
    Unsupported,
    /// Missing, invalid or expired credentials (401).
    Unauthenticated,
    /// Valid credentials without permission for this operation (403).
    PermissionDenied,
    /// Not found (404, 410).
    NotFound,
    /// The object exists already, or was changed in the meantime (409, 412).
    Conflict,
    /// Not included in the account's plan (402).
    PaymentRequired,
    /// Too many requests; see [`Error::retry_after`] (429).
    RateLimited,
    /// The service failed or is unavailable (5xx).
    Unavailable,
    /// No response within the time limit; the service may have carried out the call nevertheless (408).
    Timeout,
    /// The connection could not be established, or broke.
    Transport,
    /// The response is not what the operation documents, such as HTML instead of JSON.
    UnexpectedResponse,
    /// The service finished without a result and without a reason, for instance because the user cancelled.
    NotCompleted,
    /// Invalid configuration: an address, a name, a settings file.
    InvalidConfig,
}

impl ErrorKind {
    /// Returns the kind that an HTTP status stands for, unless a service uses the status for something else.
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
            Self::InvalidInput => "the service rejected the input",
            Self::Unsupported => "not supported by the service",
            Self::Unauthenticated => "missing, invalid or expired credentials",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict: it exists already or was changed in the meantime",
            Self::PaymentRequired => "not included in the plan",
            Self::RateLimited => "too many requests",
            Self::Unavailable => "the service is unavailable",
            Self::Timeout => "no response within the time limit",
            Self::Transport => "the connection failed",
            Self::UnexpectedResponse => "unexpected response",
            Self::NotCompleted => "the service finished without a result",
            Self::InvalidConfig => "invalid configuration",
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

/// The result of every call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Arc<dyn StdError + Send + Sync + 'static>;

/// A failure of any call.
///
/// `Display` is one line: service, operation, what failed, status and the service's error code. `Display` and `Debug`
/// are safe to log. The service's own message can contain personal data or repeat input, so it is only in
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
    /// Our own sentence; never contains input or anything a service sent.
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
    /// Creates an error, for services of your own.
    ///
    /// `message` is what `Display` shows: what failed and what to do, without input, secrets or personal data.
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

    /// Names the ability that is not supported, and those that are.
    pub(crate) fn unsupported(
        service_type: &str,
        capability: &Capability,
        ability: Ability,
    ) -> Self {
        let why = match capability.get(ability) {
            Support::Planned => "is not supported by idweave yet",
            _ => "is not supported by this service",
        };
        let able = capability
            .iter()
            .filter(|(_, support)| support.is_available())
            .map(|(ability, _)| ability.call())
            .collect::<Vec<_>>()
            .join(", ");
        let message = format!("{} {why}; {service_type} supports {able}", ability.call());
        Self::new(ErrorKind::Unsupported, message).with_operation(ability.name())
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the hub's name for the service, if one was involved.
    pub fn service(&self) -> Option<&str> {
        self.0.service.as_deref()
    }

    /// Returns the vendor's name of the operation that failed, such as `getUsers`, or the ability if nothing was sent.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// Returns the HTTP status, if there was a response.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the service's own error code, such as Enhance's `not_found`. `Display` and `Debug` show it unless it could
    /// be a sentence or a credential.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the service's own message. It can contain personal data: show it to the user concerned, do not log it.
    pub fn service_message(&self) -> Option<&str> {
        self.0.service_message.as_deref()
    }

    /// Returns the id by which the service's operator finds the request. It is not shown by `Debug`: a service may
    /// write anything into it.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns how long the service asks to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns whether the same call may be made again and may then succeed.
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

    /// Adds the service's own error code and message.
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

    /// Sets whether the call may be repeated, and after which time.
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

    /// Says which record of a list, counted from 1, is wrong.
    #[must_use]
    pub fn with_record(mut self, number: usize) -> Self {
        self.0.message = format!("record {number} of the page: {}", self.0.message).into();
        self
    }

    /// Replaces kind and message.
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

    /// Replaces the kind.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Adds the hub's name for the service.
    #[must_use]
    pub(crate) fn with_service(mut self, name: &str) -> Self {
        self.0.service = Some(name.to_owned());
        self
    }
}

/// Whether a code is an identifier, not a sentence or a credential in its place.
fn is_code(code: &str) -> bool {
    code.len() <= 64
        && code
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-:".contains(c))
        && !is_like_a_credential(code)
}

/// Whether a text has the form of a key, a token, a hash or a GUID, which can be the id of an invite.
///
/// Services repeat input in their errors, and what they call a code is theirs to choose. Hiding a real code costs a
/// detail of a log line; [`Error::code`] still has it.
fn is_like_a_credential(text: &str) -> bool {
    // 128 bits as hex or base64 have 32 and 22 characters; words of this length have no digits.
    const MANY: usize = 32;
    const SOME: usize = 16;
    let has_digit = |run: &str| run.bytes().any(|b| b.is_ascii_digit());
    let starts = ["sk-", "sk_", "pk-", "pk_", "eyJ", "ghp_", "xox"];
    starts.iter().any(|start| text.starts_with(start))
        || (text.len() >= MANY && has_digit(text))
        || text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|run| run.len() >= MANY || run.len() >= SOME && has_digit(run))
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
            .field("request_id", &Redacted(&self.0.request_id))
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

/// An error in JSON: what `Display` shows, field by field.
#[derive(Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(rename = "Error"))]
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

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Error {
    fn schema_name() -> Cow<'static, str> {
        <ErrorRepr as schemars::JsonSchema>::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <ErrorRepr as schemars::JsonSchema>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_shows_the_services_message_in_service_message_only() {
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
            "docspace: getUserById: permission denied (status 403)"
        );
        let json = serde_json::to_string(&error).unwrap_or_default();
        for text in [error.to_string(), format!("{error:?}"), json] {
            assert!(!text.contains("ann@"), "{text}");
        }
    }

    #[test]
    fn error_shows_codes_and_hides_what_could_be_a_credential() {
        let shown = |code: &str| {
            let error = Error::from(ErrorKind::Conflict)
                .with_service_error(Some(code.to_owned()), None)
                .with_request_id(Some(code.to_owned()));
            assert_eq!((error.code(), error.request_id()), (Some(code), Some(code)));
            let json = serde_json::to_string(&error).unwrap_or_default();
            let all = [format!("{error}"), format!("{error:?}"), json];
            let count = all.iter().filter(|text| text.contains(code)).count();
            assert!(count == 0 || count == 3, "{code}: {all:?}");
            count == 3
        };
        for code in [
            "not_found",
            "2fa_required",
            "already_exists",
            "TokenScopeNotAllowed",
            "AADSTS50105",
            "ASC.Web.Api.Core.ProductSecurityException",
            "urn:ietf:params:oauth:error",
            "unmet_authentication_requirements",
            "error-1001",
        ] {
            assert!(shown(code), "{code}");
        }
        for secret in [
            "sk-1",
            "sk-0123456789abcdef0123456789abcdef",
            "sk_live_abc",
            "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2ln",
            "5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11",
            "d41d8cd98f00b204e9800998ecf8427e",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF",
            "inv_Zk3v9QxT1bLw8RpYc2Jm",
            "AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEf-_",
            "Ab3_dEfGhI-klMn0pQrStUvW_yzAbCdEf",
        ] {
            assert!(!shown(secret), "{secret}");
        }
    }

    #[test]
    fn unsupported_error_names_the_supported_abilities() {
        let capability = Capability::default()
            .with(Ability::LinkAccount, Support::Native)
            .with(Ability::ListGroups, Support::Planned);
        let error = Error::unsupported("ostrom", &capability, Ability::ListUsers);
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(
            error
                .to_string()
                .ends_with("ostrom supports links().link()"),
            "{error}"
        );
        let planned = Error::unsupported("ostrom", &capability, Ability::ListGroups);
        assert!(
            planned.to_string().contains("not supported by idweave yet"),
            "{planned}"
        );
    }
}

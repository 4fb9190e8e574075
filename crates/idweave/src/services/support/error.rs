//! Turns the transport's errors into ours. Each service adds how its own error records are read.

use idweave_transport as transport;
use serde_json::Value;

use crate::{Error, ErrorKind};

/// The error code and message of a service.
#[derive(Default)]
pub(crate) struct ServiceError {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl ServiceError {
    /// Reads both from fields of a record.
    pub(crate) fn from_fields(record: &Value, code: &str, message: &str) -> Self {
        Self {
            code: non_blank(&record[code]),
            message: non_blank(&record[message]),
        }
    }
}

/// Returns a string that is not blank.
pub(crate) fn non_blank(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

/// Turns a failed call into our error. `read` reads code and message from the service's error record.
pub(crate) fn from_transport(error: transport::Error, read: fn(&Value) -> ServiceError) -> Error {
    let details = service_error(&error, read);
    let status = error.status().map(|status| status.as_u16());
    let kind = kind(&error, status);
    let mut ours = match (error.kind(), error.detail()) {
        // Here the transport's own message is more exact than that of the kind.
        (
            transport::ErrorKind::InvalidRequest
            | transport::ErrorKind::Credentials
            | transport::ErrorKind::RateLimited
            | transport::ErrorKind::CircuitOpen,
            Some(detail),
        ) => Error::new(kind, detail.to_owned()),
        _ => Error::from(kind),
    };
    if let Some(operation) = error.operation() {
        ours = ours.with_operation(operation);
    }
    if let Some(status) = status {
        ours = ours.with_status(status);
    }
    ours.with_service_error(details.code, details.message)
        .with_request_id(error.request_id().map(str::to_owned))
        .with_retry(error.is_retryable(), error.retry_after())
        .with_source(error)
}

/// Returns the outcome of a call that removes something, if the service says by 404 that it does not exist.
///
/// After an attempt whose response was lost, that is what the service says to the repetition of a removal that was
/// carried out. What was to be removed does not exist in either case, so this is a success.
pub(crate) fn removed<T>(
    outcome: std::result::Result<T, transport::Error>,
) -> std::result::Result<(), transport::Error> {
    match outcome {
        Err(error)
            if error.earlier_attempt_unanswered()
                && error.status() == Some(transport::StatusCode::NOT_FOUND) =>
        {
            Ok(())
        }
        outcome => outcome.map(drop),
    }
}

/// Turns an error of the configuration into our error.
pub(crate) fn config_error(error: transport::Error) -> Error {
    let text = error.detail().unwrap_or("invalid configuration").to_owned();
    Error::new(ErrorKind::InvalidConfig, text).with_source(error)
}

fn kind(error: &transport::Error, status: Option<u16>) -> ErrorKind {
    match error.kind() {
        transport::ErrorKind::InvalidRequest => ErrorKind::InvalidInput,
        transport::ErrorKind::Timeout => ErrorKind::Timeout,
        transport::ErrorKind::Connect | transport::ErrorKind::Transport => ErrorKind::Transport,
        transport::ErrorKind::RateLimited => ErrorKind::RateLimited,
        transport::ErrorKind::CircuitOpen => ErrorKind::Unavailable,
        transport::ErrorKind::Decode | transport::ErrorKind::TooLarge => {
            ErrorKind::UnexpectedResponse
        }
        transport::ErrorKind::Status => {
            status.map_or(ErrorKind::UnexpectedResponse, ErrorKind::from_status)
        }
        // Requesting a token failed: in transport, with a server error, or because it was refused (400 to 403).
        transport::ErrorKind::Credentials => match status {
            Some(429) => ErrorKind::RateLimited,
            Some(500..) => ErrorKind::Unavailable,
            Some(_) => ErrorKind::Unauthenticated,
            None => cause(error).map_or(ErrorKind::Unauthenticated, |cause| kind(cause, None)),
        },
        _ => ErrorKind::UnexpectedResponse,
    }
}

/// Returns the transport's own error that caused this one, if any.
fn cause(error: &transport::Error) -> Option<&transport::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

fn service_error(error: &transport::Error, read: fn(&Value) -> ServiceError) -> ServiceError {
    if error.status().is_none_or(|status| status.is_success()) {
        return ServiceError::default();
    }
    match serde_json::from_slice::<Value>(error.body()) {
        Ok(record @ Value::Object(_)) => read(&record),
        Ok(Value::String(message)) => ServiceError {
            code: None,
            message: Some(message),
        },
        Ok(_) => ServiceError::default(),
        Err(_) => ServiceError {
            code: None,
            message: plain_text(error.body()),
        },
    }
}

/// Returns a short plain text: some services send an error as one sentence.
fn plain_text(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_sentence = !text.is_empty() && text.len() <= 500 && !text.contains(['<', '{']);
    is_sentence.then(|| text.to_owned())
}

//! From the transport's error to ours, the same way for every service; each adds how it words its own.

use idweave_transport as transport;
use serde_json::Value;

use crate::{Error, ErrorKind};

/// What a service says of a failure.
#[derive(Default)]
pub(crate) struct ServiceError {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl ServiceError {
    /// Takes both out of a record by name.
    pub(crate) fn from_fields(record: &Value, code: &str, message: &str) -> Self {
        Self {
            code: non_blank(&record[code]),
            message: non_blank(&record[message]),
        }
    }
}

/// A text that says something.
pub(crate) fn non_blank(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

/// Turns a failed call into our error. `read` takes code and message out of the service's own record of it.
pub(crate) fn from_transport(error: transport::Error, read: fn(&Value) -> ServiceError) -> Error {
    let details = service_error(&error, read);
    let status = error.status().map(|status| status.as_u16());
    let kind = kind(&error, status);
    let mut ours = match (error.kind(), error.detail()) {
        // Here the transport knows better than the kind what happened and what to do.
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

/// Turns what is wrong with a set-up into our error.
pub(crate) fn config_error(error: transport::Error) -> Error {
    let text = error.detail().unwrap_or("the set-up is wrong").to_owned();
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
        // Getting a token failed: on the way, by the service's own fault, or because it is refused (400 to 403).
        transport::ErrorKind::Credentials => match status {
            Some(429) => ErrorKind::RateLimited,
            Some(500..) => ErrorKind::Unavailable,
            Some(_) => ErrorKind::Unauthenticated,
            None => cause(error).map_or(ErrorKind::Unauthenticated, |cause| kind(cause, None)),
        },
        _ => ErrorKind::UnexpectedResponse,
    }
}

/// The transport's own error underneath, when there is one.
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

/// A short text that is no web page: some refusals are a bare sentence.
fn plain_text(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_sentence = !text.is_empty() && text.len() <= 500 && !text.contains(['<', '{']);
    is_sentence.then(|| text.to_owned())
}

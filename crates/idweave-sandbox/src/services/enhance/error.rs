//! Results in Enhance's form: plain JSON, and errors as `{code, message?}`.

use http::StatusCode;
use serde_json::{Value, json};

use crate::data::fields::Violation;
use crate::engine::wire::Reply;

/// An error response in Enhance's form.
#[derive(Debug)]
pub(crate) struct ApiError(pub(crate) Reply);

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        error.0
    }
}

impl From<Violation> for ApiError {
    fn from(violation: Violation) -> Self {
        bad_request(format!("{} {}", violation.field, violation.reason))
    }
}

pub(crate) type HandlerResult = Result<Reply, ApiError>;

/// Builds the body of an error: `{code, message?}`.
pub(crate) fn error(status: StatusCode, code: &str, message: Option<&str>) -> Reply {
    match message {
        Some(message) => Reply::json(status, &json!({"code": code, "message": message})),
        None => Reply::json(status, &json!({"code": code})),
    }
}

pub(crate) fn bad_request(message: impl AsRef<str>) -> ApiError {
    ApiError(error(
        StatusCode::BAD_REQUEST,
        "invalid_input",
        Some(message.as_ref()),
    ))
}

/// Returns the error of a caller who is not known, with the reason as code.
pub(crate) fn unauthenticated(code: &str) -> ApiError {
    ApiError(error(StatusCode::UNAUTHORIZED, code, None))
}

pub(crate) fn invalid_credentials() -> ApiError {
    unauthenticated("invalid_credentials")
}

/// Returns the error of a caller who may not, with the reason as code.
pub(crate) fn forbidden(code: &str) -> ApiError {
    ApiError(error(StatusCode::FORBIDDEN, code, None))
}

/// Returns the error of a caller without the role that an operation needs.
pub(crate) fn unauthorized() -> ApiError {
    forbidden("unauthorized")
}

pub(crate) fn not_found() -> ApiError {
    ApiError(error(StatusCode::NOT_FOUND, "not_found", None))
}

pub(crate) fn conflict(message: &str) -> ApiError {
    ApiError(error(StatusCode::CONFLICT, "already_exists", Some(message)))
}

pub(crate) fn ok(value: &Value) -> HandlerResult {
    Ok(Reply::json(StatusCode::OK, value))
}

pub(crate) fn ok_empty() -> HandlerResult {
    Ok(Reply::empty(StatusCode::OK))
}

pub(crate) fn created(value: &Value) -> HandlerResult {
    Ok(Reply::json(StatusCode::CREATED, value))
}

pub(crate) fn no_content() -> HandlerResult {
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

//! Results in Ostrom's form: plain JSON, and errors as `{type, detail}`.

use http::StatusCode;
use serde_json::{Value, json};

use crate::data::fields::Violation;
use crate::engine::wire::Reply;

/// An error response in Ostrom's form.
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

/// Builds the body of an error: `{type, detail}`, the type following from the status.
pub(crate) fn error(status: StatusCode, detail: &str) -> Reply {
    let kind = match status.as_u16() {
        400 | 405 | 422 => "bad_request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        429 => "too_many_requests",
        _ => "internal_server_error",
    };
    Reply::json(status, &json!({"type": kind, "detail": detail}))
}

/// Builds the body of an error of the token endpoint: `{error, error_description}`.
pub(crate) fn token_error(status: StatusCode, error: &str, description: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error": error, "error_description": description}),
    )
}

pub(crate) fn bad_request(detail: impl AsRef<str>) -> ApiError {
    ApiError(error(StatusCode::BAD_REQUEST, detail.as_ref()))
}

pub(crate) fn unauthorized(detail: &str) -> ApiError {
    ApiError(error(StatusCode::UNAUTHORIZED, detail))
}

pub(crate) fn forbidden(detail: &str) -> ApiError {
    ApiError(error(StatusCode::FORBIDDEN, detail))
}

pub(crate) fn not_found(detail: impl AsRef<str>) -> ApiError {
    ApiError(error(StatusCode::NOT_FOUND, detail.as_ref()))
}

pub(crate) fn ok(value: &Value) -> HandlerResult {
    Ok(Reply::json(StatusCode::OK, value))
}

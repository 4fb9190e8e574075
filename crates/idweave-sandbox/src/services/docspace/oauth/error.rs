//! Errors of the identity server: RFC 7807 problems, and the error codes of OAuth2.

use http::StatusCode;
use serde_json::json;

use crate::data::fields::Violation;
use crate::engine::wire::Reply;

/// An error response of the identity server, which has no envelope.
#[derive(Debug)]
pub(crate) struct ApiError(pub(crate) Reply);

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        error.0
    }
}

impl From<Violation> for ApiError {
    fn from(violation: Violation) -> Self {
        bad_request(&format!("{} {}", violation.field, violation.reason))
    }
}

pub(crate) type HandlerResult = Result<Reply, ApiError>;

/// Returns a problem of RFC 7807, as the identity server writes it.
pub(crate) fn problem(status: StatusCode, detail: &str) -> ApiError {
    let title = status.canonical_reason().unwrap_or("Error");
    ApiError(Reply::json(
        status,
        &json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail}),
    ))
}

pub(crate) fn bad_request(detail: &str) -> ApiError {
    problem(StatusCode::BAD_REQUEST, detail)
}

/// Returns an error code of OAuth2 (RFC 6749).
pub(crate) fn oauth_error(code: &str) -> ApiError {
    ApiError(Reply::json(
        StatusCode::BAD_REQUEST,
        &json!({"error": code}),
    ))
}

//! Results in Authress' form: `application/links+json`, and errors as `{title, errorCode}`.

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::data::fields::Violation;
use crate::engine::wire::Reply;

/// The only media type the service responds with.
const MEDIA_TYPE: &str = "application/links+json";

/// An error response in Authress' form.
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

/// Builds the body of an error: `{title, errorCode}`.
pub(crate) fn error(status: StatusCode, code: &str, title: &str) -> Reply {
    Reply::json(status, &json!({"title": title, "errorCode": code}))
}

pub(crate) fn bad_request(title: impl AsRef<str>) -> ApiError {
    ApiError(error(
        StatusCode::BAD_REQUEST,
        "InvalidRequest",
        title.as_ref(),
    ))
}

pub(crate) fn unauthorized(title: &str) -> ApiError {
    ApiError(error(StatusCode::UNAUTHORIZED, "Unauthorized", title))
}

pub(crate) fn forbidden() -> ApiError {
    ApiError(error(
        StatusCode::FORBIDDEN,
        "Forbidden",
        "The caller lacks the permission for this.",
    ))
}

pub(crate) fn not_found() -> ApiError {
    ApiError(error(
        StatusCode::NOT_FOUND,
        "NotFound",
        "There is no such resource, or no access to it.",
    ))
}

pub(crate) fn conflict(title: &str) -> ApiError {
    ApiError(error(StatusCode::CONFLICT, "ResourceAlreadyExists", title))
}

pub(crate) fn ok(value: &Value) -> HandlerResult {
    reply(StatusCode::OK, value)
}

pub(crate) fn created(value: &Value) -> HandlerResult {
    reply(StatusCode::CREATED, value)
}

pub(crate) fn empty(status: StatusCode) -> HandlerResult {
    Ok(Reply::empty(status))
}

fn reply<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> HandlerResult {
    Ok(Reply::json_as(status, MEDIA_TYPE, value))
}

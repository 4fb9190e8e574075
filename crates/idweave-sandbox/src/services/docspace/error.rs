//! Errors in DocSpace's form: the error envelope, and the one around RFC 7807 for invalid models.

use http::StatusCode;
use serde_json::{Map, json};

use crate::data::fields::Violation;
use crate::engine::wire::Reply;

/// An error response in DocSpace's form.
#[derive(Debug)]
pub(crate) struct ApiError(pub(crate) Reply);

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        error.0
    }
}

impl From<Violation> for ApiError {
    fn from(violation: Violation) -> Self {
        invalid_field(&violation.field, &violation.reason)
    }
}

pub(crate) type HandlerResult = Result<Reply, ApiError>;

/// Builds the error envelope; with an exception type comes a stack trace, as from the service.
pub(crate) fn error(status: StatusCode, message: &str, exception: Option<&str>) -> Reply {
    let mut error = Map::from_iter([("message".to_owned(), json!(message))]);
    if let Some(exception) = exception {
        error.insert("type".to_owned(), json!(exception));
        error.insert("stack".to_owned(), json!("   at ASC.Sandbox.Invoke()"));
    }
    let hresult = if exception.is_some() {
        -2_146_233_088
    } else {
        0
    };
    error.insert("hresult".to_owned(), json!(hresult));
    Reply::json(
        status,
        &json!({"error": error, "status": 1, "statusCode": status.as_u16()}),
    )
}

/// Returns the error of a model that does not validate: the envelope of a success around RFC 7807's
/// object.
pub(crate) fn invalid_field(field: &str, reason: &str) -> ApiError {
    let problem = json!({
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {field: [format!("The field {field} {reason}.")]},
    });
    ApiError(Reply::json(
        StatusCode::BAD_REQUEST,
        &json!({"response": problem, "count": 1, "status": 1, "statusCode": 400}),
    ))
}

pub(crate) fn bad_argument(message: &str) -> ApiError {
    ApiError(error(
        StatusCode::BAD_REQUEST,
        message,
        Some("System.ArgumentException"),
    ))
}

/// Returns the challenge, which has no body.
pub(crate) fn unauthorized() -> ApiError {
    ApiError(Reply::empty(StatusCode::UNAUTHORIZED))
}

/// Returns the error of a caller who may not; the message is the same whatever the reason.
pub(crate) fn denied() -> ApiError {
    ApiError(error(
        StatusCode::FORBIDDEN,
        "Access denied",
        Some("System.Security.SecurityException"),
    ))
}

/// Returns the error of what is not possible now: 403 as well, with the real message.
pub(crate) fn invalid_operation(message: &str) -> ApiError {
    ApiError(error(
        StatusCode::FORBIDDEN,
        message,
        Some("System.InvalidOperationException"),
    ))
}

pub(crate) fn user_exists() -> ApiError {
    invalid_operation("A user with this e-mail address exists already")
}

/// Returns the error of a plan that does not include one more user of this type.
pub(crate) fn payment_required() -> ApiError {
    ApiError(error(
        StatusCode::PAYMENT_REQUIRED,
        "The plan does not pay for more users of this type",
        Some("ASC.Core.Billing.BillingException"),
    ))
}

pub(crate) fn not_found(message: &str) -> ApiError {
    ApiError(error(
        StatusCode::NOT_FOUND,
        message,
        Some("ASC.Common.Web.ItemNotFoundException"),
    ))
}

pub(crate) fn user_not_found() -> ApiError {
    not_found("The user could not be found")
}

pub(crate) fn internal_error(message: &str) -> ApiError {
    ApiError(error(
        StatusCode::INTERNAL_SERVER_ERROR,
        message,
        Some("System.Exception"),
    ))
}

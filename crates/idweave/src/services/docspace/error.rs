//! Reads the errors of DocSpace.

use idweave_transport as transport;
use serde_json::Value;

use crate::{
    Error, ErrorKind,
    services::support::error::{ServiceError, from_transport, non_blank},
};

/// Turns a failed call into our error.
pub(super) fn map_error(error: transport::Error) -> Error {
    from_transport(error, read)
}

/// Reads `{"error": {"message", "type", ..}}`, or validation errors `{"response": {"title", "errors"}}` (RFC 7807).
fn read(record: &Value) -> ServiceError {
    match &record["error"] {
        error @ Value::Object(_) => ServiceError::from_fields(error, "type", "message"),
        _ => ServiceError {
            code: None,
            message: validation_errors(&record["response"]),
        },
    }
}

/// Returns the errors by field, or else the summary.
fn validation_errors(problem: &Value) -> Option<String> {
    let fields = problem["errors"].as_object().into_iter().flatten();
    let lines: Vec<String> = fields
        .flat_map(|(field, errors)| {
            let errors = errors
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(non_blank);
            errors.map(move |error| format!("{field}: {error}"))
        })
        .collect();
    if lines.is_empty() {
        non_blank(&problem["title"])
    } else {
        Some(lines.join("; "))
    }
}

/// Creates the error for status 200 without a link: the caller may not invite users with the role.
pub(super) fn no_invite_link() -> Error {
    let text = "these credentials may not invite users with this role; use those of an administrator, \
                or of the owner to invite administrators";
    Error::new(ErrorKind::PermissionDenied, text)
        .with_operation("getInvitationLink")
        .with_status(200)
}

/// Creates the error for status 200 without a user.
pub(super) fn no_user_signed_up() -> Error {
    let text = "no user was created: the user cancelled at the provider, or DocSpace could not create the user \
                and does not say why; start again from the sign-in page";
    Error::new(ErrorKind::NotCompleted, text)
        .with_operation("signupThirdPartyAccount")
        .with_status(200)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_read_in_both_forms() {
        let thrown =
            read(&json!({"error": {"message": "Access denied", "type": null}, "status": 1}));
        assert_eq!(
            (thrown.code, thrown.message.as_deref()),
            (None, Some("Access denied"))
        );
        let validation = read(&json!({"status": 1, "response": {
            "title": "One or more validation errors occurred.",
            "errors": {"Email": ["is invalid", "is too long"]},
        }}));
        assert_eq!(
            validation.message.as_deref(),
            Some("Email: is invalid; Email: is too long")
        );
        let bare = read(&json!({"response": {"title": "Bad Request"}}));
        assert_eq!(bare.message.as_deref(), Some("Bad Request"));
    }
}

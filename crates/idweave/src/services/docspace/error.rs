//! How DocSpace words its failures.

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

/// `{"error": {"message", "type", ..}}`; or, when fields were checked, `{"response": {"title", "errors"}}` (RFC 7807).
fn read(record: &Value) -> ServiceError {
    match &record["error"] {
        error @ Value::Object(_) => ServiceError::from_fields(error, "type", "message"),
        _ => ServiceError {
            code: None,
            message: checked(&record["response"]),
        },
    }
}

/// What was wrong with which field, else the summary.
fn checked(problem: &Value) -> Option<String> {
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

/// DocSpace answers like this, with 200, to a caller who may not invite people as that.
pub(super) fn no_invite_link() -> Error {
    let text = "these credentials may not invite people with this role; use those of an administrator, \
                or of the owner to invite administrators";
    Error::new(ErrorKind::PermissionDenied, text)
        .with_operation("getInvitationLink")
        .with_status(200)
}

/// DocSpace answers like this, with 200, when no user came of it.
pub(super) fn no_user_signed_up() -> Error {
    let text = "no user came of it: the person cancelled at the provider, or DocSpace could not make the user \
                and does not say why; let her start again from the login page";
    Error::new(ErrorKind::NotCompleted, text)
        .with_operation("signupThirdPartyAccount")
        .with_status(200)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_wordings_are_read() {
        let thrown =
            read(&json!({"error": {"message": "Access denied", "type": null}, "status": 1}));
        assert_eq!(
            (thrown.code, thrown.message.as_deref()),
            (None, Some("Access denied"))
        );
        let checked = read(&json!({"status": 1, "response": {
            "title": "One or more validation errors occurred.",
            "errors": {"Email": ["is no address", "is too long"]},
        }}));
        assert_eq!(
            checked.message.as_deref(),
            Some("Email: is no address; Email: is too long")
        );
        let bare = read(&json!({"response": {"title": "Bad Request"}}));
        assert_eq!(bare.message.as_deref(), Some("Bad Request"));
    }
}

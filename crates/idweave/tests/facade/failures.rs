//! How each of the nineteen operations fails: every status, and answers that are not what they should be.

use crate::support::{Answer, NINETEEN, Operation, Recorder, service};
use idweave::{Error, ErrorKind};
use serde_json::{Value, json};

/// Statuses with the kind each must become, whichever service sends it.
const STATUSES: &[(u16, ErrorKind)] = &[
    (400, ErrorKind::InvalidInput),
    (401, ErrorKind::Unauthenticated),
    (402, ErrorKind::PaymentRequired),
    (403, ErrorKind::PermissionDenied),
    (404, ErrorKind::NotFound),
    (405, ErrorKind::Unsupported),
    (409, ErrorKind::Conflict),
    (413, ErrorKind::InvalidInput),
    (415, ErrorKind::Unsupported),
    (422, ErrorKind::InvalidInput),
    (429, ErrorKind::RateLimited),
    (500, ErrorKind::Unavailable),
    (502, ErrorKind::Unavailable),
    (503, ErrorKind::Unavailable),
    (504, ErrorKind::Unavailable),
];

/// An error as the service words it, with the code and the message that are in it.
fn worded(service: &str) -> (Value, Option<&'static str>, &'static str) {
    match service {
        "docspace" => (
            json!({"error": {"message": "no, ann@acme.io", "type": "ASC.Oops", "stack": "at MARK", "hresult": 1}, "status": 1}),
            Some("ASC.Oops"),
            "no, ann@acme.io",
        ),
        "authress" => (
            json!({"title": "no, ann@acme.io", "errorCode": "Oops"}),
            Some("Oops"),
            "no, ann@acme.io",
        ),
        "ostrom" => (
            json!({"type": "oops", "detail": "no, ann@acme.io"}),
            Some("oops"),
            "no, ann@acme.io",
        ),
        _ => (
            json!({"code": "oops", "message": "no, ann@acme.io"}),
            Some("oops"),
            "no, ann@acme.io",
        ),
    }
}

async fn failing(operation: &Operation, answer: Answer) -> (Error, Recorder) {
    let server = Recorder::always(answer).await;
    let outcome = (operation.call)(service(operation.service, &server.base_url)).await;
    let error = outcome.expect_err(operation.id);
    assert_eq!(error.service(), Some(operation.service), "{}", operation.id);
    assert_eq!(error.operation(), Some(operation.id), "{error:?}");
    let shown = format!(
        "{error} {error:?} {}",
        serde_json::to_string(&error).unwrap()
    );
    assert!(
        !shown.contains("MARK") && !shown.contains("ann@"),
        "{}: {shown}",
        operation.id
    );
    (error, server)
}

#[tokio::test]
async fn every_status_becomes_its_kind_with_the_services_code_and_message() {
    for operation in NINETEEN {
        let (body, code, message) = worded(operation.service);
        for (status, kind) in STATUSES {
            let (error, _) = failing(operation, Answer::json(*status, &body)).await;
            let seen = (
                error.kind(),
                error.status(),
                error.code(),
                error.service_message(),
            );
            assert_eq!(
                seen,
                (*kind, Some(*status), code, Some(message)),
                "{}",
                operation.id
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_without_words_or_with_a_web_page_keeps_its_kind() {
    for operation in NINETEEN {
        for (status, kind) in STATUSES {
            for answer in [Answer::empty(*status), Answer::html(*status)] {
                let (error, _) = failing(operation, answer).await;
                let seen = (
                    error.kind(),
                    error.status(),
                    error.code(),
                    error.service_message(),
                );
                assert_eq!(seen, (*kind, Some(*status), None, None), "{}", operation.id);
            }
        }
    }
}

#[tokio::test]
async fn a_bare_sentence_is_the_message() {
    for operation in NINETEEN {
        let answer = Answer::of(403, "text/plain", "Your address is not allowed".to_owned());
        let (error, _) = failing(operation, answer).await;
        assert_eq!(
            error.service_message(),
            Some("Your address is not allowed"),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn a_web_page_in_place_of_an_answer_is_noticed() {
    for operation in NINETEEN {
        let (error, _) = failing(operation, Answer::html(200)).await;
        assert_eq!(
            error.kind(),
            ErrorKind::UnexpectedResponse,
            "{}",
            operation.id
        );
        assert_eq!(error.status(), Some(200), "{}", operation.id);
    }
}

#[tokio::test]
async fn an_empty_answer_where_there_must_be_content_is_noticed() {
    for operation in NINETEEN.iter().filter(|operation| operation.needs_body) {
        let (error, _) = failing(operation, Answer::empty(200)).await;
        assert_eq!(
            error.kind(),
            ErrorKind::UnexpectedResponse,
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_noticed() {
    for operation in NINETEEN.iter().filter(|operation| operation.needs_body) {
        let (error, _) = failing(operation, (operation.good)().truncated()).await;
        assert_eq!(error.kind(), ErrorKind::Transport, "{}", operation.id);
    }
}

#[tokio::test]
async fn json_of_another_shape_is_noticed() {
    for operation in NINETEEN.iter().filter(|operation| operation.needs_body) {
        for body in ["[]", "{}", "7", "null", "\"\""] {
            let server = Recorder::always(Answer::json(200, body)).await;
            let outcome = (operation.call)(service(operation.service, &server.base_url)).await;
            let Err(error) = outcome else {
                // Records all of whose fields may be missing.
                let may = ["getMe", "getThirdPartyAuthProviders"].contains(&operation.id);
                assert!(may && body == "{}", "{} took {body}", operation.id);
                continue;
            };
            let kinds = [
                ErrorKind::UnexpectedResponse,
                // DocSpace leaves out what is null, and means these by it.
                ErrorKind::PermissionDenied,
                ErrorKind::NotCompleted,
            ];
            assert!(
                kinds.contains(&error.kind()),
                "{} with {body}: {error:?}",
                operation.id
            );
        }
    }
}

#[tokio::test]
async fn waiting_time_and_request_id_are_kept() {
    for operation in NINETEEN {
        let answer = Answer::empty(429)
            .header("retry-after", "7")
            .header("x-request-id", "req-1");
        let (error, _) = failing(operation, answer).await;
        let wait = error.retry_after().map(|wait| wait.as_secs());
        assert!(matches!(wait, Some(6..=8)), "{}: {wait:?}", operation.id);
        assert_eq!(error.request_id(), Some("req-1"), "{}", operation.id);
        assert!(error.is_retryable(), "{}", operation.id);
    }
}

#[tokio::test]
async fn only_what_may_be_repeated_says_so() {
    for operation in NINETEEN {
        let (error, server) = failing(operation, Answer::empty(503)).await;
        assert_eq!(server.requests().len(), 1, "{}", operation.id);
        match operation.id {
            "createInvite" | "acceptInvite" | "signupThirdPartyAccount" => {
                assert!(!error.is_retryable(), "{}", operation.id);
            }
            _ if ["GET", "DELETE"].contains(&operation.method) => {
                assert!(error.is_retryable(), "{}", operation.id);
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_service_that_is_away_is_a_matter_of_transport() {
    for operation in NINETEEN {
        let gone = Recorder::always(Answer::empty(200)).await.base_url.clone();
        let error = (operation.call)(service(operation.service, &gone))
            .await
            .unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Transport,
            "{}: {error:?}",
            operation.id
        );
        assert!(
            std::error::Error::source(&error).is_some(),
            "{}",
            operation.id
        );
    }
}

//! The errors of the nineteen operations, for every status and for unexpected responses.

use crate::support::{NINETEEN, Operation, Recorder, Response, service};
use idweave::{Error, ErrorKind};
use serde_json::{Value, json};

/// Statuses and their kinds, which are the same for all services.
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

/// An error record of a service, with the code and the message in it.
fn error_record(service: &str) -> (Value, Option<&'static str>, &'static str) {
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

async fn failing(operation: &Operation, response: Response) -> (Error, Recorder) {
    let server = Recorder::always(response).await;
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
async fn statuses_map_to_kinds_with_the_services_code_and_message() {
    for operation in NINETEEN {
        let (body, code, message) = error_record(operation.service);
        for (status, kind) in STATUSES {
            let (error, _) = failing(operation, Response::json(*status, &body)).await;
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
async fn statuses_without_body_or_with_html_keep_their_kind() {
    for operation in NINETEEN {
        for (status, kind) in STATUSES {
            for response in [Response::empty(*status), Response::html(*status)] {
                let (error, _) = failing(operation, response).await;
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
async fn plain_text_body_is_the_service_message() {
    for operation in NINETEEN {
        let response = Response::of(403, "text/plain", "Your address is not allowed".to_owned());
        let (error, _) = failing(operation, response).await;
        assert_eq!(
            error.service_message(),
            Some("Your address is not allowed"),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn html_with_status_200_is_an_unexpected_response() {
    for operation in NINETEEN {
        let (error, _) = failing(operation, Response::html(200)).await;
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
async fn empty_body_is_an_unexpected_response() {
    for operation in NINETEEN.iter().filter(|operation| operation.needs_body) {
        let (error, _) = failing(operation, Response::empty(200)).await;
        assert_eq!(
            error.kind(),
            ErrorKind::UnexpectedResponse,
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn truncated_body_is_a_transport_error() {
    for operation in NINETEEN.iter().filter(|operation| operation.needs_body) {
        let (error, _) = failing(operation, (operation.good)().truncated()).await;
        assert_eq!(error.kind(), ErrorKind::Transport, "{}", operation.id);
    }
}

#[tokio::test]
async fn json_of_another_shape_is_an_unexpected_response() {
    for operation in NINETEEN.iter().filter(|operation| operation.needs_body) {
        for body in ["[]", "{}", "7", "null", "\"\""] {
            let server = Recorder::always(Response::json(200, body)).await;
            let outcome = (operation.call)(service(operation.service, &server.base_url)).await;
            let Err(error) = outcome else {
                // Records whose fields are all optional.
                let may = ["getMe", "getThirdPartyAuthProviders"].contains(&operation.id);
                assert!(may && body == "{}", "{} took {body}", operation.id);
                continue;
            };
            let kinds = [
                ErrorKind::UnexpectedResponse,
                // DocSpace leaves out what is null, which means one of these.
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
async fn retry_after_and_request_id_are_kept() {
    for operation in NINETEEN {
        let response = Response::empty(429)
            .header("retry-after", "7")
            .header("x-request-id", "req-1");
        let (error, _) = failing(operation, response).await;
        let wait = error.retry_after().map(|wait| wait.as_secs());
        assert!(matches!(wait, Some(6..=8)), "{}: {wait:?}", operation.id);
        assert_eq!(error.request_id(), Some("req-1"), "{}", operation.id);
        assert!(error.is_retryable(), "{}", operation.id);
    }
}

#[tokio::test]
async fn errors_are_retryable_only_if_the_call_may_be_repeated() {
    for operation in NINETEEN {
        let (error, server) = failing(operation, Response::empty(503)).await;
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
async fn unreachable_service_is_a_transport_error() {
    for operation in NINETEEN {
        let gone = Recorder::always(Response::empty(200))
            .await
            .base_url
            .clone();
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

/// The calls that remove something, by service.
async fn remove(service: &idweave::Service) -> Result<(), Error> {
    let id = "4c65238e-ca50-4374-b904-0d51d4c1822b";
    match service.service_type() {
        "ostrom" => service.links().unlink(id).await,
        _ => service.users().delete(id).await.map(drop),
    }
}

fn with_retry(service_type: &str, base_url: &str) -> idweave::Service {
    use crate::support::{authress, enhance, ostrom};
    let builder = idweave::Hub::builder();
    let builder = match service_type {
        "authress" => builder.service(authress(base_url).with_retry(true)),
        "ostrom" => builder.service(ostrom(base_url).with_retry(true)),
        _ => builder.service(enhance(base_url).with_retry(true)),
    };
    let hub = builder.build().unwrap();
    hub.service(service_type).unwrap().clone()
}

#[tokio::test]
async fn removal_whose_first_response_was_lost_succeeds_when_the_repetition_is_not_found() {
    for service_type in ["authress", "ostrom", "enhance"] {
        // The first response breaks off before its end.
        let lost = std::sync::atomic::AtomicBool::new(false);
        let server = Recorder::start(move |_| {
            if lost.swap(true, std::sync::atomic::Ordering::SeqCst) {
                return Response::json(404, "{}");
            }
            Response::json(200, "{\"a\": 1}").truncated()
        })
        .await;
        let service = with_retry(service_type, &server.base_url);
        remove(&service).await.expect(service_type);
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{service_type}");
        assert!(requests.iter().all(|request| request.method == "DELETE"));
        // Nothing was lost this time.
        let error = remove(&service).await.expect_err(service_type);
        assert_eq!(error.kind(), ErrorKind::NotFound, "{service_type}");
    }
}

#[tokio::test]
async fn removal_after_another_failure_is_not_found() {
    let busy = std::sync::atomic::AtomicBool::new(false);
    let server = Recorder::start(move |_| {
        let busy = !busy.swap(true, std::sync::atomic::Ordering::SeqCst);
        Response::json(if busy { 503 } else { 404 }, "{}")
    })
    .await;
    let error = remove(&with_retry("enhance", &server.base_url)).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(server.requests().len(), 2);
}

//! How responses are read: valid, invalid, truncated, too large, too slow, or none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::{Duration, Instant};

use common::{GET, POST, PUBLIC, PUT, Reply, Server, json, nobody, with};
use idweave_transport::{Bearer, Error, ErrorKind, Method, Operation, ResponseValue, Session};
use serde::Deserialize;
use serde_json::Value;

static CREATE: Operation = Operation::new("create", Method::POST, "/things");

#[derive(Debug, Deserialize, PartialEq)]
struct Thing {
    name: String,
}

async fn ask(
    server: &Server,
    operation: &'static Operation,
) -> Result<ResponseValue<Thing>, Error> {
    server
        .builder()
        .without_retry()
        .build()
        .unwrap()
        .call(operation)
        .json::<Thing>()
        .await
}

fn raw(text: &str) -> Reply {
    Reply::Raw(text.as_bytes().to_vec())
}

#[tokio::test]
async fn success_keeps_status_headers_and_body() {
    let server =
        Server::start(|_, _| with(json(201, r#"{"name":"x"}"#), "x-request-id", "r1")).await;
    let response = ask(&server, &PUBLIC).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.name),
        (201, &"x".to_owned())
    );
    assert_eq!(response.headers()["x-request-id"], "r1");
    assert_eq!(response.body(), r#"{"name":"x"}"#);
    assert_eq!(
        response.into_inner(),
        Thing {
            name: "x".to_owned()
        }
    );
    assert_eq!(server.only().header("accept"), Some("application/json"));
}

#[tokio::test]
async fn empty_response_is_null() {
    for status in [200, 202, 204, 205] {
        let server =
            Server::start(move |_, _| Reply::Response(status, Vec::new(), Vec::new())).await;
        let session = server.builder().build().unwrap();
        session.call(&PUBLIC).json::<()>().await.unwrap();
        assert!(
            session
                .call(&PUBLIC)
                .json::<Option<Thing>>()
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            session
                .call(&PUBLIC)
                .json::<Value>()
                .await
                .unwrap()
                .is_null()
        );
        assert!(
            session
                .call(&PUBLIC)
                .json_or_empty::<Thing>()
                .await
                .unwrap()
                .is_none()
        );
        let error = session.call(&CREATE).json::<Thing>().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status().unwrap().as_u16()),
            (ErrorKind::Decode, status)
        );
    }
}

#[tokio::test]
async fn error_keeps_status_headers_and_body_and_shows_none_of_them() {
    for (status, body) in [
        (400, "{\"MARK\":1}"),
        (401, ""),
        (403, "MARK"),
        (404, "<html>MARK"),
        (500, "MARK"),
        (599, "{"),
    ] {
        let server = Server::start(move |_, _| {
            let reply = with(json(status, body), "x-request-id", "r-7");
            with(with(reply, "set-cookie", "id0=MARK"), "x-note", "MARK")
        })
        .await;
        let error = ask(&server, &PUBLIC).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status().unwrap().as_u16()),
            (ErrorKind::Status, status)
        );
        assert_eq!(error.body(), body);
        assert_eq!(error.headers()["x-note"], "MARK");
        assert_eq!(
            (error.request_id(), error.operation(), error.attempts()),
            (Some("r-7"), Some("public"), 1)
        );
        assert!(error.headers()["set-cookie"].is_sensitive());
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(
            !shown.contains("MARK") && shown.contains(&status.to_string()),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn response_of_another_shape_is_a_decode_error_that_keeps_it() {
    for body in [
        "<html>MARK</html>",
        r#"{"name":5}"#,
        r#"{"name":"MARK"#,
        "[]",
        "\"MARK\"",
        "\u{feff}{}",
        "{}",
    ] {
        let server = Server::start(move |_, _| json(200, body)).await;
        let error = ask(&server, &CREATE).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status().unwrap().as_u16()),
            (ErrorKind::Decode, 200),
            "{body}"
        );
        assert_eq!(error.body(), body);
        assert_eq!(
            server.count(),
            1,
            "a POST that got a response is not repeated"
        );
        let mut shown = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            shown.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!shown.contains("MARK"), "{shown}");
    }
}

#[tokio::test]
async fn damaged_response_is_requested_again_where_that_is_safe() {
    for damaged in ["{\"name\":\"tr", "<html>502</html>", ""] {
        let server = Server::start(move |_, before| {
            json(
                200,
                if before == 0 {
                    damaged
                } else {
                    r#"{"name":"x"}"#
                },
            )
        })
        .await;
        let session = server.builder().build().unwrap();
        let outcome = session.call(&PUBLIC).json::<Thing>().await;
        if damaged.is_empty() {
            assert_eq!(
                outcome.unwrap_err().kind(),
                ErrorKind::Decode,
                "an empty response is a response"
            );
        } else {
            assert_eq!(outcome.unwrap().name, "x");
            assert_eq!(server.count(), 2);
        }
    }
    let server = Server::start(|_, _| json(200, r#"{"name":5}"#)).await;
    let session = server.builder().build().unwrap();
    assert_eq!(
        session
            .call(&PUBLIC)
            .json::<Thing>()
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Decode
    );
    assert_eq!(
        server.count(),
        1,
        "another shape is what the service says, not damage"
    );
}

const CUT_SHORT: &str =
    "HTTP/1.1 200 OK\r\nx-request-id: r1\r\ncontent-length: 90\r\n\r\n{\"name\":\"MARK";
const CHUNK_CUT_SHORT: &str =
    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"nam\r\n5\r\ne\"";

#[tokio::test]
async fn truncated_body_is_a_transport_error_that_keeps_what_came() {
    for text in [CUT_SHORT, CHUNK_CUT_SHORT] {
        let server = Server::start(move |_, _| raw(text)).await;
        let error = ask(&server, &CREATE).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status().unwrap().as_u16()),
            (ErrorKind::Transport, 200)
        );
        assert!(error.body().starts_with(b"{\"nam"), "{:?}", error.body());
        assert!(!error.is_retryable(), "a POST may have had its effect");
        assert!(!format!("{error} {error:?}").contains("MARK"));
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn truncated_error_response_keeps_its_status() {
    let server = Server::start(|_, _| {
        raw("HTTP/1.1 404 Not Found\r\ncontent-length: 90\r\n\r\n{\"type\":\"not")
    })
    .await;
    let error = ask(&server, &CREATE).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Status, 404)
    );
    assert_eq!(error.body(), "{\"type\":\"not");
}

#[tokio::test]
async fn truncated_body_is_requested_again_where_that_is_safe() {
    let server = Server::start(|_, before| {
        if before == 0 {
            raw(CUT_SHORT)
        } else {
            json(200, r#"{"name":"x"}"#)
        }
    })
    .await;
    let session = server.builder().build().unwrap();
    assert_eq!(
        session.call(&PUBLIC).json::<Thing>().await.unwrap().name,
        "x"
    );
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn connection_closed_without_a_response_is_a_transport_error() {
    for text in ["", "HTTP/1.1 200 OK\r\ncontent-le", "nonsense\r\n\r\n"] {
        let server = Server::start(move |_, _| raw(text)).await;
        let error = ask(&server, &CREATE).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Transport, None),
            "{text}"
        );
        assert_eq!(server.count(), 1, "it may have arrived");
    }
}

#[tokio::test]
async fn large_response_is_rejected_with_or_without_a_content_length() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{\"name\":\"0123456789012345678901234567890123456789012345678901\"}\r\n\r\n0\r\n\r\n";
    for reply in [
        &(|| json(200, format!("{{\"name\":\"{}\"}}", "x".repeat(60))))
            as &(dyn Fn() -> Reply + Sync),
        &(|| raw(chunked)),
    ] {
        let whole = match reply() {
            Reply::Response(status, headers, body) => (status, headers, body),
            Reply::Raw(bytes) => (0, Vec::new(), bytes),
            _ => unreachable!(),
        };
        let server = Server::start(move |_, _| {
            let (status, headers, body) = whole.clone();
            if status == 0 {
                Reply::Raw(body)
            } else {
                Reply::Response(status, headers, body)
            }
        })
        .await;
        let session = server.builder().max_response_bytes(32).build().unwrap();
        let error = session.call(&PUBLIC).json::<Value>().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.status().unwrap().as_u16()),
            (ErrorKind::TooLarge, 200)
        );
        assert!(error.body().len() <= 32);
        assert_eq!(server.count(), 1, "the next would be as large");
    }
    let server = Server::start(|_, _| json(500, "x".repeat(64))).await;
    let session = server
        .builder()
        .max_response_bytes(32)
        .without_retry()
        .build()
        .unwrap();
    let error = session.call(&PUBLIC).empty().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.body().len()),
        (ErrorKind::Status, 32),
        "a refusal is kept as far as it fits"
    );
}

#[tokio::test]
async fn idle_timeout_ends_an_attempt_and_the_deadline_a_call() {
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        let server = Server::start(move |_, _| Reply::Stall(head.as_bytes().to_vec())).await;
        let session = server
            .builder()
            .without_retry()
            .idle_timeout(Duration::from_millis(30))
            .build()
            .unwrap();
        let error = session.call(&CREATE).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("no byte"), "{error}");
        assert!(!error.is_retryable());
        let session = server
            .builder()
            .timeout(Duration::from_millis(30))
            .build()
            .unwrap();
        let error = session.call(&PUBLIC).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("whole call"), "{error}");
        assert!(error.elapsed() >= Duration::from_millis(30));
    }
}

#[tokio::test]
async fn idle_timeout_is_retried_where_that_is_safe() {
    let server = Server::start(|_, before| {
        if before == 0 {
            Reply::Stall(Vec::new())
        } else {
            json(200, r#"{"name":"x"}"#)
        }
    })
    .await;
    let session = server
        .builder()
        .idle_timeout(Duration::from_millis(250))
        .build()
        .unwrap();
    let started = Instant::now();
    assert_eq!(
        session.call(&PUBLIC).json::<Thing>().await.unwrap().name,
        "x"
    );
    assert!(started.elapsed() >= Duration::from_millis(250));
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn unreachable_service_is_a_connect_error_and_safe_to_retry() {
    let session = Session::builder(nobody().await)
        .retry(common::eager())
        .credentials(Bearer::new("s3cret").unwrap())
        .build()
        .unwrap();
    let error = session.call(&POST).json_body(&1).empty().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4));
    assert!(error.is_retryable());
    assert!(error.to_string().contains("after 4 attempts"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn text_and_bytes_are_returned_unchanged() {
    let server = Server::start(|_, before| {
        Reply::Response(
            200,
            Vec::new(),
            if before < 2 {
                "hé".into()
            } else {
                vec![0xff, 0xfe]
            },
        )
    })
    .await;
    let session = server.builder().build().unwrap();
    assert_eq!(
        session.call(&PUBLIC).text().await.unwrap().into_inner(),
        "hé"
    );
    assert_eq!(
        session.call(&PUBLIC).bytes().await.unwrap().into_inner(),
        "hé".as_bytes()
    );
    let error = session.call(&PUBLIC).text().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.body().len(), error.operation()),
        (ErrorKind::Decode, 2, Some("public"))
    );
}

#[tokio::test]
async fn calls_may_be_spawned() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(Bearer::new("x").unwrap())
        .build()
        .unwrap();
    is_send(session.call(&GET).path("id", 1).json::<Value>())
        .await
        .unwrap();
}

/// A JSON string of 100 000 letters, compressed.
#[cfg(feature = "gzip")]
const BOMB: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x21, 0x01, 0x00, 0x00,
    0x00, 0x02, 0xa0, 0x2f, 0xae, 0x74, 0xbe, 0x37, 0x0c, 0x40, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xdc, 0xca, 0x00, 0x90, 0xd9,
    0x62, 0x14, 0xa2, 0x86, 0x01, 0x00,
];

#[cfg(feature = "gzip")]
#[tokio::test]
async fn size_limit_counts_decompressed_bytes() {
    let server = Server::start(|_, _| {
        with(
            Reply::Response(200, Vec::new(), BOMB.to_vec()),
            "content-encoding",
            "gzip",
        )
    })
    .await;
    let session = server
        .builder()
        .max_response_bytes(100_002)
        .build()
        .unwrap();
    assert_eq!(
        session.call(&PUBLIC).json::<String>().await.unwrap().len(),
        100_000
    );
    assert_eq!(server.only().header("accept-encoding"), Some("gzip"));
    let session = server
        .builder()
        .max_response_bytes(100_001)
        .build()
        .unwrap();
    let error = session.call(&PUBLIC).json::<String>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn html_response_of_an_operation_without_a_result_is_an_error() {
    static PAGE: &str = "\n<!doctype html><title>Log in to the network</title>";
    let server = Server::start(|request, before| match (request.method.as_str(), before) {
        ("PUT", 0) | ("POST", _) => json(200, PAGE),
        _ => json(200, ""),
    })
    .await;
    let session = server
        .builder()
        .credentials(Bearer::new("t").unwrap())
        .build()
        .unwrap();
    // The next attempt may get through.
    session.call(&PUT).path("id", 1).empty().await.unwrap();
    assert_eq!(server.count(), 2);
    // It may have had its effect all the same.
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1));
    assert_eq!(error.body(), PAGE);
    assert!(!error.is_retryable());
}

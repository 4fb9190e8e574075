//! Arguments that try to be something else: another path, another parameter, another header.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Server, json};
use idweave_transport::{ErrorKind, Method, Multipart, ObjectStyle, Operation};
use proptest::prelude::*;
use serde_json::json as value;

static ITEM: Operation = Operation::new("item", Method::GET, "/v1/things/{id}/parts/{part}");
static LIST: Operation = Operation::new("list", Method::GET, "/v1/things");
static MAKE: Operation =
    Operation::new("make", Method::POST, "/v1/things").with_content_type("application/x-thing");
static NO_FIT: Operation = Operation::new("noFit", Method::GET, "/v1/{id}/../parts");

const HOSTILE: &[&str] = &[
    "a/b",
    "/",
    "//",
    "../..",
    "..\\..",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "..;/",
    "a?b",
    "a#b",
    "a%00b",
    "a\0b",
    "a\r\nX: y",
    "\r\n\r\nGET / HTTP/1.1",
    "a b",
    "a\tb",
    "a+b",
    "a&b=c",
    "http://evil.io/",
    "//evil.io",
    "@evil.io",
    ":80",
    "ä",
    "\u{202e}",
    "\u{feff}",
    "{part}",
    "a|b^c`d",
    "\"'<>",
    "...",
    "....",
    "~",
    "-",
    "_",
    " ",
    ";a=b",
    "\u{7f}",
    "\\",
];

#[tokio::test]
async fn hostile_id_stays_one_segment_and_arrives_unchanged() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server.builder().build().unwrap();
    for id in HOSTILE {
        session
            .call(&ITEM)
            .path("id", id)
            .path("part", "p")
            .empty()
            .await
            .unwrap();
        let request = server.requests().pop().unwrap();
        let segments: Vec<_> = request.target.split('/').collect();
        assert_eq!(segments.len(), 6, "{id:?}: {}", request.target);
        assert_eq!(
            percent_encoding::percent_decode_str(segments[3])
                .decode_utf8()
                .unwrap(),
            *id
        );
        assert!(
            request.headers.iter().all(|(name, _)| name != "x"),
            "{id:?}"
        );
    }
}

#[tokio::test]
async fn id_that_would_reach_another_operation_is_not_sent() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server.builder().build().unwrap();
    for id in ["", ".", ".."] {
        let error = session
            .call(&ITEM)
            .path("id", id)
            .path("part", "p")
            .empty()
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::InvalidRequest, Some("item")),
            "{id:?}"
        );
        assert_eq!((error.attempts(), error.is_retryable()), (0, false));
    }
    let error = session.call(&ITEM).path("id", 1).empty().await.unwrap_err();
    assert!(error.to_string().contains("`part`"), "{error}");
    let error = session
        .call(&NO_FIT)
        .path("id", 1)
        .empty()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("template"), "{error}");
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn hostile_parameter_stays_in_its_place() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server.builder().build().unwrap();
    for text in HOSTILE.iter().chain(&[""]) {
        session
            .call(&LIST)
            .query("q", text)
            .query("r", "1")
            .empty()
            .await
            .unwrap();
        let request = server.requests().pop().unwrap();
        assert_eq!(request.path(), "/v1/things");
        let pairs: Vec<_> = url::form_urlencoded::parse(request.query().as_bytes())
            .into_owned()
            .collect();
        assert_eq!(
            pairs,
            [
                ("q".to_owned(), (*text).to_owned()),
                ("r".to_owned(), "1".to_owned())
            ]
        );
    }
}

#[tokio::test]
async fn parameters_take_every_style() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server.builder().build().unwrap();
    session
        .call(&LIST)
        .query("none", &None::<i32>)
        .query("list", &["a", "b&"])
        .query("flag", &true)
        .query_joined("csv", &[1, 2], ',')
        .query_joined("ssv", &["x", "y"], ' ')
        .query_joined("empty", &[0; 0], ',')
        .query_object("form", &value!({"k": "v"}), ObjectStyle::Form)
        .query_object("deep", &value!({"k": ["v", "w"]}), ObjectStyle::DeepObject)
        .query_json("json", &value!({"a": 1}))
        .query_json("nothing", &None::<i32>)
        .header("X-List", &["a", "b"])
        .header("X-None", &None::<i32>)
        .empty()
        .await
        .unwrap();
    let request = server.only();
    assert_eq!(
        request.query(),
        "list=a&list=b%26&flag=true&csv=1,2&ssv=x%20y&k=v&deep%5Bk%5D=v&deep%5Bk%5D=w&json=%7B%22a%22%3A1%7D"
    );
    assert_eq!(
        (request.header("x-list"), request.header("x-none")),
        (Some("a,b"), None)
    );
}

#[tokio::test]
async fn header_cannot_become_two_or_replace_one_of_the_transport() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server.builder().build().unwrap();
    for text in ["a\r\nX-Injected: 1", "a\nb", "a\0", "ä\r", "\r\n\r\n"] {
        let error = session
            .call(&LIST)
            .header("X-Note", text)
            .empty()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{text:?}");
    }
    for name in [
        "authorization",
        "Cookie",
        "Host",
        "Content-Length",
        "transfer-encoding",
        "bad name",
        "",
    ] {
        assert!(
            session.call(&LIST).header(name, "x").empty().await.is_err(),
            "{name}"
        );
    }
    let error = session
        .call(&LIST)
        .header("X-List", &["a,b", "c"])
        .empty()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let error = session
        .call(&LIST)
        .query_joined("csv", &["a,b", "c"], ',')
        .empty()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let error = session
        .call(&LIST)
        .query("q", &value!({"a": 1}))
        .empty()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn bodies_are_sent_with_their_content_type() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server.builder().build().unwrap();
    session
        .call(&MAKE)
        .json_body(&value!({"a": "b"}))
        .empty()
        .await
        .unwrap();
    session
        .call(&MAKE)
        .form_body(&value!({"a": "b c&", "l": [1, 2], "n": null}))
        .empty()
        .await
        .unwrap();
    session.call(&MAKE).raw_body("bytes").empty().await.unwrap();
    session
        .call(&MAKE)
        .json_body_opt(None::<&i32>)
        .empty()
        .await
        .unwrap();
    session
        .call(&MAKE)
        .multipart_body(Multipart::new().text("a", "b"))
        .empty()
        .await
        .unwrap();
    let requests = server.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|request| {
            (
                request
                    .header("content-type")
                    .map(|t| t.split(';').next().unwrap()),
                request.body.as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen[..4],
        [
            (Some("application/x-thing"), r#"{"a":"b"}"#),
            (
                Some("application/x-www-form-urlencoded"),
                "a=b%20c%26&l=1&l=2"
            ),
            (Some("application/x-thing"), "bytes"),
            (None, ""),
        ]
    );
    assert_eq!(seen[4].0, Some("multipart/form-data"));
    assert_eq!(requests[3].header("content-length").unwrap_or("0"), "0");
}

fn target(id: &str, part: &str) -> Result<String, idweave_transport::Error> {
    // The layer answers, so no server is needed: what would be sent is seen.
    let sent = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let log = sent.clone();
    let session = idweave_transport::Session::builder("http://127.0.0.1:9/base/")
        .layer_fn(move |request, _| {
            *log.lock().unwrap() = request.uri().to_string();
            Box::pin(async { Ok(http::Response::new(Default::default())) })
        })
        .build()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(
        session
            .call(&ITEM)
            .path("part", part)
            .path("id", id)
            .empty(),
    )?;
    let sent = sent.lock().unwrap().clone();
    Ok(sent)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_two_ids_fit_the_template_or_are_refused(id in any::<String>(), part in "[./%\\\\a]{0,4}") {
        let refused = |text: &str| matches!(text, "" | "." | "..");
        match target(&id, &part) {
            Ok(sent) => {
                prop_assert!(!refused(&id) && !refused(&part));
                let segments: Vec<_> = sent.strip_prefix("http://127.0.0.1:9/base/v1/things/").unwrap().split('/').collect();
                prop_assert_eq!(segments.len(), 3);
                prop_assert_eq!(segments[1], "parts");
                for (segment, text) in [(segments[0], &id), (segments[2], &part)] {
                    prop_assert!(segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
                    let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().unwrap();
                    prop_assert_eq!(&*decoded, text);
                }
            }
            Err(error) => {
                prop_assert_eq!(error.kind(), ErrorKind::InvalidRequest);
                prop_assert!(refused(&id) || refused(&part), "{:?} {:?} {}", id, part, error);
            }
        }
    }
}

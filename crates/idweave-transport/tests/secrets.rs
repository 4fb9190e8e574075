//! Nothing secret is ever printed: every credential and every kind of failure
//! at trace level, with everything searched for the marks they carry.
//!
//! One test in a process of its own: the subscriber is the process's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use common::{Reply, Server, json, nobody, with};
use idweave_transport::{
    AccessKey, ApiKey, Basic, Bearer, ClientCredentials, ConfirmLink, Credentials, DocSpaceLogin,
    EnhanceLogin, EnhanceSession, Error, Method, Multipart, Operation, RefreshToken, Scheme,
    Secret, Session,
};

static OPERATION: Operation = Operation::new("operation", Method::PUT, "/things/{id}")
    .with_security(&[
        &[Scheme::Bearer],
        &[Scheme::Basic],
        &[Scheme::Header("x-key")],
        &[Scheme::Query("key")],
        &[Scheme::Cookie("id0")],
        &[Scheme::Header("confirm")],
    ]);

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn tell(log: &mut Log, error: &Error) {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        writeln!(log, "{error} {error:?} {error:#?}").unwrap();
        cause = error.source();
    }
    if let Some(detail) = error.detail() {
        writeln!(log, "{detail}").unwrap();
    }
}

/// The key of RFC 8032 section 7.1 test 1; the mark is the start of its base64.
const ACCESS_KEY: &str =
    "client.key.account.MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";

#[tokio::test]
async fn nothing_marked_is_ever_printed() {
    let mut log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let fault: Arc<Mutex<usize>> = Arc::default();
    let current = fault.clone();
    let server = Server::start(move |request, _| match request.path() {
        "/token" => json(
            200,
            r#"{"access_token":"SECRET-token","refresh_token":"SECRET-next","expires_in":3600}"#,
        ),
        "/denied" => json(400, r#"{"error":"SECRET","error_description":"SECRET"}"#),
        "/api/2.0/settings" => json(
            200,
            r#"{"response":{"passwordHash":{"size":256,"iterations":2,"salt":"SECRET-salt"}}}"#,
        ),
        "/api/2.0/authentication" => json(200, r#"{"response":{"token":"SECRET-portal"}}"#),
        "/login/sessions" => with(
            json(200, r#"{"SECRET":1}"#),
            "set-cookie",
            "id0=SECRET-cookie",
        ),
        _ => match *current.lock().unwrap() {
            0 => with(
                json(200, r#"{"name":"SECRET"}"#),
                "set-cookie",
                "id0=SECRET-renewed",
            ),
            1 => with(json(401, r#"{"SECRET":1}"#), "www-authenticate", "SECRET"),
            2 => json(404, "SECRET"),
            3 => with(json(429, "SECRET"), "retry-after", "0"),
            4 => Reply::Answer(
                307,
                vec![("location", "http://SECRET.invalid/SECRET".to_owned())],
                Vec::new(),
            ),
            5 => Reply::Raw(
                b"HTTP/1.1 200 OK\r\nx-secret: SECRET\r\ncontent-length: 99\r\n\r\nSECRET".to_vec(),
            ),
            6 => json(200, r#"{"name":["SECRET"],"SECRET":"SECRET"}"#),
            7 => json(200, "<html>SECRET"),
            8 => Reply::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nSECRET".to_vec()),
            9 => Reply::Raw(b"SECRET\r\n\r\n".to_vec()),
            10 => json(200, "SECRET".repeat(1000)),
            _ => Reply::Close,
        },
    })
    .await;
    let endpoint = |path: &str| format!("{}{path}", server.url);
    let credentials: Vec<Arc<dyn Credentials>> = vec![
        Arc::new(Bearer::new("SECRET").unwrap()),
        Arc::new(Basic::new("SECRET", "SECRET").unwrap()),
        Arc::new(ApiKey::header("x-key", "SECRET").unwrap()),
        Arc::new(ApiKey::query("key", "SECRET").unwrap()),
        Arc::new(ApiKey::cookie("id0", "SECRET").unwrap()),
        Arc::new(ClientCredentials::new(
            endpoint("/token"),
            "SECRET",
            "SECRET",
        )),
        Arc::new(ClientCredentials::new(endpoint("/token"), "SECRET", "SECRET").in_body()),
        Arc::new(ClientCredentials::new(
            endpoint("/denied?SECRET"),
            "SECRET",
            "SECRET",
        )),
        Arc::new(RefreshToken::new(endpoint("/token"), "SECRET", "SECRET").client_secret("SECRET")),
        Arc::new(AccessKey::parse(ACCESS_KEY).unwrap()),
        Arc::new(DocSpaceLogin::new("SECRET@acme.io", "SECRET").with_code("SECRET")),
        Arc::new(
            EnhanceLogin::new("SECRET@acme.io", "SECRET")
                .with_pin("SECRET")
                .device("SECRET"),
        ),
        Arc::new(EnhanceSession::new("SECRET").unwrap()),
        Arc::new(ConfirmLink::parse("type=LinkInvite&key=SECRET").unwrap()),
        Arc::new(
            ConfirmLink::parse("type=SECRET")
                .unwrap()
                .and(Bearer::new("SECRET").unwrap()),
        ),
    ];
    #[derive(Debug, serde::Deserialize)]
    struct Thing {
        #[allow(dead_code)]
        name: Secret,
    }
    for credentials in credentials {
        writeln!(log, "{credentials:?}").unwrap();
        for number in 0..12 {
            *fault.lock().unwrap() = number;
            let builder = server
                .builder()
                .credentials(credentials.clone())
                .user_agent("tests")
                .idle_timeout(Duration::from_millis(20))
                .max_response_bytes(4096);
            writeln!(log, "{builder:?}").unwrap();
            let session = builder.build().unwrap();
            let call = session
                .call(&OPERATION)
                .path("id", "SECRET-id")
                .query("q", "SECRET-query")
                .header("X-Note", "SECRET-header")
                .json_body(&serde_json::json!({"password": Secret::new("SECRET")}));
            writeln!(log, "{session:?} {call:?}").unwrap();
            match call.json::<Thing>().await {
                Ok(answer) => writeln!(log, "{answer:?} {:?}", answer.headers()).unwrap(),
                Err(error) => tell(&mut log, &error),
            }
        }
    }
    // And what never gets as far as the service.
    let session = Session::builder(nobody().await)
        .without_proxy()
        .without_retry()
        .build()
        .unwrap();
    for call in [
        session.call(&OPERATION).path("id", "SECRET"),
        session.call(&OPERATION).path("SECRET", ".."),
        session
            .call(&OPERATION)
            .path("id", "SECRET")
            .header("x", "SECRET\r\n"),
        session
            .call(&OPERATION)
            .path("id", "SECRET")
            .query("q", &serde_json::json!({"SECRET": "SECRET"})),
        session
            .call(&OPERATION)
            .path("id", "SECRET")
            .multipart_body(Multipart::new().file("a", "SECRET", "\n", "SECRET")),
    ] {
        tell(&mut log, &call.json::<Thing>().await.unwrap_err());
    }
    for url in [
        "https://SECRET:SECRET@acme.io",
        "SECRET",
        "https://acme.io/?SECRET",
        "http://SECRET.io",
    ] {
        let builder = Session::builder(url);
        writeln!(log, "{builder:?}").unwrap();
        tell(&mut log, &builder.build().unwrap_err());
    }
    tell(
        &mut log,
        &AccessKey::parse("SECRET.b.c.SECRET").unwrap_err(),
    );
    tell(&mut log, &Bearer::new("SECRET\n").unwrap_err());

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("idweave.call") && log.contains("TRACE"),
        "the log is there: {} bytes",
        log.len()
    );
    assert!(log.contains("attempt answered") && log.contains("/things/{id}"));
    // Base64 of "SECRET" at each of its three offsets, the hash's salt and the key itself.
    for mark in [
        "SECRET", "U0VDUkVU", "NFQ1JFV", "TRUNSRV", "MC4CAQ", "BQYDK2Vw",
    ] {
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains(mark))
            // The name of a parameter is the operation's, not the caller's.
            .filter(|line| !line.contains("no parameter `SECRET`"))
            .collect();
        assert!(
            lines.is_empty(),
            "{mark}: {:#?}",
            &lines[..lines.len().min(5)]
        );
    }
}

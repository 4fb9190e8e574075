//! Drives credentials through every kind of failure at trace level, with marks
//! on all that is secret, and searches everything that was printed for them.
//!
//! Used by the tests of this crate and of the low-level crates, one process
//! each: the subscriber is the process's.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use std::{
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use idweave_transport::{
    Bearer, Credentials, Error, Method, Multipart, Operation, Scheme, Secret, Session,
};

use super::common::{
    Recorded, Reply, Server, json,
    log::{Log, print_error},
    nobody, with,
};

static OPERATION: Operation = Operation::new("operation", Method::PUT, "/things/{id}")
    .with_security(&[
        &[Scheme::Bearer],
        &[Scheme::Basic],
        &[Scheme::Header("x-key")],
        &[Scheme::Query("key")],
        &[Scheme::Cookie("id0")],
        &[Scheme::Header("confirm")],
        &[Scheme::Header("x-signature")],
    ]);

/// Prints an error and its causes, in every way there is.
pub fn tell(log: &mut Log, error: &Error) {
    writeln!(log, "{}", print_error(error)).unwrap();
}

/// Prints everything there is to print of `credentials` and of calls with them.
///
/// `endpoints` responds to the token requests of the credentials, which are made
/// for the server's address; `more` prints what else there is.
pub async fn assert_secrets_are_never_printed(
    endpoints: fn(&Recorded) -> Option<Reply>,
    credentials: impl FnOnce(&str) -> Vec<Arc<dyn Credentials>>,
    more: impl FnOnce(&mut Log),
) {
    let mut log = Log::start();

    let fault: Arc<Mutex<usize>> = Arc::default();
    let current = fault.clone();
    let server = Server::start(move |request, _| match endpoints(request) {
        Some(reply) => reply,
        None => match *current.lock().unwrap() {
            0 => with(
                json(200, r#"{"name":"SECRET"}"#),
                "set-cookie",
                "id0=SECRET-renewed",
            ),
            1 => with(json(401, r#"{"SECRET":1}"#), "www-authenticate", "SECRET"),
            2 => json(404, "SECRET"),
            3 => with(json(429, "SECRET"), "retry-after", "0"),
            4 => Reply::Response(
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
    let credentials = credentials(&server.url);
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
                Ok(response) => writeln!(log, "{response:?} {:?}", response.headers()).unwrap(),
                Err(error) => tell(&mut log, &error),
            }
        }
    }
    // And what never gets as far as the service.
    let session = Session::builder(nobody().await)
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
    more(&mut log);
    tell(&mut log, &Bearer::new("SECRET\n").unwrap_err());

    let log = log.text();
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

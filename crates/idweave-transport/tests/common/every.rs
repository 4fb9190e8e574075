//! Every operation of a service, driven through every kind of response with marks
//! on all that is secret: what is sent must fit the operation, and nothing
//! marked may be printed, at trace level either.
//!
//! Used by the low-level crates' tests, one process each: the subscriber is the process's.

#![allow(
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

use idweave_transport::{AuthContext, Credential, Credentials, Method, Operation, Scheme, Secret};
use serde_json::{Value, json as value};

use super::common::{
    Reply, Server, json,
    log::{Log, print_error},
    with,
};

const MARK: &str = "SECRET";

/// Whatever an operation asks for.
#[derive(Debug)]
struct Anything;

impl Credentials for Anything {
    fn provides(&self, _: Scheme) -> bool {
        true
    }

    fn cached(&self, scheme: Scheme, _: &AuthContext) -> Option<Credential> {
        let secret = Secret::new("SECRET-credential");
        match scheme {
            Scheme::Bearer => Credential::bearer(&secret),
            Scheme::Basic => Credential::basic("SECRET-credential", &secret),
            _ => Credential::plain(&secret),
        }
        .ok()
    }
}

fn reply(number: usize) -> Reply {
    let renewed = |reply| with(reply, "set-cookie", "id0=SECRET");
    match number {
        0 => renewed(json(
            200,
            value!({"response": MARK, "token": MARK, MARK: MARK}),
        )),
        1 => json(204, ""),
        2 => renewed(json(401, value!({"code": MARK}))),
        3 => json(404, format!("<html>{MARK}")),
        4 => with(json(429, MARK), "retry-after", 0),
        5 => json(500, value!({"error": {"message": MARK, "stack": MARK}})),
        6 => Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n\"SECRET".to_vec()),
        _ => Reply::Close,
    }
}

/// Calls every operation, and fails on what does not fit or what shows.
pub async fn every_operation(all: &[&'static Operation]) {
    let mut log = Log::start();
    let kind: Arc<Mutex<usize>> = Arc::default();
    let current = kind.clone();
    let server = Server::start(move |_, _| reply(*current.lock().unwrap())).await;
    let session = server
        .builder()
        .credentials(Anything)
        .idle_timeout(Duration::from_secs(5))
        .without_circuit_breaker()
        .build()
        .unwrap();
    assert!(!all.is_empty());
    for operation in all {
        for number in 0..8 {
            *kind.lock().unwrap() = number;
            let before = server.count();
            let mut call = session.call(operation);
            for parameter in operation.path().split('{').skip(1) {
                call = call.path(parameter.split('}').next().unwrap(), "SECRET/id");
            }
            call = call.query("secretQuery", MARK).header("X-Note", MARK);
            if *operation.method() != Method::GET {
                call = call.json_body(&value!({"password": Secret::new(MARK)}));
            }
            match call.json::<Value>().await {
                Ok(response) => {
                    writeln!(log, "{:?} {:?}", response.status(), response.headers()).unwrap()
                }
                Err(error) => writeln!(log, "{}", print_error(&error)).unwrap(),
            }
            let sent = server.requests().split_off(before);
            assert!(!sent.is_empty(), "{operation:?} was not sent");
            if !operation.is_idempotent() {
                assert_eq!(sent.len(), 1, "{operation:?} was sent again");
            }
            for request in sent {
                assert_eq!(request.method, operation.method().as_str());
                let path = request.path().replace("SECRET%2Fid", "*");
                let template: Vec<_> = operation.path().split('/').collect();
                assert_eq!(
                    path.split('/').count(),
                    template.len(),
                    "{operation:?}: {path}"
                );
                for (segment, template) in path.split('/').zip(template) {
                    assert!(
                        template.contains('{') || segment == template,
                        "{operation:?}: {path}"
                    );
                }
                let credential = format!("{request:?}").contains("SECRET-credential")
                    || request.header("authorization").is_some();
                assert_eq!(
                    credential,
                    !operation.security().is_empty(),
                    "{operation:?}: {request:?}"
                );
            }
        }
    }
    let log = log.text();
    assert!(log.contains("TRACE") && log.contains("attempt answered"));
    for mark in [MARK, "U0VDUkVU"] {
        let lines: Vec<_> = log
            .lines()
            .filter(|line| line.contains(mark))
            .take(5)
            .collect();
        assert!(lines.is_empty(), "{lines:#?}");
    }
}

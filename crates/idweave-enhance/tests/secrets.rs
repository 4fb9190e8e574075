//! Nothing secret is ever printed: every credential of a panel and every kind of failure
//! at trace level, with everything searched for the marks they carry.
//!
//! One test in a process of its own: the subscriber is the process's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../idweave-transport/tests/common/mod.rs"]
mod common;
#[path = "../../idweave-transport/tests/common/secrets.rs"]
mod secrets;

use std::sync::Arc;

use common::{Recorded, Reply, json, with};
use idweave_enhance::{AccessToken, Credentials, Login, SessionCookie};

fn endpoints(request: &Recorded) -> Option<Reply> {
    match request.path() {
        "/login/sessions" => Some(with(
            json(200, r#"{"SECRET":1}"#),
            "set-cookie",
            "id0=SECRET-cookie",
        )),
        _ => None,
    }
}

fn credentials(_: &str) -> Vec<Arc<dyn Credentials>> {
    vec![
        Arc::new(AccessToken::new("SECRET").unwrap()),
        Arc::new(
            Login::new("SECRET@acme.io", "SECRET")
                .with_pin("SECRET")
                .device("SECRET"),
        ),
        Arc::new(SessionCookie::new("SECRET").unwrap()),
    ]
}

#[tokio::test]
async fn secrets_are_never_printed() {
    secrets::assert_secrets_are_never_printed(endpoints, credentials, |_| ()).await;
}

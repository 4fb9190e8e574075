//! Nothing secret is ever printed: every credential of a portal and every kind of failure
//! at trace level, with everything searched for the marks they carry.
//!
//! One test in a process of its own: the subscriber is the process's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../idweave-transport/tests/common/mod.rs"]
mod common;
#[path = "../../idweave-transport/tests/common/secrets.rs"]
mod secrets;

use std::sync::Arc;

use common::{Recorded, Reply, json};
use idweave_docspace::{ApiKey, Bearer, ConfirmLink, Credentials, Login, Signature};

fn endpoints(request: &Recorded) -> Option<Reply> {
    match request.path() {
        "/api/2.0/settings" => Some(json(
            200,
            r#"{"response":{"passwordHash":{"size":256,"iterations":2,"salt":"SECRET-salt"}}}"#,
        )),
        "/api/2.0/authentication" => Some(json(200, r#"{"response":{"token":"SECRET-portal"}}"#)),
        _ => None,
    }
}

fn credentials(_: &str) -> Vec<Arc<dyn Credentials>> {
    vec![
        Arc::new(ApiKey::new("SECRET").unwrap()),
        Arc::new(Signature::new("SECRET").unwrap()),
        Arc::new(Login::new("SECRET@acme.io", "SECRET").with_code("SECRET")),
        Arc::new(ConfirmLink::parse("type=LinkInvite&key=SECRET").unwrap()),
        Arc::new(
            ConfirmLink::parse("type=SECRET")
                .unwrap()
                .and(Bearer::new("SECRET").unwrap()),
        ),
    ]
}

#[tokio::test]
async fn secrets_are_never_printed() {
    secrets::assert_secrets_are_never_printed(endpoints, credentials, |_| ()).await;
}

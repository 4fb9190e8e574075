//! Nothing secret is ever printed: every credential and every kind of failure
//! at trace level, with everything searched for the marks they carry.
//!
//! One test in a process of its own: the subscriber is the process's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/secrets.rs"]
mod secrets;

use std::sync::Arc;

use common::{Recorded, Reply, json};
use idweave_transport::{ApiKey, Basic, Bearer, ClientCredentials, Credentials, RefreshToken};

fn endpoints(request: &Recorded) -> Option<Reply> {
    match request.path() {
        "/token" => Some(json(
            200,
            r#"{"access_token":"SECRET-token","refresh_token":"SECRET-next","expires_in":3600}"#,
        )),
        "/denied" => Some(json(
            400,
            r#"{"error":"SECRET","error_description":"SECRET"}"#,
        )),
        _ => None,
    }
}

fn credentials(url: &str) -> Vec<Arc<dyn Credentials>> {
    let endpoint = |path: &str| format!("{url}{path}");
    vec![
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
    ]
}

#[tokio::test]
async fn secrets_are_never_printed() {
    secrets::assert_secrets_are_never_printed(endpoints, credentials, |_| ()).await;
}

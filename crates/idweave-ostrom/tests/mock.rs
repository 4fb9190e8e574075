//! A user's own test, with typed mocks of the service and no network beyond loopback.

#![cfg(feature = "mock")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use httpmock::MockServer;
use idweave_ostrom::{Bearer, Client, ErrorKind, mock::MockServerExt, types};
use serde_json::json;

#[tokio::test]
async fn mocks_respond_by_operation_and_see_the_caller() {
    let server = MockServer::start_async().await;
    let me: types::GetMeResponse = serde_json::from_value(json!({"email": "max@acme.io"})).unwrap();
    let get_me = server.get_me(|when, then| {
        when.into_inner().header("authorization", "Bearer a token");
        then.success(&me);
    });
    let disconnect = server.disconnect_user(|when, then| {
        when.external_user_id("a/b");
        then.into_inner()
            .status(404)
            .json_body(json!({"type": "not_found", "detail": "no such user"}));
    });

    let client = Client::builder(server.base_url())
        .credentials(Bearer::new("a token").unwrap())
        .build()
        .unwrap();
    assert_eq!(
        client.get_me().await.unwrap().email.as_deref(),
        Some("max@acme.io")
    );
    let error = client.disconnect_user("a/b").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Status, 404)
    );
    let told: serde_json::Value = serde_json::from_slice(error.body()).unwrap();
    assert_eq!(told["type"], "not_found");
    get_me.assert_calls(1);
    disconnect.assert_calls(1);
}

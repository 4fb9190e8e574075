//! The client against the sandbox's Ostrom: tokens from a host of their own.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use idweave_ostrom::{Client, ErrorKind, client_credentials};
use idweave_sandbox::{Fault, Sandbox};

fn client(sandbox: &Sandbox, secret: &str) -> Client {
    let access = sandbox.ostrom();
    Client::builder(&access.base_url)
        .credentials(client_credentials(
            &access.auth_url,
            &access.user.client_id,
            secret,
        ))
        .build()
        .unwrap()
}

fn operations(sandbox: &Sandbox) -> Vec<&'static str> {
    sandbox
        .requests()
        .iter()
        .filter_map(|request| request.operation)
        .collect()
}

#[tokio::test]
async fn token_of_the_auth_host_serves_many_calls() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox, &sandbox.ostrom().user.client_secret);
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.get_me().await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let operations = operations(&sandbox);
    assert_eq!(
        operations
            .iter()
            .filter(|operation| **operation == "createOAuth2Token")
            .count(),
        1
    );
    assert_eq!(
        operations
            .iter()
            .filter(|operation| **operation == "getMe")
            .count(),
        8
    );
}

#[tokio::test]
async fn wrong_secret_is_reported_and_no_call_is_sent() {
    let sandbox = Sandbox::start().await.unwrap();
    let error = client(&sandbox, "wrong").get_me().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Credentials, 401)
    );
    assert!(error.to_string().contains("invalid_client"), "{error}");
    assert_eq!(operations(&sandbox), ["createOAuth2Token"]);
}

#[tokio::test]
async fn call_waits_for_a_busy_token_endpoint() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(
        Fault::on("ostrom")
            .operation("createOAuth2Token")
            .status(429)
            .retry_after(0)
            .times(2),
    );
    client(&sandbox, &sandbox.ostrom().user.client_secret)
        .get_me()
        .await
        .unwrap();
    assert_eq!(
        operations(&sandbox),
        [
            "createOAuth2Token",
            "createOAuth2Token",
            "createOAuth2Token",
            "getMe"
        ]
    );
}

#[tokio::test]
async fn a_token_that_the_service_has_dropped_is_replaced_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox, &sandbox.ostrom().user.client_secret);
    client.get_me().await.unwrap();
    // The service's clock runs ahead of ours: to it the token has ended.
    sandbox
        .clock()
        .advance(std::time::Duration::from_secs(7_200));
    client.get_me().await.unwrap();
    assert_eq!(
        operations(&sandbox),
        [
            "createOAuth2Token",
            "getMe",
            "getMe",
            "createOAuth2Token",
            "getMe"
        ]
    );
}

//! The client against the sandbox's Authress: what a service client's key opens.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use idweave_authress::{AccessKey, Bearer, Client, ErrorKind};
use idweave_sandbox::{Fault, Sandbox};

#[tokio::test]
async fn an_access_key_opens_the_service_as_a_signed_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.authress();
    let client = Client::builder(&access.base_url)
        .credentials(AccessKey::parse(&access.access_key).unwrap())
        .build()
        .unwrap();
    let users = client.get_users(Some(2), None, None, None).await.unwrap();
    assert_eq!(users.status().as_u16(), 200);
    let user = client.get_user(&access.user_id).await.unwrap();
    assert_eq!(
        user.headers()["content-type"]
            .to_str()
            .unwrap()
            .split(';')
            .next(),
        Some("application/links+json")
    );
    for request in sandbox.requests() {
        assert_eq!(request.credential, Some("access key JWT"), "{request:?}");
        assert_eq!(request.header("accept"), Some("application/links+json"));
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn a_key_of_another_account_is_refused_with_the_services_own_words() {
    let (one, other) = (
        Sandbox::start().await.unwrap(),
        Sandbox::builder().seed(7).start().await.unwrap(),
    );
    let client = Client::builder(&one.authress().base_url)
        .credentials(AccessKey::parse(&other.authress().access_key).unwrap())
        .build()
        .unwrap();
    let error = client.get_user("someone").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Status, 401)
    );
    assert_eq!(one.requests().len(), 1, "signing again would not help");
    let client = Client::builder(&one.authress().base_url)
        .credentials(Bearer::new("no token").unwrap())
        .build()
        .unwrap();
    assert_eq!(
        client
            .get_user("someone")
            .await
            .unwrap_err()
            .status()
            .unwrap()
            .as_u16(),
        401
    );
}

#[tokio::test]
async fn a_busy_service_is_asked_again_and_an_absent_user_is_not() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.authress();
    let client = Client::builder(&access.base_url)
        .credentials(AccessKey::parse(&access.access_key).unwrap())
        .build()
        .unwrap();
    sandbox.fault(
        Fault::on("authress")
            .operation("getUser")
            .status(503)
            .retry_after(0)
            .times(2),
    );
    client.get_user(&access.user_id).await.unwrap();
    assert_eq!(sandbox.requests().len(), 3);
    let error = client.get_user("nobody").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Status, 404)
    );
    assert_eq!((error.operation(), error.attempts()), (Some("getUser"), 1));
    assert_eq!(sandbox.requests().len(), 4);
}

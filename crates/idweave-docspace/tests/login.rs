//! The login to a portal: what is sent, how long its token serves, and what a refusal leads to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../idweave-transport/tests/common/mod.rs"]
mod common;

use common::{POST, Recorded, Reply, Server, json};
use idweave_docspace::{ApiKey, Environment, ErrorKind, Login};
use serde_json::{Value, json as value};

/// A portal: settings, login, and one operation.
async fn portal(login: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request, _| match request.path() {
        "/api/2.0/settings" => json(200, value!({"response": {"passwordHash": {"size": 256, "iterations": 2, "salt": "pepper"}}})),
        path if path.starts_with("/api/2.0/authentication") => login(request),
        _ => json(200, "{}"),
    })
    .await
}

#[tokio::test]
async fn a_docspace_login_sends_the_hash_the_portal_asks_for_and_never_the_password() {
    let server = portal(|_| {
        json(200, value!({"response": {"token": "t0ken", "expires": "2999-01-01T00:00:00Z", "sms": false, "tfa": false}}))
    })
    .await;
    let session = server
        .builder()
        .credentials(Login::new("ann@acme.io", "s3cret"))
        .build()
        .unwrap();
    session.call(&POST).empty().await.unwrap();
    session.call(&POST).empty().await.unwrap();
    let requests = server.requests();
    let paths: Vec<_> = requests.iter().map(Recorded::path).collect();
    assert_eq!(
        paths,
        [
            "/api/2.0/settings",
            "/api/2.0/authentication",
            "/things",
            "/things"
        ]
    );
    // python3: hashlib.pbkdf2_hmac('sha256', b's3cret', b'pepper', 2, 32).hex()
    assert_eq!(
        serde_json::from_str::<Value>(&requests[1].body).unwrap(),
        value!({"userName": "ann@acme.io", "passwordHash": "4f11a1b618f400a3b6ec9725667b4e994a4c00286359f917e0977c5f0696447f"})
    );
    assert_eq!(requests[2].header("authorization"), Some("Bearer t0ken"));
    for request in requests {
        assert!(!format!("{request:?}").contains("s3cret"));
    }
}

#[tokio::test]
async fn a_docspace_login_without_a_stated_end_lasts_until_it_is_refused() {
    let server = portal(|_| {
        json(
            200,
            value!({"response": {"token": "t0ken", "expires": "0001-01-01T00:00:00"}}),
        )
    })
    .await;
    let session = server
        .builder()
        .credentials(Login::new("ann@acme.io", "s3cret"))
        .build()
        .unwrap();
    for _ in 0..3 {
        session.call(&POST).empty().await.unwrap();
    }
    assert_eq!(server.count(), 5);
}

#[tokio::test]
async fn a_docspace_login_with_a_second_factor_needs_its_code() {
    let server = portal(|request| {
        let code = serde_json::from_str::<Value>(&request.body).unwrap()["code"].clone();
        if code == "12 34" && request.path() == "/api/2.0/authentication/12%2034" {
            json(200, value!({"response": {"token": "t0ken"}}))
        } else {
            json(
                200,
                value!({"response": {"tfa": true, "confirmUrl": "https://p.io/confirm"}}),
            )
        }
    })
    .await;
    let login = Login::new("ann@acme.io", "s3cret");
    let session = server.builder().credentials(login.clone()).build().unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.to_string().contains("second factor"), "{error}");
    let session = server
        .builder()
        .credentials(login.with_code("12 34"))
        .build()
        .unwrap();
    let error = session.call(&POST).empty().await;
    // The refusal of a moment ago was for the login without a code; with_code is another one.
    assert!(error.is_ok(), "{error:?}");
}

#[tokio::test]
async fn a_refused_docspace_login_is_not_repeated() {
    let server = portal(|_| {
        json(
            401,
            value!({"error": {"message": "MARK"}, "status": 1, "statusCode": 401}),
        )
    })
    .await;
    let session = server
        .builder()
        .credentials(Login::new("ann@acme.io", "s3cret"))
        .build()
        .unwrap();
    for _ in 0..3 {
        let error = session.call(&POST).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
    }
    assert_eq!(server.count(), 2);
}

#[test]
fn environment_gives_an_api_key_or_a_login_and_names_what_is_missing() {
    let all = Environment::from_lookup("portal-eu", |name| {
        let name = name.strip_prefix("IDWEAVE_PORTAL_EU_")?;
        ["API_KEY", "EMAIL", "PASSWORD"]
            .contains(&name)
            .then(|| "x".to_owned())
    });
    assert!(ApiKey::from_environment(&all).is_ok() && Login::from_environment(&all).is_ok());
    let none = Environment::from_lookup("portal-eu", |_| None);
    for (error, variable) in [
        (ApiKey::from_environment(&none).unwrap_err(), "API_KEY"),
        (Login::from_environment(&none).unwrap_err(), "EMAIL"),
    ] {
        assert!(
            error
                .to_string()
                .contains(&format!("IDWEAVE_PORTAL_EU_{variable} is not set")),
            "{error}"
        );
    }
}

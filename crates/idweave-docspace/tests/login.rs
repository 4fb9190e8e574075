//! The login to a portal: what is sent, how long its token serves, and what a refusal leads to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../idweave-transport/tests/common/mod.rs"]
mod common;

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use common::{POST, Recorded, Reply, Server, json, with};
use idweave_docspace::{ApiKey, Environment, ErrorKind, Login};
use idweave_transport::{AuthContext, BoxFuture, Credential, Credentials, Error, Scheme};
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

/// A portal whose clock is `hours` away from ours, with or without saying so, and which counts its logins.
async fn portal_in_another_time(hours: i64, says_so: bool) -> Server {
    portal(move |request| {
        let now = UNIX_EPOCH.elapsed().unwrap().as_secs() as i64 + hours * 3_600;
        let date = UNIX_EPOCH + Duration::from_secs(now as u64);
        let expires = jiff::Timestamp::from_second(now + 3_600)
            .unwrap()
            .to_string();
        let token = format!("t{}", request.body.len());
        let login = json(
            200,
            value!({"response": {"token": token, "expires": expires}}),
        );
        match says_so {
            true => with(login, "date", httpdate::fmt_http_date(date)),
            false => login,
        }
    })
    .await
}

fn logins(server: &Server) -> usize {
    server.requests_to("/api/2.0/authentication").len()
}

#[tokio::test]
async fn docspace_login_serves_ten_calls_whatever_the_clocks_say() {
    for hours in [-24, -2, 2, 24] {
        for says_so in [true, false] {
            let server = portal_in_another_time(hours, says_so).await;
            let session = server
                .builder()
                .credentials(Login::new("ann@acme.io", "s3cret"))
                .build()
                .unwrap();
            for _ in 0..10 {
                session.call(&POST).empty().await.unwrap();
            }
            assert_eq!(logins(&server), 1, "{hours} h, said: {says_so}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn docspace_login_ends_by_the_portals_clock() {
    // By our clock it would end in three hours.
    let server = portal_in_another_time(2, true).await;
    let session = server
        .builder()
        .credentials(Login::new("ann@acme.io", "s3cret"))
        .build()
        .unwrap();
    session.call(&POST).empty().await.unwrap();
    tokio::time::advance(Duration::from_secs(3_500)).await;
    session.call(&POST).empty().await.unwrap();
    assert_eq!(logins(&server), 1);
    tokio::time::advance(Duration::from_secs(100)).await;
    session.call(&POST).empty().await.unwrap();
    assert_eq!(logins(&server), 2);
}

#[tokio::test]
async fn docspace_login_refuses_a_password_hash_that_keeps_the_client_busy() {
    for (size, iterations) in [(4096, 2_000_000), (256, 2_000_001), (256, u32::MAX)] {
        let server = Server::start(move |_, _| {
            let hash = value!({"size": size, "iterations": iterations, "salt": "pepper"});
            json(200, value!({"response": {"passwordHash": hash}}))
        })
        .await;
        let session = server
            .builder()
            .credentials(Login::new("ann@acme.io", "s3cret"))
            .build()
            .unwrap();
        let error = session.call(&POST).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains("costs too much"), "{error}");
        assert_eq!(server.only().path(), "/api/2.0/settings");
    }
}

/// A wrapper as a user writes it.
#[derive(Debug)]
struct Wrapper(Login);

impl Credentials for Wrapper {
    fn provides(&self, scheme: Scheme) -> bool {
        self.0.provides(scheme)
    }

    fn cached(&self, scheme: Scheme, context: &AuthContext) -> Option<Credential> {
        self.0.cached(scheme, context)
    }

    fn fetch<'a>(
        &'a self,
        scheme: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        self.0.fetch(scheme, rejected, context)
    }
}

#[tokio::test]
async fn docspace_login_of_one_portal_is_not_sent_to_another() {
    let login = Login::new("ann@acme.io", "s3cret");
    for wrapped in [false, true] {
        let credentials: Arc<dyn Credentials> = match wrapped {
            true => Arc::new(Wrapper(login.clone())),
            false => Arc::new(login.clone()),
        };
        let mut portals = Vec::new();
        for number in 0..2 {
            let token = format!("of-portal-{number}");
            let server = portal(move |_| {
                json(
                    200,
                    value!({"response": {"token": token, "expires": "2999-01-01T00:00:00Z"}}),
                )
            })
            .await;
            let session = server
                .builder()
                .credentials(credentials.clone())
                .build()
                .unwrap();
            session.call(&POST).empty().await.unwrap();
            portals.push((server, session));
        }
        for (number, (server, session)) in portals.iter().enumerate() {
            session.call(&POST).empty().await.unwrap();
            assert_eq!(logins(server), 1, "a login of its own");
            for request in server.requests_to("/things") {
                let own = format!("Bearer of-portal-{number}");
                assert_eq!(request.header("authorization"), Some(own.as_str()));
            }
        }
    }
}

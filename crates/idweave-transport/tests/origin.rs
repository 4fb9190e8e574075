//! Where credentials may go: the session's own origin, and nowhere else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::{Arc, Mutex};

use common::{GET, POST, PUBLIC, Reply, Server, json};
use idweave_transport::{
    ApiKey, Bearer, ClientCredentials, Credentials, ErrorKind, Method, Operation, Scheme, Session,
};

static HEAD: Operation =
    Operation::new("head", Method::HEAD, "/things/{id}").with_security(&[&[Scheme::Bearer]]);
static KEYED: Operation = Operation::new("keyed", Method::GET, "/things/{id}")
    .with_security(&[&[Scheme::Header("x-key")]]);

fn redirect(status: u16, to: impl ToString) -> Reply {
    Reply::Response(status, vec![("location", to.to_string())], Vec::new())
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed_and_carries_nothing() {
    let other = Server::start(|_, _| json(200, "{}")).await;
    let port = other.url.rsplit(':').next().unwrap().to_owned();
    for target in [
        format!("{}/things/1", other.url),
        format!("http://localhost:{port}/things/1"),
        format!("//127.0.0.1:{port}/things/1"),
        format!("https://127.0.0.1:{port}/"),
        "file:///etc/passwd".to_owned(),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let to = target.clone();
            let server = Server::start(move |_, _| redirect(status, &to)).await;
            let session = server
                .builder()
                .credentials(Bearer::new("s3cret").unwrap())
                .build()
                .unwrap();
            let error = session.call(&GET).path("id", 1).empty().await.unwrap_err();
            assert_eq!(
                (error.kind(), error.status().unwrap().as_u16()),
                (ErrorKind::Status, status),
                "{target}"
            );
            assert!(error.headers().contains_key("location"));
            let session = server
                .builder()
                .credentials(ApiKey::header("x-key", "s3cret").unwrap())
                .build()
                .unwrap();
            assert!(session.call(&KEYED).path("id", 1).empty().await.is_err());
        }
    }
    assert_eq!(other.count(), 0);
}

#[tokio::test]
async fn a_redirect_on_the_same_origin_is_followed_by_get_and_head_alone() {
    for (operation, followed) in [
        (&GET, true),
        (&HEAD, true),
        (&POST, false),
        (&common::PUT, false),
    ] {
        let server = Server::start(|request, _| {
            if request.path() == "/moved" {
                json(200, "{}")
            } else {
                redirect(307, "/moved?x=1")
            }
        })
        .await;
        let session = server
            .builder()
            .credentials(Bearer::new("s3cret").unwrap())
            .build()
            .unwrap();
        let mut call = session.call(operation);
        if operation.path().contains("{id}") {
            call = call.path("id", 1);
        }
        assert_eq!(call.empty().await.is_ok(), followed, "{operation:?}");
        assert_eq!(server.count(), if followed { 2 } else { 1 });
        if followed {
            let request = &server.requests()[1];
            assert_eq!(
                (request.method.as_str(), request.target.as_str()),
                (operation.method().as_str(), "/moved?x=1")
            );
            assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
        }
    }
}

#[tokio::test]
async fn a_redirect_loop_ends() {
    let server = Server::start(|_, _| redirect(302, "/public")).await;
    let session = server.builder().build().unwrap();
    let error = session.call(&PUBLIC).empty().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 302);
    assert_eq!(server.count(), 6);
}

#[test]
fn plain_http_to_another_machine_is_refused_and_says_what_to_do() {
    for url in [
        "http://acme.io",
        "http://192.168.0.1:8080/api",
        "http://[fe80::1]/",
    ] {
        let error = Session::builder(url)
            .credentials(Bearer::new("s3cret").unwrap())
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains("https"), "{error}");
        assert!(
            Session::builder(url)
                .dangerously_allow_plain_http()
                .build()
                .is_ok()
        );
    }
    for url in [
        "http://127.0.0.1:1",
        "http://[::1]:1/",
        "http://localhost:1",
        "https://acme.io",
    ] {
        assert!(
            Session::builder(url)
                .credentials(Bearer::new("s3cret").unwrap())
                .build()
                .is_ok(),
            "{url}"
        );
    }
}

#[tokio::test]
async fn token_endpoint_over_plain_http_is_rejected() {
    let server = Server::start(|_, _| json(200, r#"{"access_token":"x"}"#)).await;
    // Connections to this address reach this machine, though it is not a loopback address.
    let endpoint = server.url.replace("127.0.0.1", "0.0.0.0");
    let credentials = || ClientCredentials::new(format!("{endpoint}/token"), "client", "s3cret");
    let builder = || server.builder().credentials(credentials());
    let session = builder().build().unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("plain http would show"), "{cause}");
    assert_eq!(server.count(), 0);

    // It can be reached, where that is wanted.
    let session = builder().dangerously_allow_plain_http().build().unwrap();
    let _ = session.call(&POST).empty().await;
    assert_eq!(server.requests()[0].path(), "/token");
}

#[tokio::test]
async fn a_token_endpoints_redirect_is_not_followed() {
    let other = Server::start(|_, _| json(200, r#"{"access_token":"x"}"#)).await;
    let to = other.url.clone();
    let server = Server::start(move |_, _| redirect(307, &to)).await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
    let session = server.builder().credentials(credentials).build().unwrap();
    assert_eq!(
        session.call(&POST).empty().await.unwrap_err().kind(),
        ErrorKind::Credentials
    );
    assert_eq!((server.count(), other.count()), (1, 0));
}

#[tokio::test]
async fn a_base_url_may_end_in_a_slash_and_have_a_sub_path() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    for (suffix, path) in [
        ("", ""),
        ("/", ""),
        ("/api", "/api"),
        ("/api/", "/api"),
        ("/a/b//", ""),
    ] {
        let built = Session::builder(format!("{}{suffix}", server.url)).build();
        if suffix == "/a/b//" {
            assert!(built.is_err());
            continue;
        }
        built.unwrap().call(&PUBLIC).empty().await.unwrap();
        assert_eq!(
            server.requests().last().unwrap().target,
            format!("{path}/public")
        );
    }
}

#[tokio::test]
async fn layers_see_each_attempt_and_cannot_send_it_elsewhere() {
    let server = Server::start(|_, before| json(if before == 0 { 503 } else { 200 }, "{}")).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let session = server
        .builder()
        .credentials(Bearer::new("s3cret").unwrap())
        .layer_fn(move |mut request, next| {
            let operation = request
                .extensions()
                .get::<&'static Operation>()
                .unwrap()
                .id();
            request
                .headers_mut()
                .insert("x-layer", "1".parse().unwrap());
            let log = log.clone();
            Box::pin(async move {
                let response = next.run(request).await?;
                log.lock()
                    .unwrap()
                    .push((operation, response.status().as_u16()));
                Ok(response)
            })
        })
        .build()
        .unwrap();
    session
        .call(&GET)
        .path("id", "a/b")
        .query("q", "x y")
        .empty()
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), [("get", 503), ("get", 200)]);
    let request = &server.requests()[1];
    assert_eq!(request.target, "/things/a%2Fb?q=x%20y");
    assert_eq!(request.header("x-layer"), Some("1"));
    assert_eq!(request.header("authorization"), Some("Bearer s3cret"));

    let other = Server::start(|_, _| json(200, "{}")).await;
    let to: http::Uri = other.url.parse().unwrap();
    let session = server
        .builder()
        .credentials(Bearer::new("s3cret").unwrap())
        .layer_fn(move |mut request, next| {
            *request.uri_mut() = to.clone();
            next.run(request)
        })
        .build()
        .unwrap();
    let error = session.call(&GET).path("id", 1).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(other.count(), 0);
}

#[tokio::test]
async fn the_user_agent_names_idweave_and_its_caller() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    server
        .builder()
        .user_agent("payroll/3.1")
        .build()
        .unwrap()
        .call(&PUBLIC)
        .empty()
        .await
        .unwrap();
    let expected = concat!("idweave/", env!("CARGO_PKG_VERSION"), " (payroll/3.1)");
    assert_eq!(server.only().header("user-agent"), Some(expected));
    for caller in ["a\r\nx: y", "a)b", "a\\b"] {
        assert_eq!(
            server
                .builder()
                .user_agent(caller)
                .build()
                .unwrap_err()
                .kind(),
            ErrorKind::InvalidRequest
        );
    }
}

#[test]
fn builder_rejects_invalid_certificates() {
    let builder = || Session::builder("https://acme.io");
    for pem in [
        "",
        "MARK",
        "-----BEGIN CERTIFICATE-----\nMARK\n-----END CERTIFICATE-----\n",
    ] {
        let error = builder().root_certificate(pem).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        let error = builder()
            .client_certificate(pem, "MARK")
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(!format!("{error:?}").contains("MARK"));
    }
    assert!(
        builder().build().is_ok(),
        "no process-wide TLS provider is needed"
    );
}

#[test]
fn a_client_of_a_loopback_service_shows_no_credentials_in_debug() {
    let credentials = Bearer::new("MARK")
        .unwrap()
        .and(ApiKey::query("key", "MARK").unwrap());
    let builder = Session::builder("http://127.0.0.1:1").credentials(credentials);
    assert!(!format!("{builder:?}").contains("MARK"));
    assert!(!format!("{:?}", builder.build().unwrap()).contains("MARK"));
}

static OPTIONAL: Operation = Operation::new("optional", Method::POST, "/invites/{id}")
    .with_security(&[&[], &[Scheme::Cookie("id0")], &[Scheme::Bearer]]);

#[tokio::test]
async fn anonymous_call_is_sent_without_credentials_and_changes_none() {
    let server =
        Server::start(|_, _| common::with(json(200, "{}"), "set-cookie", "id0=theirs; Path=/"))
            .await;
    let session = server
        .builder()
        .credentials(
            ApiKey::cookie("id0", "s3cret")
                .unwrap()
                .and(Bearer::new("s3cret").unwrap()),
        )
        .build()
        .unwrap();
    let anonymous = session.anonymous();
    for call in [
        session.call(&OPTIONAL).anonymous(),
        anonymous.call(&OPTIONAL),
    ] {
        call.path("id", 1).empty().await.unwrap();
    }
    anonymous.call(&PUBLIC).empty().await.unwrap();
    for request in server.requests() {
        assert_eq!(request.header("cookie"), None);
        assert_eq!(request.header("authorization"), None);
        assert!(!format!("{request:?}").contains("s3cret"));
    }
    assert!(format!("{session:?}").contains("credentials: true"));
    assert!(format!("{anonymous:?}").contains("credentials: false"));
    // The other calls of the client are as before.
    session.call(&OPTIONAL).path("id", 1).empty().await.unwrap();
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.header("cookie"), Some("id0=s3cret"));
}

#[tokio::test]
async fn anonymous_call_of_an_operation_that_requires_credentials_is_not_sent() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(Bearer::new("s3cret").unwrap())
        .build()
        .unwrap();
    let call = session.call(&GET).path("id", 1).anonymous();
    let error = call.empty().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.operation(), error.attempts()),
        (ErrorKind::Credentials, Some("get"), 0)
    );
    assert!(error.to_string().contains("anonymous"), "{error}");
    assert!(!error.is_retryable());
    assert_eq!(server.count(), 0);
}

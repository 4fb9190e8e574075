//! Each credential: what is sent, to which operation, and what is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use common::{GET, POST, PUBLIC, Recorded, Reply, Server, json, with};
use idweave_transport::{
    ApiKey, Basic, Bearer, ClientCredentials, Credentials, ErrorKind, Method, Operation,
    RefreshToken, Response, Scheme, Secret, Session, TokenCommand, TokenFile,
};

static BASIC: Operation =
    Operation::new("basic", Method::GET, "/basic").with_security(&[&[Scheme::Basic]]);
static HEADER: Operation =
    Operation::new("header", Method::GET, "/header").with_security(&[&[Scheme::Header("X-Key")]]);
static QUERY: Operation =
    Operation::new("query", Method::GET, "/query").with_security(&[&[Scheme::Query("key")]]);
static COOKIE: Operation =
    Operation::new("cookie", Method::GET, "/cookie").with_security(&[&[Scheme::Cookie("id0")]]);
static OPTIONAL: Operation =
    Operation::new("optional", Method::GET, "/optional").with_security(&[&[Scheme::Bearer], &[]]);
static EITHER: Operation = Operation::new("either", Method::GET, "/either")
    .with_security(&[&[Scheme::Bearer], &[Scheme::Header("confirm")]]);
static TOGETHER: Operation = Operation::new("together", Method::GET, "/together").with_security(&[
    &[Scheme::Bearer],
    &[Scheme::Bearer, Scheme::Header("confirm")],
]);
static CONFIRM: Operation = Operation::new("confirm", Method::GET, "/confirm")
    .with_security(&[&[Scheme::Header("confirm")]]);

/// Everything of a request in which a credential could be.
fn everything(request: &Recorded) -> String {
    format!("{request:?}")
}

async fn sent(credentials: impl Credentials, operation: &'static Operation) -> Recorded {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server.builder().credentials(credentials).build().unwrap();
    session.call(operation).empty().await.unwrap();
    server.only()
}

#[tokio::test]
async fn each_scheme_is_sent_in_its_place() {
    let request = sent(Bearer::new("s3cret").unwrap(), &POST).await;
    assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
    let request = sent(Basic::new("ann", "s3:cret").unwrap(), &BASIC).await;
    assert_eq!(
        request.header("authorization"),
        Some("Basic YW5uOnMzOmNyZXQ=")
    );
    let request = sent(ApiKey::header("x-key", "s3cret").unwrap(), &HEADER).await;
    assert_eq!(request.header("x-key"), Some("s3cret"));
    let request = sent(ApiKey::query("key", "s3&cr=t").unwrap(), &QUERY).await;
    assert_eq!(request.query(), "key=s3%26cr%3Dt");
    let request = sent(ApiKey::cookie("id0", "s3cret").unwrap(), &COOKIE).await;
    assert_eq!(request.header("cookie"), Some("id0=s3cret"));
}

#[tokio::test]
async fn header_of_a_credential_is_marked_sensitive() {
    for (credentials, operation, name) in [
        (
            Arc::new(Bearer::new("s3cret").unwrap()) as Arc<dyn Credentials>,
            &POST,
            "authorization",
        ),
        (
            Arc::new(Basic::new("ann", "s3cret").unwrap()),
            &BASIC,
            "authorization",
        ),
        (
            Arc::new(ApiKey::header("x-key", "s3cret").unwrap()),
            &HEADER,
            "x-key",
        ),
        (
            Arc::new(ApiKey::cookie("id0", "s3cret").unwrap()),
            &COOKIE,
            "cookie",
        ),
    ] {
        let session = Session::builder("http://127.0.0.1:9")
            .credentials(credentials)
            // Layers see the request as it is sent, and may print it.
            .layer_fn(move |request, _| {
                assert!(request.headers()[name].is_sensitive(), "{name}");
                assert!(!format!("{request:?}").contains("s3cret"), "{name}");
                Box::pin(async { Ok(Response::new("{}".into())) })
            })
            .build()
            .unwrap();
        session.call(operation).empty().await.unwrap();
    }
}

#[tokio::test]
async fn public_operation_is_sent_without_credentials() {
    for credentials in [
        Arc::new(Bearer::new("s3cret").unwrap()) as Arc<dyn Credentials>,
        Arc::new(Basic::new("ann", "s3cret").unwrap()),
        Arc::new(ApiKey::header("x-key", "s3cret").unwrap()),
        Arc::new(ApiKey::query("key", "s3cret").unwrap()),
        Arc::new(ApiKey::cookie("id0", "s3cret").unwrap()),
    ] {
        let request = sent(credentials, &PUBLIC).await;
        assert!(!everything(&request).contains("s3cret"), "{request:?}");
        assert_eq!(request.header("authorization"), None);
    }
}

#[tokio::test]
async fn operation_of_another_scheme_is_not_sent() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(Bearer::new("s3cret").unwrap())
        .build()
        .unwrap();
    let error = session.call(&BASIC).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(
        error.to_string().contains("basic authentication"),
        "{error}"
    );
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn optional_credentials_are_sent_when_they_fit() {
    let request = sent(Bearer::new("s3cret").unwrap(), &OPTIONAL).await;
    assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
    let request = sent(Basic::new("ann", "s3cret").unwrap(), &OPTIONAL).await;
    assert_eq!(request.header("authorization"), None);
}

#[tokio::test]
async fn combined_credentials_send_what_each_operation_asks_for() {
    let both = || {
        let link = ApiKey::header("confirm", "type=LinkInvite&key=k").unwrap();
        link.and(Bearer::new("s3cret").unwrap())
    };
    let request = sent(both(), &TOGETHER).await;
    assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
    assert_eq!(request.header("confirm"), Some("type=LinkInvite&key=k"));
    let request = sent(both(), &CONFIRM).await;
    assert_eq!(request.header("authorization"), None);
    let request = sent(both(), &EITHER).await;
    assert_eq!(
        (
            request.header("confirm").is_some(),
            request.header("authorization")
        ),
        (true, None),
        "first named"
    );
    let other = Bearer::new("s3cret")
        .unwrap()
        .and(ApiKey::header("confirm", "type=LinkInvite&key=k").unwrap());
    let request = sent(other, &EITHER).await;
    assert_eq!(
        (
            request.header("confirm"),
            request.header("authorization").is_some()
        ),
        (None, true)
    );
}

#[test]
fn secrets_that_could_inject_are_refused() {
    for secret in ["", " ", "a\r\nx: y", "a\nb", "a\0"] {
        assert_eq!(
            Bearer::new(secret).unwrap_err().kind(),
            ErrorKind::Credentials,
            "{secret:?}"
        );
        assert!(
            ApiKey::header("x", secret).is_err() && ApiKey::query("x", secret).is_err(),
            "{secret:?}"
        );
    }
    for secret in ["a;b=c", "a b", "a,b", "\"a\"", "a\r\n"] {
        assert!(ApiKey::cookie("id0", secret).is_err(), "{secret:?}");
    }
    assert!(Basic::new("a:b", "c").is_err() && Basic::new("", "c").is_err());
}

/// A token endpoint at `/token` that counts, and a service that takes the newest token.
async fn oauth2(lifetime: &'static str) -> Server {
    let issued = AtomicUsize::new(0);
    Server::start(move |request, _| {
        if request.path() == "/token" {
            let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
            let body = format!(
                r#"{{"access_token":"token-{number}","expires_in":{lifetime},"token_type":"Bearer","refresh_token":"refresh-{number}"}}"#
            );
            return json(200, body);
        }
        let newest = format!("Bearer token-{}", issued.load(Ordering::SeqCst));
        if request.header("authorization") == Some(&newest) { json(200, "{}") } else { json(401, "{}") }
    })
    .await
}

fn tokens_asked(server: &Server) -> Vec<Recorded> {
    server.requests_to("/token")
}

#[tokio::test]
async fn client_credentials_go_to_the_token_endpoint_and_only_the_token_to_the_service() {
    for lifetime in ["3599", "\"3599\"", "null"] {
        let server = oauth2(lifetime).await;
        let credentials =
            ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret")
                .scope("a b");
        let session = server.builder().credentials(credentials).build().unwrap();
        session.call(&POST).json_body(&1).empty().await.unwrap();
        session.call(&POST).json_body(&1).empty().await.unwrap();
        let requests = server.requests();
        assert_eq!(requests.len(), 3, "one token for both");
        assert_eq!(requests[0].method, "POST");
        assert_eq!(
            requests[0].header("authorization"),
            Some("Basic Y2xpZW50OnMzY3JldA==")
        );
        assert_eq!(
            requests[0].header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
        assert_eq!(
            requests[0].body,
            "grant_type=client_credentials&scope=a%20b"
        );
        assert_eq!(requests[1].header("authorization"), Some("Bearer token-1"));
        assert!(!everything(&requests[1]).contains("s3cret"));
    }
}

#[tokio::test]
async fn client_credentials_may_go_in_the_form() {
    let server = oauth2("60").await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3&cret")
        .in_body()
        .parameter("audience", "x");
    server
        .builder()
        .credentials(credentials)
        .build()
        .unwrap()
        .call(&POST)
        .empty()
        .await
        .unwrap();
    let request = &tokens_asked(&server)[0];
    assert_eq!(request.header("authorization"), None);
    assert_eq!(
        request.body,
        "grant_type=client_credentials&audience=x&client_id=client&client_secret=s3%26cret"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn token_is_requested_once_for_64_callers() {
    let server = oauth2("3600").await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
    // Clones share the token, and so do the sessions that hold them.
    let sessions: Vec<_> = (0..4)
        .map(|_| {
            server
                .builder()
                .credentials(credentials.clone())
                .build()
                .unwrap()
        })
        .collect();
    let calls = (0..64).map(|index| {
        let session = sessions[index % 4].clone();
        tokio::spawn(async move { session.call(&GET).path("id", index).empty().await.map(drop) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(tokens_asked(&server).len(), 1);
    assert_eq!(server.count(), 65);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rejected_token_is_replaced_once_for_64_callers() {
    let revoked = Arc::new(AtomicUsize::new(0));
    let (issued, now) = (AtomicUsize::new(0), revoked.clone());
    let server = Server::start(move |request, _| {
        if request.path() == "/token" {
            let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
            return json(
                200,
                format!(r#"{{"access_token":"token-{number}","expires_in":3600}}"#),
            );
        }
        let token = request
            .header("authorization")
            .unwrap()
            .rsplit('-')
            .next()
            .unwrap()
            .parse::<usize>()
            .unwrap();
        if token > now.load(Ordering::SeqCst) {
            json(200, "{}")
        } else {
            json(401, "{}")
        }
    })
    .await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
    let session = server.builder().credentials(credentials).build().unwrap();
    session.call(&POST).empty().await.unwrap();
    revoked.store(1, Ordering::SeqCst);
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.call(&POST).empty().await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(tokens_asked(&server).len(), 2);
}

#[tokio::test]
async fn unauthorized_call_is_repeated_once_with_a_fresh_token_and_never_in_a_loop() {
    let server = Server::start(|request, before| {
        if request.path() == "/token" {
            json(
                200,
                format!(r#"{{"access_token":"token-{before}","expires_in":3600}}"#),
            )
        } else {
            json(401, r#"{"type":"unauthorized"}"#)
        }
    })
    .await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
    let session = server.builder().credentials(credentials).build().unwrap();
    let error = session.call(&GET).path("id", 1).empty().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::Status, 401)
    );
    assert_eq!(error.body(), r#"{"type":"unauthorized"}"#);
    let paths: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.path().to_owned())
        .collect();
    assert_eq!(paths, ["/token", "/things/1", "/token", "/things/1"]);
}

#[tokio::test]
async fn a_fixed_credential_is_not_sent_again_after_401() {
    let server = Server::start(|_, _| json(401, "{}")).await;
    let session = server
        .builder()
        .credentials(Bearer::new("s3cret").unwrap())
        .build()
        .unwrap();
    let error = session.call(&GET).path("id", 1).empty().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 401);
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn call_waits_for_a_busy_token_endpoint() {
    let server = Server::start(|request, before| match (request.path(), before) {
        ("/token", 0) => with(
            json(429, r#"{"type":"too_many_requests"}"#),
            "retry-after",
            "0",
        ),
        ("/token", _) => json(200, r#"{"access_token":"t","expires_in":3600}"#),
        _ => json(200, "{}"),
    })
    .await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
    let session = server.builder().credentials(credentials).build().unwrap();
    session.call(&POST).empty().await.unwrap();
    assert_eq!(tokens_asked(&server).len(), 2);
}

#[tokio::test]
async fn transient_token_endpoint_failure_costs_an_attempt_and_not_the_call() {
    for fault in [
        (|| json(503, "")) as fn() -> Reply,
        || Reply::Close,
        || Reply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec()),
    ] {
        let server = Server::start(move |request, before| match (request.path(), before) {
            ("/token", 0) => fault(),
            ("/token", _) => json(200, r#"{"access_token":"t","expires_in":3600}"#),
            _ => json(200, "{}"),
        })
        .await;
        let credentials =
            ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
        let session = server.builder().credentials(credentials).build().unwrap();
        // The POST itself had not been sent, so this repeats nothing.
        session.call(&POST).empty().await.unwrap();
        assert_eq!(server.count(), 3);
    }
}

#[tokio::test]
async fn token_endpoint_delay_beyond_the_deadline_is_an_error_that_says_how_long() {
    let server = Server::start(|_, _| with(json(429, "{}"), "retry-after", "1800")).await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
    let session = server.builder().credentials(credentials).build().unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.retry_after().unwrap().as_secs(), 1800);
    assert!(error.is_retryable());
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn token_endpoint_refusal_is_reported_and_not_requested_again_at_once() {
    let server = Server::start(|_, _| {
        json(
            401,
            r#"{"error":"invalid_client","error_description":"MARK"}"#,
        )
    })
    .await;
    let credentials = ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
    let session = server.builder().credentials(credentials).build().unwrap();
    for _ in 0..3 {
        let error = session.call(&POST).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(error.to_string().contains("invalid_client"), "{error}");
        assert!(!format!("{error} {error:?}").contains("MARK"), "{error:?}");
        assert!(error.body().starts_with(b"{"));
        assert!(!error.is_retryable());
    }
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn invalid_token_response_is_an_error_and_not_a_panic() {
    for body in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"access_token":null}"#,
        r#"{"access_token":""}"#,
        r#"{"access_token":"a\nb"}"#,
    ] {
        let server = Server::start(move |_, _| json(200, body)).await;
        let credentials =
            ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret");
        let session = server.builder().credentials(credentials).build().unwrap();
        let error = session.call(&POST).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{body}");
    }
}

#[tokio::test]
async fn refresh_token_is_rotated_and_given_out_to_be_stored() {
    let server = oauth2("3600").await;
    let stored = Arc::new(std::sync::Mutex::new(Vec::new()));
    let store = stored.clone();
    let credentials = RefreshToken::new(format!("{}/token", server.url), "client", "refresh-0")
        .on_rotation(move |next: &Secret| store.lock().unwrap().push(next.expose().to_owned()));
    let session = server.builder().credentials(credentials).build().unwrap();
    session.call(&POST).empty().await.unwrap();
    let request = &tokens_asked(&server)[0];
    assert_eq!(
        request.body,
        "grant_type=refresh_token&refresh_token=refresh-0&client_id=client"
    );
    assert_eq!(*stored.lock().unwrap(), ["refresh-1"]);
}

#[tokio::test]
async fn a_token_comes_from_a_file_or_a_command_and_is_read_again_when_refused() {
    let file = std::env::temp_dir().join(format!("idweave-token-{}", std::process::id()));
    std::fs::write(&file, "one\n").unwrap();
    let path = file.clone();
    let server = Server::start(move |request, _| match request.header("authorization") {
        Some("Bearer one") => {
            std::fs::write(&path, "two\n").unwrap();
            json(401, "{}")
        }
        Some("Bearer two") => json(200, "{}"),
        other => panic!("{other:?}"),
    })
    .await;
    let session = server
        .builder()
        .credentials(TokenFile::new(&file))
        .build()
        .unwrap();
    session.call(&POST).empty().await.unwrap();
    assert_eq!(server.count(), 2);
    std::fs::remove_file(&file).unwrap();
    let session = server
        .builder()
        .credentials(TokenCommand::new("echo", ["two"]))
        .build()
        .unwrap();
    session.call(&POST).empty().await.unwrap();
    let session = server
        .builder()
        .credentials(TokenCommand::new("false", [""; 0]))
        .build()
        .unwrap();
    assert_eq!(
        session.call(&POST).empty().await.unwrap_err().kind(),
        ErrorKind::Credentials
    );
}

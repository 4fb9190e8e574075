//! Which calls go through a proxy: https ones to other machines, and no others.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use idweave_transport::{Bearer, ClientBuilder, ClientCredentials, ErrorKind, Session};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{
    authority::{Authority, serve},
    child,
    common::{GET, PUBLIC, Recorded, Reply, Server, json},
};

/// A proxy that records what it is asked, and refuses it.
async fn refusing() -> Server {
    Server::start(|_, _| Reply::Response(403, Vec::new(), Vec::new())).await
}

/// A proxy that connects to a port of this machine, whatever it is asked for.
async fn tunnelling(port: u16) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let log = log.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                log.lock().unwrap().push(String::from_utf8(head).unwrap());
                let mut service = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut service).await;
            });
        }
    });
    (address.to_string(), seen)
}

fn targets(proxy: &Server) -> Vec<(String, String)> {
    let requests = proxy.requests().into_iter();
    requests
        .map(|Recorded { method, target, .. }| (method, target))
        .collect()
}

fn connect_to(host: &str) -> (String, String) {
    ("CONNECT".to_owned(), format!("{host}:443"))
}

/// Calls as the parent says, and prints what came of it.
#[tokio::test]
#[ignore = "run by other tests, with their environment"]
async fn child_calls_a_service() {
    let Some(url) = child::variable("IDWEAVE_TEST_SERVICE") else {
        return;
    };
    let mut builder = Session::builder(url)
        .without_retry()
        .connect_timeout(Duration::from_secs(5))
        .dangerously_allow_plain_http();
    if child::variable("IDWEAVE_TEST_WITHOUT_PROXY").is_some() {
        builder = builder.without_proxy();
    }
    builder = match child::variable("IDWEAVE_TEST_TOKENS") {
        None => builder.credentials(Bearer::new("token").unwrap()),
        Some(tokens) => builder.credentials(ClientCredentials::new(tokens, "id", "secret")),
    };
    let outcome = match builder.build() {
        Err(error) => format!("refused, {error}"),
        Ok(session) => match session.call(&GET).path("id", 1).empty().await {
            Ok(_) => "success".to_owned(),
            Err(error) => format!("{:?}", error.kind()),
        },
    };
    println!("outcome: {outcome}.");
}

async fn calls_a_service(proxy: &str, variables: &[(&str, &str)]) -> String {
    let every = [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let mut all: Vec<_> = every.iter().map(|name| (*name, proxy)).collect();
    all.extend_from_slice(variables);
    let printed = child::run("proxy::child_calls_a_service", &all).await;
    let (_, outcome) = printed.split_once("outcome: ").expect(&printed);
    outcome.lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn plain_http_call_to_loopback_passes_the_environments_proxy_by() {
    let proxy = refusing().await;
    let service = Server::start(|_, _| json(200, "{}")).await;
    for url in [
        service.url.clone(),
        service.url.replace("127.0.0.1", "localhost"),
    ] {
        let variables = [("IDWEAVE_TEST_SERVICE", url.as_str())];
        assert_eq!(calls_a_service(&proxy.url, &variables).await, "success.");
    }
    assert_eq!(targets(&proxy), []);
    assert_eq!(service.count(), 2);
}

#[tokio::test]
async fn plain_http_call_to_another_machine_passes_the_environments_proxy_by() {
    let proxy = refusing().await;
    let variables = [("IDWEAVE_TEST_SERVICE", "http://service.invalid")];
    assert_eq!(calls_a_service(&proxy.url, &variables).await, "Connect.");
    assert_eq!(targets(&proxy), []);
}

#[tokio::test]
async fn plain_http_token_endpoint_passes_the_environments_proxy_by() {
    let proxy = refusing().await;
    let token = r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#;
    let tokens = Server::start(move |_, _| json(200, token)).await;
    let variables = [
        ("IDWEAVE_TEST_SERVICE", "https://service.invalid"),
        ("IDWEAVE_TEST_TOKENS", &format!("{}/token", tokens.url)),
    ];
    assert_eq!(calls_a_service(&proxy.url, &variables).await, "Connect.");
    assert_eq!(tokens.only().path(), "/token");
    assert_eq!(targets(&proxy), [connect_to("service.invalid")]);
}

#[tokio::test]
async fn https_call_uses_the_environments_proxy() {
    let proxy = refusing().await;
    let service = ("IDWEAVE_TEST_SERVICE", "https://service.invalid");
    for direct in [
        ("NO_PROXY", "other.invalid,.service.invalid"),
        ("no_proxy", "service.invalid"),
        ("IDWEAVE_TEST_WITHOUT_PROXY", "1"),
    ] {
        assert_eq!(
            calls_a_service(&proxy.url, &[service, direct]).await,
            "Connect."
        );
        assert_eq!(targets(&proxy), [], "{direct:?}");
    }
    assert_eq!(calls_a_service(&proxy.url, &[service]).await, "Connect.");
    assert_eq!(targets(&proxy), [connect_to("service.invalid")]);
    // Only the variable for everything.
    let variables = [service, ("HTTPS_PROXY", ""), ("https_proxy", "")];
    assert_eq!(calls_a_service(&proxy.url, &variables).await, "Connect.");
    assert_eq!(proxy.count(), 2);
}

#[tokio::test]
async fn unusable_proxy_of_the_environment_is_an_error_where_it_would_be_used() {
    let service = Server::start(|_, _| json(200, "{}")).await;
    for proxy in [
        "socks5://127.0.0.1:1080",
        "http://user:s3cret@",
        "://s3cret",
    ] {
        let variables = [("IDWEAVE_TEST_SERVICE", "https://service.invalid")];
        let outcome = calls_a_service(proxy, &variables).await;
        assert!(
            outcome.starts_with("refused, ") && outcome.contains("HTTPS_PROXY"),
            "{outcome}"
        );
        assert!(!outcome.contains("s3cret"), "{outcome}");
        let variables = [("IDWEAVE_TEST_SERVICE", service.url.as_str())];
        assert_eq!(calls_a_service(proxy, &variables).await, "success.");
    }
}

fn through(proxy: impl Into<idweave_transport::Secret>, url: &str) -> ClientBuilder<Session> {
    Session::builder(url).proxy(proxy).without_retry()
}

#[tokio::test]
async fn given_proxy_is_shown_its_credentials_and_nothing_else() {
    let proxy = refusing().await;
    let address = proxy.url.replace("://", "://us%40er:p%40ss%20word@");
    let builder =
        through(address, "https://service.invalid").credentials(Bearer::new("token").unwrap());
    let printed = format!("{builder:?}");
    let error = builder
        .build()
        .unwrap()
        .call(&GET)
        .path("id", 1)
        .empty()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    let request = proxy.only();
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("CONNECT", "service.invalid:443")
    );
    // us@er:p@ss word
    assert_eq!(
        request.header("proxy-authorization"),
        Some("Basic dXNAZXI6cEBzcyB3b3Jk")
    );
    assert_eq!(request.header("authorization"), None);
    let mut causes = printed + &format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        causes += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    for secret in ["ss%20word", "ss word", "dXNAZXI6cEBzcyB3b3Jk"] {
        assert!(!causes.contains(secret), "{causes}");
    }
}

#[tokio::test]
async fn given_proxy_carries_a_call_over_tls() {
    let authority = Authority::new();
    let port = serve(authority.acceptor("service.invalid", &[], None)).await;
    let (proxy, seen) = tunnelling(port).await;
    // An address without a scheme, as curl takes it.
    let session = through(proxy, "https://service.invalid")
        .root_certificate(authority.pem())
        .build()
        .unwrap();
    session.call(&PUBLIC).empty().await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 1);
    assert!(
        seen[0].starts_with("CONNECT service.invalid:443 HTTP/1.1\r\n"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn given_proxy_is_left_out_for_loopback() {
    let authority = Authority::new();
    let port = serve(authority.acceptor("localhost", &[], None)).await;
    let proxy = refusing().await;
    let session = through(&*proxy.url, &format!("https://localhost:{port}"))
        .root_certificate(authority.pem())
        .build()
        .unwrap();
    session.call(&PUBLIC).empty().await.unwrap();
    let service = Server::start(|_, _| json(200, "{}")).await;
    through(&*proxy.url, &service.url)
        .build()
        .unwrap()
        .call(&PUBLIC)
        .empty()
        .await
        .unwrap();
    assert_eq!(targets(&proxy), []);
}

#[test]
fn given_proxy_is_checked_when_the_client_is_built() {
    for address in [
        "",
        "socks5://127.0.0.1:1080",
        "ftp://proxy.invalid",
        "http://",
        "http://us er:s3cret@",
        "http://proxy.invalid:s3cret",
        "http://user:s3cret@proxy.invalid/path",
        "http://user:s3cret@proxy.invalid?x=1",
    ] {
        let error = through(address, "https://service.invalid")
            .build()
            .map(drop)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{address}");
        let printed = format!("{error} {error:?}");
        assert!(
            printed.contains("proxy") && !printed.contains("s3cret"),
            "{printed}"
        );
    }
    let last_word = through("http://proxy.invalid", "https://service.invalid").without_proxy();
    assert!(last_word.build().is_ok());
}

//! The same call twice: by hand on reqwest, and through the transport.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

use idweave_transport::{Bearer, Method, Operation, Scheme, Session};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header;
use serde::Deserialize;

static GET_USER: Operation = Operation::new("getUser", Method::GET, "/v1/users/{userId}")
    .with_security(&[&[Scheme::Bearer]]);

const TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjbGllbnQifQ.c2lnbmF0dXJl";
const USER: &str =
    r#"{"userId":"auth0|7","name":"Ann Example","email":"ann@acme.io","picture":null}"#;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub user_id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    pub picture: Option<String>,
}

/// What one would write without idweave: encoded path, token, time limits,
/// status checked, body read whole and decoded.
#[derive(Clone)]
pub struct ByHand {
    client: reqwest::Client,
    base: String,
}

impl ByHand {
    pub fn new(base: &str) -> Self {
        let config = rustls::ClientConfig::builder_with_provider(
            rustls::crypto::ring::default_provider().into(),
        )
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(config)
            .user_agent("by-hand/1.0")
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(90))
            .build()
            .unwrap();
        Self {
            client,
            base: base.to_owned(),
        }
    }

    pub async fn user(&self, id: &str) -> User {
        let url = format!(
            "{}/v1/users/{}",
            self.base,
            utf8_percent_encode(id, NON_ALPHANUMERIC)
        );
        let response = self
            .client
            .get(url)
            .bearer_auth(TOKEN)
            .header(header::ACCEPT, "application/json")
            .send()
            .await
            .unwrap()
            .error_for_status()
            .unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }
}

/// The same through the transport, with all that it does besides.
#[derive(Clone)]
pub struct Idweave(Session);

impl Idweave {
    pub fn new(base: &str) -> Self {
        Self(
            Session::builder(base)
                .credentials(Bearer::new(TOKEN).unwrap())
                .build()
                .unwrap(),
        )
    }

    pub async fn user(&self, id: &str) -> User {
        self.0
            .call(&GET_USER)
            .path("userId", id)
            .json::<User>()
            .await
            .unwrap()
            .into_inner()
    }
}

/// A server that does as little as it can, a thread a connection.
pub fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept() {
        std::thread::spawn(move || respond(stream));
    }
}

fn respond(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let reply = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{USER}",
        USER.len()
    );
    let mut buffer = [0; 8192];
    let mut end = 0;
    loop {
        match stream.read(&mut buffer[end..]) {
            Ok(0) | Err(_) => return,
            Ok(n) => end += n,
        }
        if buffer[..end].ends_with(b"\r\n\r\n") {
            end = 0;
            if stream.write_all(reply.as_bytes()).is_err() {
                return;
            }
        }
    }
}

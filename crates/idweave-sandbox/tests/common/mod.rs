//! A plain HTTP client for the sandbox's own tests: one connection a call, nothing hidden.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use axum::body::{Body, Bytes, to_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// A whole response.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{} is not JSON: {:?}", self.status, self.body))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// `name=value` of the cookie that was set.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }
}

/// A request being put together.
pub(crate) struct Call {
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
}

pub(crate) fn call(method: &str, url: impl Into<String>) -> Call {
    Call {
        method: method.parse().unwrap(),
        url: url.into(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
    }
}

impl Call {
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().unwrap());
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    pub(crate) fn basic(self, user: &str, password: &str) -> Self {
        self.header(
            AUTHORIZATION.as_str(),
            &format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
        )
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into();
        self.header(CONTENT_TYPE.as_str(), "application/json")
    }

    pub(crate) fn form(mut self, body: &str) -> Self {
        self.body = body.to_owned().into();
        self.header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")
    }

    pub(crate) fn raw(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(CONTENT_TYPE.as_str(), content_type)
    }

    pub(crate) async fn try_send(self) -> Result<Response, String> {
        let uri: Uri = self.url.parse().unwrap();
        let authority = uri.authority().unwrap().to_string();
        let stream = TcpStream::connect(&authority)
            .await
            .map_err(|error| error.to_string())?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| error.to_string())?;
        let driver = tokio::spawn(connection);
        let mut request = Request::builder()
            .method(self.method)
            .uri(uri.path_and_query().unwrap().as_str());
        *request.headers_mut().unwrap() = self.headers;
        let headers = request.headers_mut().unwrap();
        headers
            .entry(HOST)
            .or_insert_with(|| authority.parse().unwrap());
        let request = request.body(Body::from(self.body)).unwrap();
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| error.to_string())?;
        let (parts, body) = response.into_parts();
        let body = to_bytes(Body::new(body), usize::MAX)
            .await
            .map_err(|error| error.to_string())?;
        driver.abort();
        Ok(Response {
            status: parts.status,
            headers: parts.headers,
            body,
        })
    }

    pub(crate) async fn send(self) -> Response {
        self.try_send().await.unwrap()
    }
}

/// Signs an Authress access key into a JWT, its claims and header changed first.
pub(crate) fn signed(
    access_key: &str,
    base_url: &str,
    change: impl FnOnce(&mut Value, &mut Value),
) -> String {
    let parts: Vec<&str> = access_key.splitn(4, '.').collect();
    let [client, key, account, private] = parts[..] else {
        panic!("an access key has four parts")
    };
    let pair =
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&STANDARD.decode(private).unwrap()).unwrap();
    let now = jiff::Timestamp::now().as_second();
    let mut header = json!({"alg": "EdDSA", "kid": key, "typ": "at+jwt"});
    let mut claims = json!({
        "iss": format!("{base_url}/v1/clients/{client}"), "sub": client, "client_id": client,
        "aud": format!("{account}.accounts.authress.io"), "iat": now, "exp": now + 86_400, "scope": "openid",
    });
    change(&mut header, &mut claims);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signing = format!("{}.{}", part(&header), part(&claims));
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(signing.as_bytes()).as_ref());
    format!("{signing}.{signature}")
}

/// Percent-encodes a path segment.
pub(crate) fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

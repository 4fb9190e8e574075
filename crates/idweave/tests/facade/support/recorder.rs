//! A server on loopback that records requests and sends the responses it is given.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A recorded request.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query, still encoded.
    pub target: String,
    /// The header lines.
    pub head: String,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Whether it is a request for a token, which precedes others at some services.
    fn is_for_token(&self) -> bool {
        self.target.starts_with("/oauth2/token")
    }
}

/// A response to send.
#[derive(Clone, Debug)]
pub struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// What `Content-Length` claims beyond the body.
    missing: usize,
}

impl Response {
    pub fn json(status: u16, body: impl ToString) -> Self {
        Self::of(status, "application/json", body.to_string())
    }

    pub fn html(status: u16) -> Self {
        Self::of(
            status,
            "text/html",
            "<!doctype html><h1>MARK Bad Gateway</h1>".to_owned(),
        )
    }

    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
            missing: 0,
        }
    }

    pub fn of(status: u16, content_type: &str, body: String) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body,
            missing: 0,
        }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Cuts the body in half, although all of it was announced.
    pub fn truncated(mut self) -> Self {
        let half = self.body.len() / 2;
        self.missing = self.body.len() - half + 1;
        self.body.truncate(half);
        self
    }

    fn write(&self) -> String {
        let length = self.body.len() + self.missing;
        let mut text = format!("HTTP/1.1 {} Told\r\nconnection: close\r\n", self.status);
        if self.status != 204 {
            text += &format!("content-length: {length}\r\n");
        }
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        text + "\r\n" + &self.body
    }
}

type Requests = Arc<Mutex<Vec<Request>>>;

/// The server. It lives until dropped.
pub struct Recorder {
    pub base_url: String,
    requests: Requests,
    task: tokio::task::JoinHandle<()>,
}

impl Recorder {
    /// Sends the same response to every request; requests for a token get one.
    pub async fn always(response: Response) -> Self {
        Self::start(move |_| response.clone()).await
    }

    /// Sends what the function returns; requests for a token get one.
    pub async fn start(response: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        Self::raw(move |request| {
            if request.is_for_token() {
                let token =
                    r#"{"access_token":"MARK-access","expires_in":3600,"token_type":"Bearer"}"#;
                return Response::json(200, token);
            }
            response(request)
        })
        .await
    }

    /// Sends what the function returns, for token requests as well.
    pub async fn raw(response: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Requests::default();
        let (log, response) = (requests.clone(), Arc::new(response));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, response) = (log.clone(), response.clone());
                tokio::spawn(async move { serve(stream, &log, &*response).await });
            }
        });
        Self {
            base_url,
            requests,
            task,
        }
    }

    /// Returns the requests without those for a token.
    pub fn requests(&self) -> Vec<Request> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .filter(|request| !request.is_for_token())
            .cloned()
            .collect()
    }

    /// Returns the number of all requests.
    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    log: &Requests,
    response: &(dyn Fn(&Request) -> Response + Send + Sync),
) {
    let mut bytes = Vec::new();
    let request = loop {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
        if let Some(request) = parse(&bytes) {
            break request;
        }
    };
    let text = response(&request).write();
    log.lock().unwrap().push(request);
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn parse(bytes: &[u8]) -> Option<Request> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let (first, head) = head.split_once("\r\n").unwrap_or((head, ""));
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let request = Request {
        method,
        target,
        head: head.to_owned(),
        body: body.to_owned(),
    };
    let length = request
        .header("content-length")
        .map_or(0, |length| length.parse().unwrap());
    (body.len() >= length).then_some(request)
}

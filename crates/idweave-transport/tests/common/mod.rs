//! A server on loopback that records what it was sent, byte for byte, and
//! responds as a test says, wrongly if need be.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

pub mod log;

use std::sync::{Arc, Mutex};

use idweave_transport::{Backoff, ClientBuilder, Method, Operation, RetryPolicy, Scheme, Session};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

pub static PUBLIC: Operation = Operation::new("public", Method::GET, "/public");
pub static GET: Operation =
    Operation::new("get", Method::GET, "/things/{id}").with_security(&[&[Scheme::Bearer]]);
pub static POST: Operation =
    Operation::new("post", Method::POST, "/things").with_security(&[&[Scheme::Bearer]]);
pub static PUT: Operation =
    Operation::new("put", Method::PUT, "/things/{id}").with_security(&[&[Scheme::Bearer]]);

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Recorded {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(key, _)| key == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} was sent twice");
        value
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// What the server does about a request.
pub enum Reply {
    /// A whole response: status, header lines, body.
    Response(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes, and then the connection is closed.
    Raw(Vec<u8>),
    /// The connection is closed without a byte.
    Close,
    /// These bytes, and then nothing for as long as the client waits.
    Stall(Vec<u8>),
    /// Another reply, once the event has come.
    After(Arc<Notify>, Box<Reply>),
}

pub fn json(status: u16, body: impl ToString) -> Reply {
    Reply::Response(
        status,
        vec![("content-type", "application/json".to_owned())],
        body.to_string().into_bytes(),
    )
}

pub fn with(reply: Reply, name: &'static str, value: impl ToString) -> Reply {
    match reply {
        Reply::Response(status, mut headers, body) => {
            headers.push((name, value.to_string()));
            Reply::Response(status, headers, body)
        }
        _ => panic!("only whole responses have headers"),
    }
}

#[derive(Clone)]
pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

impl Server {
    /// `handler` sees each request and how many came before it.
    pub async fn start(
        handler: impl Fn(&Recorded, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, handler) = (requests.clone(), Arc::new(handler));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, seen.clone(), handler.clone()));
            }
        });
        Self { url, requests }
    }

    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }

    pub fn only(&self) -> Recorded {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests[0].clone()
    }

    /// The requests to this path.
    pub fn requests_to(&self, path: &str) -> Vec<Recorded> {
        let mut requests = self.requests();
        requests.retain(|request| request.path() == path);
        requests
    }

    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// A client's builder that does not wait between attempts.
    pub fn builder(&self) -> ClientBuilder<Session> {
        Session::builder(&self.url).retry(eager())
    }
}

/// The default policy without its waits.
pub fn eager() -> RetryPolicy {
    RetryPolicy::default().with_backoff(Backoff::new(
        std::time::Duration::ZERO,
        std::time::Duration::ZERO,
    ))
}

/// An address where nobody listens.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn serve(
    mut stream: TcpStream,
    seen: Arc<Mutex<Vec<Recorded>>>,
    handler: Arc<impl Fn(&Recorded, usize) -> Reply>,
) {
    let mut buffer = Vec::new();
    loop {
        let Some(request) = read(&mut stream, &mut buffer).await else {
            return;
        };
        let before = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        let mut reply = handler(&request, before);
        while let Reply::After(event, then) = reply {
            event.notified().await;
            reply = *then;
        }
        match reply {
            Reply::Response(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                head.push_str("\r\n");
                let mut response = head.into_bytes();
                if request.method != "HEAD" {
                    response.extend(body);
                }
                if stream.write_all(&response).await.is_err() {
                    return;
                }
            }
            Reply::Raw(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Reply::Close | Reply::After(..) => return,
            Reply::Stall(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.read(&mut [0; 1]).await;
                return;
            }
        }
    }
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Recorded> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer.drain(..end + 4).collect()).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines
        .map(|line| {
            line.split_once(": ")
                .unwrap_or_else(|| panic!("no header: {line:?}"))
        })
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, n)| n.parse().unwrap());
    while buffer.len() < length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8_lossy(&buffer.drain(..length).collect::<Vec<_>>()).into_owned();
    Some(Recorded {
        method,
        target,
        headers,
        body,
    })
}

//! HTTP/2: one connection for many calls, and which calls are sent again when the service refuses or leaves.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use h2::Reason;
use http::{Method, Response, Version};
use idweave_transport::{Bearer, ClientBuilder, ErrorKind, Session};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    authority::Authority,
    common::{GET, POST, eager},
};

/// What the service does about a connection.
#[derive(Clone, Copy)]
enum Connection {
    /// Every stream is treated so.
    Streams(fn(usize) -> Stream),
    /// It leaves when the first request comes, and names the last stream that it may have processed.
    GoesAway { last_stream: u8 },
}

/// What the service does about a request.
enum Stream {
    Responds,
    Resets(Reason),
}

/// A service at `https://localhost` that speaks nothing but HTTP/2.
struct Service {
    url: String,
    authority: Authority,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<(Method, Version)>>>,
}

impl Service {
    /// `connection` says what is done about each connection; it is given how many came before.
    async fn start(connection: fn(usize) -> Connection) -> Self {
        let authority = Authority::new();
        let acceptor = authority.acceptor("localhost", &["h2"], None);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            url: format!(
                "https://localhost:{}",
                listener.local_addr().unwrap().port()
            ),
            authority,
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (service.connections.clone(), service.requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let what = connection(connections.fetch_add(1, Ordering::SeqCst));
                tokio::spawn(serve(acceptor.clone(), stream, what, requests.clone()));
            }
        });
        service
    }

    fn builder(&self) -> ClientBuilder<Session> {
        Session::builder(&self.url)
            .root_certificate(self.authority.pem())
            .credentials(Bearer::new("token").unwrap())
            .retry(eager())
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn requests(&self) -> usize {
        let requests = self.requests.lock().unwrap();
        assert!(
            requests
                .iter()
                .all(|(_, version)| *version == Version::HTTP_2)
        );
        requests.len()
    }
}

async fn serve(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    what: Connection,
    requests: Arc<Mutex<Vec<(Method, Version)>>>,
) {
    let stream = acceptor.accept(stream).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let respond = match what {
        Connection::Streams(respond) => respond,
        Connection::GoesAway { last_stream } => {
            return go_away(stream, last_stream, &requests).await;
        }
    };
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((request, mut response))) = connection.accept().await {
        let before = {
            let mut requests = requests.lock().unwrap();
            requests.push((request.method().clone(), request.version()));
            requests.len() - 1
        };
        match respond(before) {
            Stream::Resets(reason) => response.send_reset(reason),
            Stream::Responds => {
                let mut body = response.send_response(Response::new(()), false).unwrap();
                body.send_data(Bytes::from_static(b"{}"), true).unwrap();
            }
        }
    }
}

/// The frames by hand: a server of the library would never leave without a response.
async fn go_away(
    mut stream: TlsStream<TcpStream>,
    last_stream: u8,
    requests: &Mutex<Vec<(Method, Version)>>,
) {
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    const HEADERS: u8 = 1;
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.unwrap();
    assert!(preface.starts_with(b"PRI * HTTP/2.0"));
    stream.write_all(SETTINGS).await.unwrap();
    stream.flush().await.unwrap();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.unwrap();
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        stream.read_exact(&mut vec![0; length]).await.unwrap();
        if head[3] == HEADERS {
            break;
        }
    }
    requests
        .lock()
        .unwrap()
        .push((Method::POST, Version::HTTP_2));
    let reason = [0; 4];
    stream
        .write_all(&[0, 0, 8, 7, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    stream.write_all(&[0, 0, 0, last_stream]).await.unwrap();
    stream.write_all(&reason).await.unwrap();
    stream.shutdown().await.unwrap();
    // Bytes that were never read would reset the connection before the client has seen the frame.
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

#[tokio::test]
async fn calls_share_one_connection() {
    let service = Service::start(|_| Connection::Streams(|_| Stream::Responds)).await;
    let session = service.builder().build().unwrap();
    for _ in 0..3 {
        session.call(&GET).path("id", 1).empty().await.unwrap();
    }
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let session = session.clone();
        calls.spawn(async move {
            let body = serde_json::json!({});
            session
                .call(&POST)
                .json_body(&body)
                .json::<serde_json::Value>()
                .await
        });
    }
    while let Some(outcome) = calls.join_next().await {
        assert_eq!(*outcome.unwrap().unwrap(), serde_json::json!({}));
    }
    assert_eq!((service.connections(), service.requests()), (1, 23));
}

#[tokio::test]
async fn refused_stream_is_sent_again_whatever_the_operation() {
    let service = Service::start(|_| {
        Connection::Streams(|before| match before {
            0 | 1 => Stream::Resets(Reason::REFUSED_STREAM),
            _ => Stream::Responds,
        })
    })
    .await;
    let session = service.builder().build().unwrap();
    session.call(&POST).empty().await.unwrap();
    assert_eq!(service.requests(), 3);
}

#[tokio::test]
async fn refused_stream_is_sent_no_more_often_than_the_policy_allows() {
    let service =
        Service::start(|_| Connection::Streams(|_| Stream::Resets(Reason::REFUSED_STREAM))).await;
    let once = service.builder().without_retry().build().unwrap();
    let error = once.call(&POST).empty().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1));
    assert!(error.is_retryable());
    assert_eq!(service.requests(), 1);
    let eager = service.builder().build().unwrap();
    let error = eager.call(&POST).empty().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 4));
    assert_eq!(service.requests(), 5);
}

#[tokio::test]
async fn request_that_a_leaving_service_did_not_read_is_sent_again() {
    let service = Service::start(|before| match before {
        0 => Connection::GoesAway { last_stream: 0 },
        _ => Connection::Streams(|_| Stream::Responds),
    })
    .await;
    let session = service.builder().build().unwrap();
    session.call(&POST).empty().await.unwrap();
    assert_eq!((service.connections(), service.requests()), (2, 2));
}

#[tokio::test]
async fn request_that_a_leaving_service_may_have_read_is_sent_again_only_if_idempotent() {
    async fn service() -> Service {
        Service::start(|before| match before {
            0 => Connection::GoesAway { last_stream: 1 },
            _ => Connection::Streams(|_| Stream::Responds),
        })
        .await
    }
    let unrepeated = service().await;
    let session = unrepeated.builder().build().unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1));
    assert_eq!((unrepeated.connections(), unrepeated.requests()), (1, 1));

    let repeated = service().await;
    let session = repeated.builder().build().unwrap();
    session.call(&GET).path("id", 1).empty().await.unwrap();
    assert_eq!((repeated.connections(), repeated.requests()), (2, 2));
}

#[tokio::test]
async fn request_that_failed_inside_the_service_is_not_sent_again() {
    let service =
        Service::start(|_| Connection::Streams(|_| Stream::Resets(Reason::INTERNAL_ERROR))).await;
    let session = service.builder().build().unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1));
    assert_eq!(service.requests(), 1);
}

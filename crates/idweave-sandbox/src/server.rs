//! Listeners, connections, and the way of one request through routing, faults and inspection.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::fault::{Page, Reset, Trouble};
use crate::inspect::Entry;
use crate::route::{Found, Operation, Router};
use crate::wire::{Reply, Request, parse_query};
use crate::world::World;

/// One emulated service.
pub(crate) trait Service: Send + Sized + 'static {
    /// `docspace`, `authress`, `ostrom` or `enhance`.
    const NAME: &'static str;
    /// The state a fresh sandbox starts from.
    fn seed(world: Arc<World>) -> Self;
    /// Everything it answers.
    fn operations() -> Vec<Operation<Self>>;
    /// An error in the service's own form, for faults and unknown paths.
    fn error(status: StatusCode, request: &Request) -> Reply;
    /// Called before each request: what has fallen due happens now.
    fn settle(&mut self, _now: jiff::Timestamp) {}
    /// Called before each handler; an answer here ends the request (rate limits).
    fn admit(&mut self, _request: &Request) -> Option<Reply> {
        None
    }
    /// Called with each answer, to add headers.
    fn finish(&mut self, _request: &Request, _reply: &mut Reply) {}
    /// The state as JSON, for tests and people.
    fn snapshot(&mut self) -> serde_json::Value;
}

/// A running service: its router and its state.
pub(crate) struct Emulator<S: Service> {
    pub(crate) world: Arc<World>,
    router: Router<S>,
    pub(crate) state: Mutex<S>,
}

/// Answers the sandbox's own paths (`/_sandbox/…`); none when the path is not one of them.
pub(crate) trait Desk: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> Option<Reply>;
}

impl<S: Service> Emulator<S> {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self {
            router: Router::new(S::operations()),
            state: Mutex::new(S::seed(world.clone())),
            world,
        }
    }

    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, S> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn reset(&self) {
        let fresh = S::seed(self.world.clone());
        *self.lock() = fresh;
    }

    /// Runs the request; the flag says whether a handler ran and did not refuse.
    fn run(&self, operation: usize, request: &Request) -> (Reply, bool) {
        let mut state = self.lock();
        state.settle(request.now);
        let (mut reply, mut effect) = match state.admit(request) {
            Some(refused) => (refused, false),
            None => (
                (self.router.operations[operation].run)(&mut state, request),
                true,
            ),
        };
        effect &= reply.status.as_u16() < 400;
        state.finish(request, &mut reply);
        (reply, effect)
    }
}

/// How a call ends.
pub(crate) enum Ending {
    Reply(Reply, bool),
    Stall,
    Reset,
}

/// The largest request body a service reads.
const BODY_LIMIT: usize = 32 << 20;

impl<S: Service> Emulator<S> {
    fn handle(&self, mut request: Request) -> (Ending, Option<Duration>) {
        let found = self.router.find(&request.method, &request.path);
        let operation = match &found {
            Found::Operation(at, _) => self.router.operations[*at].id,
            _ => "",
        };
        let trouble = self.world.faults.draw(S::NAME, operation);
        let ending = match found {
            Found::Operation(at, params) => {
                request.params = params;
                self.call(at, &mut request, trouble.as_ref())
            }
            Found::OtherMethods(methods) => {
                let mut reply = S::error(StatusCode::METHOD_NOT_ALLOWED, &request);
                let methods = methods
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", ");
                if let Ok(value) = HeaderValue::from_str(&methods) {
                    reply.headers.insert(ALLOW, value);
                }
                Ending::Reply(reply, false)
            }
            Found::Nothing => Ending::Reply(S::error(StatusCode::NOT_FOUND, &request), false),
        };
        let status = match &ending {
            Ending::Reply(reply, _) => Some(reply.status.as_u16()),
            _ => None,
        };
        self.world.journal.record(Entry {
            service: S::NAME,
            operation: (!operation.is_empty()).then_some(operation),
            method: request.method,
            path: request.path,
            query: request.raw_query,
            headers: request.headers,
            body: request.body,
            credential: request.credential.into_inner(),
            status,
            fault: trouble.is_some(),
            at: request.now,
        });
        (ending, trouble.and_then(|trouble| trouble.delay))
    }

    fn call(&self, at: usize, request: &mut Request, trouble: Option<&Trouble>) -> Ending {
        let Some(trouble) = trouble else {
            let (reply, effect) = self.run(at, request);
            self.count(at, effect);
            return Ending::Reply(reply, false);
        };
        if trouble.reset == Some(Reset::Before) {
            return Ending::Reset;
        }
        let mut reply = match trouble
            .status
            .and_then(|status| StatusCode::from_u16(status).ok())
        {
            Some(status) => S::error(status, request),
            None => {
                request.page_shift = match trouble.page {
                    Some(Page::Duplicate) => -1,
                    Some(Page::Missing) => 1,
                    None => 0,
                };
                let (reply, effect) = self.run(at, request);
                self.count(at, effect);
                reply
            }
        };
        if trouble.stall {
            return Ending::Stall;
        }
        if trouble.reset == Some(Reset::After) {
            return Ending::Reset;
        }
        if let Some(seconds) = trouble.retry_after {
            reply
                .headers
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(body) = &trouble.body {
            reply.body = Bytes::from(body.clone());
        }
        if trouble.malformed {
            let mut broken = BytesMut::from(&b"{\"broken\": [1, "[..]);
            broken.extend_from_slice(&reply.body);
            reply.body = broken.freeze();
        }
        if let Some(kind) = trouble
            .content_type
            .as_deref()
            .and_then(|kind| HeaderValue::from_str(kind).ok())
        {
            reply.headers.insert(CONTENT_TYPE, kind);
        }
        Ending::Reply(reply, trouble.truncate)
    }

    fn count(&self, at: usize, effect: bool) {
        let id = self.router.operations[at].id;
        if effect && !id.is_empty() {
            self.world.journal.took_effect(S::NAME, id);
        }
    }
}

/// Something that answers whole requests: an emulator, or the sandbox's own desk.
pub(crate) trait Answerer: Send + Sync + 'static {
    fn answer(&self, request: Request) -> (Ending, Option<Duration>);
    fn now(&self) -> jiff::Timestamp;
}

impl<S: Service> Answerer for Emulator<S> {
    fn answer(&self, request: Request) -> (Ending, Option<Duration>) {
        if request.path.starts_with("/_sandbox")
            && let Some(reply) = self.world.desk().and_then(|desk| desk.answer(&request))
        {
            return (Ending::Reply(reply, false), None);
        }
        self.handle(request)
    }

    fn now(&self) -> jiff::Timestamp {
        self.world.clock.now()
    }
}

/// Accepts connections until the task is aborted; its connections end with it.
pub(crate) async fn serve<A: Answerer>(listener: TcpListener, base: Arc<str>, answerer: Arc<A>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, base.clone(), answerer.clone()));
                }
                // Out of file descriptors or the like: others may end, so wait rather than spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection<A: Answerer>(
    stream: TcpStream,
    peer: SocketAddr,
    base: Arc<str>,
    answerer: Arc<A>,
) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Wire {
        stream,
        reset: reset.clone(),
    });
    let service = hyper::service::service_fn(move |request| {
        exchange(request, peer, base.clone(), answerer.clone(), reset.clone())
    });
    // Errors here are the client's: it hung up, or sent something that is not HTTP.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(300))
        .serve_connection(io, service)
        .await;
}

/// The connection is dropped without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is reset on purpose")
    }
}

impl std::error::Error for Dropped {}

async fn exchange<A: Answerer>(
    request: hyper::Request<Incoming>,
    peer: SocketAddr,
    base: Arc<str>,
    answerer: Arc<A>,
    reset: Arc<AtomicBool>,
) -> Result<hyper::Response<Payload>, Dropped> {
    let (parts, body) = request.into_parts();
    let Ok(body) = read(body).await else {
        return Ok(response(Reply::empty(StatusCode::PAYLOAD_TOO_LARGE), false));
    };
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    let request = Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parse_query(&raw_query),
        raw_query,
        headers: parts.headers,
        body,
        params: Vec::new(),
        now: answerer.now(),
        base,
        peer: peer.ip(),
        page_shift: 0,
        credential: None.into(),
    };
    let (ending, delay) = answerer.answer(request);
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    match ending {
        Ending::Reply(reply, truncate) => Ok(response(reply, truncate)),
        Ending::Stall => std::future::pending().await,
        Ending::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(Dropped)
        }
    }
}

async fn read(mut body: Incoming) -> Result<Bytes, ()> {
    let mut whole = BytesMut::new();
    let mut first = None::<Bytes>;
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        match frame {
            None => break,
            Some(Err(_)) => return Err(()),
            Some(Ok(frame)) => {
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                if whole.is_empty() && first.is_none() {
                    first = Some(data);
                    continue;
                }
                if let Some(first) = first.take() {
                    whole.extend_from_slice(&first);
                }
                if whole.len() + data.len() > BODY_LIMIT {
                    return Err(());
                }
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

fn response(reply: Reply, truncate: bool) -> hyper::Response<Payload> {
    let length = reply.body.len();
    let payload = if truncate {
        Payload::Cut {
            data: Some(reply.body.slice(..length / 2)),
            wait: None,
        }
    } else {
        Payload::Whole(Some(reply.body))
    };
    let mut response = hyper::Response::new(payload);
    *response.status_mut() = reply.status;
    *response.headers_mut() = *reply.headers;
    if truncate {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}

/// A body that is whole, or ends before the length it announced.
enum Payload {
    Whole(Option<Bytes>),
    Cut {
        data: Option<Bytes>,
        wait: Option<Pin<Box<tokio::time::Sleep>>>,
    },
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        match self.get_mut() {
            Self::Whole(data) => Poll::Ready(
                data.take()
                    .filter(|data| !data.is_empty())
                    .map(|data| Ok(Frame::data(data))),
            ),
            Self::Cut { data, wait } => {
                if let Some(data) = data.take().filter(|data| !data.is_empty()) {
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                // Let the first half leave before the connection goes.
                let wait = wait
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(5))));
                std::task::ready!(Future::poll(wait.as_mut(), cx));
                Poll::Ready(Some(Err(Dropped)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(data) if data.as_ref().is_none_or(Bytes::is_empty))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(data) => {
                SizeHint::with_exact(data.as_ref().map_or(0, |data| data.len() as u64))
            }
            Self::Cut { .. } => SizeHint::new(),
        }
    }
}

/// A connection that can end in a reset instead of an orderly close.
struct Wire {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Binds a free (or the given) port on loopback.
pub(crate) async fn listen(port: u16) -> std::io::Result<(TcpListener, Arc<str>)> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let base = format!("http://{}", listener.local_addr()?);
    Ok((listener, base.into()))
}

//! Listeners, connections, and the way of one request through faults, its handler and inspection.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body as AxumBody;
use axum::extract::Request as HttpRequest;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::engine::env::World;
use crate::engine::fault::{Page, Trouble};
use crate::engine::hooks::{CallInfo, CallOutcome};
use crate::engine::journal::Entry;
use crate::engine::router::{Operation, Reset};
use crate::engine::wire::{Reply, Request, parse_query};

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

/// A running service: what it answers and its state.
pub(crate) struct Emulator<S: Service> {
    pub(crate) world: Arc<World>,
    pub(crate) operations: Vec<Operation<S>>,
    state: Mutex<S>,
}

/// Answers the sandbox's own paths (`/_sandbox/…`).
pub(crate) trait Desk: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> Reply;
}

impl<S: Service> Emulator<S> {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self {
            operations: S::operations(),
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
            None => ((self.operations[operation].run)(&mut state, request), true),
        };
        effect &= reply.status.as_u16() < 400;
        state.finish(request, &mut reply);
        (reply, effect)
    }
}

/// Where a path led.
pub(crate) enum Target {
    /// To an operation, with the path's parameters.
    Operation(usize, Vec<(String, String)>),
    /// To operations of other methods.
    OtherMethods,
    Nothing,
}

/// How much of an answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// Half of its body, then the connection is closed.
    CutOff,
    /// Half of its body, then the connection is reset.
    Reset,
}

/// How a call ends.
enum Ending {
    Reply(Reply, Delivery),
    Stall,
    Reset,
}

/// The largest request body a service reads.
const BODY_LIMIT: usize = 32 << 20;

impl<S: Service> Emulator<S> {
    fn handle(&self, target: Target, mut request: Request) -> (Ending, Option<Duration>) {
        let operation = match &target {
            Target::Operation(at, _) => self.operations[*at].id,
            Target::OtherMethods | Target::Nothing => "",
        };
        let mut trouble = self.world.faults.draw(S::NAME, operation);
        let controller = self.world.hooks.get();
        let chosen = controller
            .and_then(|controller| controller.on_request(call_info::<S>(operation, &request)));
        if let Some(fault) = chosen {
            trouble.get_or_insert_default().add(&fault);
        }
        let mut effect = false;
        let ending = match target {
            Target::Operation(at, params) => {
                request.params = params;
                self.call(at, &mut request, trouble.as_ref(), &mut effect)
            }
            Target::OtherMethods => Ending::Reply(
                S::error(StatusCode::METHOD_NOT_ALLOWED, &request),
                Delivery::Whole,
            ),
            Target::Nothing => {
                Ending::Reply(S::error(StatusCode::NOT_FOUND, &request), Delivery::Whole)
            }
        };
        let status = match &ending {
            Ending::Reply(reply, _) => Some(reply.status.as_u16()),
            Ending::Stall | Ending::Reset => None,
        };
        if let Some(controller) = controller {
            controller.on_response(
                call_info::<S>(operation, &request),
                CallOutcome { effect, status },
            );
        }
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

    /// Carries the call out, unless what goes wrong prevents it; `effect` says whether it was.
    fn call(
        &self,
        at: usize,
        request: &mut Request,
        trouble: Option<&Trouble>,
        effect: &mut bool,
    ) -> Ending {
        let mut run = |request: &Request| {
            let reply;
            (reply, *effect) = self.run(at, request);
            self.count(at, *effect);
            reply
        };
        let Some(trouble) = trouble else {
            return Ending::Reply(run(request), Delivery::Whole);
        };
        if trouble.reset == Some(crate::engine::fault::Reset::Before) {
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
                run(request)
            }
        };
        if trouble.stall {
            return Ending::Stall;
        }
        if trouble.reset == Some(crate::engine::fault::Reset::After) {
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
        let delivery = match trouble.reset {
            Some(crate::engine::fault::Reset::During) => Delivery::Reset,
            _ if trouble.truncate => Delivery::CutOff,
            _ => Delivery::Whole,
        };
        Ending::Reply(reply, delivery)
    }

    fn count(&self, at: usize, effect: bool) {
        let id = self.operations[at].id;
        if effect && !id.is_empty() {
            self.world.journal.took_effect(S::NAME, id);
        }
    }
}

/// Describes the request to a fault controller.
fn call_info<'a, S: Service>(operation: &'static str, request: &'a Request) -> CallInfo<'a> {
    CallInfo {
        service: S::NAME,
        operation: (!operation.is_empty()).then_some(operation),
        method: &request.method,
        path: &request.path,
        headers: &request.headers,
    }
}

/// Where a request came in, and from whom: put into it by its connection.
#[derive(Clone, Debug)]
struct Origin {
    base: Arc<str>,
    peer: SocketAddr,
}

/// Reads the whole request; too large a body is refused.
async fn read(world: &World, request: HttpRequest) -> Result<Request, Reply> {
    let (parts, body) = request.into_parts();
    let Some(Origin { base, peer }) = parts.extensions.get::<Origin>().cloned() else {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    };
    let body = axum::body::to_bytes(body, BODY_LIMIT).await;
    let body = body.map_err(|_| Reply::empty(StatusCode::PAYLOAD_TOO_LARGE))?;
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    Ok(Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parse_query(&raw_query),
        raw_query,
        headers: parts.headers,
        body,
        params: Vec::new(),
        now: world.clock.now(),
        base,
        peer: peer.ip(),
        page_shift: 0,
        credential: None.into(),
    })
}

/// The answer of a service, with whatever goes wrong on the way.
pub(crate) async fn answer_service<S: Service>(
    emulator: Arc<Emulator<S>>,
    target: Target,
    request: HttpRequest,
) -> Response {
    let request = match read(&emulator.world, request).await {
        Ok(request) => request,
        Err(reply) => return response(reply, Delivery::Whole),
    };
    let (ending, delay) = emulator.handle(target, request);
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    match ending {
        Ending::Reply(reply, delivery) => response(reply, delivery),
        Ending::Stall => std::future::pending().await,
        Ending::Reset => Reset::AtOnce.mark(Response::new(AxumBody::empty())),
    }
}

/// The answer of the sandbox's own desk.
pub(crate) async fn answer_desk(world: Arc<World>, request: HttpRequest) -> Response {
    let reply = match (read(&world, request).await, world.desk()) {
        (Ok(request), Some(desk)) => desk.answer(&request),
        (Err(reply), _) => reply,
        (_, None) => Reply::empty(StatusCode::SERVICE_UNAVAILABLE),
    };
    response(reply, Delivery::Whole)
}

/// Accepts connections until the task is aborted; its connections end with it.
pub(crate) async fn serve(listener: TcpListener, base: Arc<str>, router: axum::Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let origin = Origin { base: base.clone(), peer };
                    connections.spawn(connection(stream, origin, router.clone()));
                }
                // Out of file descriptors or the like: others may end, so wait rather than spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(stream: TcpStream, origin: Origin, router: axum::Router) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Wire {
        stream,
        reset: reset.clone(),
    });
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(origin.clone());
        let (answer, reset) = (router.call(request), reset.clone());
        async move {
            let Ok(response) = answer.await;
            let Some(when) = response.extensions().get::<Reset>() else {
                return Ok(response);
            };
            // Only a connection that has ended is dropped, so it may be marked early.
            reset.store(true, Ordering::Relaxed);
            match when {
                Reset::AtOnce => Err(Dropped),
                Reset::AtTheCut => Ok(response),
            }
        }
    });
    // Errors here are the client's: it hung up, or sent something that is not HTTP.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(300))
        .serve_connection(io, service)
        .await;
}

/// The connection ends without a (whole) answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is reset on purpose")
    }
}

impl std::error::Error for Dropped {}

pub(crate) fn response(reply: Reply, delivery: Delivery) -> Response {
    let length = reply.body.len();
    let body = if delivery != Delivery::Whole {
        AxumBody::new(Cut {
            data: Some(reply.body.slice(..length / 2)),
            wait: None,
        })
    } else {
        AxumBody::from(reply.body)
    };
    let mut response = Response::new(body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = *reply.headers;
    if delivery != Delivery::Whole {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    if delivery == Delivery::Reset {
        response = Reset::AtTheCut.mark(response);
    }
    response
}

/// A body that ends before the length it announced.
struct Cut {
    data: Option<Bytes>,
    wait: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Body for Cut {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        let cut = self.get_mut();
        if let Some(data) = cut.data.take().filter(|data| !data.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        // Let the first half leave before the connection goes.
        let wait = cut
            .wait
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(5))));
        std::task::ready!(Future::poll(wait.as_mut(), cx));
        Poll::Ready(Some(Err(Dropped)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::new()
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

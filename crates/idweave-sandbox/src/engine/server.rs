//! Listeners and connections, below the web framework, because a reset in the middle of a response
//! is not something it offers.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::engine::delivery::{ConnectionDropped, ConnectionReset, Delivery, response};
use crate::engine::host::{AllowedHost, Hosts};

/// Where a request came in, and from whom: put into it by its connection.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) base_url: Arc<str>,
    pub(crate) peer: SocketAddr,
}

/// A bound port, and how it is addressed.
pub(crate) struct Listener {
    socket: TcpListener,
    pub(crate) base_url: Arc<str>,
    hosts: Hosts,
}

/// Binds a free (or the given) port on loopback.
pub(crate) async fn listen(port: u16, allowed: Arc<[AllowedHost]>) -> std::io::Result<Listener> {
    let socket = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = socket.local_addr()?;
    Ok(Listener {
        socket,
        base_url: format!("http://{address}").into(),
        hosts: Hosts::new(address.port(), allowed),
    })
}

/// Accepts connections until the task is aborted; its connections end with it.
pub(crate) async fn serve(listener: Listener, router: axum::Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.socket.accept() => match accepted {
                Ok((stream, peer)) => {
                    let origin = Origin { base_url: listener.base_url.clone(), peer };
                    let hosts = listener.hosts.clone();
                    connections.spawn(connection(stream, origin, hosts, router.clone()));
                }
                // Out of file descriptors or the like: others may end, so wait rather than spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(stream: TcpStream, origin: Origin, hosts: Hosts, router: axum::Router) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(ResettableStream {
        stream,
        reset: reset.clone(),
    });
    let router = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(origin.clone());
        let refusal = hosts.refusal(request.uri(), request.headers());
        let call = match refusal {
            Some(refusal) => Err(refusal),
            None => Ok(router.call(request)),
        };
        let reset = reset.clone();
        async move {
            let call = match call {
                Ok(call) => call,
                Err(refusal) => return Ok(response(refusal, Delivery::Whole)),
            };
            let Ok(response) = call.await;
            let Some(when) = response.extensions().get::<ConnectionReset>() else {
                return Ok(response);
            };
            // Only a connection that has ended is dropped, so it may be marked early.
            reset.store(true, Ordering::Relaxed);
            match when {
                ConnectionReset::AtOnce => Err(ConnectionDropped),
                ConnectionReset::AtTruncation => Ok(response),
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

/// A connection that can end in a reset instead of an orderly close.
struct ResettableStream {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for ResettableStream {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for ResettableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for ResettableStream {
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

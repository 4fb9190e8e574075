//! Makes connections: directly, over TLS, or over TLS through a proxy's tunnel.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use ::http::{Uri, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::{
        legacy::{
            Client,
            connect::{Connected, Connection, HttpConnector, proxy::Tunnel},
        },
        proxy::matcher::Matcher,
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;
use tokio::time::timeout;
use tower_service::Service;

use super::{resolver::Resolver, tls::NO_PROVIDER, upload::Upload};
use crate::BoxFuture;

/// How long a connection is kept for the next call.
const POOL_IDLE: Duration = Duration::from_secs(90);
/// How often a silent connection is probed, and how long an unanswered one is kept.
const KEEPALIVE: Duration = Duration::from_secs(15);
const PROBES: u32 = 3;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The connections of one client, kept and shared by its calls.
pub(super) type Pool = Client<Connector, Upload>;

/// Makes the connections of one client.
#[derive(Clone)]
pub(crate) struct Connector {
    tcp: HttpConnector<Resolver>,
    /// `None` where there is no TLS provider; only plain http is then possible.
    tls: Option<Arc<ClientConfig>>,
    proxy: Option<Arc<Proxy>>,
    timeout: Duration,
}

struct Proxy {
    matcher: Matcher,
    /// For a proxy that is itself reached over TLS.
    tls: Arc<ClientConfig>,
}

impl Connector {
    pub(crate) fn new(tls: Option<ClientConfig>, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Resolver);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE));
        tcp.set_keepalive_retries(Some(PROBES));
        tcp.set_connect_timeout(Some(timeout));
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        tcp.set_tcp_user_timeout(Some(Duration::from_secs(30)));
        Self {
            tcp,
            tls: tls.map(Arc::new),
            proxy: None,
            timeout,
        }
    }

    /// Reaches https hosts through the proxies of `matcher`, themselves verified by `tls`.
    pub(crate) fn with_proxy(mut self, matcher: Matcher, mut tls: ClientConfig) -> Self {
        // A proxy is asked by HTTP/1.1.
        tls.alpn_protocols.clear();
        let tls = Arc::new(tls);
        self.proxy = Some(Arc::new(Proxy { matcher, tls }));
        self
    }

    pub(super) fn into_pool(self) -> Pool {
        Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .build(self)
    }

    async fn connect(mut self, target: Uri) -> Result<Stream, BoxError> {
        // Before anything is known of a proxy: it would see what is sent.
        if target.scheme() != Some(&Scheme::HTTPS) {
            return Ok(Stream::new(self.tcp.call(target).await?));
        }
        let tls = self.tls.ok_or(NO_PROVIDER)?;
        let through = self
            .proxy
            .as_ref()
            .and_then(|proxy| Some((proxy.matcher.intercept(&target)?, proxy.tls.clone())));
        let Some((proxy, proxy_tls)) = through else {
            let stream = HttpsConnector::from((self.tcp, tls)).call(target).await?;
            return Ok(Stream::new(stream));
        };
        let to_proxy = HttpsConnector::from((self.tcp, proxy_tls));
        let mut tunnel = Tunnel::new(proxy.uri().clone(), to_proxy);
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let stream = HttpsConnector::from((tunnel, tls)).call(target).await?;
        Ok(Stream::new(stream))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Stream, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            timeout(connector.timeout, connector.connect(target))
                .await
                .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
        })
    }
}

/// A connection, whatever it is made of.
pub(crate) struct Stream(Box<dyn Transport>);

trait Transport: Read + Write + Connection + Send + Unpin {}

impl<T: Read + Write + Connection + Send + Unpin> Transport for T {}

impl Stream {
    fn new(stream: impl Transport + 'static) -> Self {
        Self(Box::new(stream))
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.0.connected()
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, parts)
    }
}

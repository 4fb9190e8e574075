//! The settings of a client.
//!
//! Every generated client is built by a [`ClientBuilder`], and so is a bare
//! [`Session`](crate::Session).

use std::{fmt, marker::PhantomData, sync::Arc, time::Duration};

use ::http::{Request, Response};
use bytes::Bytes;

use crate::{
    BoxFuture, CircuitBreakerPolicy, ConcurrencyLimit, Credentials, Error, Layer, Next, RateLimit,
    RetryPolicy, Secret, Session,
    base_url::BaseUrl,
    execute::{Budget, CircuitBreaker, ClientCore, LayerFn, RequestLimiter, bounded, positive},
    http::{Connector, HttpClient, Limits, NO_PROVIDER, ProxySetting, TlsOptions},
};

/// Builds a client: `C` is the generated `Client` of a service, or
/// [`Session`](crate::Session).
///
/// ```
/// use std::time::Duration;
/// use idweave_transport::{Bearer, Session};
///
/// let session = Session::builder("https://login.acme.io/")
///     .credentials(Bearer::new("a token")?)
///     .timeout(Duration::from_secs(20))
///     .user_agent("payroll/3.1")
///     .build()?;
/// assert_eq!(session.base_url(), "https://login.acme.io");
/// # Ok::<(), idweave_transport::Error>(())
/// ```
pub struct ClientBuilder<C> {
    base_url: String,
    service: &'static str,
    credentials: Option<Arc<dyn Credentials>>,
    timeout: Duration,
    connect_timeout: Duration,
    limits: Limits,
    retry: RetryPolicy,
    rate: Option<RateLimit>,
    concurrency: Option<ConcurrencyLimit>,
    circuit: Option<CircuitBreakerPolicy>,
    layers: Vec<Arc<dyn Layer>>,
    tls: TlsOptions,
    proxy: ProxySetting,
    plain_http: bool,
    caller: Option<String>,
    client: PhantomData<fn() -> C>,
}

/// Builds a bare [`Session`].
pub type SessionBuilder = ClientBuilder<Session>;

impl Session {
    /// Starts a builder; `base_url` may end in a slash and have a sub-path.
    pub fn builder(base_url: impl Into<String>) -> SessionBuilder {
        ClientBuilder::new(base_url)
    }
}

impl<C: From<Session>> ClientBuilder<C> {
    /// Creates a builder with the defaults; `base_url` may end in a slash and have a sub-path.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            service: "http",
            credentials: None,
            timeout: Duration::from_secs(90),
            connect_timeout: Duration::from_secs(10),
            limits: Limits {
                idle: Duration::from_secs(30),
                body: 16 * 1024 * 1024,
            },
            retry: RetryPolicy::default(),
            rate: None,
            concurrency: None,
            circuit: Some(CircuitBreakerPolicy::default()),
            layers: Vec::new(),
            tls: TlsOptions::default(),
            proxy: ProxySetting::default(),
            plain_http: false,
            caller: None,
            client: PhantomData,
        }
    }

    /// Sets the service's name in traces and metrics.
    #[must_use]
    pub fn service(mut self, name: &'static str) -> Self {
        self.service = name;
        self
    }

    /// Sets who the requests are from. Without credentials, only public operations work.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Credentials) -> Self {
        self.credentials = Some(Arc::new(credentials));
        self
    }

    /// Sets the time limit of a whole call: every attempt, every wait between, and getting
    /// a token. 90 seconds unless set.
    ///
    /// This and the other durations of a client are at most 30 days, and time limits more than
    /// zero; [`build`](Self::build) fails otherwise.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the time limit of making a connection. 10 seconds unless set.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the longest silence: while a large body is sent, and while a response is awaited or
    /// read. 30 seconds unless set.
    ///
    /// A slow upload goes on for as long as the connection takes more of it within this time.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.limits.idle = timeout;
        self
    }

    /// Sets the largest response in bytes, counted after decompression. 16 MiB unless set.
    #[must_use]
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.limits.body = bytes;
        self
    }

    /// Sets whether, how often and how fast a failed call is repeated. Up to four
    /// attempts with waits of up to 0.2, 0.4 and 0.8 seconds between unless set.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Makes one attempt a call (after a 401 it is still repeated with a fresh token, once).
    #[must_use]
    pub fn without_retry(self) -> Self {
        self.retry(RetryPolicy::disabled())
    }

    /// Sets how many requests are sent in a time; a call waits for its turn.
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate = Some(limit);
        self
    }

    /// Sends as fast as calls are made. What the service itself asks for is still kept.
    #[must_use]
    pub fn without_rate_limit(mut self) -> Self {
        self.rate = None;
        self
    }

    /// Sets how many calls are under way at once; others wait.
    #[must_use]
    pub fn concurrency_limit(mut self, limit: ConcurrencyLimit) -> Self {
        self.concurrency = Some(limit);
        self
    }

    /// Sets when calls to a service that cannot be reached stop being sent. After 20 transport
    /// failures in a row for 5 seconds unless set.
    #[must_use]
    pub fn circuit_breaker(mut self, policy: CircuitBreakerPolicy) -> Self {
        self.circuit = Some(policy);
        self
    }

    /// Sends every call, however many have failed before.
    #[must_use]
    pub fn without_circuit_breaker(mut self) -> Self {
        self.circuit = None;
        self
    }

    /// Adds a layer around each attempt; the layer added first is outermost.
    #[must_use]
    pub fn layer(mut self, layer: impl Layer) -> Self {
        self.layers.push(Arc::new(layer));
        self
    }

    /// Adds a closure as a layer around each attempt; see [`Layer`].
    #[must_use]
    pub fn layer_fn<F>(self, layer: F) -> Self
    where
        F: for<'a> Fn(Request<Bytes>, Next<'a>) -> BoxFuture<'a, Result<Response<Bytes>, Error>>
            + Send
            + Sync
            + 'static,
    {
        self.layer(LayerFn(layer))
    }

    /// Trusts the PEM certificates besides the platform's roots.
    #[must_use]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.roots.push(pem.into());
        self
    }

    /// Shows this certificate (PEM, with its chain) and proves it by this PEM key.
    #[must_use]
    pub fn client_certificate(mut self, chain: impl Into<Vec<u8>>, key: impl Into<Secret>) -> Self {
        self.tls.identity = Some((chain.into(), key.into()));
        self
    }

    /// Sets the http or https proxy through which https hosts are reached, instead of the one in
    /// the environment (`HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`).
    ///
    /// A user and password may be part of the address, percent-encoded:
    /// `http://user:password@proxy.example.com:8080`. Calls to this machine and calls over plain
    /// http never go through a proxy, whether it is set here or in the environment.
    #[must_use]
    pub fn proxy(mut self, address: impl Into<Secret>) -> Self {
        self.proxy = ProxySetting::Address(address.into());
        self
    }

    /// Reaches the service directly, whatever proxy the environment names.
    #[must_use]
    pub fn without_proxy(mut self) -> Self {
        self.proxy = ProxySetting::Direct;
        self
    }

    /// Who is calling, added to the user agent: `idweave/<version> (<caller>)`.
    #[must_use]
    pub fn user_agent(mut self, caller: impl Into<String>) -> Self {
        self.caller = Some(caller.into());
        self
    }

    /// Allows credentials and personal data over unencrypted http to any host.
    ///
    /// Everyone on the way can read them. Loopback addresses do not need this.
    #[must_use]
    pub fn dangerously_allow_plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// Makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) for a setting that cannot be used,
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) for plain http to another machine.
    pub fn build(self) -> Result<C, Error> {
        self.check_durations()?;
        let base = BaseUrl::parse(&self.base_url, self.plain_http)?;
        let connector = self.connector(&base)?;
        let user_agent = user_agent(self.caller.as_deref())?;
        Ok(C::from(Session::new(ClientCore {
            service: self.service,
            credentials: self.credentials,
            http: Arc::new(HttpClient::new(
                connector,
                user_agent,
                base,
                self.limits,
                self.plain_http,
            )),
            timeout: self.timeout,
            budget: Budget::new(self.retry.budget),
            limiter: RequestLimiter::new(self.rate, self.concurrency)?,
            circuit: CircuitBreaker::new(self.circuit)?,
            retry: self.retry,
            layers: self.layers,
        })))
    }

    /// Rejects durations whose sums could overflow, and time limits within which nothing can happen.
    fn check_durations(&self) -> Result<(), Error> {
        positive("the time limit of a call", self.timeout)?;
        positive("the time limit of a connection", self.connect_timeout)?;
        positive("the idle timeout", self.limits.idle)?;
        bounded(
            "the first delay of the backoff",
            self.retry.backoff.initial_delay,
        )?;
        bounded(
            "the greatest delay of the backoff",
            self.retry.backoff.max_delay,
        )
    }

    /// How connections are made. What cannot be used is an error here, not at the first call.
    fn connector(&self, base: &BaseUrl) -> Result<Connector, Error> {
        let tls = self.tls.config()?;
        if tls.is_none() && base.is_https() {
            return Err(Error::invalid(NO_PROVIDER));
        }
        let connector = Connector::new(tls, self.connect_timeout);
        let matcher = match self.proxy.matcher(|name| std::env::var(name).ok()) {
            // The calls of this client are not sent through it in any case.
            Err(_) if self.proxy.is_environment() && !base.is_https() => None,
            outcome => outcome?,
        };
        // The certificate is proof for the service, and not for the proxy before it.
        let proxy_tls = match matcher {
            Some(_) => self.tls.without_identity().config()?,
            None => None,
        };
        Ok(match (matcher, proxy_tls) {
            (Some(matcher), Some(tls)) => connector.with_proxy(matcher, tls),
            _ => connector,
        })
    }
}

fn user_agent(caller: Option<&str>) -> Result<http::HeaderValue, Error> {
    let version = concat!("idweave/", env!("CARGO_PKG_VERSION"));
    let text = match caller {
        // A parenthesis would end the comment (RFC 9110 section 5.6.5).
        Some(caller) if caller.contains(['(', ')', '\\']) => {
            return Err(Error::invalid(
                "the caller in the user agent must not hold parentheses or backslashes",
            ));
        }
        Some(caller) => format!("{version} ({caller})"),
        None => version.to_owned(),
    };
    http::HeaderValue::try_from(text).map_err(|error| {
        Error::invalid("the caller in the user agent holds control characters").with_source(error)
    })
}

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL may hold a password until `build` refuses it.
        f.debug_struct("ClientBuilder")
            .field("service", &self.service)
            .field("credentials", &self.credentials.is_some())
            .field("timeout", &self.timeout)
            .field("limits", &self.limits)
            .field("retry", &self.retry)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

//! Layers around each attempt of a call.
//!
//! A layer sees a request as it leaves, credentials included, and the whole
//! response as it came. It may change either, respond by itself, or send the
//! request another way (its own HTTP client, say).

use std::{fmt, sync::Arc};

use ::http::{Request, Response};
use bytes::Bytes;
use tokio::time::Instant;
use url::Url;

use crate::{BoxFuture, Error, http::HttpClient};

/// A wrapper around each attempt of each call.
///
/// Requests to token endpoints do not pass through layers.
///
/// The request's extensions hold the `&'static` [`Operation`](crate::Operation).
/// [`ClientBuilder::layer_fn`](crate::ClientBuilder::layer_fn) takes a closure instead.
///
/// ```
/// use http::{HeaderValue, Request, Response};
/// use idweave_transport::{BoxFuture, Bytes, Error, ErrorKind, Layer, Next, Session};
///
/// /// Tells the service which part of the program is asking.
/// struct Tagged(HeaderValue);
///
/// impl Layer for Tagged {
///     fn call<'a>(
///         &'a self,
///         mut request: Request<Bytes>,
///         next: Next<'a>,
///     ) -> BoxFuture<'a, Result<Response<Bytes>, Error>> {
///         request.headers_mut().insert("x-caller", self.0.clone());
///         Box::pin(async move {
///             let response = next.run(request).await?;
///             // ... look at it, change it, or send something else ...
///             Ok(response)
///         })
///     }
/// }
///
/// /// Sends everything through a client of the program's own, which must not follow redirects.
/// struct Own(reqwest::Client);
///
/// impl Layer for Own {
///     fn call<'a>(&'a self, request: Request<Bytes>, _: Next<'a>) -> BoxFuture<'a, Result<Response<Bytes>, Error>> {
///         Box::pin(async move {
///             let failed = |error: reqwest::Error| {
///                 let kind = if error.is_connect() { ErrorKind::Connect } else { ErrorKind::Transport };
///                 Error::new(kind, "by the program's own client").with_source(error.without_url())
///             };
///             let request = request.try_into().map_err(failed)?;
///             let mut received = self.0.execute(request).await.map_err(failed)?;
///             let mut response = Response::new(Bytes::new());
///             *response.status_mut() = received.status();
///             *response.headers_mut() = std::mem::take(received.headers_mut());
///             *response.body_mut() = received.bytes().await.map_err(failed)?;
///             Ok(response)
///         })
///     }
/// }
///
/// let session = Session::builder("https://acme.io")
///     .layer(Tagged(HeaderValue::from_static("billing")))
///     .layer_fn(|request, next| next.run(request))
///     .build()?;
/// # Ok::<(), Error>(())
/// ```
pub trait Layer: Send + Sync + 'static {
    /// Handles one attempt; [`Next::run`] goes on with it.
    fn call<'a>(
        &'a self,
        request: Request<Bytes>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Response<Bytes>, Error>>;
}

/// A closure as a layer.
pub(crate) struct LayerFn<F>(pub(crate) F);

impl<F> Layer for LayerFn<F>
where
    F: for<'a> Fn(Request<Bytes>, Next<'a>) -> BoxFuture<'a, Result<Response<Bytes>, Error>>
        + Send
        + Sync
        + 'static,
{
    fn call<'a>(
        &'a self,
        request: Request<Bytes>,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Response<Bytes>, Error>> {
        (self.0)(request, next)
    }
}

/// The rest of an attempt: the inner layers and the network.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    http: &'a HttpClient,
    layers: &'a [Arc<dyn Layer>],
    deadline: Instant,
}

impl<'a> Next<'a> {
    pub(crate) fn new(
        http: &'a HttpClient,
        layers: &'a [Arc<dyn Layer>],
        deadline: Instant,
    ) -> Self {
        Self {
            http,
            layers,
            deadline,
        }
    }

    /// Sends the request on.
    ///
    /// # Errors
    ///
    /// What went wrong further in; [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest)
    /// when a layer has pointed the request at another origin than the session's.
    pub fn run(self, request: Request<Bytes>) -> BoxFuture<'a, Result<Response<Bytes>, Error>> {
        match self.layers.split_first() {
            Some((layer, layers)) => layer.call(request, Self { layers, ..self }),
            None => Box::pin(self.send(request)),
        }
    }

    async fn send(self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|error| {
            Error::invalid("a layer has made an impossible URL").with_source(error)
        })?;
        if url.origin() != self.http.base.url().origin() {
            return Err(Error::invalid(
                "a layer has pointed the request at another origin, where its credentials must not go",
            ));
        }
        let body = (!body.is_empty()).then_some(body);
        self.http
            .send(parts.method, url, parts.headers, body, self.deadline)
            .await
            .map(Response::from)
    }
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("layers", &self.layers.len())
            .finish_non_exhaustive()
    }
}

//! Sends the requests of idweave's clients and reads their responses.
//!
//! The clients of idweave's services are generated; what they have in common is
//! here: [credentials](Credentials), [retry](RetryPolicy), limits, redaction and
//! traces. Generated methods start from [`Session::call`] and are a chain on
//! [`Call`]; applications meet [`ClientBuilder`], the credentials,
//! [`ResponseValue`] and [`Error`].
//!
//! ```no_run
//! use idweave_transport::{Bearer, Method, Operation, Scheme, Session};
//!
//! static GET_USER: Operation = Operation::new("getUser", Method::GET, "/v1/users/{userId}")
//!     .with_security(&[&[Scheme::Bearer]]);
//!
//! # async fn example() -> Result<(), idweave_transport::Error> {
//! let session = Session::builder("https://login.acme.io").credentials(Bearer::new("a token")?).build()?;
//! let user = session.call(&GET_USER).path("userId", "auth0|7").json::<serde_json::Value>().await?;
//! println!("{}", user["name"]);
//! # Ok(())
//! # }
//! ```
//!
//! What it holds to, whatever a service or a caller does:
//!
//! - Credentials go only to operations whose security asks for them, only to the
//!   session's own origin, and never over plain http except to loopback. Plain http never
//!   goes through a proxy.
//! - What may have had its effect and is not idempotent is never sent twice.
//! - No error, log line or `Debug` shows a secret, a body, a header or a query.
//! - Every failure keeps status, headers and body, in [`Error`]'s accessors.
//!
//! | feature | switches on |
//! |---|---|
//! | `ring` | on by default: ring as the TLS provider, unless the application has installed one for its process |
//! | `aws-lc-rs` | aws-lc-rs as the TLS provider; with both, ring is used |
//! | `gzip` | compressed responses |
//! | `http2` | HTTP/2 |
//! | `metrics` | counters and histograms through the `metrics` facade |

mod auth;
mod base_url;
mod client;
mod duration;
mod error;
mod execute;
mod future;
mod http;
mod request;
mod secret;
mod status;

pub use ::http::{HeaderMap, Method, Request, Response, StatusCode};
pub use bytes::Bytes;

pub use self::{
    auth::{
        ApiKey, AuthContext, Basic, Bearer, ClientCredentials, CombinedCredentials, Credential,
        Credentials, Environment, FetchedToken, RefreshToken, TokenCache, TokenCommand, TokenFile,
        TokenSource,
    },
    client::{Call, ClientBuilder, ObjectStyle, Session, SessionBuilder},
    error::{Error, ErrorKind},
    execute::{
        Backoff, CircuitBreakerPolicy, ConcurrencyLimit, Layer, Next, RateLimit, RetryBudget,
        RetryContext, RetryPolicy,
    },
    future::BoxFuture,
    http::ResponseValue,
    request::{Multipart, Operation, Patch, Scheme, encode_segment},
    secret::Secret,
};

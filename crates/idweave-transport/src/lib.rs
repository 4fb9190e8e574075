//! How a request leaves and an answer comes back.
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
//!   session's own origin, and never over plain http except to loopback.
//! - What may have had its effect and is not idempotent is never sent twice.
//! - No error, log line or `Debug` shows a secret, a body, a header or a query.
//! - Every failure keeps status, headers and body, in [`Error`]'s accessors.

mod base_url;
mod builder;
mod call;
mod circuit;
mod credential;
mod error;
mod http;
mod layer;
mod multipart;
mod observe;
mod operation;
mod patch;
mod path;
mod query;
mod rate;
mod response;
mod retry;
mod run;
mod secret;
mod session;
mod wait;

pub use ::http::{HeaderMap, Method, Request, Response, StatusCode};
pub use bytes::Bytes;

pub use self::{
    builder::ClientBuilder,
    call::{Call, ObjectStyle},
    circuit::CircuitBreakerPolicy,
    credential::{
        AccessKey, ApiKey, AuthContext, Basic, Bearer, BoxFuture, ClientCredentials,
        CombinedCredentials, ConfirmLink, Credential, Credentials, DocSpaceLogin, EnhanceLogin,
        EnhanceSession, Environment, RefreshToken, TokenCommand, TokenFile,
    },
    error::{Error, ErrorKind},
    layer::{Layer, Next},
    multipart::Multipart,
    operation::{Operation, Scheme},
    patch::Patch,
    rate::{ConcurrencyLimit, RateLimit},
    response::ResponseValue,
    retry::{Backoff, RetryBudget, RetryContext, RetryPolicy},
    secret::Secret,
    session::{Session, SessionBuilder},
};

//! The identity area of ONLYOFFICE DocSpace, typed.
//!
//! One method of [`Client`] for each operation of the service, generated from
//! its interface description; [`types`] holds what they take and give.
//!
//! ```no_run
//! # async fn example(key: &str) -> Result<(), idweave_docspace::Error> {
//! use idweave_docspace::{ApiKey, Client};
//!
//! let client = Client::builder("https://acme.onlyoffice.com")
//!     .credentials(ApiKey::new(key)?)
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! Credentials: an [`ApiKey`], a [`Login`] by e-mail and password, an OAuth 2.0
//! token ([`Bearer`], [`RefreshToken`]), and a [`ConfirmLink`] for what only a
//! link allows, and a [`Signature`] for OAuth 2.0 clients, combined with the others
//! by [`Credentials::and`].
//!
//! What the builder takes is here; the rest of the transport, such as what
//! credentials of your own are built on, is in [`transport`].
//!
//! | feature | switches on |
//! |---|---|
//! | `ring` | on by default: ring as the TLS provider, unless the application has installed one for its process |
//! | `aws-lc-rs` | aws-lc-rs as the TLS provider; with both, ring is used |
//! | `gzip` | compressed responses |
//! | `http2` | HTTP/2 |
//! | `metrics` | counters and histograms through the `metrics` facade |
//! | `mock` | typed `httpmock` mocks of the service, for tests of your own |

mod auth;
mod ext;
mod generated;

pub use idweave_transport::{
    self as transport, Backoff, Bearer, BoxFuture, Bytes, CircuitBreakerPolicy, ClientBuilder,
    CombinedCredentials, ConcurrencyLimit, Credential, Credentials, Environment, Error, ErrorKind,
    HeaderMap, Layer, Method, Multipart, Next, Operation, Patch, RateLimit, RefreshToken, Request,
    Response, ResponseValue, RetryBudget, RetryContext, RetryPolicy, Scheme, Secret, Session,
    StatusCode, TokenCommand, TokenFile,
};

#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::{
    auth::{ApiKey, ConfirmLink, Login, Signature},
    generated::{client::Client, operations, types},
};

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

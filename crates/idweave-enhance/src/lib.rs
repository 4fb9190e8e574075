//! The identity area of Enhance, typed.
//!
//! One method of [`Client`] for each operation of the service, generated from
//! its interface description; [`types`] holds what they take and give.
//!
//! ```no_run
//! # async fn example(token: &str) -> Result<(), idweave_enhance::Error> {
//! use idweave_enhance::{AccessToken, Client};
//!
//! let client = Client::builder("https://panel.acme.io/api")
//!     .credentials(AccessToken::new(token)?)
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! Credentials: an organisation's [`AccessToken`], a [`Login`] by e-mail and
//! password, or a [`SessionCookie`] that a response has set.
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
    HeaderMap, Layer, Method, Multipart, Next, Operation, Patch, RateLimit, Request, Response,
    ResponseValue, RetryBudget, RetryContext, RetryPolicy, Scheme, Secret, Session, StatusCode,
    TokenCommand, TokenFile,
};

#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::{
    auth::{AccessToken, Login, SessionCookie},
    generated::{client::Client, operations, types},
};

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

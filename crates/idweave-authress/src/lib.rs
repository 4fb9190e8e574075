//! The identity area of Authress, typed.
//!
//! One method of [`Client`] for each operation of the service, generated from
//! its interface description; [`types`] holds what they take and give. A service
//! client's access key is signed into short-lived tokens, and never sent itself.
//!
//! ```no_run
//! # async fn example(key: &str) -> Result<(), idweave_authress::Error> {
//! use idweave_authress::{AccessKey, Client};
//!
//! let client = Client::builder("https://login.acme.io")
//!     .credentials(AccessKey::parse(key)?)
//!     .build()?;
//! # Ok(())
//! # }
//! ```
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
    ClientCredentials, CombinedCredentials, ConcurrencyLimit, Credential, Credentials, Environment,
    Error, ErrorKind, HeaderMap, Layer, Method, Next, Operation, Patch, RateLimit, Request,
    Response, ResponseValue, RetryBudget, RetryContext, RetryPolicy, Scheme, Secret, Session,
    StatusCode, TokenCommand, TokenFile,
};

#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::{
    auth::AccessKey,
    generated::{client::Client, operations, types},
};

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

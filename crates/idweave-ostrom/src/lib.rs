//! The developer interface of Ostrom, typed.
//!
//! One method of [`Client`] for each operation of the service, generated from
//! its interface description; [`types`] holds what they take and give. Tokens
//! come from a host of their own, and are asked for as rarely as possible.
//!
//! ```no_run
//! # async fn example(id: &str, secret: &str) -> Result<(), idweave_ostrom::Error> {
//! use idweave_ostrom::Client;
//!
//! let client = Client::sandbox(id, secret).build()?;
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

mod ext;
mod generated;

pub use idweave_transport::{
    self as transport, Backoff, Bearer, BoxFuture, Bytes, CircuitBreakerPolicy, ClientBuilder,
    ClientCredentials, CombinedCredentials, ConcurrencyLimit, Credential, Credentials, Environment,
    Error, ErrorKind, HeaderMap, Layer, Method, Next, Operation, Patch, RateLimit, Request,
    Response, ResponseValue, RetryBudget, RetryContext, RetryPolicy, Scheme, Secret, Session,
    StatusCode, TokenCommand, TokenFile,
};

pub use self::ext::{
    PRODUCTION_AUTH_URL, PRODUCTION_URL, SANDBOX_AUTH_URL, SANDBOX_URL, client_credentials,
};
#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::generated::{client::Client, operations, types};

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

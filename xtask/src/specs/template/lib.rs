//! Typed client for @DISPLAY@.
//!
//! [`Client`] has one method per operation, generated from the OpenAPI document
//! of the service; [`types`] holds the request and response types.
//!
//! ```no_run
//! # fn example(token: &str) -> Result<(), @LIB@::Error> {
//! use @LIB@::{Bearer, Client};
//!
//! let client = Client::builder("@BASE@")
//!     .credentials(Bearer::new(token)?)
//!     .build()?;
//! # let _ = client;
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

#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::generated::{client::Client, operations, types};

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

mod ext;
mod generated;

pub use idweave_transport::{
    Bearer, ClientBuilder, ClientCredentials, Credentials, Environment, Error, ErrorKind, Patch,
    RateLimit, ResponseValue, RetryPolicy, Secret, Session,
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

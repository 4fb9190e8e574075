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

mod auth;
mod ext;
mod generated;

pub use idweave_transport::{
    Bearer, ClientBuilder, ClientCredentials, Credentials, Environment, Error, ErrorKind, Patch,
    RateLimit, ResponseValue, RetryPolicy, Secret, Session,
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

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

mod ext;
mod generated;

pub use idweave_transport::{
    Bearer, ClientBuilder, ClientCredentials, Credentials, Environment, Error, ErrorKind, Patch,
    RateLimit, ResponseValue, RetryPolicy, Secret, Session,
};

#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::generated::{client::Client, operations, types};

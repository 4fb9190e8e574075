//! The interface of @DISPLAY@, typed.
//!
//! One method of [`Client`] for each operation of the service, generated from
//! its interface description; [`types`] holds what they take and give.
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

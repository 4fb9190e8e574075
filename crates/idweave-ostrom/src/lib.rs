//! The identity area of Ostrom, typed.
//!
//! One method of [`Client`] for each operation of the service, generated from
//! its interface description; [`types`] holds what they take and give.
//!
//! ```no_run
//! # async fn example() -> Result<(), idweave_ostrom::Error> {
//! use idweave_ostrom::{Bearer, Client};
//!
//! let client = Client::builder("https://sandbox.ostrom-api.io").credentials(Bearer::new("a token")?).build()?;
//! # Ok(())
//! # }
//! ```

mod ext;
mod generated;

pub use idweave_transport::{
    Bearer, ClientBuilder, Credentials, Error, ErrorKind, Patch, ResponseValue, RetryPolicy,
    Secret, Session,
};

#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::generated::{client::Client, operations, types};

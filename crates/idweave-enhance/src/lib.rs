//! The identity area of Enhance, typed.
//!
//! One method of [`Client`] for each operation of the service, generated from
//! its interface description; [`types`] holds what they take and give.
//!
//! ```no_run
//! # async fn example() -> Result<(), idweave_enhance::Error> {
//! use idweave_enhance::{Bearer, Client};
//!
//! let client = Client::builder("https://panel.acme.io/api").credentials(Bearer::new("a token")?).build()?;
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

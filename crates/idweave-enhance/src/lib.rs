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

mod auth;
mod ext;
mod generated;

pub use idweave_transport::{
    Bearer, ClientBuilder, Credentials, Environment, Error, ErrorKind, Multipart, Patch,
    ResponseValue, RetryPolicy, Secret, Session,
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

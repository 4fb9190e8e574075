//! The identity area of ONLYOFFICE DocSpace, typed.
//!
//! One method of [`Client`] for each operation of the service, generated from
//! its interface description; [`types`] holds what they take and give.
//!
//! ```no_run
//! # async fn example(key: &str) -> Result<(), idweave_docspace::Error> {
//! use idweave_docspace::{ApiKey, Client};
//!
//! let client = Client::builder("https://acme.onlyoffice.com")
//!     .credentials(ApiKey::new(key)?)
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! Credentials: an [`ApiKey`], a [`Login`] by e-mail and password, an OAuth 2.0
//! token ([`Bearer`], [`RefreshToken`]), and a [`ConfirmLink`] for what only a
//! link allows, and a [`Signature`] for OAuth 2.0 clients, combined with the others
//! by [`Credentials::and`].

mod auth;
mod ext;
mod generated;

pub use idweave_transport::{
    Bearer, ClientBuilder, Credentials, Environment, Error, ErrorKind, Multipart, Patch, RateLimit,
    RefreshToken, ResponseValue, RetryPolicy, Secret, Session,
};

#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::{
    auth::{ApiKey, ConfirmLink, Login, Signature},
    generated::{client::Client, operations, types},
};

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! The services that come with idweave.
//!
//! Each type is made with where the service is and who calls it, and goes into a [`Hub`](crate::Hub). Its own page says
//! which operations of the vendor stand behind each ability. What only one service has is a method of its type, and
//! `client()` leads down to the low-level client with everything else.

// One folder a service, of the same few files: `mod.rs` has the type and its constructors, `service.rs` its
// `IdentityService`, `convert.rs` turns its records into ours, `error.rs` reads its errors.

mod answer;
#[cfg(feature = "authress")]
mod authress;
mod connection;
#[cfg(feature = "docspace")]
mod docspace;
#[cfg(feature = "enhance")]
mod enhance;
mod failure;
#[cfg(feature = "ostrom")]
mod ostrom;

use std::sync::Arc;

#[cfg(feature = "authress")]
pub use authress::Authress;
#[cfg(feature = "docspace")]
pub use docspace::DocSpace;
#[cfg(feature = "enhance")]
pub use enhance::Enhance;
#[cfg(feature = "ostrom")]
pub use ostrom::Ostrom;

pub(crate) use failure::in_setup;

use crate::{IdentityService, Result, hub::Settings};

/// A sort of service that settings can name.
pub(crate) struct Kind {
    /// Its name.
    pub(crate) name: &'static str,
    /// The settings it takes.
    pub(crate) keys: &'static [&'static str],
    /// Makes one from its settings.
    pub(crate) open: fn(&Settings) -> Result<Arc<dyn IdentityService>>,
}

/// Every sort of service there is.
pub(crate) const KINDS: &[Kind] = &[
    #[cfg(feature = "docspace")]
    docspace::KIND,
    #[cfg(feature = "authress")]
    authress::KIND,
    #[cfg(feature = "ostrom")]
    ostrom::KIND,
    #[cfg(feature = "enhance")]
    enhance::KIND,
];

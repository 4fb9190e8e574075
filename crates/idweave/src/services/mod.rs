//! The services that come with idweave.
//!
//! Each type is created with an address and credentials, and added to a [`Hub`](crate::Hub). Its page lists the
//! vendor's operations behind each ability. What only one service has is a method of its type; `client()` returns the
//! low-level client with all other operations.

// Each service has a folder with the same files: `mod.rs` has the type and its constructors, `service.rs` its
// `IdentityService`, `convert.rs` converts its records to ours and back, `error.rs` reads its errors, and `extras.rs`
// has what only this service offers.

#[cfg(feature = "authress")]
mod authress;
#[cfg(feature = "docspace")]
mod docspace;
#[cfg(feature = "enhance")]
mod enhance;
#[cfg(feature = "ostrom")]
mod ostrom;
// Some services use only a part of it.
#[cfg_attr(
    not(all(
        feature = "docspace",
        feature = "authress",
        feature = "ostrom",
        feature = "enhance"
    )),
    allow(dead_code)
)]
pub(crate) mod support;

#[cfg(feature = "authress")]
pub use authress::Authress;
#[cfg(feature = "docspace")]
pub use docspace::DocSpace;
#[cfg(feature = "enhance")]
pub use enhance::Enhance;
#[cfg(feature = "ostrom")]
pub use ostrom::Ostrom;

use support::ServiceDescriptor;

/// The services that settings can name.
pub(crate) const SERVICES: &[ServiceDescriptor] = &[
    #[cfg(feature = "docspace")]
    docspace::DESCRIPTOR,
    #[cfg(feature = "authress")]
    authress::DESCRIPTOR,
    #[cfg(feature = "ostrom")]
    ostrom::DESCRIPTOR,
    #[cfg(feature = "enhance")]
    enhance::DESCRIPTOR,
];

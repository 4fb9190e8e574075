//! The services that come with idweave.
//!
//! Each type is made with where the service is and who calls it, and goes into a [`Hub`](crate::Hub). Its own page says
//! which operations of the vendor stand behind each ability. What only one service has is a method of its type, and
//! `client()` leads down to the low-level client with everything else.

// One folder a service, of the same few files: `mod.rs` has the type and its constructors, `service.rs` its
// `IdentityService`, `convert.rs` turns its records into ours, `error.rs` reads its errors.

#[cfg(feature = "authress")]
mod authress;
#[cfg(feature = "docspace")]
mod docspace;
#[cfg(feature = "enhance")]
mod enhance;
#[cfg(feature = "ostrom")]
mod ostrom;
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

/// Every sort of service there is.
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

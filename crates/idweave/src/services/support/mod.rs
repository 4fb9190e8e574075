//! What the services have in common: connections, responses, errors, and how settings name a service.

#[cfg(any(
    feature = "docspace",
    feature = "authress",
    feature = "ostrom",
    feature = "enhance"
))]
pub(crate) mod connection;
mod descriptor;
pub(crate) mod error;
#[cfg(any(
    feature = "docspace",
    feature = "authress",
    feature = "ostrom",
    feature = "enhance"
))]
pub(crate) mod response;

pub(crate) use descriptor::ServiceDescriptor;

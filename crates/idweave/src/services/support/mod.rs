//! What the services have in common: connections, responses, errors, and how settings name a service.

pub(crate) mod connection;
mod descriptor;
pub(crate) mod error;
pub(crate) mod response;

pub(crate) use descriptor::ServiceDescriptor;

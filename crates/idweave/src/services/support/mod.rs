//! What the services share: reaching one, reading its responses, turning its errors into ours, and how settings name it.

pub(crate) mod connection;
mod descriptor;
pub(crate) mod error;
pub(crate) mod response;

pub(crate) use descriptor::ServiceDescriptor;

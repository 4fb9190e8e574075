//! Placeholder until the first run of codegen.

pub mod client;
pub mod operations;
pub mod types;

#[cfg(feature = "mock")]
pub mod mock;

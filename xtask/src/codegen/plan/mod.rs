//! What is written for each operation and type, read from a normalised document.
//!
//! The generator knows signatures and types; this knows how a call really travels and what the documentation says.

mod description;
mod operations;
mod types;

pub use description::described;
pub use operations::{Body, Operation, Parameter, Response, Scheme, read};
pub use types::{Type, boxed, types};

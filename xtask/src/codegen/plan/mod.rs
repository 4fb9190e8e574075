//! The plan of each operation and type, read from a normalised document.
//!
//! The generator knows signatures and types; the plan knows how a call is sent and what its documentation says.

mod description;
mod operations;
mod types;

pub use description::described;
pub use operations::{Body, Operation, Parameter, Response, Scheme, read_operations};
pub use types::{Type, needs_box, types};

//! Turns an interface document into a client crate.

pub mod passes;
pub mod plan;
pub mod report;
pub mod walk;

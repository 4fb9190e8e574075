//! Maintenance tasks of idweave, as a library so that the tests in `tests/` call what the program calls.
//!
//! [`openapi`] reads and walks OpenAPI documents; [`codegen`] turns them into client crates, and [`specs`] keeps the ones in
//! `specs/` in step with their vendors.

pub mod codegen;
pub mod graph;
pub mod openapi;
pub mod specs;
pub mod tasks;
pub mod tidy;

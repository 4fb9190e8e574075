//! Maintenance tasks of idweave, as a library so that the tests in `tests/` call what the program calls.
//!
//! `cargo xtask codegen` turns interface documents into client crates ([`codegen`]); [`document`] reads them.

pub mod codegen;
pub mod document;
pub mod specs;
pub mod tasks;
pub mod tidy;

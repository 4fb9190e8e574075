//! The code of README.md and of the pages in docs/: compiled, and run against the sandbox.
//!
//! A block of Rust on a page is a copy of a region of a file here. [`pages`] holds the two
//! together: it compares them, and writes the pages anew with
//! `UPDATE_EXPECT=1 cargo test -p idweave-docs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod errors;
mod own_service;
mod pages;
mod readme;
mod settings;
mod support;
mod testing;

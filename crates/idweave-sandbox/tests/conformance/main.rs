//! Every operation of the effective documents is called, and the responses are checked against them,
//! so that documents and sandbox cannot drift apart.
//!
//! The documents come from `cargo xtask specs show`; `IDWEAVE_XTASK` names another xtask to run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authress;
#[path = "../common/mod.rs"]
mod common;
mod complaint;
mod docspace;
mod document;
mod enhance;
#[path = "../known/mod.rs"]
mod known;
mod ostrom;
mod plan;
mod sweep;

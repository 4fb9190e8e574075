//! The facade, tested from outside: one binary, one module a subject.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod capability;
mod failures;
mod hub;
mod nineteen;
mod refusals;
mod sandbox;
mod secrets;
mod settings;
mod support;

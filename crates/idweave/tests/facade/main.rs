//! Tests of the facade's public API: one binary, one module for each subject.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod authress;
mod capability;
mod credentials;
mod docspace;
mod enhance;
mod failures;
mod hub;
#[path = "../../../idweave-transport/tests/common/log.rs"]
mod log;
mod nineteen;
mod ostrom;
mod proxy;
mod records;
mod refusals;
mod sandbox;
#[cfg(feature = "schemars")]
mod schemas;
mod secrets;
mod settings;
mod support;

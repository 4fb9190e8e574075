//! How connections are made: TLS.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authority;
#[path = "../common/mod.rs"]
mod common;
mod tls;

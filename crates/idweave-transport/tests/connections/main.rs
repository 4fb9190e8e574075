//! How connections are made: TLS and proxies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authority;
mod child;
#[path = "../common/mod.rs"]
mod common;
mod proxy;
mod tls;

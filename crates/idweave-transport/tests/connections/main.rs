//! How connections are made: TLS, proxies and names of this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authority;
mod child;
#[path = "../common/mod.rs"]
mod common;
mod loopback;
mod proxy;
mod tls;

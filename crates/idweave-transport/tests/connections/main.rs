//! How connections are made: TLS, HTTP/2, proxies and names of this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authority;
mod child;
#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "http2")]
mod http2;
mod loopback;
mod providers;
mod proxy;
mod tls;

//! DocSpace: responses, credentials, invitations, users.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;
mod credentials;
mod invitations;
mod people;
mod responses;
mod support;

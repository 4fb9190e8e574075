//! Sessions of users: logging in and out, and the list of active connections.

pub(super) mod connections;
pub(super) mod login;

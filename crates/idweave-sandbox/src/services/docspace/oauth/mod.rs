//! The portal's OAuth2 identity server: its clients, authorization codes and tokens.

mod error;

pub(super) mod clients;
pub(super) mod flow;
pub(super) mod signature;

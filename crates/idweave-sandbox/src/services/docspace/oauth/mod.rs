//! The portal's OAuth2 identity server: its clients and its tokens.

pub(super) mod clients;
pub(super) mod flow;

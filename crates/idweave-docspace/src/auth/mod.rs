//! How the users of a portal say who they are.

mod api_key;
mod confirm_link;
mod login;
mod password_hash;
mod signature;

pub use self::{api_key::ApiKey, confirm_link::ConfirmLink, login::Login, signature::Signature};

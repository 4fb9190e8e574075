//! The credentials of a portal's users.

mod api_key;
mod confirm_link;
mod login;
mod password_hash;
mod signature;

pub use self::{api_key::ApiKey, confirm_link::ConfirmLink, login::Login, signature::Signature};

//! The credentials of a panel's users.

mod access_token;
mod login;
mod session_cookie;

pub use self::{access_token::AccessToken, login::Login, session_cookie::SessionCookie};

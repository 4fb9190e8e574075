//! The credentials of requests.
//!
//! One object-safe trait, [`Credentials`](crate::Credentials); one file for each
//! kind. The transport asks for a credential only when an operation's security
//! names a scheme that the credentials provide, and sends it to the session's
//! base URL only.

mod api_key;
mod basic;
mod bearer;
mod context;
mod credential;
mod credentials;
mod env;
mod external;
mod oauth2;
mod token_cache;

pub use self::{
    api_key::ApiKey,
    basic::Basic,
    bearer::Bearer,
    context::AuthContext,
    credential::Credential,
    credentials::{CombinedCredentials, Credentials},
    env::Environment,
    external::{TokenCommand, TokenFile},
    oauth2::{ClientCredentials, RefreshToken},
    token_cache::{FetchedToken, TokenCache},
};

//! The credentials of requests.
//!
//! One object-safe trait, [`Credentials`](crate::Credentials); one file for each
//! kind. Those that are fetched and expire are a [`TokenSource`](crate::TokenSource)
//! and get the rest from it. The transport asks for a credential only when an operation's
//! security names a scheme that the credentials provide, and sends it to the session's
//! base URL only.

mod api_key;
mod basic;
mod bearer;
mod context;
mod credential;
mod credentials;
mod env;
mod external;
mod fetched_token;
mod oauth2;
mod secret_input;
mod token_cache;
mod token_source;

pub use self::{
    api_key::ApiKey,
    basic::Basic,
    bearer::Bearer,
    context::AuthContext,
    credential::Credential,
    credentials::{CombinedCredentials, Credentials},
    env::Environment,
    external::{TokenCommand, TokenFile},
    fetched_token::FetchedToken,
    oauth2::{ClientCredentials, RefreshToken},
    token_cache::TokenCache,
    token_source::TokenSource,
};

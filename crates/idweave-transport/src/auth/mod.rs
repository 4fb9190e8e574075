//! Who a request is from.
//!
//! One object-safe trait, [`Credentials`](crate::Credentials); one file for each
//! kind. The transport asks for a credential only when an operation's security
//! names a scheme that the credentials provide, and sends it to the session's
//! base URL only.

mod api_key;
mod authress;
mod basic;
mod bearer;
mod context;
mod credential;
mod credentials;
mod docspace;
mod enhance;
mod env;
mod external;
mod oauth2;
mod token_cache;

pub use self::{
    api_key::ApiKey,
    authress::AccessKey,
    basic::Basic,
    bearer::Bearer,
    context::AuthContext,
    credential::Credential,
    credentials::{CombinedCredentials, Credentials},
    docspace::{ConfirmLink, DocSpaceLogin},
    enhance::{EnhanceLogin, EnhanceSession},
    env::Environment,
    external::{TokenCommand, TokenFile},
    oauth2::{ClientCredentials, RefreshToken},
};

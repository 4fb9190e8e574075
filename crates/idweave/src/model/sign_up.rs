//! Signing up with an external account.

use super::{Role, setters};
use crate::Secret;

/// A request to sign up with an external account: the key of an invite link, and the profile from the sign-in provider.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignUpRequest {
    /// The key of the invite link.
    pub key: Secret,
    /// The profile as the service's own sign-in page returned it. It is encrypted by the service and cannot be created
    /// by anyone else.
    pub profile: Secret,
    /// The role to join with; a role that the invite link names has precedence.
    pub role: Option<Role>,
    /// The language of the user, such as `en-GB`.
    pub locale: Option<String>,
}

impl SignUpRequest {
    /// Creates a request from the key of an invite link and the profile that the service's sign-in page returned.
    pub fn new(key: impl Into<Secret>, profile: impl Into<Secret>) -> Self {
        Self {
            key: key.into(),
            profile: profile.into(),
            role: None,
            locale: None,
        }
    }

    setters! {
        /// Sets the role to join with.
        role: Role,
        /// Sets the language.
        locale: String,
    }
}

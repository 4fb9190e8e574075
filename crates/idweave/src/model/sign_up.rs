//! Joining a service with an outside account.

use super::{Role, setters};
use crate::Secret;

/// What it takes to join with an outside account: a key from an invite link, and the profile that the account's
/// provider gave.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SignUpRequest {
    /// The key out of the invite link.
    pub key: Secret,
    /// The profile as the service's own login page handed it over; sealed by the service, nobody else can make one.
    pub profile: Secret,
    /// As what to join; the invite link decides when it names a role itself.
    pub role: Option<Role>,
    /// The language to write to her in, such as `en-GB`.
    pub locale: Option<String>,
}

impl SignUpRequest {
    /// Join with the key of an invite link and the profile that the service's login page handed over.
    pub fn new(key: impl Into<Secret>, profile: impl Into<Secret>) -> Self {
        Self {
            key: key.into(),
            profile: profile.into(),
            role: None,
            locale: None,
        }
    }

    setters! {
        /// Sets as what to join.
        role: Role,
        /// Sets the language.
        locale: String,
    }
}

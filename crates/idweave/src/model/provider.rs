//! The ways to log in besides a password.

use schemars::JsonSchema;
use serde::Serialize;

use super::setters;

/// An outside account with which people may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct SignInProvider {
    /// The service's key for it: `google`.
    pub key: String,
    /// Where a person goes to log in, absolute.
    pub url: Option<String>,
    /// Whether the current user has tied such an account; `None` when nobody is logged in.
    pub linked: Option<bool>,
}

impl SignInProvider {
    /// A provider by its key.
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            url: None,
            linked: None,
        }
    }
}

/// Which login providers to ask for, and for what use.
///
/// The fields are those of DocSpace's `getThirdPartyAuthProviders`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignInProviderQuery {
    /// Only those that can be used to take up an invite.
    pub invite_view: Option<bool>,
    /// For a settings page: the links open a window and report back to it.
    pub settings_view: Option<bool>,
    /// The name of the function that such a window calls.
    pub client_callback: Option<String>,
    /// Only the provider with this key.
    pub only: Option<String>,
}

impl SignInProviderQuery {
    /// Every provider.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Only those that can be used to take up an invite.
        invite_view: bool,
        /// For a settings page.
        settings_view: bool,
        /// The name of the function that the login window calls.
        client_callback: String,
        /// Only the provider with this key.
        only: String,
    }
}

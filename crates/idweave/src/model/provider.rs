//! Sign-in providers.

use serde::Serialize;

use super::setters;

/// A provider whose accounts users may sign in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SignInProvider {
    /// The service's key of the provider, such as `google`.
    pub key: String,
    /// The absolute address of the sign-in page. It is http or https: an address that a browser would run or read instead
    /// (`javascript:`, `data:`, `file:`) is left out.
    pub url: Option<String>,
    /// Whether the current user has linked such an account; `None` without credentials.
    pub linked: Option<bool>,
}

impl SignInProvider {
    /// Creates a provider from its key.
    pub fn new(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            url: None,
            linked: None,
        }
    }
}

/// Which sign-in providers to list, and for what use.
///
/// The fields are those of DocSpace's `getThirdPartyAuthProviders`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignInProviderQuery {
    /// Only providers that can be used to accept an invite.
    pub invite_view: Option<bool>,
    /// For a settings page: the addresses open a window that reports back to the page.
    pub settings_view: Option<bool>,
    /// The name of the function that this window calls.
    pub client_callback: Option<String>,
    /// Only the provider with this key.
    pub only: Option<String>,
}

impl SignInProviderQuery {
    /// Creates a query for all providers.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        /// Restricts the list to providers that can be used to accept an invite.
        invite_view: bool,
        /// Sets whether the addresses are for a settings page.
        settings_view: bool,
        /// Sets the name of the function that the sign-in window calls.
        client_callback: String,
        /// Restricts the list to the provider with this key.
        only: String,
    }
}

//! Links between a user and an external account.

use serde::Serialize;

use super::setters;
use crate::Secret;

/// A request to link an external account to a user.
///
/// Services need different requests; the error about the wrong one names the right one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LinkRequest {
    /// The profile of an external account, as the service's own sign-in page returned it (DocSpace). It is encrypted by
    /// the service and cannot be created by anyone else.
    Profile(Secret),
    /// A person who has to consent on a page of the service (Ostrom).
    Consent(ConsentRequest),
}

impl LinkRequest {
    /// Creates a request from the profile that the service's sign-in page returned.
    pub fn profile(profile: impl Into<Secret>) -> Self {
        Self::Profile(profile.into())
    }
}

impl From<ConsentRequest> for LinkRequest {
    fn from(request: ConsentRequest) -> Self {
        Self::Consent(request)
    }
}

/// A request for the consent of a person, to act on their behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsentRequest {
    /// Your own id of the person, by which the service knows the user from then on.
    pub external_user_id: String,
    /// Where the service redirects to afterwards: an `https` address, or `http` on the same machine.
    pub redirect_url: String,
    /// The language of the page: `en`, `en-US`, `de` or `de-DE` at Ostrom. English unless set.
    pub locale: Option<String>,
    /// The scopes to ask for; at least one.
    pub scopes: Vec<String>,
    /// A code that lets new customers join on that page.
    pub referral_code: Option<String>,
}

impl ConsentRequest {
    /// Creates a request for the person with your own id, who is redirected to an address afterwards.
    pub fn new(external_user_id: impl Into<String>, redirect_url: impl Into<String>) -> Self {
        Self {
            external_user_id: external_user_id.into(),
            redirect_url: redirect_url.into(),
            locale: None,
            scopes: Vec::new(),
            referral_code: None,
        }
    }

    /// Adds a scope: `contract:read:data` or `order:read:data` at Ostrom.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    setters! {
        /// Sets the language of the page.
        locale: String,
        /// Sets the code that lets new customers join on that page.
        referral_code: String,
    }
}

/// The state of an account link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkState {
    /// The service accepted the request. DocSpace gives the same response when the user cancelled at the provider, so
    /// check [`SignInProvider::linked`](crate::SignInProvider::linked) where it matters.
    Accepted,
    /// The person has to consent first, at [`Link::consent_url`].
    AwaitingConsent,
}

/// An account link that a service accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Link {
    /// The state of the link.
    pub state: LinkState,
    /// Where the person consents; for that person only, so it is a secret.
    #[serde(skip)]
    pub consent_url: Option<Secret>,
}

impl Link {
    /// Creates a link in a state.
    pub fn new(state: LinkState) -> Self {
        Self {
            state,
            consent_url: None,
        }
    }

    setters! {
        /// Sets where the person consents.
        consent_url: Secret,
    }
}

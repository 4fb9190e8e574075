//! Ties between a user and an account elsewhere.

use schemars::JsonSchema;
use serde::Serialize;

use super::setters;
use crate::Secret;

/// What to tie to a user. Services need different things; the wrong one is refused with a word on the right one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LinkRequest {
    /// An outside account, by the profile that the service's own login page handed over (DocSpace). The service
    /// seals it; nobody else can make one.
    Profile(Secret),
    /// A person who has to agree on a page of the service (Ostrom).
    Consent(ConsentRequest),
}

impl LinkRequest {
    /// An outside account, by the profile that the service's login page handed over.
    pub fn profile(profile: impl Into<Secret>) -> Self {
        Self::Profile(profile.into())
    }
}

impl From<ConsentRequest> for LinkRequest {
    fn from(request: ConsentRequest) -> Self {
        Self::Consent(request)
    }
}

/// Asks a person to let you act for her.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConsentRequest {
    /// Your own id for her; the service knows her by it from then on.
    pub external_user_id: String,
    /// Where the service sends her afterwards; an `https` address, or `http` on the same machine.
    pub redirect_url: String,
    /// The language of the page: `en`, `en-US`, `de` or `de-DE` at Ostrom. English unless set.
    pub locale: Option<String>,
    /// What you ask to see; at least one.
    pub scopes: Vec<String>,
    /// Lets people join the service on that page.
    pub referral_code: Option<String>,
}

impl ConsentRequest {
    /// Ask the person you know by this id, and send her to this address afterwards.
    pub fn new(external_user_id: impl Into<String>, redirect_url: impl Into<String>) -> Self {
        Self {
            external_user_id: external_user_id.into(),
            redirect_url: redirect_url.into(),
            locale: None,
            scopes: Vec::new(),
            referral_code: None,
        }
    }

    /// Adds something you ask to see: `contract:read:data` or `order:read:data` at Ostrom.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    setters! {
        /// Sets the language of the page.
        locale: String,
        /// Sets the code that lets people join on that page.
        referral_code: String,
    }
}

/// How far a tie has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LinkState {
    /// The service took the request. DocSpace answers the same when the person had cancelled at her provider, so look
    /// at [`SignInProvider::linked`](crate::SignInProvider::linked) where it matters.
    Accepted,
    /// The person has to agree first, at [`Link::consent_url`].
    AwaitingConsent,
}

/// A tie that a service took.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Link {
    /// How far it has come.
    pub state: LinkState,
    /// Where the person agrees; hers alone, so it is treated as a secret.
    #[serde(skip)]
    pub consent_url: Option<Secret>,
}

impl Link {
    /// A tie in this state.
    pub fn new(state: LinkState) -> Self {
        Self {
            state,
            consent_url: None,
        }
    }

    setters! {
        /// Sets where the person agrees.
        consent_url: Secret,
    }
}

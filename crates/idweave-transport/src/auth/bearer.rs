//! A token that does not change (RFC 6750).

use std::fmt;

use crate::{AuthContext, Credential, Credentials, Error, Scheme, Secret};

/// A bearer token given once: an API key, an access token, a user's JWT.
#[derive(Clone)]
pub struct Bearer(Credential);

impl Bearer {
    /// Creates the credentials from a token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when it is empty or holds control characters.
    pub fn new(token: impl Into<Secret>) -> Result<Self, Error> {
        Credential::bearer(&token.into()).map(Self)
    }
}

impl Credentials for Bearer {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Bearer
    }

    fn cached(&self, _: Scheme, _: &AuthContext) -> Option<Credential> {
        Some(self.0.clone())
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(***)")
    }
}

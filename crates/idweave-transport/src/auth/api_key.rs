//! A key in a header, a query parameter or a cookie.

use std::fmt;

use crate::{AuthContext, Credential, Credentials, Error, Scheme, Secret};

/// An API key and where it goes.
#[derive(Clone)]
pub struct ApiKey {
    scheme: Scheme,
    credential: Credential,
}

impl ApiKey {
    /// Creates a key that is sent in the header `name`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when the key is empty or holds control characters.
    pub fn header(name: &'static str, key: impl Into<Secret>) -> Result<Self, Error> {
        Self::new(Scheme::Header(name), key.into())
    }

    /// Creates a key that is sent in the query parameter `name`.
    ///
    /// # Errors
    ///
    /// As [`header`](Self::header).
    pub fn query(name: &'static str, key: impl Into<Secret>) -> Result<Self, Error> {
        Self::new(Scheme::Query(name), key.into())
    }

    /// Creates a key that is sent in the cookie `name`.
    ///
    /// # Errors
    ///
    /// As [`header`](Self::header), and when the key holds what RFC 6265 does not allow in a cookie.
    pub fn cookie(name: &'static str, key: impl Into<Secret>) -> Result<Self, Error> {
        Self::new(Scheme::Cookie(name), key.into())
    }

    fn new(scheme: Scheme, key: Secret) -> Result<Self, Error> {
        let credential = match scheme {
            Scheme::Cookie(_) => Credential::cookie(&key),
            _ => Credential::plain(&key),
        }?;
        Ok(Self { scheme, credential })
    }
}

impl Credentials for ApiKey {
    fn provides(&self, scheme: Scheme) -> bool {
        match (self.scheme, scheme) {
            // Header names do not differ by case (RFC 9110 section 5.1).
            (Scheme::Header(ours), Scheme::Header(theirs)) => ours.eq_ignore_ascii_case(theirs),
            (ours, theirs) => ours == theirs,
        }
    }

    fn cached(&self, _: Scheme, _: &AuthContext) -> Option<Credential> {
        Some(self.credential.clone())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ApiKey")
            .field(&self.scheme)
            .field(&"***")
            .finish()
    }
}

//! User and password (RFC 7617).

use std::fmt;

use crate::{AuthContext, Credential, Credentials, Error, Scheme, Secret};

/// A user and a password, sent with each request.
#[derive(Clone)]
pub struct Basic(Credential);

impl Basic {
    /// Creates the credentials from user and password.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when the user is empty or holds a colon.
    pub fn new(user: impl AsRef<str>, password: impl Into<Secret>) -> Result<Self, Error> {
        Credential::basic(user.as_ref(), &password.into()).map(Self)
    }
}

impl Credentials for Basic {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Basic
    }

    fn cached(&self, _: Scheme, _: &AuthContext) -> Option<Credential> {
        Some(self.0.clone())
    }
}

impl fmt::Debug for Basic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Basic(***)")
    }
}

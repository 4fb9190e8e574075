//! One credential, ready to be sent.

use std::fmt;

use ::http::HeaderValue;
use bytes::Bytes;
use zeroize::Zeroizing;

use crate::{Error, ErrorKind};

/// A credential ready to be sent: the value of its header, parameter or cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(HeaderValue);

impl Credential {
    /// Creates a credential for [`Scheme::Bearer`](crate::Scheme::Bearer).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when the token is empty or cannot stand in a header.
    pub fn bearer(token: &crate::Secret) -> Result<Self, Error> {
        Self::with_prefix("Bearer ", token.expose())
    }

    /// Creates a credential for [`Scheme::Basic`](crate::Scheme::Basic). The user must not contain a colon (RFC 7617).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when the user cannot be written.
    pub fn basic(user: &str, password: &crate::Secret) -> Result<Self, Error> {
        use base64::Engine as _;
        if user.is_empty() || user.contains(':') {
            return Err(Error::new(
                ErrorKind::Credentials,
                "a user for basic authentication is empty or has a colon",
            ));
        }
        let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
        let encoded =
            Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
        Self::with_prefix("Basic ", &encoded)
    }

    /// Creates a credential for [`Scheme::Header`](crate::Scheme::Header) and [`Scheme::Query`](crate::Scheme::Query): the value alone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when it is empty or cannot stand in a header.
    pub fn plain(value: &crate::Secret) -> Result<Self, Error> {
        Self::with_prefix("", value.expose())
    }

    /// Creates a credential for [`Scheme::Cookie`](crate::Scheme::Cookie): the value alone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when it is empty or holds what RFC 6265 does not allow in a cookie.
    pub fn cookie(value: &crate::Secret) -> Result<Self, Error> {
        if !is_cookie_value(value.expose()) {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the cookie holds characters that are not allowed in one",
            ));
        }
        Self::plain(value)
    }

    fn with_prefix(prefix: &str, secret: &str) -> Result<Self, Error> {
        if secret.trim().is_empty() {
            return Err(Error::new(ErrorKind::Credentials, "the secret is empty"));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(prefix.len() + secret.len()));
        bytes.extend_from_slice(prefix.as_bytes());
        bytes.extend_from_slice(secret.as_bytes());
        // The header value shares these bytes, so that they are wiped with its last copy.
        let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(bytes)).map_err(|_| {
            Error::new(
                ErrorKind::Credentials,
                "the secret holds a line break or another control character",
            )
        })?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    /// Returns the value as it is sent, marked as sensitive. Do not print it.
    pub fn value(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(***)")
    }
}

/// RFC 6265 section 4.1.1 `cookie-octet`, so that a value cannot add a cookie.
fn is_cookie_value(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\'))
}

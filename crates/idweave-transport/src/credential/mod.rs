//! Who a request is from.
//!
//! One object-safe trait, [`Credentials`]; one module for each kind. The
//! transport asks for a credential only when an operation's security names a
//! scheme that the credentials provide, and sends it to the session's base URL
//! only.

mod api_key;
mod authress;
mod basic;
mod bearer;
mod both;
mod context;
mod docspace;
mod enhance;
mod env;
mod oauth2;
mod source;
mod token;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use ::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use zeroize::Zeroizing;

pub use self::{
    api_key::ApiKey,
    authress::AccessKey,
    basic::Basic,
    bearer::Bearer,
    both::CombinedCredentials,
    context::AuthContext,
    docspace::{ConfirmLink, DocSpaceLogin},
    enhance::{EnhanceLogin, EnhanceSession},
    env::Environment,
    oauth2::{ClientCredentials, RefreshToken},
    source::{TokenCommand, TokenFile},
};
use crate::{Error, ErrorKind, Scheme};

/// A future on the heap, as object-safe asynchronous methods return it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that can say who a request is from.
///
/// Implementations are cheap to clone (they share what they hold) and keep one
/// refresh running at a time.
///
/// ```
/// use idweave_transport::{BoxFuture, Credential, Credentials, Scheme, Secret};
///
/// /// A token that another part of the program keeps up to date.
/// #[derive(Clone, Debug)]
/// struct Shared(std::sync::Arc<std::sync::RwLock<Secret>>);
///
/// impl Credentials for Shared {
///     fn provides(&self, scheme: Scheme) -> bool {
///         scheme == Scheme::Bearer
///     }
///     fn cached(&self, _: Scheme) -> Option<Credential> {
///         Credential::bearer(&*self.0.read().ok()?).ok()
///     }
/// }
/// ```
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// Whether this can satisfy `scheme`.
    fn provides(&self, scheme: Scheme) -> bool;

    /// What is at hand and still good, without waiting.
    fn cached(&self, scheme: Scheme) -> Option<Credential>;

    /// Gets a credential, waiting for it if need be.
    ///
    /// Called when there is no [`cached`](Self::cached) one, or when the
    /// service has answered 401 to `rejected`: then whatever is returned must be
    /// another one.
    fn fetch<'a>(
        &'a self,
        scheme: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        let _ = (rejected, context);
        Box::pin(async move {
            self.cached(scheme)
                .ok_or_else(|| Error::new(ErrorKind::Credentials, "there is none at hand"))
        })
    }

    /// Whether [`fetch`](Self::fetch) may give another one after a 401.
    fn is_refreshable(&self, scheme: Scheme) -> bool {
        let _ = scheme;
        false
    }

    /// The same credentials for one service address, where tokens of one must
    /// not reach another. Called once for each client that is built.
    fn bind(&self, base_url: &str) -> Option<Arc<dyn Credentials>> {
        let _ = base_url;
        None
    }

    /// Where a scheme stands among those combined by [`and`](Self::and).
    #[doc(hidden)]
    fn priority(&self, scheme: Scheme) -> usize {
        let _ = scheme;
        0
    }

    /// How many are combined here.
    #[doc(hidden)]
    fn count(&self) -> usize {
        1
    }

    /// Sees the headers of each answer to a request that carried the credential
    /// of `scheme`, for services that renew a session on the way.
    fn on_response(&self, scheme: Scheme, headers: &HeaderMap) {
        let _ = (scheme, headers);
    }

    /// These and others: each operation gets the combination that it asks for.
    ///
    /// Where an operation takes either, the one named first is sent.
    fn and<O: Credentials>(self, other: O) -> CombinedCredentials
    where
        Self: Sized,
    {
        CombinedCredentials::new(self, other)
    }
}

impl Credentials for Arc<dyn Credentials> {
    fn provides(&self, scheme: Scheme) -> bool {
        (**self).provides(scheme)
    }

    fn cached(&self, scheme: Scheme) -> Option<Credential> {
        (**self).cached(scheme)
    }

    fn fetch<'a>(
        &'a self,
        scheme: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        (**self).fetch(scheme, rejected, context)
    }

    fn is_refreshable(&self, scheme: Scheme) -> bool {
        (**self).is_refreshable(scheme)
    }

    fn bind(&self, base_url: &str) -> Option<Arc<dyn Credentials>> {
        (**self).bind(base_url)
    }

    fn priority(&self, scheme: Scheme) -> usize {
        (**self).priority(scheme)
    }

    fn count(&self) -> usize {
        (**self).count()
    }

    fn on_response(&self, scheme: Scheme, headers: &HeaderMap) {
        (**self).on_response(scheme, headers);
    }
}

/// A credential ready to be sent: the value of its header, parameter or cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential(HeaderValue);

impl Credential {
    /// For [`Scheme::Bearer`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when the token is empty or cannot stand in a header.
    pub fn bearer(token: &crate::Secret) -> Result<Self, Error> {
        Self::with_prefix("Bearer ", token.expose())
    }

    /// For [`Scheme::Basic`]. The user must not contain a colon (RFC 7617).
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

    /// For [`Scheme::Header`], [`Scheme::Query`] and [`Scheme::Cookie`]: the value alone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when it is empty or cannot stand in a header.
    pub fn plain(value: &crate::Secret) -> Result<Self, Error> {
        Self::with_prefix("", value.expose())
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

    pub(crate) fn value(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(***)")
    }
}

/// RFC 6265 section 4.1.1 `cookie-octet`, so that a value cannot add a cookie.
pub(crate) fn is_cookie_value(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\'))
}

/// What an endpoint that gives out tokens answered instead of one.
///
/// `code` is shown when it looks like a code of a protocol and not like a sentence.
fn refused(who: &str, code: Option<&str>, response: ::http::Response<Bytes>) -> Error {
    let (parts, body) = response.into_parts();
    let code = code
        .filter(|code| {
            code.len() <= 40
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        })
        .map(|code| format!(" ({code})"))
        .unwrap_or_default();
    let detail = format!("{who} answered {}{code}", parts.status);
    Error::bare(ErrorKind::Status)
        .with_answer(parts.status, parts.headers, body)
        .into_kind(ErrorKind::Credentials, detail)
}

/// An answer that is not what it must be to hold a token.
fn unreadable(what: &str, error: &serde_json::Error) -> Error {
    Error::new(ErrorKind::Credentials, what).with_source(crate::error::JsonError::new(error))
}

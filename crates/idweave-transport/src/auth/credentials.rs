//! The trait of credentials, and the combination of two.

use std::{fmt, sync::Arc};

use ::http::HeaderMap;

use super::{context::AuthContext, credential::Credential};
use crate::{BoxFuture, Error, ErrorKind, Scheme};

/// The credentials of requests, whichever way they are obtained.
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
    /// Returns whether this can satisfy `scheme`.
    fn provides(&self, scheme: Scheme) -> bool;

    /// Returns the credential that is at hand and still valid, without waiting.
    fn cached(&self, scheme: Scheme) -> Option<Credential>;

    /// Fetches a credential, waiting for it if need be.
    ///
    /// Called when there is no [`cached`](Self::cached) one, or when the
    /// service has responded 401 to `rejected`: then whatever is returned must be
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

    /// Returns whether [`fetch`](Self::fetch) may give another one after a 401.
    fn is_refreshable(&self, scheme: Scheme) -> bool {
        let _ = scheme;
        false
    }

    /// Returns the same credentials for one service address, where tokens of one must
    /// not reach another. Called once for each client that is built.
    fn bind(&self, base_url: &str) -> Option<Arc<dyn Credentials>> {
        let _ = base_url;
        None
    }

    /// Returns the place of a scheme among those combined by [`and`](Self::and).
    #[doc(hidden)]
    fn priority(&self, scheme: Scheme) -> usize {
        let _ = scheme;
        0
    }

    /// Returns how many are combined here.
    #[doc(hidden)]
    fn count(&self) -> usize {
        1
    }

    /// Handles the headers of each response to a request that carried the credential
    /// of `scheme`, for services that renew a session on the way.
    fn on_response(&self, scheme: Scheme, headers: &HeaderMap) {
        let _ = (scheme, headers);
    }

    /// Combines these with others: each operation gets the combination that it asks for.
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

/// Two credentials combined by [`Credentials::and`].
#[derive(Clone, Debug)]
pub struct CombinedCredentials(Arc<dyn Credentials>, Arc<dyn Credentials>);

impl CombinedCredentials {
    pub(crate) fn new(first: impl Credentials, second: impl Credentials) -> Self {
        Self(Arc::new(first), Arc::new(second))
    }

    fn of(&self, scheme: Scheme) -> &dyn Credentials {
        if self.0.provides(scheme) {
            &*self.0
        } else {
            &*self.1
        }
    }
}

impl Credentials for CombinedCredentials {
    fn provides(&self, scheme: Scheme) -> bool {
        self.0.provides(scheme) || self.1.provides(scheme)
    }

    fn bind(&self, base_url: &str) -> Option<Arc<dyn Credentials>> {
        let bound =
            |part: &Arc<dyn Credentials>| part.bind(base_url).unwrap_or_else(|| part.clone());
        Some(Arc::new(Self(bound(&self.0), bound(&self.1))))
    }

    fn priority(&self, scheme: Scheme) -> usize {
        if self.0.provides(scheme) {
            self.0.priority(scheme)
        } else {
            self.0.count() + self.1.priority(scheme)
        }
    }

    fn count(&self) -> usize {
        self.0.count() + self.1.count()
    }

    fn cached(&self, scheme: Scheme) -> Option<Credential> {
        self.of(scheme).cached(scheme)
    }

    fn fetch<'a>(
        &'a self,
        scheme: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        self.of(scheme).fetch(scheme, rejected, context)
    }

    fn is_refreshable(&self, scheme: Scheme) -> bool {
        self.of(scheme).is_refreshable(scheme)
    }

    fn on_response(&self, scheme: Scheme, headers: &HeaderMap) {
        self.of(scheme).on_response(scheme, headers);
    }
}

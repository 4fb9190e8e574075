//! The trait of credentials, and the combination of two.

use std::{fmt, sync::Arc};

use ::http::HeaderMap;

use super::{context::AuthContext, credential::Credential};
use crate::{BoxFuture, Error, ErrorKind, Scheme};

/// The credentials of requests, whichever way they are obtained.
///
/// For a token that is fetched and expires implement [`TokenSource`](crate::TokenSource)
/// instead, which makes credentials of it.
///
/// Implementations are cheap to clone: they share what they hold. One object may serve
/// clients of several services. Each method gets the service that it is asked for, so that
/// one that wraps other credentials passes it on.
///
/// ```
/// use idweave_transport::{AuthContext, Credential, Credentials, Scheme, Secret};
///
/// /// A token that another part of the program keeps up to date.
/// #[derive(Clone, Debug)]
/// struct Shared(std::sync::Arc<std::sync::RwLock<Secret>>);
///
/// impl Credentials for Shared {
///     fn provides(&self, scheme: Scheme) -> bool {
///         scheme == Scheme::Bearer
///     }
///     fn cached(&self, _: Scheme, _: &AuthContext) -> Option<Credential> {
///         Credential::bearer(&*self.0.read().ok()?).ok()
///     }
/// }
/// ```
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// Returns whether this can satisfy `scheme`.
    fn provides(&self, scheme: Scheme) -> bool;

    /// Returns the credential for the service of `context` that is at hand and still valid, without waiting.
    fn cached(&self, scheme: Scheme, context: &AuthContext) -> Option<Credential>;

    /// Fetches a credential for the service of `context`, waiting for it if need be.
    ///
    /// Called when there is no [`cached`](Self::cached) one, or when the
    /// service has responded 401 to `rejected`: then whatever is returned must be
    /// another one.
    ///
    /// The future is dropped with the call that needs the credential, and when that call's
    /// time is over. What must be finished, such as the exchange of a token that works once, belongs
    /// in a task; a [`TokenSource`](crate::TokenSource) has one.
    fn fetch<'a>(
        &'a self,
        scheme: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        let _ = rejected;
        Box::pin(async move {
            self.cached(scheme, context)
                .ok_or_else(|| Error::new(ErrorKind::Credentials, "there is none at hand"))
        })
    }

    /// Returns whether [`fetch`](Self::fetch) may give another one after a 401.
    fn is_refreshable(&self, scheme: Scheme, context: &AuthContext) -> bool {
        let _ = (scheme, context);
        false
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
    fn on_response(&self, scheme: Scheme, headers: &HeaderMap, context: &AuthContext) {
        let _ = (scheme, headers, context);
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

    fn cached(&self, scheme: Scheme, context: &AuthContext) -> Option<Credential> {
        (**self).cached(scheme, context)
    }

    fn fetch<'a>(
        &'a self,
        scheme: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        (**self).fetch(scheme, rejected, context)
    }

    fn is_refreshable(&self, scheme: Scheme, context: &AuthContext) -> bool {
        (**self).is_refreshable(scheme, context)
    }

    fn priority(&self, scheme: Scheme) -> usize {
        (**self).priority(scheme)
    }

    fn count(&self) -> usize {
        (**self).count()
    }

    fn on_response(&self, scheme: Scheme, headers: &HeaderMap, context: &AuthContext) {
        (**self).on_response(scheme, headers, context);
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

    fn cached(&self, scheme: Scheme, context: &AuthContext) -> Option<Credential> {
        self.of(scheme).cached(scheme, context)
    }

    fn fetch<'a>(
        &'a self,
        scheme: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        self.of(scheme).fetch(scheme, rejected, context)
    }

    fn is_refreshable(&self, scheme: Scheme, context: &AuthContext) -> bool {
        self.of(scheme).is_refreshable(scheme, context)
    }

    fn on_response(&self, scheme: Scheme, headers: &HeaderMap, context: &AuthContext) {
        self.of(scheme).on_response(scheme, headers, context);
    }
}

//! Two credentials as one.

use std::sync::Arc;

use ::http::HeaderMap;

use super::BoxFuture;
use crate::{AuthContext, Credential, Credentials, Error, Scheme};

/// Made by [`Credentials::and`].
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

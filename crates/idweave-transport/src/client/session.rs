//! A service as one client sees it: where it is, who asks, and within what bounds.
//!
//! Generated clients hold a [`Session`] and start every call from it.

use std::{fmt, sync::Arc};

use crate::execute::ClientCore;

/// A shared handle to one service; cloning it is cheap.
#[derive(Clone)]
pub struct Session {
    core: Arc<ClientCore>,
    anonymous: bool,
}

impl Session {
    pub(crate) fn new(core: ClientCore) -> Self {
        Self {
            core: Arc::new(core),
            anonymous: false,
        }
    }

    /// Returns a handle to the same service whose calls are all [anonymous](crate::Call::anonymous).
    ///
    /// It shares connections and limits with this one. A generated client is made from it by
    /// `Client::from`.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self {
            core: self.core.clone(),
            anonymous: true,
        }
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    pub(crate) fn core(&self) -> &ClientCore {
        &self.core
    }

    #[cfg(test)]
    pub(crate) fn context(&self, deadline: tokio::time::Instant) -> crate::AuthContext {
        crate::AuthContext::new(self.core.http.clone(), self.core.retry.backoff, deadline)
    }

    /// Returns the base URL of the service, without a slash at the end.
    pub fn base_url(&self) -> &str {
        self.core.http.base.as_str()
    }

    /// Returns the service's name, as traces and metrics show it.
    pub fn service(&self) -> &'static str {
        self.core.service
    }

    /// Forgets what responses have said about rate limits (`X-RateLimit-Remaining`, `Retry-After`), so
    /// that calls are sent again at once, those that wait included.
    ///
    /// For a service that has been restarted, or has raised a limit. Otherwise calls wait for as long as
    /// the service has asked, at most an hour, or until a response to a later request says that there
    /// are requests left. The limits that were set for the client stay.
    pub fn forget_rate_limits(&self) {
        self.core.limiter.imposed.forget();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("service", &self.core.service)
            .field("base_url", &self.core.http.base)
            .field(
                "credentials",
                &(self.core.credentials.is_some() && !self.anonymous),
            )
            .finish_non_exhaustive()
    }
}

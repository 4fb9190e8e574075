//! Credentials made of a source of tokens: what fetches them, and the cache that keeps them.
//!
//! All credentials that change are made this way, those of the services' crates included.

use std::{fmt, future::Future, time::Duration};

use ::http::HeaderMap;

use super::token_cache::TokenCache;
use crate::{AuthContext, BoxFuture, Credential, Credentials, Error, FetchedToken, Scheme};

/// A source of tokens that expire. Whatever implements it is [`Credentials`].
///
/// What it adds to [`fetch_token`](Self::fetch_token):
///
/// - A token is kept, for each service of its own ([`TokenCache::new`]) or for all
///   ([`TokenCache::shared`]), and replaced before it expires and after a 401.
/// - One fetch runs at a time, however many calls wait for it, in a task of its own on the
///   runtime of the call that started it. Calls that are dropped or out of time leave it
///   running, and its token is there for the next one.
/// - A failed fetch is the result of all that waited for it. A refusal, as opposed to a
///   failure on the way, is not asked for again within half a minute: services lock accounts
///   on repeated wrong passwords.
/// - A token that is due but has not expired is still used while its replacement fails.
/// - A panic in a fetch, or the end of its runtime, is an error for those that wait; the next
///   call starts another fetch.
///
/// ```
/// use std::time::Duration;
///
/// use idweave_transport::{
///     AuthContext, Credential, Error, ErrorKind, FetchedToken, HeaderMap, Secret, Session,
///     TokenCache, TokenSource,
/// };
///
/// /// Exchanges a long-lived key for a bearer token that is valid for ten minutes.
/// #[derive(Clone, Debug)]
/// struct ExchangedKey {
///     key: Secret,
///     tokens: TokenCache,
/// }
///
/// impl TokenSource for ExchangedKey {
///     fn tokens(&self) -> &TokenCache {
///         &self.tokens
///     }
///
///     async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
///         let url = format!("{}/tokens", context.base_url());
///         let response = context.post_json(&url, &self.key, HeaderMap::new()).await?;
///         if !response.status().is_success() {
///             return Err(Error::credentials_refused("the token endpoint", None, response));
///         }
///         let token: Secret = serde_json::from_slice(response.body()).map_err(|error| {
///             Error::new(ErrorKind::Credentials, "the response of the token endpoint is not a token")
///                 .with_json_error(&error)
///         })?;
///         Ok(FetchedToken::new(Credential::bearer(&token)?, Some(Duration::from_secs(600))))
///     }
/// }
///
/// let credentials = ExchangedKey { key: Secret::new("a key"), tokens: TokenCache::new() };
/// let session = Session::builder("https://api.acme.io").credentials(credentials).build()?;
/// # Ok::<(), Error>(())
/// ```
pub trait TokenSource: fmt::Debug + Clone + Send + Sync + 'static {
    /// Returns the cache of the tokens: a field, which clones share.
    ///
    /// A clone with other settings, such as another user, needs another cache.
    fn tokens(&self) -> &TokenCache;

    /// Fetches a token for the service of `context`.
    ///
    /// Runs to its end in a task of its own, or until [`AuthContext::deadline`], which is
    /// [`time_limit`](Self::time_limit) away or further.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials), by
    /// [`Error::credentials_refused`] or [`Error::into_credentials`] where they fit.
    fn fetch_token(
        &self,
        context: &AuthContext,
    ) -> impl Future<Output = Result<FetchedToken, Error>> + Send;

    /// Returns the scheme of the tokens; [`Scheme::Bearer`] unless overridden.
    fn scheme(&self) -> Scheme {
        Scheme::Bearer
    }

    /// Returns how long a fetch may take; 90 seconds unless overridden.
    ///
    /// A call does not wait longer than its own time limit. Where that is the longer one, it
    /// holds for the fetch that the call has started, too.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(90)
    }

    /// Returns whether a token that was refused with 401 may be replaced by another one; true unless overridden.
    fn is_replaceable(&self, context: &AuthContext) -> bool {
        let _ = context;
        true
    }

    /// Handles the headers of a response, where the service renews or ends a session in them:
    /// [`TokenCache::store`], [`TokenCache::invalidate`].
    fn observe_response(&self, headers: &HeaderMap, context: &AuthContext) {
        let _ = (headers, context);
    }
}

impl<S: TokenSource> Credentials for S {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == self.scheme()
    }

    fn cached(&self, _: Scheme, context: &AuthContext) -> Option<Credential> {
        self.tokens().cached(context)
    }

    fn fetch<'a>(
        &'a self,
        _: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        let fetch = |context: AuthContext| {
            let source = self.clone();
            async move { source.fetch_token(&context).await }
        };
        Box::pin(
            self.tokens()
                .get_or_fetch(rejected, context, self.time_limit(), fetch),
        )
    }

    fn is_refreshable(&self, _: Scheme, context: &AuthContext) -> bool {
        self.is_replaceable(context)
    }

    fn on_response(&self, _: Scheme, headers: &HeaderMap, context: &AuthContext) {
        self.observe_response(headers, context);
    }
}

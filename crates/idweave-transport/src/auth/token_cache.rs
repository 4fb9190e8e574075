//! A credential that is fetched, kept, and fetched again before it expires.
//!
//! Every credential that changes is built on [`TokenCache`]: one fetch runs at a
//! time however many callers wait, a failed fetch is the result of all who
//! waited for it, and a definite refusal is not asked for again at once
//! (services lock accounts on repeated wrong passwords).

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use crate::{AuthContext, Credential, Error, http::deadline_exceeded};

/// How long before its expiry a token is replaced, at most.
const MARGIN: Duration = Duration::from_secs(60);

/// How long a definite refusal stands before the same request is made again.
const REFUSAL: Duration = Duration::from_secs(30);

/// A credential as a token endpoint has issued it.
#[derive(Clone, Debug)]
pub struct FetchedToken {
    credential: Credential,
    lifetime: Option<Duration>,
    margin: Duration,
}

impl FetchedToken {
    /// Creates one from a credential and how long it is valid; without a lifetime it is used until it is refused.
    ///
    /// It is replaced a minute before its expiry, or a tenth of a shorter lifetime.
    #[must_use]
    pub fn new(credential: Credential, lifetime: Option<Duration>) -> Self {
        let margin = lifetime.map_or(MARGIN, |lifetime| (lifetime / 10).min(MARGIN));
        Self {
            credential,
            lifetime,
            margin,
        }
    }

    /// Sets how long before its expiry the credential is replaced.
    #[must_use]
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// Returns the credential.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }
}

#[derive(Clone)]
struct CachedToken {
    credential: Credential,
    since: Instant,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
}

/// A cache of a credential that expires; it fetches the next one when it is due.
///
/// The base of credentials of your own that ask a service for a token. Clones
/// share what is kept. However many calls need a token at once, one fetch runs;
/// a failed one is the result of all that waited for it, and a refusal (not a
/// failure on the way) is not asked for again within half a minute. A token that
/// is due but has not expired is still used while its replacement fails.
///
/// ```
/// use std::{sync::Arc, time::Duration};
///
/// use idweave_transport::{
///     AuthContext, BoxFuture, Credential, Credentials, Error, ErrorKind, FetchedToken, HeaderMap,
///     Scheme, Secret, Session, TokenCache,
/// };
///
/// /// Exchanges a long-lived key for a bearer token that is valid for ten minutes.
/// #[derive(Clone, Debug)]
/// struct ExchangedKey {
///     key: Secret,
///     tokens: TokenCache,
/// }
///
/// impl ExchangedKey {
///     async fn exchange(&self, context: &AuthContext<'_>) -> Result<FetchedToken, Error> {
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
/// impl Credentials for ExchangedKey {
///     fn provides(&self, scheme: Scheme) -> bool {
///         scheme == Scheme::Bearer
///     }
///
///     fn cached(&self, _: Scheme) -> Option<Credential> {
///         self.tokens.cached()
///     }
///
///     fn fetch<'a>(
///         &'a self,
///         _: Scheme,
///         rejected: Option<&'a Credential>,
///         context: &'a AuthContext<'a>,
///     ) -> BoxFuture<'a, Result<Credential, Error>> {
///         Box::pin(self.tokens.get_or_fetch(rejected, context, || self.exchange(context)))
///     }
///
///     fn is_refreshable(&self, _: Scheme) -> bool {
///         true
///     }
///
///     // A token of one service must not reach another.
///     fn bind(&self, base_url: &str) -> Option<Arc<dyn Credentials>> {
///         Some(Arc::new(Self { tokens: self.tokens.for_base_url(base_url), ..self.clone() }))
///     }
/// }
///
/// let credentials = ExchangedKey { key: Secret::new("a key"), tokens: TokenCache::new() };
/// let session = Session::builder("https://api.acme.io").credentials(credentials).build()?;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default)]
pub struct TokenCache {
    state: Arc<TokenState>,
    by_base_url: Arc<Mutex<HashMap<String, Arc<TokenState>>>>,
}

/// One token and its refreshes.
#[derive(Default)]
struct TokenState {
    token: RwLock<Option<CachedToken>>,
    /// Held by whoever fetches.
    refresh_lock: tokio::sync::Mutex<()>,
    last: Mutex<LastRefresh>,
}

/// How the fetches have gone.
#[derive(Default)]
struct LastRefresh {
    finished: u64,
    failure: Option<(Error, Instant)>,
}

impl TokenCache {
    /// Creates an empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the cache of one service address: the same for each clone of this one.
    ///
    /// For [`Credentials::bind`](crate::Credentials::bind), where the tokens are
    /// those of one service and must not reach another.
    #[must_use]
    pub fn for_base_url(&self, base_url: &str) -> Self {
        let mut states = self
            .by_base_url
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Self {
            state: states.entry(base_url.to_owned()).or_default().clone(),
            by_base_url: self.by_base_url.clone(),
        }
    }

    /// Returns the credential, unless there is none or it is time to replace it.
    pub fn cached(&self) -> Option<Credential> {
        let token = self
            .state
            .token
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let token = token.as_ref()?;
        // Reading the clock costs more than the rest; what never expires need not.
        match token.renew_at {
            Some(renew_at) if Instant::now() >= renew_at => None,
            _ => Some(token.credential.clone()),
        }
    }

    /// Returns how long the credential has been kept.
    pub fn age(&self) -> Option<Duration> {
        self.token().map(|token| token.since.elapsed())
    }

    fn token(&self) -> Option<CachedToken> {
        self.state
            .token
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Stores a credential, as when the service has renewed it in a response.
    pub fn store(&self, fetched: FetchedToken) {
        let since = Instant::now();
        let expires_at = fetched
            .lifetime
            .and_then(|lifetime| since.checked_add(lifetime));
        let renew_at = expires_at.and_then(|at| at.checked_sub(fetched.margin));
        let token = CachedToken {
            credential: fetched.credential,
            since,
            renew_at,
            expires_at,
        };
        *self
            .state
            .token
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    /// Drops the credential, as when the service has ended the session.
    pub fn invalidate(&self) {
        *self
            .state
            .token
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns the credential, fetched if need be; never `rejected` again.
    ///
    /// # Errors
    ///
    /// What `fetch` returned, to this caller or to the one that it waited for;
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when the call's deadline passes while waiting.
    pub async fn get_or_fetch<F, Fut>(
        &self,
        rejected: Option<&Credential>,
        context: &AuthContext<'_>,
        fetch: F,
    ) -> Result<Credential, Error>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<FetchedToken, Error>>,
    {
        let fresh = |credential: &Credential| Some(credential) != rejected;
        let before = self.last().finished;
        let Ok(_one) = timeout_at(context.deadline(), self.state.refresh_lock.lock()).await else {
            return Err(deadline_exceeded().into_credentials("the token did not arrive in time"));
        };
        if let Some(credential) = self.cached().filter(fresh) {
            return Ok(credential);
        }
        {
            let last = self.last();
            if let Some((failure, at)) = &last.failure {
                // Either it happened while this caller waited, or it is too early to ask the same again.
                if last.finished != before || (!failure.is_transient() && at.elapsed() < REFUSAL) {
                    return Err(failure.clone());
                }
            }
        }
        let outcome = fetch().await;
        let mut last = self.last();
        last.finished += 1;
        match outcome {
            Ok(fetched) => {
                last.failure = None;
                let credential = fetched.credential.clone();
                self.store(fetched);
                Ok(credential)
            }
            Err(error) => {
                // A token that is due but has not expired is still valid.
                let usable = self.token().filter(|token| {
                    fresh(&token.credential)
                        && token.expires_at.is_some_and(|at| Instant::now() < at)
                });
                match usable {
                    Some(token) if error.is_transient() => {
                        tracing::debug!("token not renewed yet, the old one is still valid");
                        Ok(token.credential)
                    }
                    _ => {
                        last.failure = Some((error.clone(), Instant::now()));
                        Err(error)
                    }
                }
            }
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, LastRefresh> {
        self.state
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenCache(***)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::{ErrorKind, Session};

    const LIFETIME: Duration = Duration::from_secs(3_600);

    fn credential(number: usize) -> Credential {
        Credential::plain(&format!("t{number}").into()).unwrap()
    }

    /// Fetches numbered tokens, or fails where `script` says so.
    struct Source {
        session: Session,
        tokens: TokenCache,
        fetches: AtomicUsize,
        script: fn(usize) -> Option<Error>,
    }

    impl Source {
        fn new(script: fn(usize) -> Option<Error>) -> Self {
            let session = Session::builder("http://127.0.0.1:9").build().unwrap();
            Self {
                session,
                tokens: TokenCache::new(),
                fetches: AtomicUsize::new(0),
                script,
            }
        }

        async fn get(&self, rejected: Option<&Credential>) -> Result<Credential, Error> {
            if let Some(current) = self
                .tokens
                .cached()
                .filter(|current| Some(current) != rejected)
            {
                return Ok(current);
            }
            let context = self
                .session
                .context(Instant::now() + Duration::from_secs(90));
            self.tokens
                .get_or_fetch(rejected, &context, async || {
                    let number = self.fetches.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    match (self.script)(number) {
                        Some(error) => Err(error),
                        None => Ok(FetchedToken::new(credential(number), Some(LIFETIME))),
                    }
                })
                .await
        }

        async fn sixty_four(&self) -> Vec<Result<Credential, ErrorKind>> {
            let mut callers: Vec<_> = (0..64).map(|_| Box::pin(self.get(None))).collect();
            let mut results: Vec<Option<_>> = (0..64).map(|_| None).collect();
            std::future::poll_fn(|context| {
                for (caller, result) in callers.iter_mut().zip(&mut results) {
                    if result.is_none()
                        && let std::task::Poll::Ready(outcome) = caller.as_mut().poll(context)
                    {
                        *result = Some(outcome.map_err(|error| error.kind()));
                    }
                }
                if results.iter().all(Option::is_some) {
                    std::task::Poll::Ready(())
                } else {
                    std::task::Poll::Pending
                }
            })
            .await;
            results.into_iter().flatten().collect()
        }

        fn count(&self) -> usize {
            self.fetches.load(Ordering::SeqCst)
        }
    }

    fn busy() -> Error {
        Error::new(ErrorKind::Connect, "away").into_credentials("away")
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_replaced_a_minute_before_its_end_and_not_sooner() {
        let source = Source::new(|_| None);
        source.get(None).await.unwrap();
        tokio::time::advance(LIFETIME - Duration::from_secs(62)).await;
        assert_eq!(source.get(None).await.unwrap(), credential(0));
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(source.get(None).await.unwrap(), credential(1));
        assert_eq!(source.count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn token_cache_fetches_once_for_many_callers_and_once_at_expiry() {
        let source = Source::new(|_| None);
        assert!(
            source
                .sixty_four()
                .await
                .into_iter()
                .all(|outcome| outcome == Ok(credential(0)))
        );
        tokio::time::advance(LIFETIME).await;
        assert!(
            source
                .sixty_four()
                .await
                .into_iter()
                .all(|outcome| outcome == Ok(credential(1)))
        );
        assert_eq!(source.count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn token_cache_shares_one_failure_among_many_callers() {
        let source = Source::new(|number| (number == 0).then(busy));
        assert!(
            source
                .sixty_four()
                .await
                .into_iter()
                .all(|outcome| outcome == Err(ErrorKind::Credentials))
        );
        assert_eq!(source.count(), 1);
        assert_eq!(
            source.get(None).await.unwrap(),
            credential(1),
            "a passing failure is not remembered"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn token_cache_keeps_a_refusal_for_half_a_minute() {
        let source =
            Source::new(|number| (number == 0).then(|| Error::new(ErrorKind::Credentials, "no")));
        assert!(source.get(None).await.is_err() && source.get(None).await.is_err());
        assert_eq!(source.count(), 1);
        tokio::time::advance(REFUSAL).await;
        assert!(source.get(None).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn token_cache_keeps_an_unexpired_token_when_renewal_fails() {
        let source = Source::new(|number| (number == 1).then(busy));
        source.get(None).await.unwrap();
        tokio::time::advance(LIFETIME - Duration::from_secs(30)).await;
        assert_eq!(source.get(None).await.unwrap(), credential(0));
        assert_eq!(source.get(None).await.unwrap(), credential(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rejected_token_is_replaced_and_a_newer_one_kept() {
        let source = Source::new(|_| None);
        let first = source.get(None).await.unwrap();
        assert_eq!(source.get(Some(&first)).await.unwrap(), credential(1));
        // Another caller comes late with the same complaint.
        assert_eq!(source.get(Some(&first)).await.unwrap(), credential(1));
        assert_eq!(source.count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn token_cache_leaves_the_fetch_of_a_cancelled_caller_to_the_next() {
        let source = Source::new(|_| None);
        let gone = tokio::time::timeout(Duration::from_millis(10), source.get(None)).await;
        assert!(gone.is_err());
        assert_eq!(source.get(None).await.unwrap(), credential(1));
    }
}

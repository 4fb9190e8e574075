//! The tokens of credentials that expire, kept for each service, and the fetches that replace them.
//!
//! One fetch runs at a time, in a task of its own, however many callers wait for its result;
//! a definite refusal is not asked for again at once (services lock accounts on repeated
//! wrong passwords). See [`TokenSource`](crate::TokenSource), which is built on it.

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use tracing::Instrument as _;

use super::fetched_token::FetchedToken;
use crate::{AuthContext, Credential, Error, ErrorKind, http::deadline_exceeded};

/// How long a definite refusal stands before the same request is made again.
const REFUSAL: Duration = Duration::from_secs(30);

#[derive(Clone)]
struct CachedToken {
    credential: Credential,
    since: Instant,
    renew_at: Option<Instant>,
    expires_at: Option<Instant>,
}

impl CachedToken {
    /// A time that the clock cannot express is never reached.
    fn new(fetched: FetchedToken) -> Self {
        let since = Instant::now();
        let at = |after: Option<Duration>| after.and_then(|after| since.checked_add(after));
        Self {
            since,
            renew_at: at(fetched.renew_after()),
            expires_at: at(fetched.expires_after()),
            credential: fetched.into_credential(),
        }
    }
}

/// The tokens of a [`TokenSource`](crate::TokenSource). Clones share what is kept.
#[derive(Clone, Default)]
pub struct TokenCache {
    is_shared: bool,
    given: Option<CachedToken>,
    /// By the base URL of the service, unless it is shared.
    states: Arc<RwLock<BTreeMap<Box<str>, Arc<TokenState>>>>,
}

/// One token and its refreshes.
struct TokenState {
    token: RwLock<Option<CachedToken>>,
    fetches: Mutex<Fetches>,
}

/// What a fetch led to; none while it runs.
type Outcome = Option<Result<Credential, Error>>;

/// The fetch that runs, and how the last one ended.
#[derive(Default)]
struct Fetches {
    running: Option<watch::Receiver<Outcome>>,
    refusal: Option<(Error, Instant)>,
}

impl TokenCache {
    /// Creates a cache that keeps a token for each service: one fetched for a service never reaches another.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a cache of one token for all services, where it does not depend on them who issues it.
    #[must_use]
    pub fn shared() -> Self {
        Self {
            is_shared: true,
            ..Self::default()
        }
    }

    /// Sets the token that is used before any is fetched.
    #[must_use]
    pub fn with_token(mut self, token: FetchedToken) -> Self {
        self.given = Some(CachedToken::new(token));
        self
    }

    fn state(&self, context: &AuthContext) -> Arc<TokenState> {
        let key = if self.is_shared {
            ""
        } else {
            context.base_url()
        };
        let states = self.states.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = states.get(key) {
            return state.clone();
        }
        drop(states);
        let mut states = self.states.write().unwrap_or_else(PoisonError::into_inner);
        let state = states.entry(key.into()).or_insert_with(|| {
            Arc::new(TokenState {
                token: RwLock::new(self.given.clone()),
                fetches: Mutex::default(),
            })
        });
        state.clone()
    }

    /// Returns the credential, unless there is none or it is time to replace it.
    pub(super) fn cached(&self, context: &AuthContext) -> Option<Credential> {
        self.state(context).cached()
    }

    /// Returns how long the token for the service of `context` has been kept.
    pub fn age(&self, context: &AuthContext) -> Option<Duration> {
        self.state(context)
            .token()
            .map(|token| token.since.elapsed())
    }

    /// Stores a token, as when the service has renewed it in a response.
    pub fn store(&self, token: FetchedToken, context: &AuthContext) {
        self.state(context).set(Some(CachedToken::new(token)));
    }

    /// Drops the token, as when the service has ended the session.
    pub fn invalidate(&self, context: &AuthContext) {
        self.state(context).set(None);
    }

    /// Returns the credential, fetched if need be; never `rejected` again.
    pub(super) async fn get_or_fetch<F, Fut>(
        &self,
        rejected: Option<&Credential>,
        context: &AuthContext,
        time_limit: Duration,
        fetch: F,
    ) -> Result<Credential, Error>
    where
        F: FnOnce(AuthContext) -> Fut,
        Fut: Future<Output = Result<FetchedToken, Error>> + Send + 'static,
    {
        let state = self.state(context);
        let mut running = {
            // Whoever finishes a fetch stores its token under this lock.
            let mut fetches = state.fetches();
            let current = state.cached();
            if let Some(credential) = current.filter(|current| Some(current) != rejected) {
                return Ok(credential);
            }
            // One that ended without a result, by a panic or with its runtime, runs no more.
            let running = fetches.running.as_ref();
            match running.filter(|running| running.has_changed().is_ok()) {
                Some(running) => running.clone(),
                None => {
                    if let Some((refusal, at)) = &fetches.refusal
                        && at.elapsed() < REFUSAL
                    {
                        return Err(refusal.clone());
                    }
                    let context = context.for_fetch(time_limit);
                    let deadline = context.deadline();
                    let running = state.clone().start(deadline, fetch(context));
                    fetches.running.insert(running).clone()
                }
            }
        };
        let outcome = match running.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        match outcome {
            Some(Ok(credential)) => Ok(credential),
            Some(Err(error)) => match state.unexpired(rejected) {
                Some(credential) if error.is_transient() => {
                    tracing::debug!("token not renewed yet, the old one is still valid");
                    Ok(credential)
                }
                _ => Err(error),
            },
            None => Err(Error::new(
                ErrorKind::Credentials,
                "obtaining the token ended without a result: it panicked, or its runtime was shut down",
            )),
        }
    }
}

impl TokenState {
    /// Starts a fetch in a task of its own, so that what it changes at the service is never lost
    /// with a caller that goes away.
    fn start<Fut>(self: Arc<Self>, deadline: Instant, fetch: Fut) -> watch::Receiver<Outcome>
    where
        Fut: Future<Output = Result<FetchedToken, Error>> + Send + 'static,
    {
        let (sender, receiver) = watch::channel(None);
        let task = async move {
            let outcome = timeout_at(deadline, fetch).await.unwrap_or_else(|_| {
                Err(deadline_exceeded().into_credentials("the token did not arrive in time"))
            });
            sender.send_replace(Some(self.finish(outcome)));
        };
        tokio::spawn(task.in_current_span());
        receiver
    }

    fn finish(&self, outcome: Result<FetchedToken, Error>) -> Result<Credential, Error> {
        let mut fetches = self.fetches();
        fetches.running = None;
        fetches.refusal = None;
        match outcome {
            Ok(fetched) => {
                let credential = fetched.credential().clone();
                self.set(Some(CachedToken::new(fetched)));
                Ok(credential)
            }
            Err(error) => {
                if !error.is_transient() {
                    fetches.refusal = Some((error.clone(), Instant::now()));
                }
                Err(error)
            }
        }
    }

    fn cached(&self) -> Option<Credential> {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner);
        let token = token.as_ref()?;
        // Reading the clock costs more than the rest; what never expires need not.
        match token.renew_at {
            Some(renew_at) if Instant::now() >= renew_at => None,
            _ => Some(token.credential.clone()),
        }
    }

    /// The credential that is due, but still valid and not refused.
    fn unexpired(&self, rejected: Option<&Credential>) -> Option<Credential> {
        let token = self.token()?;
        let valid = token.expires_at.is_none_or(|at| Instant::now() < at);
        (valid && Some(&token.credential) != rejected).then_some(token.credential)
    }

    fn token(&self) -> Option<CachedToken> {
        let token = self.token.read().unwrap_or_else(PoisonError::into_inner);
        token.clone()
    }

    fn set(&self, token: Option<CachedToken>) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    fn fetches(&self) -> MutexGuard<'_, Fetches> {
        self.fetches.lock().unwrap_or_else(PoisonError::into_inner)
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
        fetches: Arc<AtomicUsize>,
        script: fn(usize) -> Option<Error>,
    }

    impl Source {
        fn new(script: fn(usize) -> Option<Error>) -> Self {
            let session = Session::builder("http://127.0.0.1:9").build().unwrap();
            Self {
                session,
                tokens: TokenCache::new(),
                fetches: Arc::default(),
                script,
            }
        }

        async fn get(&self, rejected: Option<&Credential>) -> Result<Credential, Error> {
            let context = self.context();
            let current = self.tokens.cached(&context);
            if let Some(current) = current.filter(|current| Some(current) != rejected) {
                return Ok(current);
            }
            let (fetches, script) = (self.fetches.clone(), self.script);
            let fetch = |_| async move {
                let number = fetches.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_secs(1)).await;
                match script(number) {
                    Some(error) => Err(error),
                    None => Ok(FetchedToken::new(credential(number), Some(LIFETIME))),
                }
            };
            self.tokens
                .get_or_fetch(rejected, &context, Duration::from_secs(90), fetch)
                .await
        }

        fn context(&self) -> AuthContext {
            self.session
                .context(Instant::now() + Duration::from_secs(90))
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
    async fn token_cache_keeps_the_token_that_a_cancelled_caller_asked_for() {
        let source = Source::new(|_| None);
        let gone = tokio::time::timeout(Duration::from_millis(10), source.get(None)).await;
        assert!(gone.is_err());
        assert_eq!(source.get(None).await.unwrap(), credential(0));
        assert_eq!(source.count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn token_cache_does_not_fall_back_to_a_rejected_token() {
        let source = Source::new(|number| (number == 1).then(busy));
        let first = source.get(None).await.unwrap();
        let error = source.get(Some(&first)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert_eq!(source.get(Some(&first)).await.unwrap(), credential(2));
    }

    #[tokio::test(start_paused = true)]
    async fn token_cache_does_not_fall_back_to_an_expired_token() {
        let source = Source::new(|number| (number == 1).then(busy));
        source.get(None).await.unwrap();
        tokio::time::advance(LIFETIME).await;
        assert!(source.get(None).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn fetch_that_never_ends_fails_at_its_time_limit_and_the_next_one_starts() {
        let source = Source::new(|_| None);
        let context = source.context();
        let limit = Duration::from_secs(300);
        let started = Instant::now();
        let never = source
            .tokens
            .get_or_fetch(None, &context, limit, |_| std::future::pending())
            .await;
        assert!(never.unwrap_err().is_transient());
        assert_eq!(started.elapsed().as_secs(), 300);
        assert_eq!(source.get(None).await.unwrap(), credential(0));
    }

    #[tokio::test(start_paused = true)]
    async fn fetch_that_panics_is_an_error_for_all_and_the_next_one_starts() {
        let source = Source::new(|number| {
            assert_ne!(number, 0);
            None
        });
        let outcomes = source.sixty_four().await;
        assert!(
            outcomes
                .into_iter()
                .all(|outcome| outcome == Err(ErrorKind::Credentials))
        );
        assert_eq!(source.get(None).await.unwrap(), credential(1));
    }

    #[tokio::test(start_paused = true)]
    async fn token_of_one_service_is_not_that_of_another() {
        let one = Source::new(|_| None);
        one.get(None).await.unwrap();
        let session = Session::builder("http://127.0.0.1:9/other")
            .build()
            .unwrap();
        let other = session.context(Instant::now() + Duration::from_secs(90));
        assert_eq!(one.tokens.cached(&one.context()), Some(credential(0)));
        assert_eq!(one.tokens.cached(&other), None);
        let shared = TokenCache::shared();
        shared.store(FetchedToken::new(credential(7), None), &other);
        assert_eq!(shared.cached(&one.context()), Some(credential(7)));
    }
}

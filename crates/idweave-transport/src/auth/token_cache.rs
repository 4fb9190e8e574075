//! A credential that is fetched, kept, and fetched again before it ends.
//!
//! Every credential that changes is built on [`Token`]: one fetch runs at a
//! time however many callers wait, a failed fetch answers all who waited for
//! it, and a definite refusal is not asked for again at once (services lock
//! accounts on repeated wrong passwords).

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use crate::{AuthContext, Credential, Error, ErrorKind, http::deadline_exceeded};

/// How long before its end a token is replaced, at most.
const MARGIN: Duration = Duration::from_secs(60);

/// How long a definite refusal stands before the same question is asked again.
const REFUSAL: Duration = Duration::from_secs(30);

/// What a fetch brought.
pub(crate) struct Fetched {
    pub(crate) credential: Credential,
    /// How long it is good; until it is refused when unknown.
    pub(crate) lifetime: Option<Duration>,
    /// How long before its end it is to be replaced.
    pub(crate) margin: Duration,
}

impl Fetched {
    /// Replaced a minute before its end, or a tenth of a shorter life.
    pub(crate) fn new(credential: Credential, lifetime: Option<Duration>) -> Self {
        let margin = lifetime.map_or(MARGIN, |lifetime| (lifetime / 10).min(MARGIN));
        Self {
            credential,
            lifetime,
            margin,
        }
    }
}

#[derive(Clone)]
struct Held {
    credential: Credential,
    since: Instant,
    renew: Option<Instant>,
    end: Option<Instant>,
}

/// The token itself.
#[derive(Default)]
pub(crate) struct Token {
    held: RwLock<Option<Held>>,
    gate: tokio::sync::Mutex<()>,
    last: Mutex<Last>,
}

/// How the fetches have gone.
#[derive(Default)]
struct Last {
    finished: u64,
    failure: Option<(Error, Instant)>,
}

impl Token {
    /// The credential, unless it is time to replace it.
    pub(crate) fn current(&self) -> Option<Credential> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let held = held.as_ref()?;
        // Asking the time costs more than the rest; what never ends need not.
        match held.renew {
            Some(renew) if Instant::now() >= renew => None,
            _ => Some(held.credential.clone()),
        }
    }

    /// How long the credential has been held.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.held().map(|held| held.since.elapsed())
    }

    fn held(&self) -> Option<Held> {
        self.held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Puts a credential in, as when the service has renewed it on the way.
    pub(crate) fn put(&self, fetched: Fetched) {
        let since = Instant::now();
        let end = fetched
            .lifetime
            .and_then(|lifetime| since.checked_add(lifetime));
        let renew = end.and_then(|end| end.checked_sub(fetched.margin));
        let held = Held {
            credential: fetched.credential,
            since,
            renew,
            end,
        };
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }

    /// Forgets the credential, as when the service has ended the session.
    pub(crate) fn forget(&self) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The credential, fetched if need be; never `rejected` again.
    pub(crate) async fn obtain<F, Fut>(
        &self,
        rejected: Option<&Credential>,
        context: &AuthContext<'_>,
        fetch: F,
    ) -> Result<Credential, Error>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Fetched, Error>>,
    {
        let fresh = |credential: &Credential| Some(credential) != rejected;
        let before = self.last().finished;
        let Ok(_one) = timeout_at(context.deadline(), self.gate.lock()).await else {
            return Err(deadline_exceeded()
                .into_kind(ErrorKind::Credentials, "the token did not come in time"));
        };
        if let Some(credential) = self.current().filter(fresh) {
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
                self.put(fetched);
                Ok(credential)
            }
            Err(error) => {
                // A token that is due but not over is still good.
                let usable = self.held().filter(|held| {
                    fresh(&held.credential) && held.end.is_some_and(|end| Instant::now() < end)
                });
                match usable {
                    Some(held) if error.is_transient() => {
                        tracing::debug!("token not renewed yet, the old one is still good");
                        Ok(held.credential)
                    }
                    _ => {
                        last.failure = Some((error.clone(), Instant::now()));
                        Err(error)
                    }
                }
            }
        }
    }

    fn last(&self) -> std::sync::MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One token a service address, for credentials whose tokens are of one service:
/// a token of one portal must not reach another.
#[derive(Clone, Default)]
pub(crate) struct Tokens(Arc<Mutex<HashMap<String, Arc<Token>>>>);

impl Tokens {
    pub(crate) fn of(&self, base_url: &str) -> Arc<Token> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.entry(base_url.to_owned()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::Session;

    const LIFE: Duration = Duration::from_secs(3_600);

    fn credential(number: usize) -> Credential {
        Credential::plain(&format!("t{number}").into()).unwrap()
    }

    /// Fetches numbered tokens, or fails where `script` says so.
    struct Source {
        session: Session,
        token: Token,
        fetches: AtomicUsize,
        script: fn(usize) -> Option<Error>,
    }

    impl Source {
        fn new(script: fn(usize) -> Option<Error>) -> Self {
            let session = Session::builder("http://127.0.0.1:9").build().unwrap();
            Self {
                session,
                token: Token::default(),
                fetches: AtomicUsize::new(0),
                script,
            }
        }

        async fn get(&self, rejected: Option<&Credential>) -> Result<Credential, Error> {
            if let Some(current) = self
                .token
                .current()
                .filter(|current| Some(current) != rejected)
            {
                return Ok(current);
            }
            let context = self
                .session
                .context(Instant::now() + Duration::from_secs(90));
            self.token
                .obtain(rejected, &context, async || {
                    let number = self.fetches.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    match (self.script)(number) {
                        Some(error) => Err(error),
                        None => Ok(Fetched::new(credential(number), Some(LIFE))),
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
        Error::new(ErrorKind::Connect, "away").into_kind(ErrorKind::Credentials, "away")
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_replaced_a_minute_before_its_end_and_not_sooner() {
        let source = Source::new(|_| None);
        source.get(None).await.unwrap();
        tokio::time::advance(LIFE - Duration::from_secs(62)).await;
        assert_eq!(source.get(None).await.unwrap(), credential(0));
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(source.get(None).await.unwrap(), credential(1));
        assert_eq!(source.count(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn many_callers_fetch_once_at_first_and_once_at_the_end() {
        let source = Source::new(|_| None);
        assert!(
            source
                .sixty_four()
                .await
                .into_iter()
                .all(|outcome| outcome == Ok(credential(0)))
        );
        tokio::time::advance(LIFE).await;
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
    async fn many_callers_share_one_failure() {
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
    async fn a_refusal_stands_for_half_a_minute() {
        let source =
            Source::new(|number| (number == 0).then(|| Error::new(ErrorKind::Credentials, "no")));
        assert!(source.get(None).await.is_err() && source.get(None).await.is_err());
        assert_eq!(source.count(), 1);
        tokio::time::advance(REFUSAL).await;
        assert!(source.get(None).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_is_due_but_not_over_outlasts_a_passing_failure() {
        let source = Source::new(|number| (number == 1).then(busy));
        source.get(None).await.unwrap();
        tokio::time::advance(LIFE - Duration::from_secs(30)).await;
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
    async fn a_caller_that_goes_away_leaves_the_fetch_to_the_next() {
        let source = Source::new(|_| None);
        let gone = tokio::time::timeout(Duration::from_millis(10), source.get(None)).await;
        assert!(gone.is_err());
        assert_eq!(source.get(None).await.unwrap(), credential(1));
    }
}

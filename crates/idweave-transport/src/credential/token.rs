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

use crate::{Context, Credential, Error, ErrorKind, http::overdue};

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
        context: &Context<'_>,
        fetch: F,
    ) -> Result<Credential, Error>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Fetched, Error>>,
    {
        let fresh = |credential: &Credential| Some(credential) != rejected;
        let before = self.last().finished;
        let Ok(_one) = timeout_at(context.deadline(), self.gate.lock()).await else {
            return Err(
                overdue().into_kind(ErrorKind::Credentials, "the token did not come in time")
            );
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

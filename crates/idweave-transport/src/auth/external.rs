//! Tokens that something else keeps up to date: a file, or a program.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    fetched_token::FetchedToken,
    secret_input::{COMMAND_TIME_LIMIT, KILL_TIME, read_command},
    token_cache::TokenCache,
    token_source::TokenSource,
};
use crate::{AuthContext, Credential, Error, ErrorKind, Secret};

/// How often a file is read again.
const POLL_INTERVAL: Duration = Duration::from_secs(60);

/// A bearer token in a file that is replaced from time to time, such as a
/// projected token of Kubernetes or an agent's sink.
///
/// The file is read when first needed, once a minute, and after a 401.
#[derive(Clone)]
pub struct TokenFile {
    path: Arc<Path>,
    tokens: TokenCache,
}

impl TokenFile {
    /// Creates the credentials of a file; it is read when first needed.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into().into(),
            tokens: TokenCache::shared(),
        }
    }
}

impl TokenSource for TokenFile {
    fn tokens(&self) -> &TokenCache {
        &self.tokens
    }

    async fn fetch_token(&self, _: &AuthContext) -> Result<FetchedToken, Error> {
        let path = self.path.clone();
        let secret = tokio::task::spawn_blocking(move || Secret::from_file(&path))
            .await
            .unwrap_or_else(|_| {
                Err(Error::new(
                    ErrorKind::Credentials,
                    "reading the secret was not finished",
                ))
            })?;
        Ok(
            FetchedToken::new(Credential::bearer(&secret)?, Some(POLL_INTERVAL))
                .with_margin(Duration::ZERO),
        )
    }
}

/// A bearer token that a program prints, such as a password manager's.
///
/// The program is run when a token is first needed, when its lifetime is over,
/// and after a 401; its standard error is the caller's own. It is killed when it has not ended
/// within its [`time_limit`](Self::time_limit), when it prints more than 64 KiB, and when the
/// runtime that runs it is shut down, but not for calls that are dropped or out of time.
///
/// ```
/// use std::time::Duration;
/// use idweave_transport::TokenCommand;
///
/// let token = TokenCommand::new("vault", ["read", "-field=token", "secret/acme"])
///     .lifetime(Duration::from_secs(900))
///     .time_limit(Duration::from_secs(10));
/// ```
#[derive(Clone)]
pub struct TokenCommand {
    program: Arc<str>,
    arguments: Arc<[String]>,
    lifetime: Option<Duration>,
    time_limit: Duration,
    tokens: TokenCache,
}

impl TokenCommand {
    /// Creates the credentials of a program and its arguments, run without a shell.
    pub fn new<A: Into<String>>(
        program: impl Into<String>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            program: program.into().into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            lifetime: None,
            time_limit: COMMAND_TIME_LIMIT,
            tokens: TokenCache::shared(),
        }
    }

    /// Sets how long a token is valid; until it is refused unless set. A token is used for
    /// half a minute at least.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self.tokens = TokenCache::shared();
        self
    }

    /// Sets how long the program may run before it is killed. One minute unless set.
    ///
    /// Calls wait for it no longer than their own time limit.
    #[must_use]
    pub fn time_limit(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self.tokens = TokenCache::shared();
        self
    }
}

impl TokenSource for TokenCommand {
    fn tokens(&self) -> &TokenCache {
        &self.tokens
    }

    async fn fetch_token(&self, _: &AuthContext) -> Result<FetchedToken, Error> {
        let secret = read_command(&self.program, &self.arguments, self.time_limit).await?;
        Ok(FetchedToken::new(
            Credential::bearer(&secret)?,
            self.lifetime,
        ))
    }

    fn time_limit(&self) -> Duration {
        // The command has a limit of its own, after which it is still killed and reaped.
        self.time_limit.saturating_add(2 * KILL_TIME)
    }
}

impl fmt::Debug for TokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenFile").field(&self.path).finish()
    }
}

impl fmt::Debug for TokenCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Arguments may hold what they should not.
        f.debug_tuple("TokenCommand").field(&self.program).finish()
    }
}

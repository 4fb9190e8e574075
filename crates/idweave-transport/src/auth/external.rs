//! Tokens that something else keeps up to date: a file, or a program.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use super::token_cache::{FetchedToken, TokenCache};
use crate::{AuthContext, BoxFuture, Credential, Credentials, Error, ErrorKind, Scheme, Secret};

/// The longest secret that is read; a log file given by mistake is not one.
const MAX_SECRET_BYTES: usize = 64 * 1024;

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
            tokens: TokenCache::new(),
        }
    }

    async fn read(&self) -> Result<FetchedToken, Error> {
        let path = self.path.clone();
        let secret = blocking(move || Secret::from_file(&path)).await?;
        Ok(
            FetchedToken::new(Credential::bearer(&secret)?, Some(POLL_INTERVAL))
                .with_margin(Duration::ZERO),
        )
    }
}

/// How often a file is read again.
const POLL_INTERVAL: Duration = Duration::from_secs(60);

/// A bearer token that a program prints, such as a password manager's.
///
/// The program is run when a token is first needed, when its lifetime is over,
/// and after a 401; its standard error is the caller's own.
///
/// ```
/// use std::time::Duration;
/// use idweave_transport::TokenCommand;
///
/// let token = TokenCommand::new("vault", ["read", "-field=token", "secret/acme"])
///     .lifetime(Duration::from_secs(900));
/// ```
#[derive(Clone)]
pub struct TokenCommand {
    program: Arc<str>,
    arguments: Arc<[String]>,
    lifetime: Option<Duration>,
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
            tokens: TokenCache::new(),
        }
    }

    /// Sets how long a token is valid; until it is refused unless set.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self.tokens = TokenCache::new();
        self
    }

    async fn run(&self) -> Result<FetchedToken, Error> {
        let (program, arguments) = (self.program.clone(), self.arguments.clone());
        let secret =
            blocking(move || Secret::from_command(&program, arguments.iter().map(String::as_str)))
                .await?;
        Ok(FetchedToken::new(
            Credential::bearer(&secret)?,
            self.lifetime,
        ))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(Error::new(
            ErrorKind::Credentials,
            "reading the secret was not finished",
        ))
    })
}

impl Secret {
    /// Reads a secret from a file; white space around it is not part of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when the file cannot be read, is empty, or is not text.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        use std::io::Read as _;
        let mut bytes = zeroize::Zeroizing::new(Vec::new());
        std::fs::File::open(path)
            .and_then(|file| {
                file.take(MAX_SECRET_BYTES as u64 + 1)
                    .read_to_end(&mut bytes)
            })
            .map_err(|error| {
                Error::new(
                    ErrorKind::Credentials,
                    "the file of a secret cannot be read",
                )
                .with_source(error)
            })?;
        text(&bytes, "the file of a secret")
    }

    /// Runs a program, without a shell, and takes what it prints.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when it cannot be run, fails, or prints no text.
    pub fn from_command<'a>(
        program: &str,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        let output = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| {
                Error::new(
                    ErrorKind::Credentials,
                    "the command of a secret cannot be run",
                )
                .with_source(error)
            })?;
        let printed = zeroize::Zeroizing::new(output.stdout);
        if !output.status.success() {
            return Err(Error::new(
                ErrorKind::Credentials,
                format!("the command of a secret failed ({})", output.status),
            ));
        }
        text(&printed, "the output of a secret's command")
    }
}

fn text(bytes: &[u8], what: &str) -> Result<Secret, Error> {
    let wrong = |why: &str| Error::new(ErrorKind::Credentials, format!("{what} {why}"));
    if bytes.len() > MAX_SECRET_BYTES {
        return Err(wrong("is too long to be one"));
    }
    match std::str::from_utf8(bytes).map(str::trim) {
        Ok("") => Err(wrong("is empty")),
        Ok(text) => Ok(text.into()),
        Err(_) => Err(wrong("is not text")),
    }
}

impl Credentials for TokenFile {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Bearer
    }

    fn cached(&self, _: Scheme) -> Option<Credential> {
        self.tokens.cached()
    }

    fn fetch<'a>(
        &'a self,
        _: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(self.tokens.get_or_fetch(rejected, context, || self.read()))
    }

    fn is_refreshable(&self, _: Scheme) -> bool {
        true
    }
}

impl Credentials for TokenCommand {
    fn provides(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Bearer
    }

    fn cached(&self, _: Scheme) -> Option<Credential> {
        self.tokens.cached()
    }

    fn fetch<'a>(
        &'a self,
        _: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(self.tokens.get_or_fetch(rejected, context, || self.run()))
    }

    fn is_refreshable(&self, _: Scheme) -> bool {
        true
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

//! What the four services have in common before the first call: where they are, who asks, how long to wait.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use idweave_transport::{self as transport, ClientBuilder, Credentials, Session};

use super::error::in_setup;
use crate::Result;

type Given = Result<Option<Arc<dyn Credentials>>, transport::Error>;

/// A low-level client and the settings to make it from, made when first used.
pub(crate) struct Connection<C> {
    /// Starts the service's own builder, which knows its limits.
    start: fn(&str) -> ClientBuilder<C>,
    base_url: String,
    credentials: Given,
    /// Whether nobody was said to ask.
    anonymous: bool,
    /// Whether the client was made by somebody else, with settings of its own.
    given: bool,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    retry: bool,
    client: OnceLock<C>,
    /// The same without credentials.
    stranger: OnceLock<C>,
}

impl<C: From<Session> + Clone> Connection<C> {
    /// An address that must be one; nobody asks yet.
    pub(crate) fn new(
        start: fn(&str) -> ClientBuilder<C>,
        base_url: impl Into<String>,
    ) -> Result<Self> {
        let connection = Self::unchecked(start, base_url);
        connection.build(None)?;
        Ok(connection)
    }

    /// An address that is known to be one.
    pub(crate) fn unchecked(
        start: fn(&str) -> ClientBuilder<C>,
        base_url: impl Into<String>,
    ) -> Self {
        Self {
            start,
            base_url: base_url.into(),
            credentials: Ok(None),
            anonymous: true,
            given: false,
            timeout: None,
            connect_timeout: None,
            retry: true,
            client: OnceLock::new(),
            stranger: OnceLock::new(),
        }
    }

    /// A client that exists already, with settings of its own.
    pub(crate) fn of(session: &Session, client: C) -> Self {
        Self {
            start: |url| ClientBuilder::new(url),
            base_url: session.base_url().to_owned(),
            credentials: Ok(None),
            anonymous: false,
            given: true,
            timeout: None,
            connect_timeout: None,
            retry: true,
            stranger: OnceLock::from(client.clone()),
            client: OnceLock::from(client),
        }
    }

    /// Says who asks. What is wrong with it comes out of [`client`](Self::client).
    pub(crate) fn credentials<K: Credentials>(&mut self, credentials: Result<K, transport::Error>) {
        self.credentials = credentials.map(|credentials| Some(Arc::new(credentials) as _));
        self.anonymous = false;
        self.forget();
    }

    pub(crate) fn timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
        self.forget();
    }

    pub(crate) fn connect_timeout(&mut self, timeout: Duration) {
        self.connect_timeout = Some(timeout);
        self.forget();
    }

    pub(crate) fn retry(&mut self, retry: bool) {
        self.retry = retry;
        self.forget();
    }

    /// A changed setting makes another client; one that was given cannot be made again.
    fn forget(&mut self) {
        if self.given {
            self.credentials = Err(transport::Error::new(
                transport::ErrorKind::InvalidRequest,
                "the service was made from a client: give the settings to that client instead",
            ));
        }
        self.client = OnceLock::new();
        self.stranger = OnceLock::new();
    }

    /// The base URL without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        self.base_url.trim().trim_end_matches('/')
    }

    /// Whether calls say who asks.
    pub(crate) fn is_authenticated(&self) -> bool {
        !self.anonymous
    }

    /// The client, made when first asked for.
    pub(crate) fn client(&self) -> Result<&C> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let credentials = self.credentials.clone().map_err(in_setup)?;
        let client = self.build(credentials)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// A client for what somebody else does: it never says who asks.
    pub(crate) fn stranger(&self) -> Result<&C> {
        if let Some(client) = self.stranger.get() {
            return Ok(client);
        }
        let client = self.build(None)?;
        Ok(self.stranger.get_or_init(|| client))
    }

    fn build(&self, credentials: Option<Arc<dyn Credentials>>) -> Result<C> {
        let mut builder = (self.start)(&self.base_url);
        if let Some(credentials) = credentials {
            builder = builder.credentials(credentials);
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(timeout) = self.connect_timeout {
            builder = builder.connect_timeout(timeout);
        }
        if !self.retry {
            builder = builder.without_retry();
        }
        builder.build().map_err(in_setup)
    }
}

impl<C: Clone> Clone for Connection<C> {
    fn clone(&self) -> Self {
        Self {
            start: self.start,
            base_url: self.base_url.clone(),
            credentials: self.credentials.clone(),
            anonymous: self.anonymous,
            given: self.given,
            timeout: self.timeout,
            connect_timeout: self.connect_timeout,
            retry: self.retry,
            client: self.client.clone(),
            stranger: self.stranger.clone(),
        }
    }
}

impl<C> fmt::Debug for Connection<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("base_url", &self.base_url)
            .field("credentials", &self.credentials)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// The settings every service takes, as methods on its type.
macro_rules! connection_settings {
    ($client:ty) => {
        /// The longest a call may take with everything it needs: getting a token, waiting, repeating. 90 seconds
        /// unless set.
        #[must_use]
        pub fn with_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.connection.timeout(timeout);
            self
        }

        /// The longest it may take to connect. 10 seconds unless set.
        #[must_use]
        pub fn with_connect_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.connection.connect_timeout(timeout);
            self
        }

        /// Whether calls that may be repeated are repeated when they fail on the way. They are, unless set.
        #[must_use]
        pub fn with_retry(mut self, retry: bool) -> Self {
            self.connection.retry(retry);
            self
        }

        /// The low-level client, with every operation of the service's identity area: the way down from here.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) when the set-up is wrong.
        pub fn client(&self) -> crate::Result<&$client> {
            self.connection.client()
        }
    };
}
pub(crate) use connection_settings;

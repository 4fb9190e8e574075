//! What the four services have in common before the first call: where they are, who asks, how long to wait.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use idweave_transport::{self as transport, ClientBuilder, Credentials, Session};

use super::error::config_error;
use crate::Result;

type CredentialsResult = Result<Option<Arc<dyn Credentials>>, transport::Error>;

/// A low-level client and the settings to make it from, made when first used.
pub(crate) struct Connection<C> {
    /// Starts the service's own builder, which knows its limits.
    new_builder: fn(&str) -> ClientBuilder<C>,
    base_url: String,
    credentials: CredentialsResult,
    has_credentials: bool,
    /// Whether the client was made by somebody else, with settings of its own.
    is_external: bool,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    retry: bool,
    client: OnceLock<C>,
    /// The same without credentials.
    anonymous_client: OnceLock<C>,
}

impl<C: From<Session> + Clone> Connection<C> {
    /// An address that must be one; nobody asks yet.
    pub(crate) fn new(
        new_builder: fn(&str) -> ClientBuilder<C>,
        base_url: impl Into<String>,
    ) -> Result<Self> {
        let connection = Self::unchecked(new_builder, base_url);
        connection.build(None)?;
        Ok(connection)
    }

    /// An address that is known to be one.
    pub(crate) fn unchecked(
        new_builder: fn(&str) -> ClientBuilder<C>,
        base_url: impl Into<String>,
    ) -> Self {
        Self {
            new_builder,
            base_url: base_url.into(),
            credentials: Ok(None),
            has_credentials: false,
            is_external: false,
            timeout: None,
            connect_timeout: None,
            retry: true,
            client: OnceLock::new(),
            anonymous_client: OnceLock::new(),
        }
    }

    /// A client that exists already, with settings of its own.
    pub(crate) fn from_client(session: &Session, client: C) -> Self {
        Self {
            new_builder: |url| ClientBuilder::new(url),
            base_url: session.base_url().to_owned(),
            credentials: Ok(None),
            has_credentials: true,
            is_external: true,
            timeout: None,
            connect_timeout: None,
            retry: true,
            anonymous_client: OnceLock::from(client.clone()),
            client: OnceLock::from(client),
        }
    }

    /// Says who asks. What is wrong with it comes out of [`client`](Self::client).
    pub(crate) fn set_credentials<K: Credentials>(
        &mut self,
        credentials: Result<K, transport::Error>,
    ) {
        self.credentials = credentials.map(|credentials| Some(Arc::new(credentials) as _));
        self.has_credentials = true;
        self.invalidate();
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
        self.invalidate();
    }

    pub(crate) fn set_connect_timeout(&mut self, timeout: Duration) {
        self.connect_timeout = Some(timeout);
        self.invalidate();
    }

    pub(crate) fn set_retry(&mut self, retry: bool) {
        self.retry = retry;
        self.invalidate();
    }

    /// A changed setting makes another client; one that was given cannot be made again.
    fn invalidate(&mut self) {
        if self.is_external {
            self.credentials = Err(transport::Error::new(
                transport::ErrorKind::InvalidRequest,
                "the service was made from a client: give the settings to that client instead",
            ));
        }
        self.client = OnceLock::new();
        self.anonymous_client = OnceLock::new();
    }

    /// The base URL without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        self.base_url.trim().trim_end_matches('/')
    }

    /// Whether calls say who asks.
    pub(crate) fn has_credentials(&self) -> bool {
        self.has_credentials
    }

    /// The client, made when first asked for.
    pub(crate) fn client(&self) -> Result<&C> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let credentials = self.credentials.clone().map_err(config_error)?;
        let client = self.build(credentials)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// A client for what somebody else does: it never says who asks.
    pub(crate) fn anonymous_client(&self) -> Result<&C> {
        if let Some(client) = self.anonymous_client.get() {
            return Ok(client);
        }
        let client = self.build(None)?;
        Ok(self.anonymous_client.get_or_init(|| client))
    }

    fn build(&self, credentials: Option<Arc<dyn Credentials>>) -> Result<C> {
        let mut builder = (self.new_builder)(&self.base_url);
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
        builder.build().map_err(config_error)
    }
}

impl<C: Clone> Clone for Connection<C> {
    fn clone(&self) -> Self {
        Self {
            new_builder: self.new_builder,
            base_url: self.base_url.clone(),
            credentials: self.credentials.clone(),
            has_credentials: self.has_credentials,
            is_external: self.is_external,
            timeout: self.timeout,
            connect_timeout: self.connect_timeout,
            retry: self.retry,
            client: self.client.clone(),
            anonymous_client: self.anonymous_client.clone(),
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
            self.connection.set_timeout(timeout);
            self
        }

        /// The longest it may take to connect. 10 seconds unless set.
        #[must_use]
        pub fn with_connect_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.connection.set_connect_timeout(timeout);
            self
        }

        /// Whether calls that may be repeated are repeated when they fail on the way. They are, unless set.
        #[must_use]
        pub fn with_retry(mut self, retry: bool) -> Self {
            self.connection.set_retry(retry);
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

//! The address, credentials and settings of a service, and the low-level clients made from them.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use idweave_transport::{self as transport, ClientBuilder, Credentials, Session};

use super::error::config_error;
use crate::{Result, Secret, settings::Settings};

type CredentialsResult = Result<Option<Arc<dyn Credentials>>, transport::Error>;

/// How a service is reached.
#[derive(Clone)]
pub(crate) enum Proxy {
    /// Through the proxy that the environment names, if any.
    Environment,
    /// Directly.
    None,
    /// Through the proxy at this address, which may contain a password.
    Address(Secret),
}

/// The settings of a service and its low-level client, which is created on first use.
pub(crate) struct Connection<C> {
    /// Creates the builder of the service's own crate, which knows the service's limits.
    new_builder: fn(&str) -> ClientBuilder<C>,
    /// Returns the session of a client.
    session: fn(&C) -> &Session,
    base_url: String,
    credentials: CredentialsResult,
    has_credentials: bool,
    /// Whether the client was passed in, with settings of its own.
    is_external: bool,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    retry: bool,
    proxy: Proxy,
    client: OnceLock<C>,
}

impl<C: From<Session> + Clone> Connection<C> {
    /// Creates a connection without credentials, and validates its address.
    pub(crate) fn new(
        new_builder: fn(&str) -> ClientBuilder<C>,
        session: fn(&C) -> &Session,
        base_url: impl Into<String>,
    ) -> Result<Self> {
        let connection = Self::unchecked(new_builder, session, base_url);
        connection.build(None)?;
        Ok(connection)
    }

    /// Creates a connection without credentials to an address that is known to be valid.
    pub(crate) fn unchecked(
        new_builder: fn(&str) -> ClientBuilder<C>,
        session: fn(&C) -> &Session,
        base_url: impl Into<String>,
    ) -> Self {
        Self {
            new_builder,
            session,
            base_url: base_url.into(),
            credentials: Ok(None),
            has_credentials: false,
            is_external: false,
            timeout: None,
            connect_timeout: None,
            retry: true,
            proxy: Proxy::Environment,
            client: OnceLock::new(),
        }
    }

    /// Creates a connection from a client, which has settings of its own.
    pub(crate) fn from_client(session: fn(&C) -> &Session, client: C) -> Self {
        Self {
            new_builder: |url| ClientBuilder::new(url),
            session,
            base_url: session(&client).base_url().to_owned(),
            credentials: Ok(None),
            has_credentials: true,
            is_external: true,
            timeout: None,
            connect_timeout: None,
            retry: true,
            proxy: Proxy::Environment,
            client: OnceLock::from(client),
        }
    }

    /// Sets the credentials. Invalid ones are an error of [`client`](Self::client).
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

    pub(crate) fn set_proxy(&mut self, proxy: Proxy) {
        self.proxy = proxy;
        self.invalidate();
    }

    /// Applies the settings that all services have in common.
    pub(crate) fn apply(&mut self, settings: &Settings) -> Result<()> {
        if let Some(timeout) = settings.timeout()? {
            self.set_timeout(timeout);
        }
        if let Some(proxy) = settings.get("proxy") {
            self.set_proxy(match proxy.expose() {
                "none" => Proxy::None,
                _ => Proxy::Address(proxy.clone()),
            });
            // The address is validated when a client is created.
            self.build(None).map_err(|error| {
                settings
                    .error(
                        "proxy",
                        "is not the address of an http or https proxy, or none",
                    )
                    .with_source(error)
            })?;
        }
        Ok(())
    }

    /// Drops the clients after a setting has changed. One that was passed in cannot be created again.
    fn invalidate(&mut self) {
        if self.is_external {
            self.credentials = Err(transport::Error::new(
                transport::ErrorKind::InvalidRequest,
                "the service was created from a client; pass the settings to that client instead",
            ));
        }
        self.client = OnceLock::new();
    }

    /// Returns the base URL without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        self.base_url.trim().trim_end_matches('/')
    }

    /// Returns whether calls are sent with credentials.
    pub(crate) fn has_credentials(&self) -> bool {
        self.has_credentials
    }

    /// Returns the client, which is created on first use.
    pub(crate) fn client(&self) -> Result<&C> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let credentials = self.credentials.clone().map_err(config_error)?;
        let client = self.build(credentials)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Returns the client without its credentials, for calls of another person.
    pub(crate) fn anonymous_client(&self) -> Result<C> {
        Ok((self.session)(self.client()?).anonymous().into())
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
        builder = match &self.proxy {
            Proxy::Environment => builder,
            Proxy::None => builder.without_proxy(),
            Proxy::Address(address) => builder.proxy(address),
        };
        builder.build().map_err(config_error)
    }
}

impl<C: Clone> Clone for Connection<C> {
    fn clone(&self) -> Self {
        Self {
            new_builder: self.new_builder,
            session: self.session,
            base_url: self.base_url.clone(),
            credentials: self.credentials.clone(),
            has_credentials: self.has_credentials,
            is_external: self.is_external,
            timeout: self.timeout,
            connect_timeout: self.connect_timeout,
            retry: self.retry,
            proxy: self.proxy.clone(),
            client: self.client.clone(),
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

/// Defines the settings that all services have in common, as methods of a service's type.
macro_rules! connection_settings {
    ($client:ty) => {
        /// Sets the time limit of a call, including tokens, waits and retries. 90 seconds by default.
        ///
        /// This and the time limit of a connection are more than 0 and at most 30 days; others are an
        /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) error of building the hub.
        #[must_use]
        pub fn with_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.connection.set_timeout(timeout);
            self
        }

        /// Sets the time limit of establishing a connection. 10 seconds by default.
        #[must_use]
        pub fn with_connect_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.connection.set_connect_timeout(timeout);
            self
        }

        /// Sets whether calls that may be repeated are retried after a transient failure. They are by default.
        #[must_use]
        pub fn with_retry(mut self, retry: bool) -> Self {
            self.connection.set_retry(retry);
            self
        }

        /// Sets the http or https proxy through which https hosts are reached, instead of the one in the environment
        /// (`HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`).
        ///
        /// A user and password can be part of the address, percent-encoded. Calls to this machine and calls over
        /// plain http never go through a proxy. An invalid address is an error of building the hub, or of the first
        /// call.
        #[must_use]
        pub fn with_proxy(mut self, address: impl Into<crate::Secret>) -> Self {
            let proxy = crate::services::support::connection::Proxy::Address(address.into());
            self.connection.set_proxy(proxy);
            self
        }

        /// Reaches the service directly, whatever proxy the environment names.
        #[must_use]
        pub fn without_proxy(mut self) -> Self {
            self.connection
                .set_proxy(crate::services::support::connection::Proxy::None);
            self
        }

        /// Returns the low-level client, which has every operation of the service's identity area.
        ///
        /// # Errors
        /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) if the configuration is invalid.
        pub fn client(&self) -> crate::Result<&$client> {
            self.connection.client()
        }
    };
}
pub(crate) use connection_settings;

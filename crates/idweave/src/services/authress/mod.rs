//! Authress: users, and the tenants they belong to.

mod convert;
mod error;
mod service;

use std::sync::Arc;

use idweave_authress::{AccessKey, Bearer, Client};

use super::support::{
    ServiceDescriptor,
    connection::{Connection, connection_settings},
    error::config_error,
};
use crate::{Result, Secret, settings::Settings};

/// An Authress account.
///
/// | ability | Authress |
/// |---|---|
/// | `users().list()` | `getUsers`; an e-mail address is searched for and then compared exactly |
/// | `users().get()`, `delete()` | `getUser`, `deleteUser`: accepted, completed later |
/// | `users().count()` | emulated: all pages of `getUsers`, one call for every hundred users |
/// | `groups().list()`, `add_member()` | `getTenants`, `linkTenantUser` |
///
/// User ids have up to 128 characters, such as `auth0|7`; tenant ids are letters, digits, `-`, `_`, `.` and `:`.
///
/// ```no_run
/// use idweave::{Hub, services::Authress};
///
/// let key = std::env::var("AUTHRESS_KEY").unwrap_or_default();
/// let authress = Authress::new("https://login.acme.io")?.access_key(key)?;
/// let hub = Hub::builder().service(authress).build()?;
/// # Ok::<(), idweave::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Authress {
    connection: Connection<Client>,
}

impl Authress {
    /// Creates a service without credentials for the account at an address: the custom domain, or
    /// `https://<account>.api.authress.io`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) for an invalid address; plain `http` is allowed
    /// for loopback only.
    pub fn new(url: impl Into<String>) -> Result<Self> {
        Ok(Self {
            connection: Connection::new(|url| Client::builder(url), Client::session, url)?,
        })
    }

    /// Creates a service from a low-level client, for settings that this type does not have: layers, proxies, other
    /// limits. The client has all settings; setting one here is an
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) error.
    pub fn from_client(client: Client) -> Self {
        Self {
            connection: Connection::from_client(Client::session, client),
        }
    }

    /// Sets an access key, to call as a service client. The key signs short-lived tokens and is never sent itself.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) for an invalid access key, such as a token.
    pub fn access_key(mut self, key: impl Into<Secret>) -> Result<Self> {
        let key = AccessKey::parse(key).map_err(config_error)?;
        self.connection.set_credentials(Ok(key));
        Ok(self)
    }

    /// Sets a token, to call as a user.
    #[must_use]
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.connection.set_credentials(Bearer::new(token));
        self
    }

    connection_settings!(Client);
}

/// How settings name this service.
pub(crate) const DESCRIPTOR: ServiceDescriptor = ServiceDescriptor {
    service_type: "authress",
    keys: &["url", "access_key", "timeout", "proxy"],
    from_settings: |settings| Ok(Arc::new(from_settings(settings)?)),
};

fn from_settings(settings: &Settings) -> Result<Authress> {
    let mut authress = Authress::new(settings.require("url")?.expose())?;
    authress.connection.apply(settings)?;
    authress.access_key(settings.require("access_key")?)
}

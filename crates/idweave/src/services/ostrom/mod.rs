//! Ostrom: customers of an energy provider who are linked to a partner by consent.

mod convert;
mod error;
mod service;

use std::sync::Arc;

use idweave_ostrom::{
    Client, PRODUCTION_AUTH_URL, PRODUCTION_URL, SANDBOX_AUTH_URL, SANDBOX_URL, client_credentials,
};

use super::support::{
    ServiceDescriptor,
    connection::{Connection, connection_settings},
};
use crate::{Error, Result, Secret, settings::Settings};

/// The Ostrom API, as a user or as a partner.
///
/// | ability | Ostrom | role |
/// |---|---|---|
/// | `current_user()` | `getMe` | user |
/// | `links().link()` | `linkUser`: a page on which the person consents | partner |
/// | `links().unlink()` | `disconnectUser` | partner |
/// | `users().delete()` | emulated: `disconnectUser`; the account itself is kept | partner |
///
/// The id of a user is the one that you chose when linking the user. Ostrom allows 50 calls a minute.
///
/// ```
/// use idweave::{Hub, services::Ostrom};
///
/// let hub = Hub::builder().service(Ostrom::sandbox().client_credentials("id", "secret")).build()?;
/// # Ok::<(), idweave::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ostrom {
    connection: Connection<Client>,
    auth_url: String,
}

impl Ostrom {
    /// Creates a service without credentials for Ostrom's sandbox, which has credentials of its own.
    pub fn sandbox() -> Self {
        Self::fixed(SANDBOX_URL, SANDBOX_AUTH_URL)
    }

    /// Creates a service without credentials for Ostrom's production environment.
    pub fn production() -> Self {
        Self::fixed(PRODUCTION_URL, PRODUCTION_AUTH_URL)
    }

    /// Creates a service without credentials for the API at one address and its token endpoint below another.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) for an invalid address; plain `http` is allowed
    /// for loopback only.
    pub fn with_urls(url: impl Into<String>, auth_url: impl Into<String>) -> Result<Self> {
        let auth_url = auth_url.into();
        Connection::new(
            |url| Client::builder(url),
            Client::session,
            auth_url.as_str(),
        )?;
        Ok(Self {
            connection: Connection::new(|url| Client::builder(url), Client::session, url)?,
            auth_url,
        })
    }

    fn fixed(url: &str, auth_url: &str) -> Self {
        Self {
            connection: Connection::unchecked(|url| Client::builder(url), Client::session, url),
            auth_url: auth_url.to_owned(),
        }
    }

    /// Creates a service from a low-level client, for settings that this type does not have: layers, proxies, other
    /// limits. The client has all settings; setting one here is an
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) error.
    pub fn from_client(client: Client) -> Self {
        let connection = Connection::from_client(Client::session, client);
        Self {
            connection,
            auth_url: String::new(),
        }
    }

    /// Sets the id and secret of an API client, whose role (user or partner) decides what it may do. Tokens are
    /// requested and renewed when needed.
    #[must_use]
    pub fn client_credentials(mut self, id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        let credentials = client_credentials(&self.auth_url, id, secret);
        self.connection.set_credentials(Ok(credentials));
        self
    }

    connection_settings!(Client);
}

/// How settings name this service.
pub(crate) const DESCRIPTOR: ServiceDescriptor = ServiceDescriptor {
    service_type: "ostrom",
    keys: &[
        "environment",
        "url",
        "auth_url",
        "client_id",
        "client_secret",
        "timeout",
        "proxy",
    ],
    from_settings: |settings| Ok(Arc::new(from_settings(settings)?)),
};

fn from_settings(settings: &Settings) -> Result<Ostrom> {
    let environment = settings.get("environment").map(Secret::expose);
    let mut ostrom = match (environment, settings.pair("url", "auth_url")?) {
        (Some(_), Some(_)) => return Err(conflicting_settings(settings)),
        (None, Some((url, auth_url))) => Ostrom::with_urls(url.expose(), auth_url.expose())?,
        (Some("sandbox"), None) => Ostrom::sandbox(),
        (Some("production"), None) => Ostrom::production(),
        _ => return Err(settings.error("environment", "is not sandbox or production")),
    };
    ostrom.connection.apply(settings)?;
    let id = settings.require("client_id")?.expose();
    Ok(ostrom.client_credentials(id, settings.require("client_secret")?))
}

fn conflicting_settings(settings: &Settings) -> Error {
    settings.error(
        "environment",
        "is set together with url and auth_url; set one of them",
    )
}

//! ONLYOFFICE DocSpace: users of a portal, invitation links, and external accounts.

mod convert;
mod error;
mod extras;
mod service;

use std::sync::Arc;

use idweave_docspace::{ApiKey, Client, Login};

use super::support::{
    ServiceDescriptor,
    connection::{Connection, connection_settings},
};
use crate::{Result, Secret, settings::Settings};

/// A DocSpace portal.
///
/// | ability | DocSpace |
/// |---|---|
/// | `users().list()` | `getAllProfiles`: active users; by e-mail address `getProfileByEmail` |
/// | `users().get()`, `count()` | `getUserById`, `getPortalUsersCount` |
/// | `users().delete()` | emulated: `updateUserStatus` (terminated), then `removeUsers`; the data is removed later |
/// | `invites().share_link()` | `getInvitationLink` |
/// | `links().link()`, `unlink()` | `linkThirdPartyAccount`, `unlinkThirdPartyAccount`, of the current user |
/// | `groups().list()`, `add_member()` | `getGroups`, `addMembersTo` |
/// | `sign_in_providers()` | `getThirdPartyAuthProviders` |
/// | `current_user()` | `getSelfProfile` |
/// | `sign_up()` | `signupThirdPartyAccount` |
/// | extras | [`mark_gift_message_as_read`](Self::mark_gift_message_as_read), [`send_congratulations`](Self::send_congratulations) |
///
/// Ids are GUIDs. Listing sign-in providers and signing up need no credentials.
///
/// ```
/// use idweave::{Hub, services::DocSpace};
///
/// let docspace = DocSpace::new("https://acme.onlyoffice.com")?.api_key("sk-1");
/// let hub = Hub::builder().service(docspace).build()?;
/// # Ok::<(), idweave::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DocSpace {
    connection: Connection<Client>,
}

impl DocSpace {
    /// Creates a service without credentials for the portal at an address.
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

    /// Sets an API key: `sk-…`, created in the portal's developer tools.
    ///
    /// A key with the scope of accounts only has no access to operations of the portal: counting, invitation links,
    /// `users().get()`.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.connection.set_credentials(ApiKey::new(key));
        self
    }

    /// Sets e-mail address and password, to call as a user, who is logged in with the first call.
    ///
    /// A second factor is not supported: such a login fails with
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated); use an API key then.
    #[must_use]
    pub fn login(mut self, email: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.connection
            .set_credentials(Ok(Login::new(email, password)));
        self
    }

    connection_settings!(Client);
}

/// How settings name this service.
pub(crate) const DESCRIPTOR: ServiceDescriptor = ServiceDescriptor {
    service_type: "docspace",
    keys: &["url", "api_key", "email", "password", "timeout", "proxy"],
    from_settings: |settings| Ok(Arc::new(from_settings(settings)?)),
};

fn from_settings(settings: &Settings) -> Result<DocSpace> {
    let mut docspace = DocSpace::new(settings.require("url")?.expose())?;
    docspace.connection.apply(settings)?;
    match (settings.get("api_key"), settings.pair("email", "password")?) {
        (Some(_), Some(_)) => Err(settings.error(
            "api_key",
            "is set together with email and password; set one of them",
        )),
        (Some(key), None) => Ok(docspace.api_key(key)),
        (None, Some((email, password))) => Ok(docspace.login(email.expose(), password)),
        (None, None) => Ok(docspace),
    }
}

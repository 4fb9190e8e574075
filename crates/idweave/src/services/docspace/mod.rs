//! ONLYOFFICE DocSpace: the portal's people, invitation links, and the outside accounts they log in with.

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
/// | `users().list()` | `getAllProfiles`: active users; by address `getProfileByEmail` |
/// | `users().get()`, `count()` | `getUserById`, `getPortalUsersCount` |
/// | `users().delete()` | emulated: `updateUserStatus` (terminated), then `removeUsers`; her data goes later |
/// | `invites().share_link()` | `getInvitationLink` |
/// | `links().link()`, `unlink()` | `linkThirdPartyAccount`, `unlinkThirdPartyAccount`, of the current user |
/// | `groups().list()`, `add_member()` | `getGroups`, `addMembersTo` |
/// | `sign_in_providers()` | `getThirdPartyAuthProviders` |
/// | `current_user()` | `getSelfProfile` |
/// | `sign_up()` | `signupThirdPartyAccount` |
/// | only here | [`mark_gift_message_as_read`](Self::mark_gift_message_as_read), [`send_congratulations`](Self::send_congratulations) |
///
/// Ids are GUIDs. Without credentials the ways to log in and signing up still work.
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
    /// The portal at this address, without credentials.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) for what is no `https` address; plain `http` is for loopback only.
    pub fn new(url: impl Into<String>) -> Result<Self> {
        Ok(Self {
            connection: Connection::new(|url| Client::builder(url), url)?,
        })
    }

    /// A client made by hand, with settings this type does not have: layers, proxies, other limits. All its settings are
    /// its own; setting one here is a [`InvalidConfig`](crate::ErrorKind::InvalidConfig) error.
    pub fn from_client(client: Client) -> Self {
        Self {
            connection: Connection::from_client(&client.session().clone(), client),
        }
    }

    /// Calls with an API key: `sk-…`, made in the portal's developer tools.
    ///
    /// A key limited to accounts cannot do what concerns the portal: counting, invitation links, `users().get()`.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<Secret>) -> Self {
        self.connection.set_credentials(ApiKey::new(key));
        self
    }

    /// Calls as a person, who is logged in with the first call.
    ///
    /// A second factor cannot be given: such a login fails with
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated); use an API key then.
    #[must_use]
    pub fn login(mut self, email: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.connection
            .set_credentials(Ok(Login::new(email, password)));
        self
    }

    connection_settings!(Client);
}

/// How settings name it.
pub(crate) const DESCRIPTOR: ServiceDescriptor = ServiceDescriptor {
    name: "docspace",
    keys: &["url", "api_key", "email", "password", "timeout"],
    from_settings: |settings| Ok(Arc::new(from_settings(settings)?)),
};

fn from_settings(settings: &Settings) -> Result<DocSpace> {
    let mut docspace = DocSpace::new(settings.require("url")?.expose())?;
    if let Some(timeout) = settings.timeout()? {
        docspace = docspace.with_timeout(timeout);
    }
    match (settings.get("api_key"), settings.pair("email", "password")?) {
        (Some(_), Some(_)) => {
            Err(settings.error("api_key", "stands beside email and password; keep one"))
        }
        (Some(key), None) => Ok(docspace.api_key(key)),
        (None, Some((email, password))) => Ok(docspace.login(email.expose(), password)),
        (None, None) => Ok(docspace),
    }
}

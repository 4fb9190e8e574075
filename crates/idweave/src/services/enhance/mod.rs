//! Enhance: the members of an organization in a hosting panel, and its invites.

mod convert;
mod error;
mod service;

use std::sync::Arc;

use idweave_enhance::{AccessToken, Client, Login, SessionCookie};

use super::support::{
    ServiceDescriptor,
    connection::{Connection, connection_settings},
};
use crate::{Error, OpenedSession, Result, Secret, settings::Settings, validate};

/// One organization in an Enhance panel.
///
/// | ability | Enhance |
/// |---|---|
/// | `users().list()`, `count()` | `getMembers`; conditions are checked here, on every page |
/// | `users().get()`, `delete()` | `getMember`, `deleteMember` |
/// | `invites().create()` | `createInvite` |
/// | `invites().validate()`, `accept()` | `validateInvite`, `acceptInvite` |
/// | `current_user()` | `getLogin`; needs a login or a session, not an access token |
///
/// Users are members. Their ids are GUIDs; the same person has a different id in each organization.
///
/// ```
/// use idweave::{Hub, services::Enhance};
///
/// let org = "6c5bb468-14b2-4183-baf2-06d523e03bd3";
/// let hub = Hub::builder().service(Enhance::new("https://panel.acme.io")?.access_token(org, "token")).build()?;
/// # Ok::<(), idweave::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Enhance {
    connection: Connection<Client>,
    org: Option<String>,
}

impl Enhance {
    /// Creates a service without credentials for the panel at an address.
    ///
    /// The API is below `/api`, which is added to an address without a path.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) for an invalid address; plain `http` is allowed
    /// for loopback only.
    pub fn new(url: impl Into<String>) -> Result<Self> {
        let url = with_api(url.into());
        let connection = Connection::new(|url| Client::builder(url), Client::session, url)?;
        Ok(Self {
            connection,
            org: None,
        })
    }

    /// Creates a service for one organization from a low-level client, for settings that this type does not have:
    /// layers, proxies, other limits. The client has all settings; setting one here is an
    /// [`InvalidConfig`](crate::ErrorKind::InvalidConfig) error.
    pub fn from_client(client: Client, org: impl Into<String>) -> Self {
        Self {
            connection: Connection::from_client(Client::session, client),
            org: Some(org.into()),
        }
    }

    /// Sets an access token of an organization.
    #[must_use]
    pub fn access_token(mut self, org: impl Into<String>, token: impl Into<Secret>) -> Self {
        self.connection.set_credentials(AccessToken::new(token));
        self.org = Some(org.into());
        self
    }

    /// Sets organization, e-mail address and password, to call as a user, who is logged in with the first call and
    /// again when the session ends.
    ///
    /// A second factor is not supported: such a login fails with
    /// [`ErrorKind::Unauthenticated`](crate::ErrorKind::Unauthenticated); use an access token then.
    #[must_use]
    pub fn login(
        mut self,
        org: impl Into<String>,
        email: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Self {
        self.connection
            .set_credentials(Ok(Login::new(email, password)));
        self.org = Some(org.into());
        self
    }

    /// Sets an existing session of an organization, such as the one that accepting an invite opened.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it has no `id0` cookie.
    pub fn session(mut self, org: impl Into<String>, session: &OpenedSession) -> Result<Self> {
        let cookie = session.cookie("id0");
        let cookie =
            cookie.ok_or_else(|| Error::invalid_input("the session is missing its id0 cookie"))?;
        self.connection.set_credentials(SessionCookie::new(cookie));
        self.org = Some(org.into());
        Ok(self)
    }

    connection_settings!(Client);

    /// Returns the id of the organization.
    fn org(&self) -> Result<&str> {
        match &self.org {
            Some(org) => validate::guid("the organization's id", org),
            None => Err(Error::config(
                "the organization is missing; set it with access_token(), login() or session()",
            )),
        }
    }
}

/// Adds the path of the API to an address without a path.
fn with_api(url: String) -> String {
    match url::Url::parse(url.trim()) {
        Ok(parsed) if parsed.path() == "/" && parsed.query().is_none() => {
            format!("{}/api", url.trim().trim_end_matches('/'))
        }
        _ => url,
    }
}

/// How settings name this service.
pub(crate) const DESCRIPTOR: ServiceDescriptor = ServiceDescriptor {
    service_type: "enhance",
    keys: &[
        "url",
        "org_id",
        "access_token",
        "email",
        "password",
        "timeout",
        "proxy",
    ],
    from_settings: |settings| Ok(Arc::new(from_settings(settings)?)),
};

fn from_settings(settings: &Settings) -> Result<Enhance> {
    let mut enhance = Enhance::new(settings.require("url")?.expose())?;
    enhance.connection.apply(settings)?;
    let org = settings.require("org_id")?.expose();
    match (
        settings.get("access_token"),
        settings.pair("email", "password")?,
    ) {
        (Some(_), Some(_)) => Err(settings.error(
            "access_token",
            "is set together with email and password; set one of them",
        )),
        (Some(token), None) => Ok(enhance.access_token(org, token)),
        (None, Some((email, password))) => Ok(enhance.login(org, email.expose(), password)),
        (None, None) => {
            Err(settings.error("access_token", "is missing, and so are email and password"))
        }
    }
}

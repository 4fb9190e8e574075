//! Enhance: the members of an organization in a hosting panel, and the invites that bring them in.

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
/// | `current_user()` | `getLogin`; with a login or a session, not with an access token |
///
/// Users are members: their ids are GUIDs, and the same person has another in each organization.
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
    /// The panel at this address, without credentials.
    ///
    /// Its API is below `/api`, which is added where the address names no path of its own.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) for what is no `https` address; plain `http` is for loopback only.
    pub fn new(url: impl Into<String>) -> Result<Self> {
        let url = with_api(url.into());
        let connection = Connection::new(|url| Client::builder(url), url)?;
        Ok(Self {
            connection,
            org: None,
        })
    }

    /// A client made by hand, for one organization, with settings this type does not have: layers, proxies, other
    /// limits. All its settings are its own; setting one here is a [`InvalidConfig`](crate::ErrorKind::InvalidConfig) error.
    pub fn from_client(client: Client, org: impl Into<String>) -> Self {
        Self {
            connection: Connection::from_client(&client.session().clone(), client),
            org: Some(org.into()),
        }
    }

    /// Calls for an organization with one of its access tokens.
    #[must_use]
    pub fn access_token(mut self, org: impl Into<String>, token: impl Into<Secret>) -> Self {
        self.connection.set_credentials(AccessToken::new(token));
        self.org = Some(org.into());
        self
    }

    /// Calls for an organization as a person, who is logged in with the first call and again when the session ends.
    ///
    /// A second factor cannot be given: such a login fails with
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

    /// Calls for an organization in a session that exists, such as the one that taking an invite up opened.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it has no `id0` cookie.
    pub fn session(mut self, org: impl Into<String>, session: &OpenedSession) -> Result<Self> {
        let cookie = session.cookie("id0");
        let cookie = cookie.ok_or_else(|| Error::invalid_input("the session has no id0 cookie"))?;
        self.connection.set_credentials(SessionCookie::new(cookie));
        self.org = Some(org.into());
        Ok(self)
    }

    connection_settings!(Client);

    /// The organization calls are for.
    fn org(&self) -> Result<&str> {
        match &self.org {
            Some(org) => validate::guid("the organization's id", org),
            None => Err(Error::config(
                "say for which organization: access_token(), login() or session()",
            )),
        }
    }
}

/// The address of the API in a panel that is named by its origin alone.
fn with_api(url: String) -> String {
    match url::Url::parse(url.trim()) {
        Ok(parsed) if parsed.path() == "/" && parsed.query().is_none() => {
            format!("{}/api", url.trim().trim_end_matches('/'))
        }
        _ => url,
    }
}

/// How settings name it.
pub(crate) const DESCRIPTOR: ServiceDescriptor = ServiceDescriptor {
    name: "enhance",
    keys: &[
        "url",
        "org_id",
        "access_token",
        "email",
        "password",
        "timeout",
    ],
    from_settings: |settings| Ok(Arc::new(from_settings(settings)?)),
};

fn from_settings(settings: &Settings) -> Result<Enhance> {
    let mut enhance = Enhance::new(settings.require("url")?.expose())?;
    if let Some(timeout) = settings.timeout()? {
        enhance = enhance.with_timeout(timeout);
    }
    let org = settings.require("org_id")?.expose();
    match (
        settings.get("access_token"),
        settings.pair("email", "password")?,
    ) {
        (Some(_), Some(_)) => {
            Err(settings.error("access_token", "stands beside email and password; keep one"))
        }
        (Some(token), None) => Ok(enhance.access_token(org, token)),
        (None, Some((email, password))) => Ok(enhance.login(org, email.expose(), password)),
        (None, None) => {
            Err(settings.error("access_token", "is missing, and so are email and password"))
        }
    }
}

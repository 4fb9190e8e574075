//! Several services under one roof.

mod builder;
mod find;
mod offboard;
mod settings;
mod users;

use std::{path::Path, sync::Arc};

pub use builder::HubBuilder;
pub(crate) use settings::Settings;
pub use users::{HubUserList, HubUsers};

use crate::{Error, Result, Service};

/// The services an application manages identities in, each under a name. Cheap to clone.
///
/// ```
/// use idweave::{Hub, services::{DocSpace, Ostrom}};
///
/// let hub = Hub::builder()
///     .service(DocSpace::new("https://acme.onlyoffice.com")?.api_key("sk-1"))
///     .service_as("docspace-eu", DocSpace::new("https://acme-eu.onlyoffice.com")?.api_key("sk-2"))
///     .service(Ostrom::sandbox().client_credentials("id", "secret"))
///     .build()?;
/// let names: Vec<_> = hub.services().map(|service| service.name()).collect();
/// assert_eq!(names, ["docspace", "docspace-eu", "ostrom"]);
/// # Ok::<(), idweave::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hub {
    services: Arc<[Service]>,
}

impl Hub {
    /// Starts a hub without services.
    pub fn builder() -> HubBuilder {
        HubBuilder::default()
    }

    /// A hub with the services that the environment names.
    ///
    /// A service is there when one of its variables is set: `IDWEAVE_<SERVICE>_<SETTING>`.
    ///
    /// | service | settings |
    /// |---|---|
    /// | `DOCSPACE` | `URL`; `API_KEY`, or `EMAIL` and `PASSWORD` |
    /// | `AUTHRESS` | `URL`, `ACCESS_KEY` |
    /// | `OSTROM` | `CLIENT_ID`, `CLIENT_SECRET`; `ENVIRONMENT` (`sandbox` or `production`), or `URL` and `AUTH_URL` |
    /// | `ENHANCE` | `URL`, `ORG_ID`; `ACCESS_TOKEN`, or `EMAIL` and `PASSWORD` |
    ///
    /// Each also takes `TIMEOUT`, in seconds. A setting may also stand in a file, named by the variable with `_FILE` at
    /// its end, or be printed by a program, named by the variable with `_COMMAND` at its end.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) when a variable is missing or wrong, or none is set. It names the
    /// variable, never its value.
    pub fn from_env() -> Result<Self> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// As [`from_env`](Self::from_env), with the variables from elsewhere.
    ///
    /// ```
    /// let vars = [("IDWEAVE_AUTHRESS_URL", "not an address"), ("IDWEAVE_AUTHRESS_ACCESS_KEY", "a.b.c.d")];
    /// let lookup = move |name: &str| vars.iter().find(|var| var.0 == name).map(|var| var.1.to_owned());
    /// assert_eq!(idweave::Hub::from_vars(lookup).unwrap_err().kind(), idweave::ErrorKind::InvalidConfig);
    /// ```
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_vars(
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self> {
        settings::from_vars(Arc::new(lookup))
    }

    /// A hub with the services of a settings file, `idweave.toml` by custom.
    ///
    /// One table a service, named as you like; `type` says what sort of service it is and may be left out where the
    /// name is the type. The other keys are those of [`from_env`](Self::from_env) in lower case. A secret may stay
    /// outside of the file: in the environment, in another file, or with a program that prints it. The services are in
    /// the hub in the order of their names.
    ///
    /// ```toml
    /// [docspace]
    /// url = "https://acme.onlyoffice.com"
    /// api_key = { env = "DOCSPACE_KEY" }
    ///
    /// [docspace-eu]
    /// type = "docspace"
    /// url = "https://acme-eu.onlyoffice.com"
    /// api_key = { file = "/run/secrets/docspace-eu" }
    ///
    /// [ostrom]
    /// environment = "sandbox"
    /// client_id = "…"
    /// client_secret = { command = "pass show ostrom" }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) with the place in the file; it quotes no value.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        settings::from_file(path.as_ref())
    }

    fn new(services: Vec<Service>) -> Self {
        Self {
            services: services.into(),
        }
    }

    /// The service of this name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) when there is none; it lists the names there are.
    pub fn service(&self, name: &str) -> Result<&Service> {
        self.services()
            .find(|service| service.name() == name)
            .ok_or_else(|| {
                let names = self
                    .services()
                    .map(Service::name)
                    .collect::<Vec<_>>()
                    .join(", ");
                Error::config(format!(
                    "the hub has no service of that name; it has {names}"
                ))
            })
    }

    /// All services, in the order they were added.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.iter()
    }

    /// The users of every service that can list them.
    pub fn users(&self) -> HubUsers<'_> {
        HubUsers::new(self)
    }
}

//! The hub: several services, and the calls that concern them all.

mod builder;
mod config;
mod find;
mod offboard;
mod users;

use std::sync::Arc;

pub use builder::HubBuilder;
pub use users::{HubUserList, HubUsers};

use crate::{Error, Result, Service};

/// The services in which an application manages identities, each under a name. Cheap to clone.
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
    fn new(services: Vec<Service>) -> Self {
        Self {
            services: services.into(),
        }
    }

    /// Returns a service by name.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) if there is none; the error lists the names.
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
                    "the hub has no service of this name; it has {names}"
                ))
            })
    }

    /// Iterates over the services in the order they were added.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.iter()
    }
}

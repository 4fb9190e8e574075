//! Building a hub, and the validation of its configuration.

use std::sync::Arc;

use crate::{Error, Hub, IdentityService, Result, Service};

/// Builds a [`Hub`] from services.
#[derive(Default)]
#[must_use = "a builder does nothing until build()"]
pub struct HubBuilder {
    services: Vec<(String, Arc<dyn IdentityService>)>,
}

impl Hub {
    /// Creates a builder without services.
    pub fn builder() -> HubBuilder {
        HubBuilder::default()
    }
}

impl HubBuilder {
    /// Adds a service under the name of its type, such as `docspace`.
    pub fn service(self, service: impl IdentityService) -> Self {
        let name = service.service_type();
        self.service_as(name, service)
    }

    /// Adds a service under a name of your own, so that several services can have the same type.
    ///
    /// A name is 1 to 64 letters, digits, `-`, `_` and `.`.
    pub fn service_as(mut self, name: impl Into<String>, service: impl IdentityService) -> Self {
        self.services.push((name.into(), Arc::new(service)));
        self
    }

    pub(super) fn add(mut self, name: &str, service: Arc<dyn IdentityService>) -> Self {
        self.services.push((name.to_owned(), service));
        self
    }

    /// Validates names and configurations and builds the hub, without sending anything.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) naming the service: no services, an
    /// invalid or duplicate name, an invalid address or credential.
    pub fn build(self) -> Result<Hub> {
        if self.services.is_empty() {
            return Err(Error::config(
                "the hub has no services; add one with service()",
            ));
        }
        let mut services = Vec::<Service>::with_capacity(self.services.len());
        for (name, service) in self.services {
            if !is_name(&name) {
                let text = "invalid service name; it has 1 to 64 letters, digits, '-', '_' and '.'";
                return Err(Error::config(text));
            }
            if services.iter().any(|known| known.name() == name) {
                let text = "two services have this name; add one of them with service_as()";
                return Err(Error::config(text).with_service(&name));
            }
            service
                .validate()
                .map_err(|error| error.with_service(&name))?;
            services.push(Service::new(&name, service));
        }
        Ok(Hub::new(services))
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

impl std::fmt::Debug for HubBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.services.iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

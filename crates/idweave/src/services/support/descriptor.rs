//! Describes how settings name a service and how it is created from them.

use std::sync::Arc;

use crate::{IdentityService, Result, settings::Settings};

/// A type of service that settings can name.
pub(crate) struct ServiceDescriptor {
    /// The type of the service.
    pub(crate) service_type: &'static str,
    /// The keys of its settings.
    pub(crate) keys: &'static [&'static str],
    /// Creates the service from its settings.
    pub(crate) from_settings: fn(&Settings) -> Result<Arc<dyn IdentityService>>,
}

//! How a service is named in settings and made from them.

use std::sync::Arc;

use crate::{IdentityService, Result, settings::Settings};

/// A sort of service that settings can name.
pub(crate) struct ServiceDescriptor {
    /// Its name.
    pub(crate) name: &'static str,
    /// The settings it takes.
    pub(crate) keys: &'static [&'static str],
    /// Makes one from its settings.
    pub(crate) from_settings: fn(&Settings) -> Result<Arc<dyn IdentityService>>,
}

//! Finds the folders of services.

use std::path::{Path, PathBuf};

use crate::openapi::service::Service;
use crate::openapi::{Error, Result};

/// Returns the repository's own `specs/`, wherever the command is started.
#[must_use]
pub fn default_specs() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."));
    root.join("specs")
}

/// Finds the folder of a service.
///
/// # Errors
/// When there is no such service; the message lists the ones there are.
pub fn folder(specs: &Path, service: &str) -> Result<PathBuf> {
    let dir = specs.join(service);
    if dir.join("service.toml").is_file() {
        return Ok(dir);
    }
    let known: Vec<String> = Service::load_all(specs)?
        .into_iter()
        .map(|s| s.name)
        .collect();
    Err(Error::new(format!(
        "no service {service} in {}; the services are: {}. `cargo xtask specs add {service} --from FILE` adds one",
        specs.display(),
        known.join(", ")
    )))
}

/// Reads the service that is named, or all.
///
/// # Errors
/// When a folder cannot be read.
pub fn chosen(specs: &Path, name: Option<&str>) -> Result<Vec<Service>> {
    match name {
        Some(name) => Ok(vec![Service::load(&folder(specs, name)?)?]),
        None => {
            let all = Service::load_all(specs)?;
            if all.is_empty() {
                return Err(Error::new("holds no service").in_file(specs));
            }
            Ok(all)
        }
    }
}

//! The settings of one service: values by key, and errors that name the key.
//!
//! Errors name the setting and where it is written, never a value: most values are secrets.

use std::{collections::BTreeMap, time::Duration};

use crate::{Error, Result, Secret};

/// The settings of one service.
pub(crate) struct Settings {
    /// The hub's name for the service.
    name: String,
    values: BTreeMap<String, Secret>,
    /// Writes a setting as it is written where these came from.
    format_key: fn(&str, &str) -> String,
}

impl Settings {
    /// Makes settings without values for the service of this name.
    pub(crate) fn new(name: impl Into<String>, format_key: fn(&str, &str) -> String) -> Self {
        Self {
            name: name.into(),
            values: BTreeMap::new(),
            format_key,
        }
    }

    /// The hub's name for the service.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Adds a setting.
    pub(crate) fn insert(&mut self, key: impl Into<String>, value: Secret) {
        self.values.insert(key.into(), value);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A setting that may be left out.
    pub(crate) fn get(&self, key: &str) -> Option<&Secret> {
        self.values.get(key)
    }

    /// A setting that must be there.
    pub(crate) fn require(&self, key: &str) -> Result<&Secret> {
        self.get(key).ok_or_else(|| self.error(key, "is missing"))
    }

    /// Two settings that are only of use together.
    pub(crate) fn pair(&self, first: &str, second: &str) -> Result<Option<(&Secret, &Secret)>> {
        match (self.get(first), self.get(second)) {
            (None, None) => Ok(None),
            _ => Ok(Some((self.require(first)?, self.require(second)?))),
        }
    }

    /// The time limit of a call, in seconds.
    pub(crate) fn timeout(&self) -> Result<Option<Duration>> {
        let Some(text) = self.get("timeout") else {
            return Ok(None);
        };
        match text.expose().parse::<u64>() {
            Ok(seconds) if seconds > 0 => Ok(Some(Duration::from_secs(seconds))),
            _ => Err(self.error("timeout", "is a whole number of seconds, at least 1")),
        }
    }

    /// What is wrong with a setting.
    pub(crate) fn error(&self, key: &str, what: &str) -> Error {
        let setting = (self.format_key)(&self.name, key);
        Error::config(format!("{setting} {what}")).with_service(&self.name)
    }
}

/// Never shows a value.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("keys", &self.values.keys())
            .finish_non_exhaustive()
    }
}

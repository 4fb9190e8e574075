//! The settings of one service: values by key, and errors that name the key.
//!
//! Errors name the setting as it is written where it comes from, never a value: most values are secrets.

use std::{collections::BTreeMap, time::Duration};

use crate::{Error, Result, Secret};

/// The longest time limit that a client takes, 30 days.
const MAX_TIMEOUT_SECONDS: u64 = 30 * 24 * 3_600;

/// The settings of one service.
pub(crate) struct Settings {
    /// The hub's name for the service.
    name: String,
    values: BTreeMap<String, Secret>,
    /// Writes a setting as it is written where these came from.
    format_key: fn(&str, &str) -> String,
}

impl Settings {
    /// Creates settings without values for a service.
    pub(crate) fn new(name: impl Into<String>, format_key: fn(&str, &str) -> String) -> Self {
        Self {
            name: name.into(),
            values: BTreeMap::new(),
            format_key,
        }
    }

    /// Returns the hub's name for the service.
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

    /// Returns an optional setting.
    pub(crate) fn get(&self, key: &str) -> Option<&Secret> {
        self.values.get(key)
    }

    /// Returns a required setting.
    pub(crate) fn require(&self, key: &str) -> Result<&Secret> {
        self.get(key).ok_or_else(|| self.error(key, "is missing"))
    }

    /// Returns two settings that are only valid together.
    pub(crate) fn pair(&self, first: &str, second: &str) -> Result<Option<(&Secret, &Secret)>> {
        match (self.get(first), self.get(second)) {
            (None, None) => Ok(None),
            _ => Ok(Some((self.require(first)?, self.require(second)?))),
        }
    }

    /// Returns the time limit of a call, which is set in seconds.
    pub(crate) fn timeout(&self) -> Result<Option<Duration>> {
        let Some(text) = self.get("timeout") else {
            return Ok(None);
        };
        match text.expose().parse::<u64>() {
            Ok(seconds) if (1..=MAX_TIMEOUT_SECONDS).contains(&seconds) => {
                Ok(Some(Duration::from_secs(seconds)))
            }
            _ => Err(self.error(
                "timeout",
                "is not a whole number of seconds from 1 to 2592000 (30 days)",
            )),
        }
    }

    /// Creates an error about a setting.
    pub(crate) fn error(&self, key: &str, problem: &str) -> Error {
        let setting = (self.format_key)(&self.name, key);
        Error::config(format!("{setting} {problem}")).with_service(&self.name)
    }
}

/// Shows the keys only.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("keys", &self.values.keys())
            .finish_non_exhaustive()
    }
}

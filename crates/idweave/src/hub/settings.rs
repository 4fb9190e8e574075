//! Hubs out of the environment and out of a file: both are read into the same [`Settings`].
//!
//! Errors name the setting and the place, never a value: most values are secrets.

use std::{collections::BTreeMap, path::Path, time::Duration};

use crate::{Error, Hub, Result, Secret, services::KINDS};

/// The settings of one service.
pub(crate) struct Settings {
    values: BTreeMap<String, Secret>,
    /// How a setting is written where these came from.
    spell: fn(&str, &str) -> String,
    name: String,
}

impl Settings {
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
        let setting = (self.spell)(&self.name, key);
        Error::config(format!("{setting} {what}")).in_service(&self.name)
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

pub(super) fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Hub> {
    let spell = |name: &str, key: &str| format!("IDWEAVE_{name}_{key}").to_uppercase();
    let mut builder = Hub::builder();
    let mut found = false;
    for kind in KINDS {
        let values: BTreeMap<_, _> = kind
            .keys
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), lookup(&spell(kind.name, key))?)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key, Secret::from(value)))
            .collect();
        if !values.is_empty() {
            let settings = Settings {
                values,
                spell,
                name: kind.name.to_owned(),
            };
            let service = (kind.open)(&settings).map_err(|error| as_config(error, kind.name))?;
            builder = builder.boxed(kind.name, service);
            found = true;
        }
    }
    if !found {
        let text = "the environment names no service; set IDWEAVE_DOCSPACE_URL, for instance";
        return Err(Error::config(text));
    }
    builder.build()
}

pub(super) fn from_file(path: &Path) -> Result<Hub> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::config("the settings file cannot be read").with_source(error))?;
    let table = text.parse::<toml::Table>().map_err(|error| {
        // The parser's own message quotes the line, and with it the secret in it.
        let place = error.span().and_then(|span| text.get(..span.start));
        let line = place.map_or(1, |before| before.matches('\n').count() + 1);
        Error::config(format!("the settings file is no TOML at line {line}"))
    })?;
    let mut builder = Hub::builder();
    for (name, section) in table {
        let spell = |name: &str, key: &str| format!("[{name}] {key}");
        let mut settings = Settings {
            values: BTreeMap::new(),
            spell,
            name,
        };
        let toml::Value::Table(section) = section else {
            return Err(settings.error("", "is no table; write one table a service"));
        };
        let kind = match section.get("kind") {
            None => settings.name.clone(),
            Some(toml::Value::String(kind)) => kind.clone(),
            Some(_) => return Err(settings.error("kind", "is no text")),
        };
        let known = KINDS
            .iter()
            .map(|kind| kind.name)
            .collect::<Vec<_>>()
            .join(", ");
        let kind = KINDS
            .iter()
            .find(|known| known.name == kind)
            .ok_or_else(|| settings.error("kind", &format!("is none of {known}")))?;
        for (key, value) in section.iter().filter(|(key, _)| *key != "kind") {
            if !kind.keys.contains(&key.as_str()) {
                let keys = kind.keys.join(", ");
                return Err(settings.error(key, &format!("is no setting; there are {keys}")));
            }
            let value = value_of(&settings, key, value)?;
            settings.values.insert(key.clone(), value);
        }
        let service = (kind.open)(&settings).map_err(|error| as_config(error, &settings.name))?;
        builder = builder.boxed(&settings.name, service);
    }
    builder.build()
}

/// A text, a number, or where to find one: `{ env = "NAME" }`, `{ file = "path" }`.
fn value_of(settings: &Settings, key: &str, value: &toml::Value) -> Result<Secret> {
    let wrong = || settings.error(key, "is no text, { env = \"NAME\" } or { file = \"path\" }");
    match value {
        toml::Value::String(text) => Ok(Secret::from(text.as_str())),
        toml::Value::Integer(number) => Ok(Secret::from(number.to_string())),
        toml::Value::Table(source) if source.len() == 1 => {
            match (source.get("env"), source.get("file")) {
                (Some(toml::Value::String(name)), _) => {
                    std::env::var(name).map(Secret::from).map_err(|_| {
                        settings.error(key, "names an environment variable that is not set")
                    })
                }
                (_, Some(toml::Value::String(path))) => std::fs::read_to_string(path)
                    .map(|text| Secret::from(text.trim_end_matches(['\r', '\n'])))
                    .map_err(|error| {
                        settings
                            .error(key, "names a file that cannot be read")
                            .with_source(error)
                    }),
                _ => Err(wrong()),
            }
        }
        _ => Err(wrong()),
    }
}

/// Whatever is wrong while a service is set up is wrong with the settings.
fn as_config(error: Error, name: &str) -> Error {
    error.in_kind(crate::ErrorKind::Config).in_service(name)
}

//! Hubs out of the environment and out of a file: both are read into the same [`Settings`].
//!
//! Errors name the setting and the place, never a value: most values are secrets.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use idweave_transport::Environment;

use crate::{
    Error, Hub, Result, Secret,
    services::{KINDS, in_setup},
};

/// Where variables come from.
pub(super) type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

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

pub(super) fn from_vars(lookup: Lookup) -> Result<Hub> {
    let spell = |name: &str, key: &str| format!("IDWEAVE_{name}_{key}").to_uppercase();
    let mut builder = Hub::builder();
    let mut found = false;
    for kind in KINDS {
        let lookup = lookup.clone();
        let environment = Environment::from_lookup(kind.name, move |name| lookup(name));
        let mut values = BTreeMap::new();
        for key in kind.keys {
            let value = environment.secret(&key.to_uppercase());
            if let Some(value) = value.map_err(|error| in_setup(error).in_service(kind.name))? {
                values.insert((*key).to_owned(), value);
            }
        }
        if !values.is_empty() {
            let name = kind.name.to_owned();
            let settings = Settings {
                values,
                spell,
                name,
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
        let kind = match section.get("type") {
            None => settings.name.clone(),
            Some(toml::Value::String(kind)) => kind.clone(),
            Some(_) => return Err(settings.error("type", "is no text")),
        };
        let known = KINDS
            .iter()
            .map(|kind| kind.name)
            .collect::<Vec<_>>()
            .join(", ");
        let kind = KINDS
            .iter()
            .find(|known| known.name == kind)
            .ok_or_else(|| settings.error("type", &format!("is none of {known}")))?;
        for (key, value) in section.iter().filter(|(key, _)| *key != "type") {
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

/// A text, a number, or where to find one: `{ env = "NAME" }`, `{ file = "path" }`, `{ command = "program argument" }`.
fn value_of(settings: &Settings, key: &str, value: &toml::Value) -> Result<Secret> {
    let wrong = || {
        let forms =
            "is no text, { env = \"NAME\" }, { file = \"path\" } or { command = \"program\" }";
        settings.error(key, forms)
    };
    let source = match value {
        toml::Value::String(text) => return Ok(Secret::from(text.as_str())),
        toml::Value::Integer(number) => return Ok(Secret::from(number.to_string())),
        toml::Value::Table(source) if source.len() == 1 => source,
        _ => return Err(wrong()),
    };
    let text = |name: &str| source.get(name).and_then(toml::Value::as_str);
    if let Some(name) = text("env") {
        let unset = || settings.error(key, "names an environment variable that is not set");
        return std::env::var(name).map(Secret::from).map_err(|_| unset());
    }
    let (secret, what) = if let Some(path) = text("file") {
        (Secret::from_file(path), "names a file that gives no secret")
    } else if let Some(command) = text("command") {
        let mut words = command.split_whitespace();
        let program = words.next().unwrap_or_default();
        (
            Secret::from_command(program, words),
            "names a program that gives no secret",
        )
    } else {
        return Err(wrong());
    };
    secret.map_err(|error| settings.error(key, what).with_source(error))
}

/// Whatever is wrong while a service is set up is wrong with the settings.
fn as_config(error: Error, name: &str) -> Error {
    error
        .in_kind(crate::ErrorKind::InvalidConfig)
        .in_service(name)
}

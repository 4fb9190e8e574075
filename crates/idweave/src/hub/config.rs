//! Reads a hub's settings from the environment or from a file.
//!
//! Errors name the setting and the place, never a value: most values are secrets.

use std::{path::Path, sync::Arc};

use idweave_transport::Environment;

use crate::{
    Error, Hub, Result, Secret,
    services::{SERVICES, support::error::config_error},
    settings::Settings,
};

/// Looks a variable up.
type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

impl Hub {
    /// Creates a hub with the services that are configured in the environment.
    ///
    /// A service is configured if one of its variables is set: `IDWEAVE_<SERVICE>_<SETTING>`.
    ///
    /// | service | settings |
    /// |---|---|
    /// | `DOCSPACE` | `URL`; `API_KEY`, or `EMAIL` and `PASSWORD` |
    /// | `AUTHRESS` | `URL`, `ACCESS_KEY` |
    /// | `OSTROM` | `CLIENT_ID`, `CLIENT_SECRET`; `ENVIRONMENT` (`sandbox` or `production`), or `URL` and `AUTH_URL` |
    /// | `ENHANCE` | `URL`, `ORG_ID`; `ACCESS_TOKEN`, or `EMAIL` and `PASSWORD` |
    ///
    /// Each also takes `TIMEOUT`, in seconds, and `PROXY`, the address of a proxy or `none`. A setting can also be read
    /// from a file, named by the variable with the suffix `_FILE`, or from the output of a program, named by the
    /// variable with the suffix `_COMMAND`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) if a variable is missing or invalid, or none is
    /// set. The error names the variable, never its value.
    pub fn from_env() -> Result<Self> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// Creates a hub as [`from_env`](Self::from_env) does, from variables of another source.
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
        from_vars(Arc::new(lookup))
    }

    /// Creates a hub with the services of a settings file, usually `idweave.toml`.
    ///
    /// Each table is a service, under any name; `type` is the type of the service and can be left out if the name is
    /// the type. The other keys are those of [`from_env`](Self::from_env) in lower case. A secret can be read from
    /// elsewhere: an environment variable, another file, or the output of a program. The services are in the hub in the
    /// order of their names.
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
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) with the place in the file, without any value.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        from_file(path.as_ref())
    }
}

fn from_vars(lookup: Lookup) -> Result<Hub> {
    let format_key = |name: &str, key: &str| format!("IDWEAVE_{name}_{key}").to_uppercase();
    let mut builder = Hub::builder();
    let mut found = false;
    for descriptor in SERVICES {
        let lookup = lookup.clone();
        let environment =
            Environment::from_lookup(descriptor.service_type, move |name| lookup(name));
        let mut settings = Settings::new(descriptor.service_type, format_key);
        for key in descriptor.keys {
            let value = environment.secret(&key.to_uppercase());
            if let Some(value) =
                value.map_err(|error| config_error(error).with_service(descriptor.service_type))?
            {
                settings.insert(*key, value);
            }
        }
        if !settings.is_empty() {
            let service = (descriptor.from_settings)(&settings)
                .map_err(|error| as_config(error, descriptor.service_type))?;
            builder = builder.add(descriptor.service_type, service);
            found = true;
        }
    }
    if !found {
        let text =
            "no service is configured in the environment; set IDWEAVE_DOCSPACE_URL, for instance";
        return Err(Error::config(text));
    }
    builder.build()
}

fn from_file(path: &Path) -> Result<Hub> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::config("the settings file cannot be read").with_source(error))?;
    let table = text.parse::<toml::Table>().map_err(|error| {
        // The parser's own message quotes the line, including a secret in it.
        let place = error.span().and_then(|span| text.get(..span.start));
        let line = place.map_or(1, |before| before.matches('\n').count() + 1);
        Error::config(format!(
            "the settings file is not valid TOML at line {line}"
        ))
    })?;
    let mut builder = Hub::builder();
    for (name, section) in table {
        let mut settings = Settings::new(name, |name, key| format!("[{name}] {key}"));
        let toml::Value::Table(section) = section else {
            return Err(settings.error("", "is not a table; write one table for each service"));
        };
        let service_type = match section.get("type") {
            None => settings.name().to_owned(),
            Some(toml::Value::String(text)) => text.clone(),
            Some(_) => return Err(settings.error("type", "is not a string")),
        };
        let known = SERVICES
            .iter()
            .map(|descriptor| descriptor.service_type)
            .collect::<Vec<_>>()
            .join(", ");
        let descriptor = SERVICES
            .iter()
            .find(|known| known.service_type == service_type)
            .ok_or_else(|| settings.error("type", &format!("is not one of {known}")))?;
        for (key, value) in section.iter().filter(|(key, _)| *key != "type") {
            if !descriptor.keys.contains(&key.as_str()) {
                let keys = descriptor.keys.join(", ");
                return Err(
                    settings.error(key, &format!("is not a setting; the settings are {keys}"))
                );
            }
            let value = value_of(&settings, key, value)?;
            settings.insert(key, value);
        }
        let service = (descriptor.from_settings)(&settings)
            .map_err(|error| as_config(error, settings.name()))?;
        builder = builder.add(settings.name(), service);
    }
    builder.build()
}

/// Reads a string, a number, or a reference: `{ env = "NAME" }`, `{ file = "path" }`, `{ command = "program argument"
/// }`.
fn value_of(settings: &Settings, key: &str, value: &toml::Value) -> Result<Secret> {
    let invalid = || {
        let forms =
            "is not a string, { env = \"NAME\" }, { file = \"path\" } or { command = \"program\" }";
        settings.error(key, forms)
    };
    let source = match value {
        toml::Value::String(text) => return Ok(Secret::from(text.as_str())),
        toml::Value::Integer(number) => return Ok(Secret::from(number.to_string())),
        toml::Value::Table(source) if source.len() == 1 => source,
        _ => return Err(invalid()),
    };
    let text = |name: &str| source.get(name).and_then(toml::Value::as_str);
    if let Some(name) = text("env") {
        let unset = || settings.error(key, "names an environment variable that is not set");
        return std::env::var(name).map(Secret::from).map_err(|_| unset());
    }
    let (secret, problem) = if let Some(path) = text("file") {
        (
            Secret::from_file(path),
            "names a file without a readable secret",
        )
    } else if let Some(command) = text("command") {
        let mut words = command.split_whitespace();
        let program = words.next().unwrap_or_default();
        (
            Secret::from_command(program, words),
            "names a program that fails or prints no secret",
        )
    } else {
        return Err(invalid());
    };
    secret.map_err(|error| settings.error(key, problem).with_source(error))
}

/// Turns any error of creating a service into one about the configuration.
fn as_config(error: Error, name: &str) -> Error {
    error
        .with_kind(crate::ErrorKind::InvalidConfig)
        .with_service(name)
}

//! Hubs out of the environment and out of a file: both are read into the same [`Settings`].
//!
//! Errors name the setting and the place, never a value: most values are secrets.

use std::{path::Path, sync::Arc};

use idweave_transport::Environment;

use crate::{
    Error, Hub, Result, Secret,
    services::{SERVICES, support::error::config_error},
    settings::Settings,
};

/// Where variables come from.
type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

impl Hub {
    /// A hub with the services that the environment names.
    ///
    /// A service is there when one of its variables is set: `IDWEAVE_<SERVICE>_<SETTING>`.
    ///
    /// | service | settings |
    /// |---|---|
    /// | `DOCSPACE` | `URL`; `API_KEY`, or `EMAIL` and `PASSWORD` |
    /// | `AUTHRESS` | `URL`, `ACCESS_KEY` |
    /// | `OSTROM` | `CLIENT_ID`, `CLIENT_SECRET`; `ENVIRONMENT` (`sandbox` or `production`), or `URL` and `AUTH_URL` |
    /// | `ENHANCE` | `URL`, `ORG_ID`; `ACCESS_TOKEN`, or `EMAIL` and `PASSWORD` |
    ///
    /// Each also takes `TIMEOUT`, in seconds. A setting may also stand in a file, named by the variable with `_FILE` at
    /// its end, or be printed by a program, named by the variable with `_COMMAND` at its end.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) when a variable is missing or wrong, or none is set. It names the
    /// variable, never its value.
    pub fn from_env() -> Result<Self> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// As [`from_env`](Self::from_env), with the variables from elsewhere.
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

    /// A hub with the services of a settings file, `idweave.toml` by custom.
    ///
    /// One table a service, named as you like; `type` says what sort of service it is and may be left out where the
    /// name is the type. The other keys are those of [`from_env`](Self::from_env) in lower case. A secret may stay
    /// outside of the file: in the environment, in another file, or with a program that prints it. The services are in
    /// the hub in the order of their names.
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
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) with the place in the file; it quotes no value.
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
        let environment = Environment::from_lookup(descriptor.name, move |name| lookup(name));
        let mut settings = Settings::new(descriptor.name, format_key);
        for key in descriptor.keys {
            let value = environment.secret(&key.to_uppercase());
            if let Some(value) =
                value.map_err(|error| config_error(error).with_service(descriptor.name))?
            {
                settings.insert(*key, value);
            }
        }
        if !settings.is_empty() {
            let service = (descriptor.from_settings)(&settings)
                .map_err(|error| as_config(error, descriptor.name))?;
            builder = builder.add(descriptor.name, service);
            found = true;
        }
    }
    if !found {
        let text = "the environment names no service; set IDWEAVE_DOCSPACE_URL, for instance";
        return Err(Error::config(text));
    }
    builder.build()
}

fn from_file(path: &Path) -> Result<Hub> {
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
        let mut settings = Settings::new(name, |name, key| format!("[{name}] {key}"));
        let toml::Value::Table(section) = section else {
            return Err(settings.error("", "is no table; write one table a service"));
        };
        let service_type = match section.get("type") {
            None => settings.name().to_owned(),
            Some(toml::Value::String(text)) => text.clone(),
            Some(_) => return Err(settings.error("type", "is no text")),
        };
        let known = SERVICES
            .iter()
            .map(|descriptor| descriptor.name)
            .collect::<Vec<_>>()
            .join(", ");
        let descriptor = SERVICES
            .iter()
            .find(|known| known.name == service_type)
            .ok_or_else(|| settings.error("type", &format!("is none of {known}")))?;
        for (key, value) in section.iter().filter(|(key, _)| *key != "type") {
            if !descriptor.keys.contains(&key.as_str()) {
                let keys = descriptor.keys.join(", ");
                return Err(settings.error(key, &format!("is no setting; there are {keys}")));
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
        .with_kind(crate::ErrorKind::InvalidConfig)
        .with_service(name)
}

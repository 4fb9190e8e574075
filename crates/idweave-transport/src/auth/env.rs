//! Credentials out of environment variables, by one convention.

use std::{env, fmt};

use crate::{Basic, Bearer, ClientCredentials, Error, ErrorKind, RefreshToken, Secret};

/// The environment variables of one service.
///
/// A variable is named `IDWEAVE_<SERVICE>_<SETTING>`; a secret may also stand in
/// a file, named by the variable with `_FILE` at its end, or be printed by a
/// program, given with its arguments (separated by spaces, no shell) by the
/// variable with `_COMMAND` at its end.
///
/// | credentials | settings | read by |
/// |---|---|---|
/// | any bearer token | `TOKEN` | [`bearer`](Self::bearer) |
/// | user and password | `USER`, `PASSWORD` | [`basic`](Self::basic) |
/// | OAuth 2.0 client credentials | `CLIENT_ID`, `CLIENT_SECRET`, `TOKEN_URL`; `SCOPE` | [`client_credentials`](Self::client_credentials) |
/// | OAuth 2.0 refresh token | `CLIENT_ID`, `REFRESH_TOKEN`, `TOKEN_URL`; `CLIENT_SECRET` | [`refresh_token`](Self::refresh_token) |
///
/// What stands behind a semicolon may be left out. The credentials of one
/// service are read by a `from_environment` of their own, on [`var`](Self::var)
/// and [`secret`](Self::secret). Errors name the variable that is missing and
/// never show a value.
///
/// ```no_run
/// use idweave_transport::{Environment, Session};
///
/// // IDWEAVE_ACME_TOKEN, or IDWEAVE_ACME_TOKEN_FILE, or IDWEAVE_ACME_TOKEN_COMMAND
/// let token = Environment::of("acme").bearer()?;
/// let session = Session::builder("https://api.acme.io").credentials(token).build()?;
/// # Ok::<(), idweave_transport::Error>(())
/// ```
pub struct Environment {
    prefix: String,
    lookup: Lookup,
}

type Lookup = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

impl Environment {
    /// Creates a view of the process's variables of one service: `acme` makes `IDWEAVE_ACME_…`.
    #[must_use]
    pub fn of(service: &str) -> Self {
        Self::from_lookup(service, |name| env::var(name).ok())
    }

    /// Creates the same view with the variables from elsewhere.
    #[must_use]
    pub fn from_lookup(
        service: &str,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let service = service.to_uppercase().replace('-', "_");
        Self {
            prefix: format!("IDWEAVE_{service}_"),
            lookup: Box::new(lookup),
        }
    }

    /// Returns a setting that is not a secret.
    pub fn var(&self, name: &str) -> Option<String> {
        (self.lookup)(&format!("{}{name}", self.prefix)).filter(|value| !value.trim().is_empty())
    }

    /// Reads a secret from the variable, its `_FILE` or its `_COMMAND`; more than one is refused.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when there is more than one, or when the file
    /// or the program gives none.
    pub fn secret(&self, name: &str) -> Result<Option<Secret>, Error> {
        let file = self.var(&format!("{name}_FILE"));
        let command = self.var(&format!("{name}_COMMAND"));
        let secret = match (self.var(name), file, command) {
            (None, None, None) => return Ok(None),
            (Some(value), None, None) => Ok(value.trim().into()),
            (None, Some(path), None) => Secret::from_file(path.trim()),
            (None, None, Some(command)) => {
                let mut words = command.split_whitespace();
                Secret::from_command(words.next().unwrap_or_default(), words)
            }
            _ => Err(Error::new(
                ErrorKind::Credentials,
                "set only one of the variable, its _FILE and its _COMMAND",
            )),
        };
        let variable = format!("{}{name}", self.prefix);
        secret
            .map(Some)
            .map_err(|error| error.into_credentials(format!("{variable} cannot be read")))
    }

    /// Reads a secret that must be set; see [`secret`](Self::secret).
    ///
    /// # Errors
    ///
    /// As [`secret`](Self::secret), and [`ErrorKind::Credentials`] that names the variable when it is not set.
    pub fn required_secret(&self, name: &str) -> Result<Secret, Error> {
        self.secret(name)?.ok_or_else(|| self.missing(name))
    }

    /// Returns a setting that is not a secret and must be set.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] that names the variable when it is not set.
    pub fn required_var(&self, name: &str) -> Result<String, Error> {
        self.var(name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> Error {
        Error::new(
            ErrorKind::Credentials,
            format!("the environment variable {}{name} is not set", self.prefix),
        )
    }

    /// Reads a bearer token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when a variable is missing or cannot be used; so for all below.
    pub fn bearer(&self) -> Result<Bearer, Error> {
        Bearer::new(self.required_secret("TOKEN")?)
    }

    /// Reads user and password.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn basic(&self) -> Result<Basic, Error> {
        Basic::new(
            self.required_var("USER")?,
            self.required_secret("PASSWORD")?,
        )
    }

    /// Reads OAuth 2.0 client credentials.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn client_credentials(&self) -> Result<ClientCredentials, Error> {
        let credentials = ClientCredentials::new(
            self.required_var("TOKEN_URL")?,
            self.required_var("CLIENT_ID")?,
            self.required_secret("CLIENT_SECRET")?,
        );
        Ok(match self.var("SCOPE") {
            Some(scope) => credentials.scope(scope),
            None => credentials,
        })
    }

    /// Reads an OAuth 2.0 refresh token.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn refresh_token(&self) -> Result<RefreshToken, Error> {
        let credentials = RefreshToken::new(
            self.required_var("TOKEN_URL")?,
            self.required_var("CLIENT_ID")?,
            self.required_secret("REFRESH_TOKEN")?,
        );
        Ok(match self.secret("CLIENT_SECRET")? {
            Some(secret) => credentials.client_secret(secret),
            None => credentials,
        })
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn environment(pairs: &'static [(&'static str, &'static str)]) -> Environment {
        Environment::from_lookup("acme-eu", move |name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn environment_reads_a_secret_from_a_variable_a_file_or_a_command() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/token.txt");
        let file: &'static [(&str, &str)] =
            Box::leak(Box::new([("IDWEAVE_ACME_EU_TOKEN_FILE", file)]));
        for (pairs, value) in [
            (&[("IDWEAVE_ACME_EU_TOKEN", " t1 ")][..], "t1"),
            (file, "token-of-a-file"),
            (&[("IDWEAVE_ACME_EU_TOKEN_COMMAND", "echo  t2")], "t2"),
        ] {
            assert_eq!(
                environment(pairs)
                    .secret("TOKEN")
                    .unwrap()
                    .unwrap()
                    .expose(),
                value
            );
        }
    }

    #[test]
    fn environment_builds_each_credential_from_its_settings() {
        let all = environment(&[
            ("IDWEAVE_ACME_EU_TOKEN", "t"),
            ("IDWEAVE_ACME_EU_USER", "u"),
            ("IDWEAVE_ACME_EU_PASSWORD", "p"),
            ("IDWEAVE_ACME_EU_CLIENT_ID", "c"),
            ("IDWEAVE_ACME_EU_CLIENT_SECRET", "s"),
            ("IDWEAVE_ACME_EU_REFRESH_TOKEN", "r"),
            ("IDWEAVE_ACME_EU_TOKEN_URL", "https://acme.io/token"),
        ]);
        assert!(all.bearer().is_ok() && all.basic().is_ok());
        assert!(all.client_credentials().is_ok() && all.refresh_token().is_ok());
        let none = environment(&[]);
        for (error, variable) in [
            (none.basic().unwrap_err(), "USER"),
            (none.client_credentials().unwrap_err(), "TOKEN_URL"),
            (none.refresh_token().unwrap_err(), "TOKEN_URL"),
        ] {
            assert!(
                error
                    .to_string()
                    .contains(&format!("IDWEAVE_ACME_EU_{variable} is not set")),
                "{error}"
            );
        }
    }

    #[test]
    fn environment_names_what_is_missing_or_ambiguous_and_shows_no_value() {
        for (pairs, says) in [
            (&[][..], "IDWEAVE_ACME_EU_TOKEN is not set"),
            (
                &[("IDWEAVE_ACME_EU_TOKEN", "  ")],
                "IDWEAVE_ACME_EU_TOKEN is not set",
            ),
            (
                &[
                    ("IDWEAVE_ACME_EU_TOKEN", "MARK"),
                    ("IDWEAVE_ACME_EU_TOKEN_FILE", "MARK"),
                ],
                "IDWEAVE_ACME_EU_TOKEN ",
            ),
            (
                &[("IDWEAVE_ACME_EU_TOKEN_FILE", "/MARK/none")],
                "IDWEAVE_ACME_EU_TOKEN ",
            ),
            (
                &[("IDWEAVE_ACME_EU_TOKEN_COMMAND", "false MARK")],
                "IDWEAVE_ACME_EU_TOKEN ",
            ),
        ] {
            let error = environment(pairs).bearer().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Credentials);
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(says) && !shown.contains("MARK"), "{shown}");
        }
    }
}

//! Credentials out of environment variables, by one convention.

use std::{env, fmt};

use crate::{
    AccessKey, Basic, Bearer, ClientCredentials, DocSpaceLogin, EnhanceLogin, Error, ErrorKind,
    RefreshToken, Secret,
};

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
/// | DocSpace API key | `API_KEY` | [`docspace_api_key`](Self::docspace_api_key) |
/// | Enhance access token | `ACCESS_TOKEN` | [`enhance_access_token`](Self::enhance_access_token) |
/// | Authress access key | `ACCESS_KEY` | [`access_key`](Self::access_key) |
/// | DocSpace login | `EMAIL`, `PASSWORD` | [`docspace_login`](Self::docspace_login) |
/// | Enhance login | `EMAIL`, `PASSWORD`; `REALM_ID` | [`enhance_login`](Self::enhance_login) |
///
/// What stands behind a semicolon may be left out. Errors name the variable
/// that is missing and never show a value.
///
/// ```no_run
/// use idweave_transport::{Environment, Session};
///
/// // IDWEAVE_AUTHRESS_ACCESS_KEY, or IDWEAVE_AUTHRESS_ACCESS_KEY_FILE, or ..._COMMAND
/// let key = Environment::of("authress").access_key()?;
/// let session = Session::builder("https://login.acme.io").credentials(key).build()?;
/// # Ok::<(), idweave_transport::Error>(())
/// ```
pub struct Environment {
    prefix: String,
    lookup: Lookup,
}

type Lookup = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

impl Environment {
    /// The process's variables of one service: `authress` makes `IDWEAVE_AUTHRESS_…`.
    #[must_use]
    pub fn of(service: &str) -> Self {
        Self::from_lookup(service, |name| env::var(name).ok())
    }

    /// The same with the variables from elsewhere.
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

    /// A setting that is not a secret.
    pub fn var(&self, name: &str) -> Option<String> {
        (self.lookup)(&format!("{}{name}", self.prefix)).filter(|value| !value.trim().is_empty())
    }

    /// A secret: the variable, its `_FILE` or its `_COMMAND`; more than one is refused.
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
        secret.map(Some).map_err(|error| {
            error.into_kind(ErrorKind::Credentials, format!("{variable} cannot be had"))
        })
    }

    fn required(&self, name: &str) -> Result<Secret, Error> {
        self.secret(name)?.ok_or_else(|| self.missing(name))
    }

    fn required_var(&self, name: &str) -> Result<String, Error> {
        self.var(name).ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> Error {
        Error::new(
            ErrorKind::Credentials,
            format!("the environment variable {}{name} is not set", self.prefix),
        )
    }

    /// A bearer token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when a variable is missing or cannot be used; so for all below.
    pub fn bearer(&self) -> Result<Bearer, Error> {
        Bearer::new(self.required("TOKEN")?)
    }

    /// User and password.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn basic(&self) -> Result<Basic, Error> {
        Basic::new(self.required_var("USER")?, self.required("PASSWORD")?)
    }

    /// OAuth 2.0 client credentials.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn client_credentials(&self) -> Result<ClientCredentials, Error> {
        let credentials = ClientCredentials::new(
            self.required_var("TOKEN_URL")?,
            self.required_var("CLIENT_ID")?,
            self.required("CLIENT_SECRET")?,
        );
        Ok(match self.var("SCOPE") {
            Some(scope) => credentials.scope(scope),
            None => credentials,
        })
    }

    /// An OAuth 2.0 refresh token.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn refresh_token(&self) -> Result<RefreshToken, Error> {
        let credentials = RefreshToken::new(
            self.required_var("TOKEN_URL")?,
            self.required_var("CLIENT_ID")?,
            self.required("REFRESH_TOKEN")?,
        );
        Ok(match self.secret("CLIENT_SECRET")? {
            Some(secret) => credentials.client_secret(secret),
            None => credentials,
        })
    }

    /// A DocSpace API key.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn docspace_api_key(&self) -> Result<Bearer, Error> {
        Bearer::new(self.required("API_KEY")?)
    }

    /// An Enhance access token.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn enhance_access_token(&self) -> Result<Bearer, Error> {
        Bearer::new(self.required("ACCESS_TOKEN")?)
    }

    /// An Authress access key.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn access_key(&self) -> Result<AccessKey, Error> {
        AccessKey::parse(self.required("ACCESS_KEY")?)
    }

    /// A DocSpace login.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn docspace_login(&self) -> Result<DocSpaceLogin, Error> {
        Ok(DocSpaceLogin::new(
            self.required_var("EMAIL")?,
            self.required("PASSWORD")?,
        ))
    }

    /// An Enhance login.
    ///
    /// # Errors
    ///
    /// As [`bearer`](Self::bearer).
    pub fn enhance_login(&self) -> Result<EnhanceLogin, Error> {
        let login = EnhanceLogin::new(self.required_var("EMAIL")?, self.required("PASSWORD")?);
        Ok(match self.var("REALM_ID") {
            Some(realm) => login.realm(realm),
            None => login,
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
    fn a_secret_stands_in_the_variable_a_file_or_a_commands_output() {
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
    fn each_credential_reads_the_settings_of_the_table() {
        let all = environment(&[
            ("IDWEAVE_ACME_EU_TOKEN", "t"),
            ("IDWEAVE_ACME_EU_API_KEY", "t"),
            ("IDWEAVE_ACME_EU_ACCESS_TOKEN", "t"),
            ("IDWEAVE_ACME_EU_USER", "u"),
            ("IDWEAVE_ACME_EU_EMAIL", "u@acme.io"),
            ("IDWEAVE_ACME_EU_PASSWORD", "p"),
            ("IDWEAVE_ACME_EU_CLIENT_ID", "c"),
            ("IDWEAVE_ACME_EU_CLIENT_SECRET", "s"),
            ("IDWEAVE_ACME_EU_REFRESH_TOKEN", "r"),
            ("IDWEAVE_ACME_EU_TOKEN_URL", "https://acme.io/token"),
            ("IDWEAVE_ACME_EU_ACCESS_KEY", "not a key"),
        ]);
        assert!(
            all.bearer().is_ok()
                && all.docspace_api_key().is_ok()
                && all.enhance_access_token().is_ok()
        );
        assert!(all.basic().is_ok() && all.docspace_login().is_ok() && all.enhance_login().is_ok());
        assert!(all.client_credentials().is_ok() && all.refresh_token().is_ok());
        assert!(
            all.access_key()
                .unwrap_err()
                .to_string()
                .contains("client.key.account.privateKey")
        );
        let none = environment(&[]);
        for (error, variable) in [
            (none.basic().unwrap_err(), "USER"),
            (none.docspace_api_key().unwrap_err(), "API_KEY"),
            (none.enhance_access_token().unwrap_err(), "ACCESS_TOKEN"),
            (none.client_credentials().unwrap_err(), "TOKEN_URL"),
            (none.refresh_token().unwrap_err(), "TOKEN_URL"),
            (none.access_key().unwrap_err(), "ACCESS_KEY"),
            (none.docspace_login().unwrap_err(), "EMAIL"),
            (none.enhance_login().unwrap_err(), "EMAIL"),
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
    fn what_is_missing_or_ambiguous_is_named_and_no_value_shown() {
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

//! The access tokens of an organisation.

use idweave_transport::{
    AuthContext, Bearer, Credential, Credentials, Environment, Error, Scheme, Secret,
};

/// An access token of an organisation, sent as a bearer token.
///
/// ```
/// use idweave_enhance::{AccessToken, Client};
///
/// let client = Client::builder("https://panel.acme.io/api").credentials(AccessToken::new("a token")?).build()?;
/// # Ok::<(), idweave_enhance::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AccessToken(Bearer);

impl AccessToken {
    /// Creates the credentials from a token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when it is empty or holds control characters.
    pub fn new(token: impl Into<Secret>) -> Result<Self, Error> {
        Bearer::new(token).map(Self)
    }

    /// Reads the setting `ACCESS_TOKEN`: `IDWEAVE_ENHANCE_ACCESS_TOKEN` of `Environment::of("enhance")`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when the variable is missing or cannot be used.
    pub fn from_environment(environment: &Environment) -> Result<Self, Error> {
        Self::new(environment.required_secret("ACCESS_TOKEN")?)
    }
}

impl Credentials for AccessToken {
    fn provides(&self, scheme: Scheme) -> bool {
        self.0.provides(scheme)
    }

    fn cached(&self, scheme: Scheme, context: &AuthContext) -> Option<Credential> {
        self.0.cached(scheme, context)
    }
}

//! The portal's API keys.

use idweave_transport::{
    AuthContext, Bearer, Credential, Credentials, Environment, Error, Scheme, Secret,
};

/// An API key of a portal (`sk-…`), made in its developer tools and sent as a bearer token.
///
/// An OAuth 2.0 access token is a [`Bearer`] instead.
///
/// ```
/// use idweave_docspace::{ApiKey, Client};
///
/// let client = Client::builder("https://acme.onlyoffice.com").credentials(ApiKey::new("sk-1")?).build()?;
/// # Ok::<(), idweave_docspace::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ApiKey(Bearer);

impl ApiKey {
    /// Creates the credentials from a key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when it is empty or holds control characters.
    pub fn new(key: impl Into<Secret>) -> Result<Self, Error> {
        Bearer::new(key).map(Self)
    }

    /// Reads the setting `API_KEY`: `IDWEAVE_DOCSPACE_API_KEY` of `Environment::of("docspace")`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when the variable is missing or cannot be used.
    pub fn from_environment(environment: &Environment) -> Result<Self, Error> {
        Self::new(environment.required_secret("API_KEY")?)
    }
}

impl Credentials for ApiKey {
    fn provides(&self, scheme: Scheme) -> bool {
        self.0.provides(scheme)
    }

    fn cached(&self, scheme: Scheme, context: &AuthContext) -> Option<Credential> {
        self.0.cached(scheme, context)
    }
}

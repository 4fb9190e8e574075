//! The token that the operations on OAuth 2.0 clients want in a header of its own.

use idweave_transport::{ApiKey, AuthContext, Credential, Credentials, Error, Scheme, Secret};

/// The token of `generateJwtToken`, sent as the header `x-signature`.
///
/// Combine it with the credentials of the other operations by
/// [`and`](Credentials::and).
///
/// ```
/// use idweave_docspace::{Client, Credentials, Login, Signature};
///
/// let login = Login::new("ann@acme.io", "correct horse");
/// let client = Client::builder("https://acme.onlyoffice.com")
///     .credentials(login.and(Signature::new("a token of generateJwtToken")?))
///     .build()?;
/// # Ok::<(), idweave_docspace::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signature(ApiKey);

impl Signature {
    /// Creates the credentials from the token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) when it is empty or holds control characters.
    pub fn new(token: impl Into<Secret>) -> Result<Self, Error> {
        ApiKey::header("x-signature", token).map(Self)
    }
}

impl Credentials for Signature {
    fn provides(&self, scheme: Scheme) -> bool {
        self.0.provides(scheme)
    }

    fn cached(&self, scheme: Scheme, context: &AuthContext) -> Option<Credential> {
        self.0.cached(scheme, context)
    }
}

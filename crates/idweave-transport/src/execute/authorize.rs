//! The credentials of one attempt: which the operation asks for, getting them, putting them in their places.
//!
//! Called by the execution before each attempt, which has the last word on a 401.

use ::http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::client_core::ClientCore;
use crate::{
    AuthContext, Credential, Credentials, Error, ErrorKind, Operation, Scheme, request::append_pair,
};

/// The credentials that an attempt is sent with.
#[derive(Default)]
pub(super) struct Authorization<'a> {
    credentials: Option<(&'a dyn Credentials, AuthContext)>,
    schemes: &'static [Scheme],
    /// Those that may be replaced by others after a 401.
    pub(super) replaceable: Vec<(Scheme, Credential)>,
}

impl Authorization<'_> {
    /// Tells the credentials what came back.
    pub(super) fn on_response(&self, headers: &HeaderMap) {
        if let Some((credentials, context)) = &self.credentials {
            self.schemes
                .iter()
                .for_each(|scheme| credentials.on_response(*scheme, headers, context));
        }
    }
}

/// Adds the credentials that the operation asks for; none that is among the `rejected`.
///
/// Getting them ends with the call's deadline, whatever the credentials do.
pub(super) async fn authorize<'a>(
    core: &'a ClientCore,
    operation: &'static Operation,
    rejected: &[(Scheme, Credential)],
    deadline: Instant,
    headers: &mut HeaderMap,
    url: &mut Url,
) -> Result<Authorization<'a>, Error> {
    let Some(credentials) = core.credentials.as_deref() else {
        return Ok(Authorization::default());
    };
    let schemes = select(operation, credentials)?;
    if schemes.is_empty() {
        return Ok(Authorization::default());
    }
    let context = AuthContext::new(core.http.clone(), core.retry.backoff, deadline);
    let mut replaceable = Vec::new();
    for scheme in schemes {
        let rejected = rejected
            .iter()
            .find(|(refused, _)| refused == scheme)
            .map(|(_, credential)| credential);
        let current = credentials
            .cached(*scheme, &context)
            .filter(|current| Some(current) != rejected);
        let credential = match current {
            Some(credential) => credential,
            None => timeout_at(deadline, credentials.fetch(*scheme, rejected, &context))
                .await
                .unwrap_or_else(|_| Err(deadline_exceeded()))?,
        };
        apply_credential(*scheme, &credential, headers, url)?;
        if credentials.is_refreshable(*scheme, &context) {
            replaceable.push((*scheme, credential));
        }
    }
    Ok(Authorization {
        credentials: Some((credentials, context)),
        schemes,
        replaceable,
    })
}

/// The time for the whole call is over.
fn deadline_exceeded() -> Error {
    Error::new(
        ErrorKind::Timeout,
        "the time for the whole call is over, and a credential was still being obtained",
    )
    .unsent()
}

/// The combination of the most schemes that can be provided, and among equals the one whose credential was named first.
fn select(
    operation: &Operation,
    credentials: &dyn Credentials,
) -> Result<&'static [Scheme], Error> {
    let alternatives = operation.security();
    let schemes = alternatives
        .iter()
        .filter(|schemes| schemes.iter().all(|scheme| credentials.provides(*scheme)))
        .min_by_key(|schemes| {
            let priority: usize = schemes
                .iter()
                .map(|scheme| credentials.priority(*scheme))
                .sum();
            (usize::MAX - schemes.len(), priority)
        });
    match schemes {
        Some(schemes) => Ok(schemes),
        None if alternatives.is_empty() => Ok(&[]),
        None => Err(Error::new(
            ErrorKind::Credentials,
            format!(
                "the operation takes {}, which the client's credentials do not provide",
                DisplaySecurity(alternatives)
            ),
        )),
    }
}

/// Puts a credential where its scheme has it.
fn apply_credential(
    scheme: Scheme,
    credential: &Credential,
    headers: &mut HeaderMap,
    url: &mut Url,
) -> Result<(), Error> {
    let broken = |_| Error::new(ErrorKind::Credentials, "the credential cannot be sent");
    match scheme {
        Scheme::Basic | Scheme::Bearer => {
            headers.insert(header::AUTHORIZATION, credential.value().clone());
        }
        Scheme::Header(name) => {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
                Error::invalid("the operation's security names an impossible header")
            })?;
            headers.insert(name, credential.value().clone());
        }
        Scheme::Query(name) => {
            let mut query = url.query().unwrap_or_default().to_owned();
            append_pair(
                &mut query,
                name,
                credential.value().to_str().map_err(broken)?,
            );
            url.set_query(Some(&query));
        }
        Scheme::Cookie(name) => {
            let value = credential.value().to_str().map_err(broken)?;
            let mut cookies = match headers.get(header::COOKIE).map(HeaderValue::to_str) {
                Some(Ok(others)) => format!("{others}; "),
                _ => String::new(),
            };
            cookies.push_str(name);
            cookies.push('=');
            cookies.push_str(value);
            let mut cookies = HeaderValue::try_from(cookies)
                .map_err(|_| Error::new(ErrorKind::Credentials, "the credential cannot be sent"))?;
            cookies.set_sensitive(true);
            headers.insert(header::COOKIE, cookies);
        }
    }
    Ok(())
}

/// The schemes of an operation, to tell a user what is missing.
struct DisplaySecurity(&'static [&'static [Scheme]]);

impl std::fmt::Display for DisplaySecurity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, schemes) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            for (index, scheme) in schemes.iter().enumerate() {
                if index > 0 {
                    f.write_str(" with ")?;
                }
                match scheme {
                    Scheme::Basic => f.write_str("basic authentication")?,
                    Scheme::Bearer => f.write_str("a bearer token")?,
                    Scheme::Header(name) => write!(f, "the header `{name}`")?,
                    Scheme::Query(name) => write!(f, "the query parameter `{name}`")?,
                    Scheme::Cookie(name) => write!(f, "the cookie `{name}`")?,
                }
            }
        }
        Ok(())
    }
}

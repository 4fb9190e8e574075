//! Links that carry a permission.

use std::fmt;

use idweave_transport::{AuthContext, Credential, Credentials, Error, ErrorKind, Scheme, Secret};
use url::Url;
use zeroize::Zeroizing;

/// A link that carries a permission: an invitation, a password change.
///
/// Sent as the header `confirm` to the operations that take it. Combine it with
/// a login where both are needed: `link.and(login)`.
///
/// ```
/// use idweave_docspace::ConfirmLink;
///
/// let link = ConfirmLink::parse("https://acme.onlyoffice.com/confirm/LinkInvite?type=LinkInvite&key=1.abc")?;
/// # Ok::<(), idweave_docspace::Error>(())
/// ```
#[derive(Clone)]
pub struct ConfirmLink(Credential);

impl ConfirmLink {
    /// Reads the link, or its query part alone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Credentials`] when it has no `type`, as the short links of
    /// mails have not: open those first, they redirect to the long one.
    pub fn parse(link: impl Into<Secret>) -> Result<Self, Error> {
        let link = link.into();
        let text = link.expose().trim();
        let query = match Url::parse(text) {
            Ok(url) => Zeroizing::new(url.query().unwrap_or_default().to_owned()),
            Err(_) => Zeroizing::new(text.trim_start_matches('?').to_owned()),
        };
        if !query.split('&').any(|pair| {
            pair.strip_prefix("type=")
                .is_some_and(|kind| !kind.is_empty())
        }) {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the confirm link names no type: take the link in full",
            ));
        }
        Credential::plain(&Secret::new(query.as_str())).map(Self)
    }
}

impl Credentials for ConfirmLink {
    fn provides(&self, scheme: Scheme) -> bool {
        matches!(scheme, Scheme::Header(name) if name.eq_ignore_ascii_case("confirm"))
    }

    fn cached(&self, _: Scheme, _: &AuthContext) -> Option<Credential> {
        Some(self.0.clone())
    }
}

impl fmt::Debug for ConfirmLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmLink(***)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_confirm_link_may_be_whole_or_a_query() {
        for link in [
            "https://p.io/confirm/LinkInvite?type=LinkInvite&key=a%3D&uid=1",
            "?type=LinkInvite&key=a%3D&uid=1",
            "type=LinkInvite&key=a%3D&uid=1",
        ] {
            let link = ConfirmLink::parse(link).unwrap();
            assert_eq!(link.0.value(), "type=LinkInvite&key=a%3D&uid=1");
            assert!(link.0.value().is_sensitive());
        }
        for link in ["https://p.io/s/abc", "", "key=1", "type=&key=1"] {
            assert!(ConfirmLink::parse(link).is_err(), "{link}");
        }
        assert!(ConfirmLink::parse("type=a\r\nX: y").is_err());
    }
}

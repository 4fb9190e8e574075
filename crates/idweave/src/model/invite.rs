//! Invites: the request, the invite, its check, and its acceptance.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{Role, raw_record, setters};
use crate::{Error, GroupId, Result, Secret, UserId, redact::Redacted};

/// A request to invite a person by e-mail.
///
/// ```
/// use idweave::{InviteRequest, Role};
///
/// let request = InviteRequest::new("bob@acme.io", "Bob").role(Role::Support).send_email(false);
/// assert_eq!(request.roles, [Role::Support]);
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InviteRequest {
    /// The e-mail address of the person, at most 255 characters.
    pub email: String,
    /// The name of the person.
    pub name: String,
    /// The roles that the person gets. Empty leaves it to the service; Enhance requires at least one.
    pub roles: Vec<Role>,
    /// Whether the service sends the invite by e-mail; `None` leaves it to the service, which sends it.
    pub send_email: Option<bool>,
    /// The ids of the websites that a [`Role::Collaborator`] may work on (Enhance).
    pub sites: Vec<String>,
}

impl InviteRequest {
    /// Creates a request for an e-mail address and a name.
    pub fn new(email: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            name: name.into(),
            roles: Vec::new(),
            send_email: None,
            sites: Vec::new(),
        }
    }

    /// Adds a role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.roles.push(role);
        self
    }

    /// Adds a website that the person may work on, by id.
    #[must_use]
    pub fn site(mut self, id: impl Into<String>) -> Self {
        self.sites.push(id.into());
        self
    }

    setters! {
        /// Sets whether the service sends the invite by e-mail.
        send_email: bool,
    }
}

impl fmt::Debug for InviteRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteRequest")
            .field("roles", &self.roles)
            .field("send_email", &self.send_email)
            .field("sites", &self.sites)
            .finish_non_exhaustive()
    }
}

/// The secret of an invite: whoever has it can accept the invite.
#[derive(Clone, Debug, PartialEq)]
pub struct InviteToken(Secret);

impl InviteToken {
    /// Creates a token from its text.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self(token.into())
    }

    /// Extracts the token from the address of an invite: the path segment after `invites`.
    ///
    /// ```
    /// let token = idweave::InviteToken::from_url(
    ///     "http://panel.acme.io/invites/6c5bb468-14b2-4183-baf2-06d523e03bd3?email=bob%40acme.io",
    /// )?;
    /// assert_eq!(token.expose(), "6c5bb468-14b2-4183-baf2-06d523e03bd3");
    /// assert!(!format!("{token:?}").contains("6c5b"));
    /// # Ok::<(), idweave::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it is not such an address.
    pub fn from_url(url: &str) -> Result<Self> {
        let invalid =
            || Error::invalid_input("invalid invite address; it ends with /invites/ and the token");
        let url = url::Url::parse(url.trim()).map_err(|_| invalid())?;
        let mut segments = url.path_segments().ok_or_else(invalid)?;
        segments
            .find(|segment| *segment == "invites")
            .ok_or_else(invalid)?;
        let token = segments
            .next()
            .filter(|token| !token.is_empty())
            .ok_or_else(invalid)?;
        Ok(Self::new(token))
    }

    /// Returns the token itself. Do not print or log it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// An invite that a service created.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Invite {
    /// The secret with which the invite is checked and accepted.
    #[serde(skip)]
    pub token: InviteToken,
    /// The address to send to the person; it contains the token.
    #[serde(skip)]
    pub url: Option<Secret>,
    /// The e-mail address of the person.
    pub email: String,
    /// The roles that the person gets.
    pub roles: Vec<Role>,
    #[serde(skip)]
    raw: Value,
}

impl Invite {
    /// Creates an invite for an e-mail address.
    pub fn new(token: InviteToken, email: impl Into<String>, roles: Vec<Role>) -> Self {
        Self {
            token,
            url: None,
            email: email.into(),
            roles,
            raw: Value::Null,
        }
    }

    setters! {
        /// Sets the address to send to the person.
        url: Secret,
    }

    raw_record!();
}

impl fmt::Debug for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invite")
            .field("token", &self.token)
            .field("url", &Redacted(&self.url))
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

/// The result of checking an invite. All fields but `valid` are optional, and often absent if the invite is not valid.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct InviteCheck {
    /// Whether the invite can be accepted.
    pub valid: bool,
    /// The name of the organization that the invite is for.
    pub organization: Option<String>,
    /// The id of the organization.
    pub organization_id: Option<GroupId>,
    /// The user that the invite is for, if the person has one already.
    pub user: Option<UserId>,
    /// The role that the person gets.
    pub role: Option<Role>,
    #[serde(skip)]
    raw: Value,
}

impl InviteCheck {
    /// Creates a check of which only the validity is known.
    pub fn new(valid: bool) -> Self {
        let (organization, organization_id, user, role) = (None, None, None, None);
        Self {
            valid,
            organization,
            organization_id,
            user,
            role,
            raw: Value::Null,
        }
    }

    raw_record!();
}

/// A request of the invited person to accept an invite.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AcceptInvite {
    /// The e-mail address that the invite was sent to.
    pub email: String,
    /// The new password, or that of an existing login. Without one, a session must be in use already.
    pub password: Option<Secret>,
    /// The language of the user, such as `en-GB`.
    pub locale: Option<String>,
}

impl AcceptInvite {
    /// Creates a request to accept the invite that was sent to an e-mail address.
    pub fn new(email: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            password: None,
            locale: None,
        }
    }

    setters! {
        /// Sets the password.
        password: Secret,
        /// Sets the language.
        locale: String,
    }
}

impl fmt::Debug for AcceptInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptInvite")
            .field("password", &Redacted(&self.password))
            .field("locale", &self.locale)
            .finish_non_exhaustive()
    }
}

/// A link with which anyone who has it may join the service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct InviteLink {
    /// The address of the link.
    #[serde(skip)]
    pub url: Secret,
    /// The role of those who join with it.
    pub role: Role,
}

impl InviteLink {
    /// Creates a link that gives a role.
    pub fn new(url: impl Into<Secret>, role: Role) -> Self {
        Self {
            url: url.into(),
            role,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn invite_token_from_url_rejects_other_addresses() {
        for url in [
            "",
            "invites/7",
            "https://panel.acme.io/",
            "https://panel.acme.io/invites",
            "https://panel.acme.io/invites/?email=bob@acme.io",
            "https://panel.acme.io/logins/7",
        ] {
            assert!(InviteToken::from_url(url).is_err(), "{url}");
        }
        let url = "https://panel.acme.io/panel/invites/7/?email=bob@acme.io";
        assert_eq!(InviteToken::from_url(url).unwrap().expose(), "7");
    }

    #[test]
    fn invites_show_no_secret_in_debug_or_json() {
        let invite = Invite::new(InviteToken::new("MARK"), "bob@acme.io", vec![Role::Support])
            .url("https://panel.acme.io/invites/MARK");
        let accept = AcceptInvite::new("bob@acme.io").password("MARK");
        let link = InviteLink::new("https://acme.io/s/MARK", Role::Guest);
        let json = serde_json::to_string(&(&invite, &link)).unwrap();
        let shown = format!("{invite:?} {accept:?} {link:?} {json}");
        assert!(!shown.contains("MARK"), "{shown}");
        assert!(!format!("{invite:?} {accept:?}").contains("bob@"));
    }
}

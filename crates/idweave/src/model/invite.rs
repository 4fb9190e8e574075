//! Inviting a person: the request, the invite, looking at it, taking it up.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Role, raw_record, setters};
use crate::{Error, GroupId, Result, Secret, UserId, redact::Redacted};

/// Whom to invite, and as what.
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
    /// The address of the person, at most 255 characters.
    pub email: String,
    /// Her name.
    pub name: String,
    /// As what she is to join. Empty leaves it to the service; Enhance wants at least one.
    pub roles: Vec<Role>,
    /// Whether the service writes to her; `None` leaves it to the service, which does.
    pub send_email: Option<bool>,
    /// The websites she may work on, by id, where the role is [`Role::Collaborator`] (Enhance).
    pub sites: Vec<String>,
}

impl InviteRequest {
    /// Invite the person with this address and name.
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

    /// Adds a website she may work on.
    #[must_use]
    pub fn site(mut self, id: impl Into<String>) -> Self {
        self.sites.push(id.into());
        self
    }

    setters! {
        /// Sets whether the service writes to her.
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

/// The secret of an invite: who has it can take the invite up.
#[derive(Clone, Debug, PartialEq)]
pub struct InviteToken(Secret);

impl InviteToken {
    /// A token you were given.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self(token.into())
    }

    /// Cuts the token out of the address in an invitation: the path segment after `invites`.
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
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it is no such address.
    pub fn from_url(url: &str) -> Result<Self> {
        let refused = || Error::invalid_input("an invite address ends in /invites/ and a token");
        let url = url::Url::parse(url.trim()).map_err(|_| refused())?;
        let mut segments = url.path_segments().ok_or_else(refused)?;
        segments
            .find(|segment| *segment == "invites")
            .ok_or_else(refused)?;
        let token = segments
            .next()
            .filter(|token| !token.is_empty())
            .ok_or_else(refused)?;
        Ok(Self::new(token))
    }

    /// The token itself. Do not print it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// An invite that a service made.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Invite {
    /// The secret with which it is looked at and taken up.
    #[serde(skip)]
    pub token: InviteToken,
    /// The address to send to the person; holds the token.
    #[serde(skip)]
    pub url: Option<Secret>,
    /// The address of the person.
    pub email: String,
    /// As what she joins.
    pub roles: Vec<Role>,
    #[serde(skip)]
    raw: Value,
}

impl Invite {
    /// An invite for this address.
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

/// What a service says of an invite when asked. All but `valid` may be left out, more so when it is not valid.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct InviteCheck {
    /// Whether it can still be taken up.
    pub valid: bool,
    /// The name of the organization it leads to.
    pub organization: Option<String>,
    /// The id of the organization.
    pub organization_id: Option<GroupId>,
    /// The login it is for, when the person has one.
    pub user: Option<UserId>,
    /// As what she joins.
    pub role: Option<Role>,
    #[serde(skip)]
    raw: Value,
}

impl InviteCheck {
    /// A bare yes or no.
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

/// What the invited person gives when she takes the invite up.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AcceptInvite {
    /// The address the invite was sent to.
    pub email: String,
    /// The password she sets, or the one she has. Without one she needs a session already.
    pub password: Option<Secret>,
    /// Her language, such as `en-GB`.
    pub locale: Option<String>,
}

impl AcceptInvite {
    /// Take up the invite sent to this address.
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

/// A link with which anyone who has it may join.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct InviteLink {
    /// The address to hand out.
    #[serde(skip)]
    pub url: Secret,
    /// As what people join with it.
    pub role: Role,
}

impl InviteLink {
    /// A link that lets people join as this.
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
    fn only_an_invite_address_gives_a_token() {
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
    fn neither_debug_nor_json_shows_secrets() {
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

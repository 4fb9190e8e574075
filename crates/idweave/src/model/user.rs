//! A user of one service, and the user whose credentials are in use.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{Role, Timestamp, first_non_blank, raw_record, setters};
use crate::{UserId, redact::Redacted};

/// The status of a user. The set is open: a status that only one service has is [`Other`](Self::Other).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UserStatus {
    /// Can log in.
    Active,
    /// Invited, has not accepted yet.
    Pending,
    /// Cannot log in; the data is kept.
    Suspended,
    /// Another status, by the service's name of it.
    Other(String),
}

/// A user of one service.
///
/// What a service does not return is `None` or empty; its whole record is in [`raw`](Self::raw).
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct User {
    /// The id of the user.
    pub id: UserId,
    /// The e-mail address, if the service returns it.
    pub email: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
    /// The name that the user logs in with.
    pub username: Option<String>,
    /// The address of a picture; may be relative to the service.
    pub picture: Option<String>,
    /// The language, as the service writes it.
    pub locale: Option<String>,
    /// The status.
    pub status: Option<UserStatus>,
    /// The roles in the service.
    pub roles: Vec<Role>,
    /// When the user was created.
    pub created_at: Option<Timestamp>,
    #[serde(skip)]
    raw: Value,
}

impl User {
    /// Creates a user of whom only the id is known.
    pub fn new(id: UserId) -> Self {
        Self {
            id,
            email: None,
            name: None,
            first_name: None,
            last_name: None,
            username: None,
            picture: None,
            locale: None,
            status: None,
            roles: Vec::new(),
            created_at: None,
            raw: Value::Null,
        }
    }

    setters! {
        /// Sets the e-mail address.
        email: String,
        /// Sets the full name.
        name: String,
        /// Sets the status.
        status: UserStatus,
    }

    /// Returns the first of full name, given name, family name, user name and e-mail address that is not blank.
    pub fn display_name(&self) -> Option<&str> {
        first_non_blank([
            self.name.as_deref(),
            self.first_name.as_deref(),
            self.last_name.as_deref(),
            self.username.as_deref(),
            self.email.as_deref(),
        ])
    }

    /// Returns whether the user has an e-mail address, whatever its case.
    pub fn has_email(&self, email: &str) -> bool {
        self.email
            .as_deref()
            .is_some_and(|own| own.trim().eq_ignore_ascii_case(email.trim()))
    }

    raw_record!();
}

/// Shows the id, status and roles, and no personal data.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("email", &Redacted(&self.email))
            .field("name", &Redacted(&self.name))
            .field("status", &self.status)
            .field("roles", &self.roles)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// The user whose credentials are in use.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CurrentUser {
    /// The id of the user. Ostrom does not return it.
    pub id: Option<UserId>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The full name.
    pub name: Option<String>,
    /// The given name.
    pub first_name: Option<String>,
    /// The family name.
    pub last_name: Option<String>,
    /// The language, as the service writes it.
    pub locale: Option<String>,
    /// The roles in the service.
    pub roles: Vec<Role>,
    #[serde(skip)]
    raw: Value,
}

impl CurrentUser {
    /// Creates a user of whom at most the id is known.
    pub fn new(id: Option<UserId>) -> Self {
        let (email, name, first_name, last_name, locale) = (None, None, None, None, None);
        let (roles, raw) = (Vec::new(), Value::Null);
        Self {
            id,
            email,
            name,
            first_name,
            last_name,
            locale,
            roles,
            raw,
        }
    }

    setters! {
        /// Sets the e-mail address.
        email: String,
        /// Sets the full name.
        name: String,
        /// Sets the language.
        locale: String,
    }

    /// Returns the first of full name, given name, family name and e-mail address that is not blank.
    pub fn display_name(&self) -> Option<&str> {
        first_non_blank([
            self.name.as_deref(),
            self.first_name.as_deref(),
            self.last_name.as_deref(),
            self.email.as_deref(),
        ])
    }

    raw_record!();
}

/// Shows the id and roles, and no personal data.
impl fmt::Debug for CurrentUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentUser")
            .field("id", &self.id)
            .field("email", &Redacted(&self.email))
            .field("name", &Redacted(&self.name))
            .field("locale", &self.locale)
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

/// How a service deleted a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Deletion {
    /// The user was removed.
    Completed,
    /// The service completes the deletion later; until then it may still return the user.
    Accepted,
    /// The account was unlinked from yours; the account itself is kept.
    Unlinked,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> User {
        User::new(UserId::new("authress", "auth0|7"))
            .email("Ann@Acme.io")
            .name("Ann Berg")
    }

    #[test]
    fn user_debug_shows_no_personal_data() {
        let shown = format!(
            "{:?}",
            ann().with_raw(serde_json::json!({"email": "ann@acme.io"}))
        );
        assert!(shown.contains("auth0|7"), "{shown}");
        assert!(!shown.to_lowercase().contains("ann"), "{shown}");
    }

    #[test]
    fn display_name_is_the_first_that_is_not_blank() {
        assert_eq!(ann().display_name(), Some("Ann Berg"));
        assert_eq!(ann().name("  ").display_name(), Some("Ann@Acme.io"));
        assert_eq!(User::new(UserId::new("a", "b")).display_name(), None);
    }

    #[test]
    fn has_email_ignores_case() {
        assert!(ann().has_email(" ann@acme.IO"));
        assert!(!ann().has_email("annn@acme.io"));
    }
}

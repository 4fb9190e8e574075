//! A user of one service, and the person behind the credentials.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Role, Timestamp, first_non_blank, raw_record, setters};
use crate::{UserId, redact::Redacted};

/// Whether a user can work at present. Open: a service's own word is [`Other`](Self::Other).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UserStatus {
    /// May log in.
    Active,
    /// Invited, has not come yet.
    Pending,
    /// Kept out, data kept.
    Suspended,
    /// Something else, in the service's own word.
    Other(String),
}

/// A user as one service knows her.
///
/// What a service does not say is `None` or empty; its whole record is in [`raw`](Self::raw).
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct User {
    /// Where she is known, and as whom.
    pub id: UserId,
    /// Her e-mail address, as far as the service gives it.
    pub email: Option<String>,
    /// Her whole name as one text.
    pub name: Option<String>,
    /// Her given name.
    pub first_name: Option<String>,
    /// Her family name.
    pub last_name: Option<String>,
    /// The name she logs in with.
    pub username: Option<String>,
    /// Address of a picture of her; may be relative to the service.
    pub picture: Option<String>,
    /// Her language, as the service writes it.
    pub locale: Option<String>,
    /// Whether she can work at present.
    pub status: Option<UserStatus>,
    /// What she may do in the service.
    pub roles: Vec<Role>,
    /// Since when the service knows her.
    pub created_at: Option<Timestamp>,
    #[serde(skip)]
    raw: Value,
}

impl User {
    /// A user of whom nothing but the id is known.
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
        /// Sets the whole name.
        name: String,
        /// Sets the status.
        status: UserStatus,
    }

    /// What to call her: her name, else given and family name, else the name she logs in with, else her address.
    pub fn display_name(&self) -> Option<&str> {
        first_non_blank([
            self.name.as_deref(),
            self.first_name.as_deref(),
            self.last_name.as_deref(),
            self.username.as_deref(),
            self.email.as_deref(),
        ])
    }

    /// Whether this is her address; case does not matter.
    pub fn has_email(&self, email: &str) -> bool {
        self.email
            .as_deref()
            .is_some_and(|own| own.trim().eq_ignore_ascii_case(email.trim()))
    }

    raw_record!();
}

/// Shows the id, status and roles; nothing that says who she is.
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

/// The person whose credentials are in use.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct CurrentUser {
    /// Where she is known, and as whom. Ostrom does not say.
    pub id: Option<UserId>,
    /// Her e-mail address.
    pub email: Option<String>,
    /// Her whole name as one text.
    pub name: Option<String>,
    /// Her given name.
    pub first_name: Option<String>,
    /// Her family name.
    pub last_name: Option<String>,
    /// Her language, as the service writes it.
    pub locale: Option<String>,
    /// What she may do in the service.
    pub roles: Vec<Role>,
    #[serde(skip)]
    raw: Value,
}

impl CurrentUser {
    /// A person of whom at most the id is known.
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
        /// Sets the whole name.
        name: String,
        /// Sets the language.
        locale: String,
    }

    /// What to call her: her name, else her given or family name, else her address.
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

/// Shows the id and roles; nothing that says who she is.
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

/// What became of a deletion that the service took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Deletion {
    /// The user was removed.
    Completed,
    /// The service has begun and finishes later; until then it may still know the user.
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
    fn debug_says_nothing_of_who_she_is() {
        let shown = format!(
            "{:?}",
            ann().with_raw(serde_json::json!({"email": "ann@acme.io"}))
        );
        assert!(shown.contains("auth0|7"), "{shown}");
        assert!(!shown.to_lowercase().contains("ann"), "{shown}");
    }

    #[test]
    fn display_name_takes_the_best_there_is() {
        assert_eq!(ann().display_name(), Some("Ann Berg"));
        assert_eq!(ann().name("  ").display_name(), Some("Ann@Acme.io"));
        assert_eq!(User::new(UserId::new("a", "b")).display_name(), None);
    }

    #[test]
    fn addresses_are_compared_without_case() {
        assert!(ann().has_email(" ann@acme.IO"));
        assert!(!ann().has_email("annn@acme.io"));
    }
}

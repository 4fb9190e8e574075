//! One person over several services: what was found of her, and what became of removing her.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Deletion, User};
use crate::{Error, ErrorKind, UserId};

/// One person, with her user in each service that has one. Made by [`Hub::find`](crate::Hub::find).
#[derive(Clone, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Person {
    /// The address she was looked up by.
    pub email: String,
    /// One finding a service, in the hub's order.
    pub matches: Vec<PersonMatches>,
}

/// What one service said when asked for a person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct PersonMatches {
    /// The hub's name for the service.
    pub service: String,
    /// Her users there: none, one, or several where a service allows that.
    pub users: Vec<User>,
    /// Why the service could not be asked; [`ErrorKind::Unsupported`] when it cannot search for people.
    pub error: Option<Error>,
}

impl Person {
    pub(crate) fn new(email: impl Into<String>, matches: Vec<PersonMatches>) -> Self {
        Self {
            email: email.into(),
            matches,
        }
    }

    /// Her users, over all services.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.matches.iter().flat_map(|found| &found.users)
    }

    /// Her user in one service.
    pub fn user(&self, service: &str) -> Option<&User> {
        self.users().find(|user| user.id.service() == service)
    }

    /// The services that failed when asked; whether she is there is not known.
    pub fn failures(&self) -> impl Iterator<Item = &Error> {
        self.matches
            .iter()
            .filter_map(|found| found.error.as_ref())
            .filter(|error| error.kind() != ErrorKind::Unsupported)
    }

    /// Adds a user you know to be hers, where a service cannot be searched.
    #[must_use]
    pub fn with_user(mut self, id: UserId) -> Self {
        let user = User::new(id);
        let name = user.id.service().to_owned();
        match self.matches.iter_mut().find(|found| found.service == name) {
            Some(found) => found.users.push(user),
            None => self.matches.push(PersonMatches {
                service: name,
                users: vec![user],
                error: None,
            }),
        }
        self
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("matches", &self.matches)
            .finish_non_exhaustive()
    }
}

/// What became of removing a person, service by service. Made by [`Hub::offboard`](crate::Hub::offboard).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct OffboardReport {
    /// One outcome for each of her users, and one for each service where none was found or looked for.
    pub outcomes: Vec<OffboardOutcome>,
}

/// What became of one user.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct OffboardOutcome {
    /// The hub's name for the service.
    pub service: String,
    /// The user; `None` when the service was not known to have one.
    pub user: Option<UserId>,
    /// How it ended.
    pub status: OffboardStatus,
    /// In which way she was removed, when she was.
    pub deletion: Option<Deletion>,
    /// Why she was not.
    pub error: Option<Error>,
}

/// `enhance:7 completed`, or with the reason `authress failed: …`.
impl fmt::Display for OffboardOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.user {
            Some(user) => write!(f, "{user} {}", self.status)?,
            None => write!(f, "{} {}", self.service, self.status)?,
        }
        match (&self.error, self.deletion) {
            (Some(error), _) => write!(f, ": {error}"),
            (None, Some(Deletion::Unlinked)) => {
                f.write_str(": unlinked, the account itself is kept")
            }
            _ => Ok(()),
        }
    }
}

/// How removing one user ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OffboardStatus {
    /// She is gone, or was never there.
    Completed,
    /// The service finishes later.
    Pending,
    /// It went wrong, or the service could not say whether she is there.
    Failed,
    /// The service cannot search for people, or cannot remove them.
    Unsupported,
}

impl fmt::Display for OffboardStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Completed => "completed",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Unsupported => "unsupported",
        })
    }
}

impl IntoIterator for OffboardReport {
    type Item = OffboardOutcome;
    type IntoIter = std::vec::IntoIter<OffboardOutcome>;

    fn into_iter(self) -> Self::IntoIter {
        self.outcomes.into_iter()
    }
}

impl OffboardReport {
    /// Whether nothing of her is left: every outcome is [`OffboardStatus::Completed`].
    pub fn is_complete(&self) -> bool {
        self.outcomes
            .iter()
            .all(|outcome| outcome.status == OffboardStatus::Completed)
    }

    /// Where she is gone.
    pub fn completed(&self) -> impl Iterator<Item = &OffboardOutcome> {
        self.of(OffboardStatus::Completed)
    }

    /// Where it finishes later.
    pub fn pending(&self) -> impl Iterator<Item = &OffboardOutcome> {
        self.of(OffboardStatus::Pending)
    }

    /// Where it went wrong.
    pub fn failed(&self) -> impl Iterator<Item = &OffboardOutcome> {
        self.of(OffboardStatus::Failed)
    }

    /// Where somebody has to do it by hand.
    pub fn unsupported(&self) -> impl Iterator<Item = &OffboardOutcome> {
        self.of(OffboardStatus::Unsupported)
    }

    fn of(&self, status: OffboardStatus) -> impl Iterator<Item = &OffboardOutcome> {
        self.outcomes
            .iter()
            .filter(move |outcome| outcome.status == status)
    }
}

//! A person in several services: the users found, and the outcomes of offboarding.

use std::fmt;

use serde::Serialize;

use super::{Deletion, User};
use crate::{Error, ErrorKind, UserId};

/// A person, with the users found in each service. Returned by [`Hub::find`](crate::Hub::find).
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Person {
    /// The e-mail address that was searched for.
    pub email: String,
    /// The matches of each service, in the hub's order.
    pub matches: Vec<PersonMatches>,
}

/// The users of one service that match a person.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct PersonMatches {
    /// The hub's name for the service.
    pub service: String,
    /// The users that match: none, one, or several where a service allows that.
    pub users: Vec<User>,
    /// Why the service could not be searched, or why there may be further matches; [`ErrorKind::Unsupported`] if it does
    /// not support searching.
    pub error: Option<Error>,
}

impl Person {
    pub(crate) fn new(email: impl Into<String>, matches: Vec<PersonMatches>) -> Self {
        Self {
            email: email.into(),
            matches,
        }
    }

    /// Iterates over the person's users in all services.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.matches.iter().flat_map(|found| &found.users)
    }

    /// Returns the person's user in one service.
    pub fn user(&self, service: &str) -> Option<&User> {
        self.users().find(|user| user.id.service() == service)
    }

    /// Iterates over the errors of services that failed, where it is unknown whether the person has a user.
    pub fn failures(&self) -> impl Iterator<Item = &Error> {
        self.matches
            .iter()
            .filter_map(|found| found.error.as_ref())
            .filter(|error| error.kind() != ErrorKind::Unsupported)
    }

    /// Adds a user known to be the person's, where a service cannot be searched.
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

/// The outcomes of offboarding a person, by service. Returned by [`Hub::offboard`](crate::Hub::offboard).
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OffboardReport {
    /// One outcome for each of the person's users, and one for each service where none was found or searched for.
    pub outcomes: Vec<OffboardOutcome>,
}

/// The outcome of removing one user.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OffboardOutcome {
    /// The hub's name for the service.
    pub service: String,
    /// The user; `None` if none was found in the service.
    pub user: Option<UserId>,
    /// The result.
    pub status: OffboardStatus,
    /// How the user was deleted, if it was.
    pub deletion: Option<Deletion>,
    /// Why the user was not deleted.
    pub error: Option<Error>,
}

/// Writes `enhance:7 completed`, or `authress failed: …` with the reason.
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

/// The result of removing one user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OffboardStatus {
    /// The user was removed, or there was none.
    Completed,
    /// The service accepted the deletion and completes it later.
    Pending,
    /// The deletion failed, or it is unknown whether the service has a user.
    Failed,
    /// The service does not support searching for users, or deleting them.
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
    /// Returns whether every outcome is [`OffboardStatus::Completed`].
    pub fn is_complete(&self) -> bool {
        self.outcomes
            .iter()
            .all(|outcome| outcome.status == OffboardStatus::Completed)
    }

    /// Iterates over the outcomes that are completed.
    pub fn completed(&self) -> impl Iterator<Item = &OffboardOutcome> {
        self.of(OffboardStatus::Completed)
    }

    /// Iterates over the outcomes that the service completes later.
    pub fn pending(&self) -> impl Iterator<Item = &OffboardOutcome> {
        self.of(OffboardStatus::Pending)
    }

    /// Iterates over the outcomes that failed.
    pub fn failed(&self) -> impl Iterator<Item = &OffboardOutcome> {
        self.of(OffboardStatus::Failed)
    }

    /// Iterates over the services where the user has to be removed by hand.
    pub fn unsupported(&self) -> impl Iterator<Item = &OffboardOutcome> {
        self.of(OffboardStatus::Unsupported)
    }

    fn of(&self, status: OffboardStatus) -> impl Iterator<Item = &OffboardOutcome> {
        self.outcomes
            .iter()
            .filter(move |outcome| outcome.status == status)
    }
}

//! Offboarding a person from every service.

use futures::future::join_all;

use crate::{
    Deletion, Error, ErrorKind, Hub, OffboardOutcome, OffboardReport, OffboardStatus, Person,
    PersonMatches, User,
};

impl Hub {
    /// Deletes the users of a person in all services at once.
    ///
    /// Nothing is undone when one service fails: the report has the outcome in each service, so that the rest can be
    /// repeated or done by hand. A service that could not be searched, or not wholly, counts as failed, because the user
    /// may still exist there. See [`OffboardReport::is_complete`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] if the person has a user in a service that the hub does not have.
    pub async fn offboard(&self, person: &Person) -> crate::Result<OffboardReport> {
        for user in person.users() {
            self.service(user.id.service())?;
        }
        let outcomes = join_all(
            person
                .matches
                .iter()
                .map(|found| self.offboard_from_service(found)),
        )
        .await;
        Ok(OffboardReport {
            outcomes: outcomes.into_iter().flatten().collect(),
        })
    }

    async fn offboard_from_service(&self, found: &PersonMatches) -> Vec<OffboardOutcome> {
        let mut outcomes = Vec::with_capacity(found.users.len());
        for user in &found.users {
            let deletion = self.delete_user(user).await;
            outcomes.push(outcome(&found.service, Some(user), deletion));
        }
        match &found.error {
            // Whoever adds a user where searching is not supported knows the user.
            Some(error) if error.kind() == ErrorKind::Unsupported && !outcomes.is_empty() => {}
            Some(error) => outcomes.push(outcome(&found.service, None, Err(error.clone()))),
            None if outcomes.is_empty() => outcomes.push(outcome(&found.service, None, Ok(None))),
            None => {}
        }
        outcomes
    }

    async fn delete_user(&self, user: &User) -> Result<Option<Deletion>, Error> {
        match self.users().delete(&user.id).await {
            Ok(deletion) => Ok(Some(deletion)),
            // Already deleted, which is what the caller asks for.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn outcome(
    service: &str,
    user: Option<&User>,
    deletion: Result<Option<Deletion>, Error>,
) -> OffboardOutcome {
    let status = match &deletion {
        Ok(Some(Deletion::Accepted)) => OffboardStatus::Pending,
        Ok(_) => OffboardStatus::Completed,
        Err(error) if error.kind() == ErrorKind::Unsupported => OffboardStatus::Unsupported,
        Err(_) => OffboardStatus::Failed,
    };
    let (deletion, error) = match deletion {
        Ok(deletion) => (deletion, None),
        Err(error) => (None, Some(error)),
    };
    OffboardOutcome {
        service: service.to_owned(),
        user: user.map(|user| user.id.clone()),
        status,
        deletion,
        error,
    }
}

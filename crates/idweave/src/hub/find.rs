//! Finding one person in every service.

use futures::{TryStreamExt, future::join_all};

use crate::{Ability, Finding, Hub, Person, Result, Service, input};

impl Hub {
    /// Looks a person up by her address in every service at once.
    ///
    /// A service that fails or cannot search does not fail the call: its [`Finding`] says so.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for what is no address.
    pub async fn find(&self, email: &str) -> Result<Person> {
        let email = input::email(email)?;
        let findings = join_all(self.services().map(|service| find_in(service, email))).await;
        Ok(Person::new(email, findings))
    }
}

async fn find_in(service: &Service, email: &str) -> Finding {
    let found = async {
        service.require(Ability::ListUsers)?;
        service
            .users()
            .list()
            .email(email)
            .items()
            .try_collect()
            .await
    };
    let (users, error) = match found.await {
        Ok(users) => (users, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    Finding {
        service: service.name().to_owned(),
        users,
        error,
    }
}

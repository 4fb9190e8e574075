//! Finding a person in every service.

use futures::{StreamExt, future::join_all};

use crate::{Ability, ErrorKind, Hub, Person, PersonMatches, Result, Service, validate};

impl Hub {
    /// Finds a person by e-mail address in all services at once.
    ///
    /// A service that fails or does not support searching does not fail the call: the error is in its
    /// [`PersonMatches`].
    ///
    /// ```
    /// # use idweave::{Hub, services::Authress};
    /// # async fn example(sandbox: idweave_sandbox::Sandbox) -> idweave::Result<()> {
    /// # let (url, key) = (&sandbox.authress().base_url, &sandbox.authress().access_key);
    /// # let hub = Hub::builder().service(Authress::new(url)?.access_key(key)?).build()?;
    /// # let email = hub.service("authress")?.users().list().await?.items[0].email.clone().unwrap();
    /// # let email = email.as_str();
    /// let ann = hub.find(email).await?;
    /// for user in ann.users() {
    ///     println!("found {}", user.id);
    /// }
    /// let report = hub.offboard(&ann).await?;
    /// for outcome in report.pending() {
    ///     println!("{outcome}");                       // authress:auth0|7 pending
    /// }
    /// # Ok(()) }
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// #     example(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
    /// # });
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for an invalid e-mail address.
    pub async fn find(&self, email: &str) -> Result<Person> {
        let email = validate::email(email)?;
        let matches = join_all(self.services().map(|service| find_in(service, email))).await;
        Ok(Person::new(email, matches))
    }
}

async fn find_in(service: &Service, email: &str) -> PersonMatches {
    let mut found = PersonMatches {
        service: service.name().to_owned(),
        users: Vec::new(),
        error: None,
    };
    if let Err(error) = service.require(Ability::ListUsers) {
        let text = "users cannot be searched here; add a known user id with Person::with_user()";
        found.error = Some(error.with_explanation(ErrorKind::Unsupported, text));
        return found;
    }
    let mut users = service.users().list().email(email).items();
    while let Some(user) = users.next().await {
        match user {
            Ok(user) => found.users.push(user),
            // Those found are the person's all the same.
            Err(error) => drop(found.error.get_or_insert(error)),
        }
    }
    found
}

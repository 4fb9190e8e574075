//! The handle on one service: its name and capability, and the steps that all calls have in common.

use std::{any::Any, fmt, sync::Arc};

use crate::{
    Ability, Capability, CurrentUser, Error, GroupRef, IdentityService, Page, Result,
    SignInProvider, SignInProviderQuery, SignUpRequest, User, UserRef,
};

/// One service of a [`Hub`](crate::Hub), under its name there. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    name: Arc<str>,
    service: Arc<dyn IdentityService>,
}

impl Service {
    pub(crate) fn new(name: &str, service: Arc<dyn IdentityService>) -> Self {
        Self {
            name: name.into(),
            service,
        }
    }

    /// Returns the name of the service in the hub.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the type of the service, such as `docspace`.
    pub fn service_type(&self) -> &'static str {
        self.service.service_type()
    }

    /// Returns what the service supports.
    pub fn capability(&self) -> Capability {
        self.service.capability()
    }

    /// Returns the service itself, for its extra methods and its low-level client.
    ///
    /// ```
    /// use idweave::{Hub, services::DocSpace};
    ///
    /// let hub = Hub::builder().service(DocSpace::new("https://acme.onlyoffice.com")?.api_key("sk-1")).build()?;
    /// let docspace = hub.service("docspace")?.downcast_ref::<DocSpace>();
    /// assert!(docspace.is_some());
    /// # Ok::<(), idweave::Error>(())
    /// ```
    pub fn downcast_ref<S: IdentityService>(&self) -> Option<&S> {
        let any: &dyn Any = &*self.service;
        any.downcast_ref()
    }

    /// Lists the sign-in providers, all on one page.
    ///
    /// DocSpace: `getThirdPartyAuthProviders`.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the service does not support it, or the error of
    /// the call.
    pub async fn sign_in_providers(&self) -> Result<Page<SignInProvider>> {
        self.sign_in_providers_for(SignInProviderQuery::new()).await
    }

    /// Lists the sign-in providers that match a query.
    ///
    /// # Errors
    /// As [`sign_in_providers`](Self::sign_in_providers).
    pub async fn sign_in_providers_for(
        &self,
        query: SignInProviderQuery,
    ) -> Result<Page<SignInProvider>> {
        self.require(Ability::SignInProviders)?;
        self.stamp_page(self.service.sign_in_providers(&query).await)
    }

    /// Gets the user whose credentials are in use.
    ///
    /// DocSpace: `getSelfProfile`. Ostrom: `getMe`, with the credentials of a user, not of a partner.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the service does not support it, or the error of
    /// the call.
    pub async fn current_user(&self) -> Result<CurrentUser> {
        self.require(Ability::CurrentUser)?;
        let mut user = self
            .service
            .current_user()
            .await
            .map_err(|e| self.with_service_name(e))?;
        if let Some(id) = &mut user.id {
            id.set_service(&self.name);
        }
        Ok(user)
    }

    /// Signs up a user with an external account.
    ///
    /// DocSpace: `signupThirdPartyAccount`. An existing user is logged in and linked instead.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) for an invalid key,
    /// [`ErrorKind::NotCompleted`](crate::ErrorKind::NotCompleted) if the service finished without a user: the
    /// user cancelled at the provider, or could not be created.
    pub async fn sign_up(&self, request: SignUpRequest) -> Result<User> {
        self.require(Ability::SignUp)?;
        let user = self
            .service
            .sign_up(&request)
            .await
            .map_err(|e| self.with_service_name(e))?;
        Ok(self.stamp_user(user))
    }

    /// Returns the service behind the handle.
    pub(super) fn inner(&self) -> &dyn IdentityService {
        &*self.service
    }

    /// Rejects what the service does not support, before anything is sent.
    pub(crate) fn require(&self, ability: Ability) -> Result<()> {
        let capability = self.capability();
        if capability.get(ability).is_available() {
            return Ok(());
        }
        Err(self.with_service_name(Error::unsupported(
            self.service_type(),
            &capability,
            ability,
        )))
    }

    pub(super) fn with_service_name(&self, error: Error) -> Error {
        error.with_service(&self.name)
    }

    /// Writes the hub's name for the service into a page and its errors.
    pub(super) fn stamp_page<T>(&self, page: Result<Page<T>>) -> Result<Page<T>> {
        let mut page = page.map_err(|e| self.with_service_name(e))?;
        self.name().clone_into(&mut page.service);
        let problems = std::mem::take(&mut page.problems).into_iter();
        page.problems = problems.map(|e| self.with_service_name(e)).collect();
        Ok(page)
    }

    pub(super) fn stamp_user(&self, mut user: User) -> User {
        user.id.set_service(&self.name);
        user
    }

    pub(super) fn resolve_user_id(&self, user: UserRef) -> Result<String> {
        self.resolve_id(user.service.as_deref(), user.id)
    }

    pub(super) fn resolve_group_id(&self, group: GroupRef) -> Result<String> {
        self.resolve_id(group.service.as_deref(), group.id)
    }

    fn resolve_id(&self, service: Option<&str>, id: String) -> Result<String> {
        match service {
            Some(other) if other != &*self.name => {
                Err(self
                    .with_service_name(Error::invalid_input("the id belongs to another service")))
            }
            _ => Ok(id),
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("name", &self.name)
            .field("service_type", &self.service_type())
            .finish_non_exhaustive()
    }
}

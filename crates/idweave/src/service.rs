//! The trait that a service implements to be in a hub.

use std::any::Any;

use async_trait::async_trait;

use crate::{
    Ability, AcceptInvite, Capability, CurrentUser, Cursor, Deletion, Error, Group, GroupQuery,
    Invite, InviteCheck, InviteLink, InviteRequest, InviteToken, Link, LinkRequest, OpenedSession,
    Page, Result, Role, SignInProvider, SignInProviderQuery, SignUpRequest, User, UserQuery,
};

/// A service that manages identities.
///
/// Applications call it through a [`Service`](crate::Service) handle, which checks the [`Capability`] first and writes
/// the hub's name for the service into ids and errors. Implement [`service_type`](Self::service_type),
/// [`capability`](Self::capability) and the methods of the abilities it names; by default the others fail with
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported).
///
/// ```
/// use idweave::{Ability, Capability, Hub, IdentityService, Result, Support, User, UserId};
///
/// struct Staff;
///
/// #[idweave::async_trait]
/// impl IdentityService for Staff {
///     fn service_type(&self) -> &'static str {
///         "staff"
///     }
///
///     fn capability(&self) -> Capability {
///         Capability::default().with(Ability::GetUser, Support::Native)
///     }
///
///     async fn get_user(&self, id: &str) -> Result<User> {
///         Ok(User::new(UserId::new(self.service_type(), id)).name("Ann"))
///     }
/// }
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let hub = Hub::builder().service(Staff).build()?;
/// let ann = hub.service("staff")?.users().get("7").await?;
/// assert_eq!(ann.id.to_string(), "staff:7");
/// # Ok::<(), idweave::Error>(()) }).unwrap();
/// ```
#[async_trait]
pub trait IdentityService: Any + Send + Sync {
    /// Returns the type of the service, such as `docspace`. It is also its name in a hub unless another is given.
    fn service_type(&self) -> &'static str;

    /// Returns what the service supports. Must not change while the service is in use.
    fn capability(&self) -> Capability;

    /// Validates the configuration when the hub is built, without sending anything.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// Lists one page of the users that match a query, from the start or after a cursor.
    async fn list_users(&self, query: &UserQuery, after: Option<&Cursor>) -> Result<Page<User>> {
        let _ = (query, after);
        Err(missing(self, Ability::ListUsers))
    }

    /// Gets a user by the service's own id.
    async fn get_user(&self, id: &str) -> Result<User> {
        let _ = id;
        Err(missing(self, Ability::GetUser))
    }

    /// Counts the users.
    async fn count_users(&self) -> Result<u64> {
        Err(missing(self, Ability::CountUsers))
    }

    /// Deletes a user.
    async fn delete_user(&self, id: &str) -> Result<Deletion> {
        let _ = id;
        Err(missing(self, Ability::DeleteUser))
    }

    /// Invites a person by e-mail.
    async fn create_invite(&self, request: &InviteRequest) -> Result<Invite> {
        let _ = request;
        Err(missing(self, Ability::CreateInvite))
    }

    /// Checks whether an invite is still valid.
    async fn validate_invite(&self, token: &InviteToken) -> Result<InviteCheck> {
        let _ = token;
        Err(missing(self, Ability::ValidateInvite))
    }

    /// Accepts an invite.
    async fn accept_invite(
        &self,
        token: &InviteToken,
        request: &AcceptInvite,
    ) -> Result<OpenedSession> {
        let _ = (token, request);
        Err(missing(self, Ability::AcceptInvite))
    }

    /// Returns a link with which anyone may join.
    async fn share_link(&self, role: &Role) -> Result<InviteLink> {
        let _ = role;
        Err(missing(self, Ability::ShareLink))
    }

    /// Links an external account to a user.
    async fn link_account(&self, request: &LinkRequest) -> Result<Link> {
        let _ = request;
        Err(missing(self, Ability::LinkAccount))
    }

    /// Unlinks an external account; `key` is the service's key of the account link.
    async fn unlink_account(&self, key: &str) -> Result<()> {
        let _ = key;
        Err(missing(self, Ability::UnlinkAccount))
    }

    /// Lists one page of groups, from the start or after a cursor.
    async fn list_groups(&self, query: &GroupQuery, after: Option<&Cursor>) -> Result<Page<Group>> {
        let _ = (query, after);
        Err(missing(self, Ability::ListGroups))
    }

    /// Adds a user to a group; both by the service's own ids.
    async fn add_group_member(&self, group: &str, user: &str) -> Result<()> {
        let _ = (group, user);
        Err(missing(self, Ability::AddGroupMember))
    }

    /// Lists the sign-in providers, all on one page.
    async fn sign_in_providers(&self, query: &SignInProviderQuery) -> Result<Page<SignInProvider>> {
        let _ = query;
        Err(missing(self, Ability::SignInProviders))
    }

    /// Gets the user whose credentials are in use.
    async fn current_user(&self) -> Result<CurrentUser> {
        Err(missing(self, Ability::CurrentUser))
    }

    /// Signs up a user with an external account.
    async fn sign_up(&self, request: &SignUpRequest) -> Result<User> {
        let _ = request;
        Err(missing(self, Ability::SignUp))
    }
}

fn missing<S: IdentityService + ?Sized>(service: &S, ability: Ability) -> Error {
    Error::unsupported(service.service_type(), &service.capability(), ability)
}

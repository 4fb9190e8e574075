//! What a service has to offer to take part in a hub. One implementation a service, in `services/`.

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
/// the hub's name for the service into ids and errors. Implement [`service_type`](Self::service_type), [`capability`](Self::capability)
/// and the methods of the abilities it names; all others fail with
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) by themselves.
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
    /// What sort of service it is: `docspace`. Also its name in a hub unless another is given.
    fn service_type(&self) -> &'static str;

    /// What it can do. Must not change while the service is in use.
    fn capability(&self) -> Capability;

    /// Finds mistakes in the set-up when the hub is built; sends nothing.
    fn validate(&self) -> Result<()> {
        Ok(())
    }

    /// One page of the users that fit the query, from the start or from where a page ended.
    async fn list_users(&self, query: &UserQuery, after: Option<&Cursor>) -> Result<Page<User>> {
        let _ = (query, after);
        Err(missing(self, Ability::ListUsers))
    }

    /// One user by the service's own id.
    async fn get_user(&self, id: &str) -> Result<User> {
        let _ = id;
        Err(missing(self, Ability::GetUser))
    }

    /// How many users there are.
    async fn count_users(&self) -> Result<u64> {
        Err(missing(self, Ability::CountUsers))
    }

    /// Removes a user.
    async fn delete_user(&self, id: &str) -> Result<Deletion> {
        let _ = id;
        Err(missing(self, Ability::DeleteUser))
    }

    /// Invites a person.
    async fn create_invite(&self, request: &InviteRequest) -> Result<Invite> {
        let _ = request;
        Err(missing(self, Ability::CreateInvite))
    }

    /// Asks whether an invite still holds.
    async fn validate_invite(&self, token: &InviteToken) -> Result<InviteCheck> {
        let _ = token;
        Err(missing(self, Ability::ValidateInvite))
    }

    /// Takes an invite up.
    async fn accept_invite(
        &self,
        token: &InviteToken,
        request: &AcceptInvite,
    ) -> Result<OpenedSession> {
        let _ = (token, request);
        Err(missing(self, Ability::AcceptInvite))
    }

    /// A link with which anyone may join.
    async fn share_link(&self, role: &Role) -> Result<InviteLink> {
        let _ = role;
        Err(missing(self, Ability::ShareLink))
    }

    /// Ties an outside account to a user.
    async fn link_account(&self, request: &LinkRequest) -> Result<Link> {
        let _ = request;
        Err(missing(self, Ability::LinkAccount))
    }

    /// Unties an outside account; `key` is what the service knows the tie by.
    async fn unlink_account(&self, key: &str) -> Result<()> {
        let _ = key;
        Err(missing(self, Ability::UnlinkAccount))
    }

    /// One page of groups, from the start or from where a page ended.
    async fn list_groups(&self, query: &GroupQuery, after: Option<&Cursor>) -> Result<Page<Group>> {
        let _ = (query, after);
        Err(missing(self, Ability::ListGroups))
    }

    /// Puts a user in a group; both by the service's own ids.
    async fn add_group_member(&self, group: &str, user: &str) -> Result<()> {
        let _ = (group, user);
        Err(missing(self, Ability::AddGroupMember))
    }

    /// The ways to log in besides a password.
    async fn sign_in_providers(&self, query: &SignInProviderQuery) -> Result<Vec<SignInProvider>> {
        let _ = query;
        Err(missing(self, Ability::SignInProviders))
    }

    /// Whose credentials these are.
    async fn current_user(&self) -> Result<CurrentUser> {
        Err(missing(self, Ability::CurrentUser))
    }

    /// Joins with an outside account.
    async fn sign_up(&self, request: &SignUpRequest) -> Result<User> {
        let _ = request;
        Err(missing(self, Ability::SignUp))
    }
}

fn missing<S: IdentityService + ?Sized>(service: &S, ability: Ability) -> Error {
    Error::unsupported(service.service_type(), &service.capability(), ability)
}

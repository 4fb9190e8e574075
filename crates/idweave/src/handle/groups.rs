//! The groups, teams or tenants of one service.

use super::{list::GroupList, service::Service};
use crate::{Ability, GroupRef, Result, UserRef};

/// The groups of one service; see [`Service::groups`].
///
/// ```
/// # use idweave::{Hub, services::Authress};
/// # async fn example(sandbox: idweave_sandbox::Sandbox) -> idweave::Result<()> {
/// # let (url, key) = (&sandbox.authress().base_url, &sandbox.authress().access_key);
/// # let hub = Hub::builder().service(Authress::new(url)?.access_key(key)?).build()?;
/// let authress = hub.service("authress")?;
/// let tenants = authress.groups().list().await?;
/// let users = authress.users().list().await?;
/// authress.groups().add_member(&tenants.items[0].id, &users.items[0].id).await?;
/// # Ok(()) }
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// #     example(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Groups<'a>(&'a Service);

impl Service {
    /// Returns the groups, teams or tenants of the service.
    pub fn groups(&self) -> Groups<'_> {
        Groups(self)
    }
}

impl Groups<'_> {
    /// Lists the groups: call [`items`](GroupList::items) or [`pages`](GroupList::pages) on the list.
    ///
    /// DocSpace: `getGroups`. Authress: `getTenants`.
    pub fn list(self) -> GroupList {
        GroupList::new(self.0.clone())
    }

    /// Adds a user to a group. A user who is a member already stays one.
    ///
    /// DocSpace: `addMembersTo`. Authress: `linkTenantUser`; a user is in one tenant at most and leaves the other.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the group or the user does not exist.
    pub async fn add_member(
        self,
        group: impl Into<GroupRef>,
        user: impl Into<UserRef>,
    ) -> Result<()> {
        self.0.require(Ability::AddGroupMember)?;
        let group = self.0.resolve_group_id(group.into())?;
        let user = self.0.resolve_user_id(user.into())?;
        let result = self.0.inner().add_group_member(&group, &user).await;
        result.map_err(|e| self.0.with_service_name(e))
    }
}

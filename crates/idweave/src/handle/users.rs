//! The users of one service.

use super::{list::UserList, service::Service};
use crate::{Ability, Deletion, Result, User, UserRef};

/// The users of one service; see [`Service::users`].
///
/// ```
/// # use idweave::{Hub, services::Authress};
/// # async fn example(sandbox: idweave_sandbox::Sandbox) -> idweave::Result<()> {
/// # let (url, key) = (&sandbox.authress().base_url, &sandbox.authress().access_key);
/// # let hub = Hub::builder().service(Authress::new(url)?.access_key(key)?).build()?;
/// use futures::TryStreamExt;
///
/// let users = hub.service("authress")?.users();
/// let mut list = users.list().with_page_size(10).items();
/// while let Some(user) = list.try_next().await? {
///     println!("{} {}", user.id, user.display_name().unwrap_or("-"));
/// }
/// println!("{} in all", users.count().await?);
/// # Ok(()) }
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// #     example(idweave_sandbox::Sandbox::start().await.unwrap()).await.unwrap();
/// # });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Users<'a>(&'a Service);

impl Service {
    /// Returns the users of the service.
    pub fn users(&self) -> Users<'_> {
        Users(self)
    }
}

impl Users<'_> {
    /// Lists users: restrict the list, then call [`items`](UserList::items) or [`pages`](UserList::pages) on it.
    ///
    /// DocSpace: `getAllProfiles`, or `getProfileByEmail`. Authress: `getUsers`. Enhance: `getMembers`, which has no
    /// search, so that conditions are checked here and every page is fetched.
    ///
    /// # Errors
    /// Errors are items of the stream; [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) is its only item.
    pub fn list(self) -> UserList {
        UserList::new(self.0.clone())
    }

    /// Gets a user by id.
    ///
    /// DocSpace: `getUserById`; the id is a GUID. Authress: `getUser`; at most 128 characters. Enhance: `getMember`;
    /// the id is a GUID.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the user does not exist. DocSpace returns
    /// [`ErrorKind::PermissionDenied`](crate::ErrorKind::PermissionDenied) for users that are unknown or hidden from
    /// the caller, without distinction.
    pub async fn get(self, id: impl Into<UserRef>) -> Result<User> {
        self.0.require(Ability::GetUser)?;
        let id = self.0.resolve_user_id(id.into())?;
        let user = self
            .0
            .inner()
            .get_user(&id)
            .await
            .map_err(|e| self.0.with_service_name(e))?;
        Ok(self.0.stamp_user(user))
    }

    /// Counts the users.
    ///
    /// DocSpace: `getPortalUsersCount`, active users; the caller must be an administrator. Enhance: the `total` of
    /// `getMembers`. Authress: counted over all pages of `getUsers`, one call for every hundred users.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) if the service does not support it, or the error of a
    /// call.
    pub async fn count(self) -> Result<u64> {
        self.0.require(Ability::CountUsers)?;
        self.0
            .inner()
            .count_users()
            .await
            .map_err(|e| self.0.with_service_name(e))
    }

    /// Deletes a user.
    ///
    /// DocSpace: `updateUserStatus` (terminated), then `removeUsers`, which is accepted and completed later. Authress:
    /// `deleteUser`, which is accepted and completed later; it removes access and data as well. Ostrom:
    /// `disconnectUser`, which unlinks the account; the account itself is kept. Enhance: `deleteMember`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the user does not exist. If the response to a first
    /// attempt was lost, a repetition that does not find the user is a success: the first attempt has probably deleted
    /// the user.
    pub async fn delete(self, id: impl Into<UserRef>) -> Result<Deletion> {
        self.0.require(Ability::DeleteUser)?;
        let id = self.0.resolve_user_id(id.into())?;
        self.0
            .inner()
            .delete_user(&id)
            .await
            .map_err(|e| self.0.with_service_name(e))
    }
}

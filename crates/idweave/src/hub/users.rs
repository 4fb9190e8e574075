//! Users over all services of a hub.

use crate::{
    Deletion, Hub, Items, Pages, Result, User, UserId, UserList, UserQuery,
    stream::DEFAULT_PREFETCH,
};

/// The users of every service; see [`Hub::users`].
#[derive(Clone, Copy, Debug)]
pub struct HubUsers<'a> {
    hub: &'a Hub,
}

impl Hub {
    /// The users of every service that can list them.
    pub fn users(&self) -> HubUsers<'_> {
        HubUsers { hub: self }
    }
}

impl<'a> HubUsers<'a> {
    /// All users of every service that can list them.
    pub fn list(self) -> HubUserList<'a> {
        HubUserList {
            hub: self.hub,
            query: UserQuery::default(),
            prefetch: DEFAULT_PREFETCH,
        }
    }

    /// Only users with this address; case does not matter.
    pub fn email(self, email: impl Into<String>) -> HubUserList<'a> {
        self.list().email(email)
    }

    /// Only users in whom a service finds this text.
    pub fn search(self, text: impl Into<String>) -> HubUserList<'a> {
        self.list().search(text)
    }

    /// All users one by one; short for `list().items()`.
    pub fn items(self) -> Items<User> {
        self.list().items()
    }

    /// All users page by page; short for `list().pages()`.
    pub fn pages(self) -> Pages<User> {
        self.list().pages()
    }

    /// The user with this id, from the service the id names.
    ///
    /// # Errors
    /// As [`Users::get`](crate::Users::get), and [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) for a service that is
    /// not there.
    pub async fn get(self, id: &UserId) -> Result<User> {
        self.hub.service(id.service())?.users().get(id).await
    }

    /// Removes the user with this id from the service the id names.
    ///
    /// # Errors
    /// As [`Users::delete`](crate::Users::delete), and [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) for a service
    /// that is not there.
    pub async fn delete(self, id: &UserId) -> Result<Deletion> {
        self.hub.service(id.service())?.users().delete(id).await
    }
}

/// A list of users over all services, not asked for yet.
///
/// Services that cannot list users are left out; [`Capability::list_users`](crate::Capability::list_users) says which.
/// All services are asked at the same time; the users come service by service in the hub's order. A service that fails
/// gives one error that names it, and the others go on: do not stop at the first error if you want them all.
#[derive(Clone, Debug)]
#[must_use = "a list does nothing until its items or pages are taken"]
pub struct HubUserList<'a> {
    hub: &'a Hub,
    query: UserQuery,
    prefetch: usize,
}

impl HubUserList<'_> {
    /// Only users with this address; case does not matter.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.query.email = Some(email.into());
        self
    }

    /// Only users in whom a service finds this text; at most 64 characters at Authress.
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.query.search = Some(text.into());
        self
    }

    /// At most so many users a page; services with a lower limit give fewer. At least 1.
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.query.page_size = Some(size);
        self
    }

    /// How many pages to fetch ahead of the caller in each service; 1 unless set.
    pub fn with_prefetch(mut self, pages: usize) -> Self {
        self.prefetch = pages;
        self
    }

    /// The users one by one.
    pub fn items(self) -> Items<User> {
        Items::new(self.pages())
    }

    /// The users page by page; each page names its service.
    pub fn pages(self) -> Pages<User> {
        let able = |service: &&crate::Service| service.capability().list_users.is_available();
        Pages::new(self.hub.services().filter(able).map(|service| {
            UserList::of(service.clone(), self.query.clone(), self.prefetch).pager()
        }))
    }
}

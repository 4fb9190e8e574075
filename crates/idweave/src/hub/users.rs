//! Users of all services of a hub.

use crate::{
    Deletion, Hub, Items, Pages, Result, User, UserId, UserList, UserQuery,
    stream::DEFAULT_PREFETCH,
};

/// The users of all services; see [`Hub::users`].
#[derive(Clone, Copy, Debug)]
pub struct HubUsers<'a> {
    hub: &'a Hub,
}

impl Hub {
    /// Returns the users of all services that can list them.
    pub fn users(&self) -> HubUsers<'_> {
        HubUsers { hub: self }
    }
}

impl<'a> HubUsers<'a> {
    /// Lists the users of all services that can list them.
    pub fn list(self) -> HubUserList<'a> {
        HubUserList {
            hub: self.hub,
            query: UserQuery::default(),
            prefetch: DEFAULT_PREFETCH,
        }
    }

    /// Restricts the list to users with this e-mail address, whatever its case.
    pub fn email(self, email: impl Into<String>) -> HubUserList<'a> {
        self.list().email(email)
    }

    /// Lists users in whose fields a service finds a text.
    pub fn search(self, text: impl Into<String>) -> HubUserList<'a> {
        self.list().search(text)
    }

    /// Returns a stream of all users; short for `list().items()`.
    pub fn items(self) -> Items<User> {
        self.list().items()
    }

    /// Returns a stream of all pages; short for `list().pages()`.
    pub fn pages(self) -> Pages<User> {
        self.list().pages()
    }

    /// Gets a user from the service that the id names.
    ///
    /// # Errors
    /// As [`Users::get`](crate::Users::get), and [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) if the
    /// hub does not have the service.
    pub async fn get(self, id: &UserId) -> Result<User> {
        self.hub.service(id.service())?.users().get(id).await
    }

    /// Deletes a user from the service that the id names.
    ///
    /// # Errors
    /// As [`Users::delete`](crate::Users::delete), and [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig) if
    /// the hub does not have the service.
    pub async fn delete(self, id: &UserId) -> Result<Deletion> {
        self.hub.service(id.service())?.users().delete(id).await
    }
}

/// A list of the users of all services that is not requested yet.
///
/// Services that cannot list users are left out; [`Capability::list_users`](crate::Capability::list_users) says which.
/// All services are called at the same time; the users come service by service in the hub's order. A service that fails
/// yields one error that names it, and the other services follow: to get all users, continue after an error.
#[derive(Clone, Debug)]
#[must_use = "a list does nothing until its items or pages are taken"]
pub struct HubUserList<'a> {
    hub: &'a Hub,
    query: UserQuery,
    prefetch: usize,
}

impl HubUserList<'_> {
    /// Restricts the list to users with this e-mail address, whatever its case.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.query.email = Some(email.into());
        self
    }

    /// Restricts the list to users in whose fields a service finds a text; at most 64 characters at Authress.
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.query.search = Some(text.into());
        self
    }

    /// Sets the largest number of users on a page, at least 1; services with a lower limit return fewer.
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.query.page_size = Some(size);
        self
    }

    /// Sets how many pages to prefetch in each service; 1 by default.
    pub fn with_prefetch(mut self, pages: usize) -> Self {
        self.prefetch = pages;
        self
    }

    /// Returns a stream of the users.
    pub fn items(self) -> Items<User> {
        Items::new(self.pages())
    }

    /// Returns a stream of the pages; each page names its service.
    pub fn pages(self) -> Pages<User> {
        let able = |service: &&crate::Service| service.capability().list_users.is_available();
        Pages::new(self.hub.services().filter(able).map(|service| {
            UserList::with_query(service.clone(), self.query.clone(), self.prefetch).pager()
        }))
    }
}

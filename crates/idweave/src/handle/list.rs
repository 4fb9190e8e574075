//! Lists of one service: a query, then a stream of items or of pages.

use std::{
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
};

use super::service::Service;
use crate::{
    Ability, Cursor, Error, Group, GroupQuery, GroupRef, Items, Page, Pages, Result, User,
    UserQuery,
    stream::{DEFAULT_PREFETCH, Fetch, Pager},
};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Options that all lists have in common.
#[derive(Clone, Debug)]
struct Options {
    start: Option<Cursor>,
    prefetch: usize,
    /// Why the list cannot be requested.
    invalid: Option<Error>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            start: None,
            prefetch: DEFAULT_PREFETCH,
            invalid: None,
        }
    }
}

/// A list of users that is not requested yet: `users().list()`.
///
/// Awaiting it returns the first [`Page`] only.
#[derive(Clone, Debug)]
#[must_use = "a list does nothing until its items or pages are taken"]
pub struct UserList {
    service: Service,
    query: UserQuery,
    options: Options,
}

impl UserList {
    pub(super) fn new(service: Service) -> Self {
        Self {
            service,
            query: UserQuery::default(),
            options: Options::default(),
        }
    }

    pub(crate) fn with_query(service: Service, query: UserQuery, prefetch: usize) -> Self {
        Self {
            service,
            query,
            options: Options {
                prefetch,
                ..Options::default()
            },
        }
    }

    /// Restricts the list to users with this e-mail address, whatever its case.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.query.email = Some(email.into());
        self
    }

    /// Restricts the list to users in whose fields the service finds a text; at most 64 characters at Authress.
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.query.search = Some(text.into());
        self
    }

    /// Restricts the list to members of a group. Authress: users who have logged in to the tenant.
    pub fn group(mut self, group: impl Into<GroupRef>) -> Self {
        match self.service.resolve_group_id(group.into()) {
            Ok(id) => self.query.group = Some(id),
            Err(error) => self.options.invalid = Some(error),
        }
        self
    }

    /// Sets the largest number of users on a page, at least 1; services with a lower limit return fewer.
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.query.page_size = Some(size);
        self
    }

    /// Sets how many pages to prefetch; 1 by default.
    pub fn with_prefetch(mut self, pages: usize) -> Self {
        self.options.prefetch = pages;
        self
    }

    /// Continues after an earlier page.
    pub fn with_cursor(mut self, cursor: Cursor) -> Self {
        self.options.start = Some(cursor);
        self
    }

    /// Returns a stream of the users. A page that cannot be fetched is an error and ends the stream; a record that cannot
    /// be read is an error too, and the stream goes on.
    pub fn items(self) -> Items<User> {
        Items::new(self.pages())
    }

    /// Returns a stream of the pages. An error ends the stream. Records that cannot be read are in
    /// [`Page::problems`].
    pub fn pages(self) -> Pages<User> {
        Pages::new([self.pager()])
    }

    pub(crate) fn pager(self) -> Pager<User> {
        let Self {
            service,
            query,
            options,
        } = self;
        let fetch: Fetch<User> = Arc::new(move |after| {
            let (service, query) = (service.clone(), query.clone());
            let invalid = options.invalid.clone();
            Box::pin(async move {
                service.require(Ability::ListUsers)?;
                invalid.map_or(Ok(()), Err)?;
                validate_page_size(query.page_size).map_err(|e| service.with_service_name(e))?;
                let page = service.inner().list_users(&query, after.as_ref()).await;
                let mut page = service.stamp_page(page)?;
                for user in &mut page.items {
                    user.id.set_service(service.name());
                }
                Ok(page)
            })
        });
        Pager::new(fetch, options.start, options.prefetch)
    }
}

impl IntoFuture for UserList {
    type Output = Result<Page<User>>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        first_page(self.with_prefetch(0).pages())
    }
}

/// A list of groups that is not requested yet: `groups().list()`.
///
/// Awaiting it returns the first [`Page`] only.
#[derive(Clone, Debug)]
#[must_use = "a list does nothing until its items or pages are taken"]
pub struct GroupList {
    service: Service,
    query: GroupQuery,
    options: Options,
}

impl GroupList {
    pub(super) fn new(service: Service) -> Self {
        Self {
            service,
            query: GroupQuery::default(),
            options: Options::default(),
        }
    }

    /// Sets the largest number of groups on a page, at least 1; services with a lower limit return fewer.
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.query.page_size = Some(size);
        self
    }

    /// Sets how many pages to prefetch; 1 by default.
    pub fn with_prefetch(mut self, pages: usize) -> Self {
        self.options.prefetch = pages;
        self
    }

    /// Continues after an earlier page.
    pub fn with_cursor(mut self, cursor: Cursor) -> Self {
        self.options.start = Some(cursor);
        self
    }

    /// Returns a stream of the groups. A page that cannot be fetched is an error and ends the stream; a record that
    /// cannot be read is an error too, and the stream goes on.
    pub fn items(self) -> Items<Group> {
        Items::new(self.pages())
    }

    /// Returns a stream of the pages. An error ends the stream. Records that cannot be read are in
    /// [`Page::problems`].
    pub fn pages(self) -> Pages<Group> {
        let Self {
            service,
            query,
            options,
        } = self;
        let fetch: Fetch<Group> = Arc::new(move |after| {
            let (service, query) = (service.clone(), query.clone());
            Box::pin(async move {
                service.require(Ability::ListGroups)?;
                validate_page_size(query.page_size).map_err(|e| service.with_service_name(e))?;
                let page = service.inner().list_groups(&query, after.as_ref()).await;
                let mut page = service.stamp_page(page)?;
                for group in &mut page.items {
                    group.id.set_service(service.name());
                }
                Ok(page)
            })
        });
        Pages::new([Pager::new(fetch, options.start, options.prefetch)])
    }
}

impl IntoFuture for GroupList {
    type Output = Result<Page<Group>>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        first_page(self.with_prefetch(0).pages())
    }
}

fn first_page<T: Send + 'static>(mut pages: Pages<T>) -> BoxFuture<Result<Page<T>>> {
    use futures::StreamExt;
    Box::pin(async move {
        pages
            .next()
            .await
            .unwrap_or_else(|| Ok(Page::new(Vec::new(), None)))
    })
}

fn validate_page_size(size: Option<u32>) -> Result<()> {
    match size {
        Some(0) => Err(Error::invalid_input("invalid page size; it is at least 1")),
        _ => Ok(()),
    }
}

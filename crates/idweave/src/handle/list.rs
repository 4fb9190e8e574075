//! Lists of one service: what to look for, then a stream by item or by page.

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

/// Options of the call, the same for every list.
#[derive(Clone, Debug)]
struct Options {
    start: Option<Cursor>,
    prefetch: usize,
    refused: Option<Error>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            start: None,
            prefetch: DEFAULT_PREFETCH,
            refused: None,
        }
    }
}

/// A list of users, not asked for yet: `users().list()`.
///
/// Awaiting it gives the first [`Page`] alone.
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

    pub(crate) fn of(service: Service, query: UserQuery, prefetch: usize) -> Self {
        Self {
            service,
            query,
            options: Options {
                prefetch,
                ..Options::default()
            },
        }
    }

    /// Only users with this address; case does not matter.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.query.email = Some(email.into());
        self
    }

    /// Only users in whom the service finds this text; at most 64 characters at Authress.
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.query.search = Some(text.into());
        self
    }

    /// Only members of this group. Authress: users who have logged in to this tenant.
    pub fn group(mut self, group: impl Into<GroupRef>) -> Self {
        match self.service.resolve_group_id(group.into()) {
            Ok(id) => self.query.group = Some(id),
            Err(error) => self.options.refused = Some(error),
        }
        self
    }

    /// At most so many users a page; services with a lower limit give fewer. At least 1.
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.query.page_size = Some(size);
        self
    }

    /// How many pages to fetch ahead of the caller; 1 unless set.
    pub fn with_prefetch(mut self, pages: usize) -> Self {
        self.options.prefetch = pages;
        self
    }

    /// Goes on where an earlier page ended.
    pub fn with_cursor(mut self, cursor: Cursor) -> Self {
        self.options.start = Some(cursor);
        self
    }

    /// The users one by one. An error ends the stream.
    pub fn items(self) -> Items<User> {
        Items::new(self.pages())
    }

    /// The users page by page. An error ends the stream.
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
            let refused = options.refused.clone();
            Box::pin(async move {
                service.require(Ability::ListUsers)?;
                refused.map_or(Ok(()), Err)?;
                validate_page_size(query.page_size).map_err(|e| service.with_service_name(e))?;
                let page = service.inner().list_users(&query, after.as_ref()).await;
                let mut page = page.map_err(|e| service.with_service_name(e))?;
                service.name().clone_into(&mut page.service);
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

/// A list of groups, not asked for yet: `groups().list()`.
///
/// Awaiting it gives the first [`Page`] alone.
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

    /// At most so many groups a page; services with a lower limit give fewer. At least 1.
    pub fn with_page_size(mut self, size: u32) -> Self {
        self.query.page_size = Some(size);
        self
    }

    /// How many pages to fetch ahead of the caller; 1 unless set.
    pub fn with_prefetch(mut self, pages: usize) -> Self {
        self.options.prefetch = pages;
        self
    }

    /// Goes on where an earlier page ended.
    pub fn with_cursor(mut self, cursor: Cursor) -> Self {
        self.options.start = Some(cursor);
        self
    }

    /// The groups one by one. An error ends the stream.
    pub fn items(self) -> Items<Group> {
        Items::new(self.pages())
    }

    /// The groups page by page. An error ends the stream.
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
                let mut page = page.map_err(|e| service.with_service_name(e))?;
                service.name().clone_into(&mut page.service);
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
        Some(0) => Err(Error::invalid_input("a page holds at least one item")),
        _ => Ok(()),
    }
}

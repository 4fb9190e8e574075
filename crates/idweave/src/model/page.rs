//! Lists: pages, the way on from one, and what to look for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::setters;

/// Where a list goes on, in the service's own terms. Opaque; good for this service and this query only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor kept from an earlier page.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text, to be kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Page<T> {
    /// The hub's name for the service it came from.
    pub service: String,
    /// The items, in the service's order. May be empty although more follow.
    pub items: Vec<T>,
    /// Where the list goes on; `None` on the last page.
    pub next: Option<Cursor>,
    /// How many there are in all, when the service says so.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// A page with its items and the way on.
    pub fn new(items: Vec<T>, next: Option<Cursor>) -> Self {
        Self {
            service: String::new(),
            items,
            next,
            total: None,
        }
    }

    setters! {
        /// Sets how many there are in all.
        total: u64,
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// Which users to list. All of it must fit; nothing set means everyone.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserQuery {
    /// This address exactly; case does not matter.
    pub email: Option<String>,
    /// This text in any field the service searches.
    pub search: Option<String>,
    /// Members of this group, by the service's own id of it.
    pub group: Option<String>,
    /// At most so many a page.
    pub page_size: Option<u32>,
}

/// Shows which conditions there are, not whom they name.
impl std::fmt::Debug for UserQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use crate::redact::Redacted;
        f.debug_struct("UserQuery")
            .field("email", &Redacted(&self.email))
            .field("search", &Redacted(&self.search))
            .field("group", &self.group)
            .field("page_size", &self.page_size)
            .finish()
    }
}

/// Which groups to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupQuery {
    /// At most so many a page.
    pub page_size: Option<u32>,
}

//! Pages of lists, cursors and queries.

use serde::{Deserialize, Serialize};

use super::setters;
use crate::Error;

/// The position where a list continues. Opaque, and valid for the same service and query only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// Creates a cursor from its stored text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text of the cursor, to be stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One page of a list.
///
/// A record that cannot be read, for instance because it has no id, does not fail its page: it is in
/// [`problems`](Self::problems), and [`Items`](crate::Items) yields it as an error.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Page<T> {
    /// The hub's name for the service.
    pub service: String,
    /// The items in the service's order. May be empty although more pages follow.
    pub items: Vec<T>,
    /// Where the list continues; `None` on the last page.
    pub next: Option<Cursor>,
    /// The number of items in the whole list, if the service returns it.
    pub total: Option<u64>,
    /// One error for each record of the page that could not be read and is not in `items`. As long as there are any,
    /// the page is not whole.
    pub problems: Vec<Error>,
}

impl<T> Page<T> {
    /// Creates a page from its items and the cursor of the next page.
    pub fn new(items: Vec<T>, next: Option<Cursor>) -> Self {
        Self {
            service: String::new(),
            items,
            next,
            total: None,
            problems: Vec::new(),
        }
    }

    setters! {
        /// Sets the number of items in the whole list.
        total: u64,
    }

    /// Adds the errors of records that could not be read.
    #[must_use]
    pub fn problems(mut self, problems: Vec<Error>) -> Self {
        self.problems = problems;
        self
    }

    /// Returns how many records the service returned, readable or not.
    pub fn records(&self) -> usize {
        self.items.len() + self.problems.len()
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// Which users to list. Users match all conditions that are set; without any, everyone is listed.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserQuery {
    /// This e-mail address exactly, whatever its case.
    pub email: Option<String>,
    /// This text in any field the service searches.
    pub search: Option<String>,
    /// Members of this group, by the service's own id.
    pub group: Option<String>,
    /// The largest number of users on a page.
    pub page_size: Option<u32>,
}

/// Shows which conditions are set, not their e-mail address or text.
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
    /// The largest number of groups on a page.
    pub page_size: Option<u32>,
}

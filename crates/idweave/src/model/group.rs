//! Sets of users: groups, teams, tenants.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Timestamp, raw_record, setters};
use crate::GroupId;

/// A set of users in one service: an Authress tenant, for instance.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Group {
    /// Where it is, and what it is called there.
    pub id: GroupId,
    /// Its name.
    pub name: Option<String>,
    /// Since when there is one.
    pub created_at: Option<Timestamp>,
    #[serde(skip)]
    raw: Value,
}

impl Group {
    /// A group of which nothing but the id is known.
    pub fn new(id: GroupId) -> Self {
        Self {
            id,
            name: None,
            created_at: None,
            raw: Value::Null,
        }
    }

    setters! {
        /// Sets the name.
        name: String,
    }

    /// What to call it: its name, else its id.
    pub fn display_name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }

    raw_record!();
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

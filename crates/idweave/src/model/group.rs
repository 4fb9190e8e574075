//! Groups, teams and tenants.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{Timestamp, raw_record, setters};
use crate::GroupId;

/// A group of users in one service, such as an Authress tenant.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Group {
    /// The id of the group.
    pub id: GroupId,
    /// The name of the group.
    pub name: Option<String>,
    /// When the group was created.
    pub created_at: Option<Timestamp>,
    #[serde(skip)]
    raw: Value,
}

impl Group {
    /// Creates a group of which only the id is known.
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

    /// Returns the name, or else the id.
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

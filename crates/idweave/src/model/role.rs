//! What a person may do, in words that services share.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A role. The set is open: what only one service knows is [`Other`](Self::Other), by that service's own name.
///
/// | role | DocSpace | Enhance |
/// |---|---|---|
/// | `Owner` | - | Owner |
/// | `Admin` | DocSpaceAdmin | SuperAdmin |
/// | `Manager` | RoomAdmin | - |
/// | `Member` | User | - |
/// | `Collaborator` | - | SiteAccess |
/// | `Support` | - | Support |
/// | `Guest` | Guest | - |
/// | `Other` | All | Business, Sysadmin |
///
/// Authress has roles of your own making that apply to resources, not to the user as such; Ostrom has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// May do everything and cannot be removed by others.
    Owner,
    /// Manages the whole account and its people.
    Admin,
    /// Manages a part of it.
    Manager,
    /// Works in it.
    Member,
    /// Works in the parts shared with her.
    Collaborator,
    /// Helps others, sees more than she may change.
    Support,
    /// An outsider who was let in.
    Guest,
    /// A role of one service, by the name that service uses.
    Other(String),
}

impl Role {
    /// Its name in lower case; the service's own name for [`Other`](Self::Other).
    pub fn name(&self) -> &str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Member => "member",
            Self::Collaborator => "collaborator",
            Self::Support => "support",
            Self::Guest => "guest",
            Self::Other(name) => name,
        }
    }
}

/// Reads the names of [`Role::name`], in any case; anything else is [`Role::Other`].
impl From<&str> for Role {
    fn from(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "owner" => Self::Owner,
            "admin" => Self::Admin,
            "manager" => Self::Manager,
            "member" => Self::Member,
            "collaborator" => Self::Collaborator,
            "support" => Self::Support,
            "guest" => Self::Guest,
            _ => Self::Other(name.to_owned()),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}

impl JsonSchema for Role {
    fn schema_name() -> Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "owner, admin, manager, member, collaborator, support, guest, or a name of the service.",
        })
    }
}

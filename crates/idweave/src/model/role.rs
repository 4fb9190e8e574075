//! The roles that services have in common.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The role of a user. The set is open: a role that only one service has is [`Other`](Self::Other), by the service's
/// name.
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
/// The roles of Authress are defined by each account and apply to resources, not to the user as such; Ostrom has none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Has all permissions and cannot be removed by others.
    Owner,
    /// Manages the whole account and its users.
    Admin,
    /// Manages a part of the account.
    Manager,
    /// Uses the service.
    Member,
    /// Works in the parts that are shared with the user.
    Collaborator,
    /// Helps others: may view more than change.
    Support,
    /// An external user with limited access.
    Guest,
    /// A role of one service, by the service's name of it.
    Other(String),
}

impl Role {
    /// Returns the name in lower case, or the service's own name for [`Other`](Self::Other).
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

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Role {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Role".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "owner, admin, manager, member, collaborator, support, guest, or a name of the service.",
        })
    }
}

//! Typed ids: the service that an object belongs to, and its id there.
//!
//! Every model has one; every handle takes one, or the service's own id as a string.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// Splits `service:id` at the first colon; the id itself may contain more of them.
fn split(text: &str) -> Option<(&str, &str)> {
    let (service, id) = text.split_once(':')?;
    (!service.is_empty() && !id.is_empty()).then_some((service, id))
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $id:ident, $(#[$ref_doc:meta])* $reference:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $id {
            service: String,
            id: String,
        }

        impl $id {
            #[doc = concat!("Creates the id of a ", $what, " from a service's name and its own id.")]
            pub fn new(service: impl Into<String>, id: impl Into<String>) -> Self {
                Self { service: service.into(), id: id.into() }
            }

            /// Returns the hub's name for the service.
            pub fn service(&self) -> &str {
                &self.service
            }

            /// Returns the service's own id.
            pub fn as_str(&self) -> &str {
                &self.id
            }

            pub(crate) fn set_service(&mut self, service: &str) {
                service.clone_into(&mut self.service);
            }
        }

        /// Writes `service:id`, which [`FromStr`] reads.
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}:{}", self.service, self.id)
            }
        }

        impl FromStr for $id {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                split(text)
                    .map(|(service, id)| Self::new(service, id))
                    .ok_or_else(|| Error::invalid_input(concat!("invalid ", $what, " id; write service:id")))
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(|_| serde::de::Error::custom(concat!("invalid ", $what, " id; write service:id")))
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $id {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($id).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": "^[^:]+:(.|\\n)+$",
                    "description": concat!("A ", $what, " as service:id."),
                })
            }
        }

        $(#[$ref_doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $reference {
            pub(crate) service: Option<String>,
            pub(crate) id: String,
        }

        impl From<&str> for $reference {
            fn from(id: &str) -> Self {
                Self { service: None, id: id.to_owned() }
            }
        }

        impl From<&String> for $reference {
            fn from(id: &String) -> Self {
                Self::from(id.as_str())
            }
        }

        impl From<String> for $reference {
            fn from(id: String) -> Self {
                Self { service: None, id }
            }
        }

        impl From<&$id> for $reference {
            fn from(id: &$id) -> Self {
                Self { service: Some(id.service.clone()), id: id.id.clone() }
            }
        }

        impl From<$id> for $reference {
            fn from(id: $id) -> Self {
                Self { service: Some(id.service), id: id.id }
            }
        }
    };
}

typed_id! {
    /// The id of a user in a service, written `authress:auth0|7`.
    ///
    /// ```
    /// use idweave::UserId;
    ///
    /// let id: UserId = "authress:auth0|7".parse()?;
    /// assert_eq!((id.service(), id.as_str()), ("authress", "auth0|7"));
    /// assert_eq!(id.to_string(), "authress:auth0|7");
    /// # Ok::<(), idweave::Error>(())
    /// ```
    UserId,
    /// A [`UserId`], or the service's own id of a user as a string.
    ///
    /// The handle rejects a `UserId` of another service with
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    UserRef,
    "user"
}

typed_id! {
    /// The id of a group, team or tenant in a service, written `authress:tenant-1`.
    GroupId,
    /// A [`GroupId`], or the service's own id of a group as a string.
    ///
    /// The handle rejects a `GroupId` of another service with
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    GroupRef,
    "group"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn id_survives_display_and_parse() {
        for text in ["authress:auth0|7", "docspace-eu:urn:user:7", "ostrom:a/b c"] {
            assert_eq!(text.parse::<UserId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn id_without_service_or_value_is_rejected() {
        for text in ["", "auth0|7", ":7", "authress:"] {
            assert!(text.parse::<UserId>().is_err(), "{text}");
        }
    }

    #[test]
    fn id_is_one_json_string() {
        let id = GroupId::new("authress", "tenant-1");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"authress:tenant-1\"");
        assert_eq!(
            serde_json::from_str::<GroupId>("\"authress:tenant-1\"").unwrap(),
            id
        );
    }
}

//! Typed ids: which service a thing lives in, and its id there.
//!
//! Every model carries one; every handle takes either one of these or the service's bare id as a string.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// Splits `service:id` at the first colon; the id itself may hold more of them.
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
            #[doc = concat!("The ", $what, " that the service of this name knows by this id.")]
            pub fn new(service: impl Into<String>, id: impl Into<String>) -> Self {
                Self { service: service.into(), id: id.into() }
            }

            /// The name under which the hub knows the service.
            pub fn service(&self) -> &str {
                &self.service
            }

            /// The service's own id, as the service writes it.
            pub fn as_str(&self) -> &str {
                &self.id
            }

            pub(crate) fn set_service(&mut self, service: &str) {
                service.clone_into(&mut self.service);
            }
        }

        /// `service:id`, the form that [`FromStr`] reads back.
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
                    .ok_or_else(|| Error::invalid_input(concat!("a ", $what, " id is written service:id")))
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
                text.parse().map_err(|_| serde::de::Error::custom(concat!("a ", $what, " id is written service:id")))
            }
        }

        impl JsonSchema for $id {
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
    /// A user and the service she is known to; written `authress:auth0|7`.
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
    /// What a handle takes where a user is meant: a [`UserId`], or the service's bare id as a string.
    ///
    /// A `UserId` of another service is refused with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    UserRef,
    "user"
}

typed_id! {
    /// A group, team or tenant and the service it belongs to; written `authress:tenant-1`.
    GroupId,
    /// What a handle takes where a group is meant: a [`GroupId`], or the service's bare id as a string.
    ///
    /// A `GroupId` of another service is refused with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    GroupRef,
    "group"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_id_survives_being_written_and_read() {
        for text in ["authress:auth0|7", "docspace-eu:urn:user:7", "ostrom:a/b c"] {
            assert_eq!(text.parse::<UserId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_id_without_service_or_value_is_refused() {
        for text in ["", "auth0|7", ":7", "authress:"] {
            assert!(text.parse::<UserId>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_id_is_one_json_string() {
        let id = GroupId::new("authress", "tenant-1");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"authress:tenant-1\"");
        assert_eq!(
            serde_json::from_str::<GroupId>("\"authress:tenant-1\"").unwrap(),
            id
        );
    }
}

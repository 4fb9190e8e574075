//! A string that is kept from logs: passwords, tokens, keys, invite ids.
//!
//! Generated request and response types use it for every secret field, the
//! credentials for what they hold.

use std::{fmt, hint::black_box};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A string that neither `Debug` nor an error ever shows, wiped when dropped.
///
/// It has no `Display` on purpose: whoever needs the text asks by
/// [`expose`](Self::expose). It serializes as the text itself, because that is
/// how it reaches the service.
///
/// ```
/// let password = idweave_transport::Secret::new("correct horse");
/// assert_eq!(format!("{password:?}"), "Secret(***)");
/// assert_eq!(password.expose(), "correct horse");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Creates a secret from a string.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    /// Returns the text. Do not print it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Bytes that are wiped when their last copy is dropped: a request body may hold a password.
pub(crate) fn wiped(bytes: impl Into<Vec<u8>>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(bytes.into()))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl From<&String> for Secret {
    fn from(secret: &String) -> Self {
        Self::new(secret.as_str())
    }
}

impl From<&Secret> for Secret {
    fn from(secret: &Secret) -> Self {
        secret.clone()
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(secret: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(secret))
    }
}

impl PartialEq for Secret {
    /// Takes the same time wherever the texts differ; their lengths may show.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        let difference = a
            .iter()
            .zip(b)
            .fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
        a.len() == b.len() && difference == 0
    }
}

impl Eq for Secret {}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_equal_only_to_the_same_text() {
        assert_eq!(Secret::new("abc"), Secret::new("abc"));
        for other in ["", "ab", "abcd", "abd", "ABC", "bac"] {
            assert_ne!(Secret::new("abc"), Secret::new(other), "{other}");
        }
    }

    #[test]
    fn secret_is_text_in_json() -> Result<(), serde_json::Error> {
        let secret: Secret = serde_json::from_str("\"s3\"")?;
        assert_eq!(secret.expose(), "s3");
        assert_eq!(serde_json::to_string(&secret)?, "\"s3\"");
        Ok(())
    }

    #[test]
    fn secret_is_never_shown_by_debug() {
        assert!(
            !format!("{:?} {:#?}", Secret::new("MARK"), Some(Secret::new("MARK"))).contains("MARK")
        );
    }

    #[test]
    fn secret_is_made_of_every_kind_of_text() {
        let secret = Secret::new("abc");
        for made in [
            Secret::from("abc"),
            Secret::from("abc".to_owned()),
            Secret::from(&"abc".to_owned()),
            Secret::from(&secret),
            "abc".parse().unwrap_or_default(),
        ] {
            assert_eq!(made.expose(), "abc");
            assert!(!made.is_empty());
        }
        assert!(Secret::default().is_empty());
        assert_eq!(format!("{secret:?}"), "Secret(***)");
    }
}

//! A field of a partial update, where leaving out and setting to null differ.
//!
//! Used by generated request types (RFC 7396 semantics).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a partial update does to one field.
///
/// Declare the field with
/// `#[serde(default, skip_serializing_if = "Patch::is_absent")]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// Left as it is: the field is not sent.
    #[default]
    Absent,
    /// Cleared: `null` is sent.
    Null,
    /// Set to this value.
    Value(T),
}

impl<T> Patch<T> {
    /// Returns whether the field is not sent.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Returns whether the field is cleared.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the value, if one is set.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            // Skipped by `skip_serializing_if`; null is what is left where that is missing.
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Update {
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        name: Patch<String>,
    }

    #[test]
    fn patch_distinguishes_absent_null_and_value() -> Result<(), serde_json::Error> {
        for (name, json) in [
            (Patch::Absent, "{}"),
            (Patch::Null, r#"{"name":null}"#),
            (Patch::Value("Ann".to_owned()), r#"{"name":"Ann"}"#),
        ] {
            let update = Update { name };
            assert_eq!(serde_json::to_string(&update)?, json);
            assert_eq!(serde_json::from_str::<Update>(json)?, update);
        }
        Ok(())
    }

    #[test]
    fn patch_tells_which_of_the_three_it_is() {
        for (patch, absent, null, value) in [
            (Patch::Absent, true, false, None),
            (Patch::Null, false, true, None),
            (Patch::from(7), false, false, Some(&7)),
        ] {
            assert_eq!(patch.is_absent(), absent, "{patch:?}");
            assert_eq!(patch.is_null(), null, "{patch:?}");
            assert_eq!(patch.value(), value, "{patch:?}");
        }
    }
}

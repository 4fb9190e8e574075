//! Typed reading of JSON bodies, field by field, with the reason when a value is invalid.
//!
//! Every service turns a [`Violation`] into its own error body. A reader whose name ends in `_opt`
//! returns `None` for a field that is absent or null; the others require it.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::data::ids::is_uuid;

/// Why a value of a request is invalid.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) field: String,
    pub(crate) reason: String,
}

impl Violation {
    pub(crate) fn new(field: &str, reason: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            reason: reason.into(),
        }
    }
}

/// A value that was read, or why it is invalid.
pub(crate) type Checked<T> = Result<T, Violation>;

/// Returns the value of a required field.
pub(crate) fn required<T>(field: &str, value: Option<T>) -> Checked<T> {
    value.ok_or_else(|| Violation::new(field, "is required"))
}

/// Reads a GUID and returns it in lower case.
pub(crate) fn guid(field: &str, text: &str) -> Checked<String> {
    if is_uuid(text) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Violation::new(field, "must be a GUID"))
    }
}

/// Reads a UUID and returns it in lower case; as [`guid`], for services that say UUID.
pub(crate) fn uuid(field: &str, text: &str) -> Checked<String> {
    guid(field, text).map_err(|_| Violation::new(field, "must be a UUID"))
}

/// The fields of a JSON object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    map: Map<String, Value>,
}

impl Fields {
    /// Parses a body, which must be a JSON object.
    pub(crate) fn parse(body: &[u8]) -> Checked<Self> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) => Ok(Self { map }),
            Ok(_) => Err(Violation::new("body", "must be a JSON object")),
            Err(error) => Err(Violation::new(
                "body",
                format!("is not valid JSON: {error}"),
            )),
        }
    }

    /// Parses a body as [`Fields::parse`] does; an empty one counts as an empty object.
    pub(crate) fn parse_or_empty(body: &[u8]) -> Checked<Self> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        Self::parse(body)
    }

    /// Takes a value, which must be an object.
    pub(crate) fn from_value(value: &Value, field: &str) -> Checked<Self> {
        match value {
            Value::Object(map) => Ok(Self { map: map.clone() }),
            _ => Err(Violation::new(field, "must be an object")),
        }
    }

    /// Takes the fields of a form, each a text.
    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        let pairs = pairs.into_iter();
        Self {
            map: pairs
                .map(|(name, value)| (name, Value::String(value)))
                .collect(),
        }
    }

    /// Returns the field's value unless it is absent or null.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Returns whether the field is there at all, null included.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    pub(crate) fn text(&self, name: &str, min: usize, max: usize) -> Checked<&str> {
        required(name, self.text_opt(name, min, max)?)
    }

    pub(crate) fn text_opt(&self, name: &str, min: usize, max: usize) -> Checked<Option<&str>> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let Some(text) = value.as_str() else {
            return Err(Violation::new(name, "must be a string"));
        };
        let length = text.chars().count();
        if length < min || length > max {
            return Err(Violation::new(
                name,
                format!("must have {min} to {max} characters"),
            ));
        }
        Ok(Some(text))
    }

    pub(crate) fn flag(&self, name: &str) -> Checked<bool> {
        required(name, self.flag_opt(name)?)
    }

    pub(crate) fn flag_opt(&self, name: &str) -> Checked<Option<bool>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Violation::new(name, "must be a boolean")),
        }
    }

    pub(crate) fn integer(&self, name: &str, min: i64, max: i64) -> Checked<i64> {
        required(name, self.integer_opt(name, min, max)?)
    }

    pub(crate) fn integer_opt(&self, name: &str, min: i64, max: i64) -> Checked<Option<i64>> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        match value.as_i64() {
            Some(number) if (min..=max).contains(&number) => Ok(Some(number)),
            Some(_) => Err(Violation::new(
                name,
                format!("must be between {min} and {max}"),
            )),
            None => Err(Violation::new(name, "must be an integer")),
        }
    }

    /// Reads a GUID and returns it in lower case.
    pub(crate) fn guid(&self, name: &str) -> Checked<String> {
        guid(name, self.text(name, 1, 64)?)
    }

    pub(crate) fn date_time_opt(&self, name: &str) -> Checked<Option<Timestamp>> {
        let Some(text) = self.text_opt(name, 1, 64)? else {
            return Ok(None);
        };
        let at = text.parse();
        at.map(Some)
            .map_err(|_| Violation::new(name, "must be a date-time"))
    }

    pub(crate) fn list(&self, name: &str) -> Checked<&Vec<Value>> {
        required(name, self.list_opt(name)?)
    }

    pub(crate) fn list_opt(&self, name: &str) -> Checked<Option<&Vec<Value>>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(Violation::new(name, "must be an array")),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Checked<Vec<String>> {
        required(name, self.texts_opt(name)?)
    }

    pub(crate) fn texts_opt(&self, name: &str) -> Checked<Option<Vec<String>>> {
        let Some(items) = self.list_opt(name)? else {
            return Ok(None);
        };
        items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .map(Some)
            .ok_or_else(|| Violation::new(name, "must hold strings only"))
    }

    pub(crate) fn object(&self, name: &str) -> Checked<Self> {
        required(name, self.object_opt(name)?)
    }

    pub(crate) fn object_opt(&self, name: &str) -> Checked<Option<Self>> {
        self.value(name)
            .map(|value| Self::from_value(value, name))
            .transpose()
    }

    /// Iterates over a list of objects, each checked when its turn comes.
    pub(crate) fn objects<'a>(
        &'a self,
        name: &'a str,
    ) -> Checked<impl Iterator<Item = Checked<Self>> + 'a> {
        Ok(Self::each(self.list(name)?, name))
    }

    /// As [`Fields::objects`]; an absent list is an empty one.
    pub(crate) fn objects_opt<'a>(
        &'a self,
        name: &'a str,
    ) -> Checked<impl Iterator<Item = Checked<Self>> + 'a> {
        Ok(Self::each(self.list_opt(name)?.into_iter().flatten(), name))
    }

    fn each<'a>(
        items: impl IntoIterator<Item = &'a Value>,
        name: &'a str,
    ) -> impl Iterator<Item = Checked<Self>> {
        items
            .into_iter()
            .map(move |item| Self::from_value(item, name))
    }
}

/// Returns whether the text can be an e-mail address: one `@`, a dotted or bare host, no space or
/// control character.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.is_empty()
        && text.len() <= 255
        && !local.contains('@')
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\\\"[]".contains(c))
        && domain.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
}

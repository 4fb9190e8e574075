//! Reading a request's JSON body field by field, with the reason when it does not fit.
//!
//! Every service turns a [`Violation`] into its own error body.

use serde_json::{Map, Value};

/// Why a body, a query or a header does not fit.
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

/// A JSON object's fields.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    map: Map<String, Value>,
}

type Checked<T> = Result<T, Violation>;

impl Fields {
    /// The body as an object; anything else does not fit.
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

    /// As [`Fields::parse`], where an empty body counts as an empty object.
    pub(crate) fn parse_or_empty(body: &[u8]) -> Checked<Self> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::default());
        }
        Self::parse(body)
    }

    pub(crate) fn of(value: &Value, field: &str) -> Checked<Self> {
        match value {
            Value::Object(map) => Ok(Self { map: map.clone() }),
            _ => Err(Violation::new(field, "must be an object")),
        }
    }

    /// The field's value, null and absent being the same.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// Whether the field is there at all, null included.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    pub(crate) fn text(&self, name: &str, min: usize, max: usize) -> Checked<&str> {
        self.text_opt(name, min, max)?
            .ok_or_else(|| Violation::new(name, "is required"))
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

    pub(crate) fn flag(&self, name: &str) -> Checked<Option<bool>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Violation::new(name, "must be a boolean")),
        }
    }

    pub(crate) fn integer(&self, name: &str, min: i64, max: i64) -> Checked<Option<i64>> {
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

    pub(crate) fn list(&self, name: &str) -> Checked<Option<&Vec<Value>>> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(Violation::new(name, "must be an array")),
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Checked<Option<Vec<String>>> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .map(Some)
            .ok_or_else(|| Violation::new(name, "must hold strings only"))
    }
}

/// Whether the text can be an e-mail address: one `@`, a dotted or bare host, no space or control.
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

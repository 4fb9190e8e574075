//! Finds the operations of a document and follows its references: what every `specs` command looks at.

use serde_json::{Map, Value};

use crate::openapi::pointer;

/// The methods an operation can have, in the order they are written and reported.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// One operation of a document.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// Lower case, as in the document.
    pub method: &'static str,
    /// The path template.
    pub path: &'a str,
    /// The operation object.
    pub value: &'a Value,
    /// The path item it stands in.
    pub item: &'a Value,
}

impl<'a> Operation<'a> {
    /// `operationId`, when there is one.
    #[must_use]
    pub fn id(&self) -> Option<&'a str> {
        self.value.get("operationId").and_then(Value::as_str)
    }

    /// `METHOD /path`.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// The operation id, or the signature of an operation that has none.
    #[must_use]
    pub fn name(&self) -> String {
        self.id().map_or_else(|| self.signature(), str::to_owned)
    }

    /// Its tags.
    pub fn tags(&self) -> impl Iterator<Item = &'a str> {
        self.value
            .get("tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    /// JSON pointer of the operation object.
    #[must_use]
    pub fn pointer(&self) -> String {
        format!("/paths/{}/{}", pointer::escape(self.path), self.method)
    }

    /// Parameters of the path item and its own, references resolved, own ones winning.
    #[must_use]
    pub fn parameters(&self, document: &'a Value) -> Vec<&'a Value> {
        let list = |value: &'a Value| {
            value
                .get("parameters")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
        };
        let own: Vec<&Value> = list(self.value).map(|p| deref(document, p)).collect();
        let key = |p: &Value| (p["in"].clone(), p["name"].clone());
        let mut all: Vec<&Value> = list(self.item)
            .map(|p| deref(document, p))
            .filter(|p| !own.iter().any(|o| key(o) == key(p)))
            .collect();
        all.extend(own);
        all
    }

    /// Security alternatives: the operation's own, else the document's, else none.
    #[must_use]
    pub fn security(&self, document: &'a Value) -> Option<&'a Vec<Value>> {
        self.value
            .get("security")
            .or_else(|| document.get("security"))
            .and_then(Value::as_array)
    }

    /// Statuses with their responses, references resolved, in the order of the document.
    #[must_use]
    pub fn responses(&self, document: &'a Value) -> Vec<(&'a str, &'a Value)> {
        self.value
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter(|(status, _)| !status.starts_with("x-"))
            .map(|(status, response)| (status.as_str(), deref(document, response)))
            .collect()
    }
}

/// Every operation of a document, by path and then method.
#[must_use]
pub fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut found = Vec::new();
    for (path, item) in document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let item = deref(document, item);
        for method in METHODS {
            if let Some(value) = item.get(method).filter(|v| v.is_object()) {
                found.push(Operation {
                    method,
                    path,
                    value,
                    item,
                });
            }
        }
    }
    found
}

/// What a `$ref` points to, followed at most 32 times; the value itself when it is none, or points nowhere.
#[must_use]
pub fn deref<'a>(document: &'a Value, mut value: &'a Value) -> &'a Value {
    for _ in 0..32 {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
            return value;
        };
        match pointer::resolve(document, reference) {
            Some(target) => value = target,
            None => return value,
        }
    }
    value
}

/// Every `$ref` text below `value`, outside of data (`example`, `default`, `enum`).
pub fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                found.push(reference);
            }
            if let Some(mapping) = map.get("mapping").and_then(Value::as_object) {
                found.extend(
                    mapping
                        .values()
                        .filter_map(Value::as_str)
                        .filter(|v| v.starts_with('#')),
                );
            }
            for (key, value) in map {
                if !matches!(
                    key.as_str(),
                    "example" | "examples" | "default" | "enum" | "const"
                ) || value.get("$ref").is_some()
                {
                    references(value, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The entries of the object under `key`; none when there is no such object.
pub fn object<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value
        .get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

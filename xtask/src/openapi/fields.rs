//! Tells what the keys of a document are: fields of the specification, names chosen by its author, or parts of a sample.
//!
//! A schema property may be called `default`, `example` or `schema`, and many responses are called `default`. Code that looks for
//! a field must not take these names for fields, nor `{"$ref": …}` inside a sample for a reference.

use serde_json::{Map, Value};

use super::pointer::PointerPath;

/// What the keys of an object are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Fields of the OpenAPI Specification or JSON Schema.
    Fields,
    /// Names chosen by the author of the document, each of an object with fields.
    Names,
}

/// Fields whose keys are names.
const NAME_MAPS: [&str; 18] = [
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
    "definitions",
    "paths",
    "schemas",
    "parameters",
    "requestBodies",
    "responses",
    "headers",
    "securitySchemes",
    "callbacks",
    "content",
    "encoding",
    "variables",
    "pathItems",
    "flows",
];

/// Fields whose values are data: nothing inside is a field.
const DATA: [&str; 9] = [
    "default", "enum", "const", "example", "examples", "required", "security", "mapping", "tags",
];

impl Keys {
    /// Tells what the keys of the object under `key` are; nothing when its value is data.
    #[must_use]
    pub fn below(self, key: &str) -> Option<Self> {
        match self {
            Self::Names => Some(Self::Fields),
            Self::Fields if DATA.contains(&key) => None,
            Self::Fields if NAME_MAPS.contains(&key) => Some(Self::Names),
            Self::Fields => Some(Self::Fields),
        }
    }
}

/// Lists the entries of the object under `key`; none when there is no such object.
pub fn entries<'a>(
    value: &'a Value,
    key: &str,
) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    value
        .get(key)
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Map::iter)
}

/// Returns the text under `key`; empty when there is none.
#[must_use]
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The callback for an object, with the kind of its keys and its place.
pub type ObjectVisitor<'a, 'v> = dyn FnMut(&'a Map<String, Value>, Keys, PointerPath<'_>) + 'v;

/// Visits every object of a document or a part of one, outermost first, and leaves out data.
pub fn each_object<'a>(value: &'a Value, at: PointerPath<'_>, visit: &mut ObjectVisitor<'a, '_>) {
    walk(value, Keys::Fields, at, visit);
}

fn walk<'a>(value: &'a Value, keys: Keys, at: PointerPath<'_>, visit: &mut ObjectVisitor<'a, '_>) {
    match value {
        Value::Object(map) => {
            visit(map, keys, at);
            for (key, value) in map {
                if let Some(keys) = keys.below(key) {
                    walk(value, keys, at.name(key), visit);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, Keys::Fields, at.index(index), visit);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_object_leaves_out_data_and_keeps_names_that_look_like_it() {
        let document = json!({
            "paths": {"/a": {"get": {"responses": {"default": {"content": {"t": {"example": {"seen": false}}}}}}}},
            "components": {"schemas": {"default": {"properties": {"enum": {"default": {"seen": false}}}}}}
        });
        let mut seen = Vec::new();
        each_object(&document, PointerPath::base(""), &mut |_, keys, at| {
            seen.push((at.to_string(), keys));
        });
        assert!(seen.contains(&("/paths/~1a/get/responses/default".into(), Keys::Fields)));
        assert!(seen.contains(&(
            "/components/schemas/default/properties/enum".into(),
            Keys::Fields
        )));
        assert!(seen.contains(&("/components/schemas".into(), Keys::Names)));
        assert!(
            !seen
                .iter()
                .any(|(at, _)| at.ends_with("/example") || at.ends_with("enum/default"))
        );
    }
}

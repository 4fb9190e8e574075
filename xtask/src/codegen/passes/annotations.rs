//! Tells annotations, which describe a schema, from keywords that give its values a shape.

use serde_json::{Map, Value, json};

/// Tells whether a keyword says nothing about the shape of a value.
pub(super) fn is_annotation(keyword: &str) -> bool {
    matches!(
        keyword,
        "description" | "nullable" | "readOnly" | "writeOnly" | "deprecated" | "discriminator"
    ) || keyword.starts_with("x-")
}

/// Tells whether a schema says anything about the shape of its values.
pub(super) fn has_shape(schema: &Value) -> bool {
    schema
        .as_object()
        .is_some_and(|m| m.keys().any(|k| !is_annotation(k)))
}

/// Copies annotations that are not there yet.
pub(super) fn annotate(schema: &mut Value, from: &Value) {
    let (Some(map), Some(from)) = (schema.as_object_mut(), from.as_object()) else {
        return;
    };
    for (key, value) in from {
        if !is_annotation(key) || key == "discriminator" {
            continue;
        }
        if let ("x-idweave-certain", Some(more)) = (key.as_str(), value.as_array()) {
            let list = map.entry("x-idweave-certain").or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.extend(
                    more.iter()
                        .filter(|n| !list.contains(n))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
            }
            continue;
        }
        if key == "nullable" {
            if *value == Value::Bool(true) {
                map.insert(key.clone(), true.into());
            }
        } else if !map.contains_key(key) {
            map.insert(key.clone(), value.clone());
        }
    }
}

/// Returns a schema without its annotations, for comparing.
pub(super) fn bare(schema: &Value) -> Value {
    match schema.as_object() {
        Some(map) => map
            .iter()
            .filter(|(k, _)| !is_annotation(k))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect::<Map<_, _>>()
            .into(),
        None => schema.clone(),
    }
}

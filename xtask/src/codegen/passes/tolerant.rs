//! Repairs schemas whose meaning is plain but that are not JSON Schema: `type: int`, `required: true` in a property, `format`
//! without `type`, nulls in place of values.

use serde_json::{Map, Value, json};

use super::context::Context;
use crate::openapi::schemas::every_schema;

pub(super) const NAME: &str = "tolerant";

/// Translates a type name of another language to JSON Schema.
fn known_type(word: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match word.to_ascii_lowercase().as_str() {
        "int" | "int32" | "short" | "byte_int" => ("integer", Some("int32")),
        "long" | "int64" | "bigint" | "timestamp" => ("integer", Some("int64")),
        "bool" => ("boolean", None),
        "str" | "text" | "date" | "datetime" | "date-time" | "uuid" | "email" | "uri" | "url"
        | "password" | "char" => ("string", None),
        "file" | "binary" => ("string", Some("binary")),
        "float" | "double" | "decimal" => ("number", None),
        "map" | "dict" | "hash" | "json" => ("object", None),
        "list" | "set" => ("array", None),
        "string" => ("string", None),
        "integer" => ("integer", None),
        "number" => ("number", None),
        "boolean" => ("boolean", None),
        "object" => ("object", None),
        "array" => ("array", None),
        _ => return None,
    })
}

const TYPES: [&str; 7] = [
    "string", "integer", "number", "boolean", "object", "array", "null",
];

fn repair(map: &mut Map<String, Value>) -> Vec<String> {
    let mut notes = Vec::new();
    match map.get("type").cloned() {
        Some(Value::String(word)) if !TYPES.contains(&word.as_str()) => {
            map.shift_remove("type");
            if let Some((meant, format)) = known_type(&word) {
                notes.push(format!("type {word} is read as {meant}"));
                map.insert("type".into(), meant.into());
                if let (Some(format), false) = (format, map.contains_key("format")) {
                    map.insert("format".into(), format.into());
                }
            } else {
                notes.push(format!(
                    "type {word} is not a type of JSON Schema: any value"
                ));
            }
        }
        Some(Value::Array(list)) => {
            let known: Vec<Value> = list
                .into_iter()
                .filter(|t| t.as_str().is_some_and(|t| TYPES.contains(&t)))
                .collect();
            map.insert("type".into(), Value::Array(known));
        }
        Some(Value::String(_)) | None => {}
        Some(_) => {
            map.shift_remove("type");
            notes.push("type is not a string: any value".into());
        }
    }
    if let Some(required) = map.get("required") {
        if let Some(list) = required.as_array() {
            let names: Vec<Value> = list.iter().filter(|n| n.is_string()).cloned().collect();
            if names.len() != list.len() {
                map.insert("required".into(), Value::Array(names));
            }
        } else {
            map.shift_remove("required");
            notes.push(
                "required is a list of names on the object, not a flag on the property: dropped"
                    .into(),
            );
        }
    }
    for (key, object) in [
        ("properties", true),
        ("patternProperties", true),
        ("enum", false),
        ("allOf", false),
        ("anyOf", false),
        ("oneOf", false),
    ] {
        let Some(value) = map.get(key) else { continue };
        let fine = if object {
            value.is_object()
        } else {
            value.as_array().is_some_and(|l| !l.is_empty())
        };
        if !fine {
            map.shift_remove(key);
            notes.push(format!("{key} is empty: dropped"));
        }
    }
    for key in ["nullable", "readOnly", "writeOnly", "deprecated"] {
        match map.get(key).cloned() {
            None | Some(Value::Bool(_)) => {}
            Some(other) => drop(map.insert(key.into(), (other.as_str() == Some("true")).into())),
        }
    }
    // A scalar in place of a property is not a schema.
    for (_, property) in map
        .get_mut("properties")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        if !property.is_object() && !property.is_boolean() {
            notes.push("a property that is not a schema: any value".into());
            *property = json!({});
        }
    }
    for key in ["items", "additionalProperties", "not"] {
        if map
            .get(key)
            .is_some_and(|v| !(v.is_object() || v.is_boolean() || key == "items" && v.is_array()))
        {
            map.shift_remove(key);
            notes.push(format!("{key} is not a schema: dropped"));
        }
    }
    if !map.contains_key("type") && !map.contains_key("$ref") {
        let object = ["properties", "additionalProperties", "patternProperties"]
            .iter()
            .any(|k| map.contains_key(*k));
        let composed = ["allOf", "anyOf", "oneOf"]
            .iter()
            .any(|k| map.contains_key(*k));
        if object && !composed {
            map.insert("type".into(), "object".into());
        } else if map.contains_key("items") {
            map.insert("type".into(), "array".into());
        } else if let Some(format) = map.get("format").and_then(Value::as_str)
            && let Some((meant, _)) = known_type(format)
        {
            notes.push(format!("format {format} without type: {meant} is assumed"));
            map.insert("type".into(), meant.into());
        }
    }
    if map.get("type").and_then(Value::as_str) == Some("array")
        && !map.contains_key("items")
        && !map.contains_key("prefixItems")
    {
        map.insert("items".into(), json!({}));
    }
    notes
}

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    every_schema(document, &mut |schema, at, operation| match schema {
        Value::Object(map) => {
            for what in repair(map) {
                report.change(NAME, operation, at, what);
            }
        }
        Value::Bool(_) => *schema = json!({}),
        other => {
            report.change(
                NAME,
                operation,
                at,
                format!("{other} is not a schema: any value"),
            );
            *other = json!({});
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn repaired(schema: Value) -> Value {
        let context = run_pass(json!({"components": {"schemas": {"A": schema}}}), run);
        context.at("/components/schemas/A").clone()
    }

    #[test]
    fn tolerant_understands_other_type_names_and_formats_alone() {
        assert_eq!(
            repaired(json!({"type": "int"})),
            json!({"type": "integer", "format": "int32"})
        );
        assert_eq!(repaired(json!({"type": "any"})), json!({}));
        assert_eq!(
            repaired(json!({"format": "date"})),
            json!({"format": "date", "type": "string"})
        );
        assert_eq!(
            repaired(json!({"format": "array"})),
            json!({"format": "array", "type": "array", "items": {}})
        );
        assert_eq!(
            repaired(json!({"properties": {"a": null}})),
            json!({"properties": {"a": {}}, "type": "object"})
        );
    }

    #[test]
    fn tolerant_drops_nulls_and_misplaced_flags() {
        assert_eq!(
            repaired(json!({"type": "string", "required": true, "enum": null, "nullable": "true"})),
            json!({"type": "string", "nullable": true})
        );
        assert_eq!(repaired(json!(null)), json!({}));
        assert_eq!(repaired(json!(true)), json!({}));
    }
}

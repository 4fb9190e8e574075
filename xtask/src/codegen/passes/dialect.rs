//! Converts schemas of OpenAPI 3.1 (JSON Schema 2020-12) to OpenAPI 3.0.
//!
//! Type arrays become `nullable` or alternatives, `const` an enum of one value, a null alternative `nullable`; siblings of `$ref`
//! stay only as annotations.

use serde_json::{Map, Value, json};

use super::context::Context;
use crate::openapi::schemas::every_schema;

pub(super) const NAME: &str = "dialect";

/// Tells whether a keyword applies to a type; many keywords apply to one type only.
fn applies_to(keyword: &str, kind: &str) -> bool {
    match keyword {
        "properties"
        | "required"
        | "additionalProperties"
        | "patternProperties"
        | "minProperties"
        | "maxProperties" => kind == "object",
        "items" | "prefixItems" | "minItems" | "maxItems" | "uniqueItems" => kind == "array",
        "minLength" | "maxLength" | "pattern" => kind == "string",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            matches!(kind, "integer" | "number")
        }
        _ => true,
    }
}

fn is_null_schema(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
        || schema
            .get("type")
            .and_then(Value::as_array)
            .is_some_and(|t| t.iter().all(|t| t == "null") && !t.is_empty())
        || schema
            .get("enum")
            .and_then(Value::as_array)
            .is_some_and(|e| e.iter().all(Value::is_null) && !e.is_empty())
        || schema.get("const").is_some_and(Value::is_null)
}

fn convert(map: &mut Map<String, Value>) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if let Some(value) = map.shift_remove("const") {
        notes.push("const is read as an enum of one value");
        map.entry("enum").or_insert_with(|| json!([value]));
    }
    if let Some(Value::Array(kinds)) = map.get("type").cloned() {
        let mut kinds: Vec<String> = kinds
            .iter()
            .filter_map(|k| k.as_str().map(str::to_owned))
            .collect();
        kinds.dedup();
        let null = kinds.iter().any(|k| k == "null");
        kinds.retain(|k| k != "null");
        if kinds.len() == 2
            && kinds.contains(&"integer".to_owned())
            && kinds.contains(&"number".to_owned())
        {
            kinds = vec!["number".into()];
        }
        map.shift_remove("type");
        if null {
            notes.push("null in a type array is read as nullable");
            map.insert("nullable".into(), true.into());
        }
        match kinds.as_slice() {
            [] => {}
            [kind] => drop(map.insert("type".into(), kind.clone().into())),
            _ if map.contains_key("oneOf")
                || map.contains_key("anyOf")
                || map.contains_key("allOf") => {}
            several => {
                notes.push("a type array is read as oneOf");
                let values = map.shift_remove("enum");
                let alternatives: Vec<Value> = several
                    .iter()
                    .map(|kind| {
                        let mut one = Map::new();
                        one.insert("type".into(), kind.clone().into());
                        for (k, v) in map
                            .iter()
                            .filter(|(k, _)| applies_to(k, kind) && !applies_to(k, ""))
                        {
                            one.insert(k.clone(), v.clone());
                        }
                        if kind == "array" && !one.contains_key("items") {
                            one.insert("items".into(), json!({}));
                        }
                        if kind == "string"
                            && let Some(Value::Array(values)) = &values
                        {
                            let words: Vec<Value> =
                                values.iter().filter(|v| v.is_string()).cloned().collect();
                            if !words.is_empty() {
                                one.insert("enum".into(), Value::Array(words));
                            }
                        }
                        Value::Object(one)
                    })
                    .collect();
                map.retain(|k, _| applies_to(k, ""));
                map.shift_remove("format");
                map.insert("oneOf".into(), Value::Array(alternatives));
            }
        }
    }
    if map.get("type").and_then(Value::as_str) == Some("null") {
        map.shift_remove("type");
        map.insert("nullable".into(), true.into());
    }
    for key in ["oneOf", "anyOf"] {
        let Some(list) = map.get_mut(key).and_then(Value::as_array_mut) else {
            continue;
        };
        let before = list.len();
        list.retain(|s| !is_null_schema(s));
        if list.len() < before {
            if list.is_empty() {
                map.shift_remove(key);
            }
            map.insert("nullable".into(), true.into());
            notes.push("a null alternative is read as nullable");
        }
    }
    if let Some(list) = map.get_mut("enum").and_then(Value::as_array_mut) {
        let before = list.len();
        list.retain(|v| !v.is_null());
        if list.len() < before {
            if list.is_empty() {
                map.shift_remove("enum");
            }
            map.insert("nullable".into(), true.into());
        }
    }
    if let Some(items) = map.shift_remove("prefixItems") {
        notes.push("a tuple is read as a list of any values");
        drop(items);
        map.insert("items".into(), json!({}));
    }
    if map.get("items").is_some_and(|i| !i.is_object()) {
        map.insert("items".into(), json!({}));
    }
    if map.contains_key("contentMediaType")
        && map.get("contentEncoding").is_none()
        && map.get("type").is_none()
    {
        map.insert("type".into(), "string".into());
    }
    let conditions = [
        "if",
        "then",
        "else",
        "not",
        "dependentSchemas",
        "dependentRequired",
        "contains",
        "unevaluatedProperties",
        "unevaluatedItems",
        "propertyNames",
    ];
    let before = map.len();
    map.retain(|k, _| !conditions.contains(&k.as_str()));
    if map.len() < before {
        notes.push("conditions on values are not types: dropped");
    }
    if let Some(Value::Object(patterns)) = map.shift_remove("patternProperties") {
        notes.push("patternProperties are read as a map");
        let values: Vec<&Value> = patterns.values().collect();
        let value = match values.as_slice() {
            [one] => (*one).clone(),
            _ => json!({}),
        };
        if !map
            .get("additionalProperties")
            .is_some_and(Value::is_object)
        {
            map.insert("additionalProperties".into(), value);
        }
    }
    for gone in [
        "$defs",
        "definitions",
        "$schema",
        "$id",
        "$anchor",
        "$dynamicAnchor",
        "$comment",
        "$vocabulary",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "x-rust-type",
    ] {
        map.shift_remove(gone);
    }
    notes
}

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    every_schema(document, &mut |schema, at, operation| {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        for what in convert(map) {
            report.change(NAME, operation, at, what);
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn converted(schema: Value) -> Value {
        let context = run_pass(json!({"components": {"schemas": {"A": schema}}}), run);
        context.at("/components/schemas/A").clone()
    }

    #[test]
    fn dialect_converts_type_arrays() {
        assert_eq!(
            converted(json!({"type": ["string", "null"]})),
            json!({"nullable": true, "type": "string"})
        );
        assert_eq!(
            converted(
                json!({"type": ["string", "integer", "null"], "maxLength": 3, "description": "d"})
            ),
            json!({"description": "d", "nullable": true,
                   "oneOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]})
        );
        assert_eq!(
            converted(json!({"type": ["integer", "number"]})),
            json!({"type": "number"})
        );
        assert_eq!(
            converted(json!({"type": "null"})),
            json!({"nullable": true})
        );
    }

    #[test]
    fn dialect_converts_const_and_null_alternatives() {
        assert_eq!(
            converted(json!({"type": "string", "const": "a"})),
            json!({"type": "string", "enum": ["a"]})
        );
        assert_eq!(
            converted(json!({"anyOf": [{"type": "string"}, {"type": "null"}]})),
            json!({"anyOf": [{"type": "string"}], "nullable": true})
        );
        assert_eq!(
            converted(json!({"enum": ["a", null]})),
            json!({"enum": ["a"], "nullable": true})
        );
    }

    #[test]
    fn dialect_reduces_conditions_tuples_and_patterns_to_types() {
        assert_eq!(
            converted(json!({"not": {}, "if": {}, "then": {}, "type": "object"})),
            json!({"type": "object"})
        );
        assert_eq!(
            converted(json!({"type": "array", "prefixItems": [{}, {}]})),
            json!({"type": "array", "items": {}})
        );
        assert_eq!(
            converted(json!({"patternProperties": {"^x": {"type": "string"}}})),
            json!({"additionalProperties": {"type": "string"}})
        );
    }
}

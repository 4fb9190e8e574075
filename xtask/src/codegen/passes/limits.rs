//! Moves constraints on values from the types to the documentation.
//!
//! A pattern, a range or a format checked on decode would refuse the whole response for one value the document did not foresee.
//! The service checks what it is sent; the documentation states the constraints.

use serde_json::{Map, Value};

use super::context::Context;
use crate::openapi::schemas::every_schema;

pub(super) const NAME: &str = "limits";

fn number(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).filter(|v| v.is_number()).map(|v| {
        let text = v.to_string();
        text.strip_suffix(".0")
            .map_or_else(|| text.clone(), str::to_owned)
    })
}

/// Describes a range; `unit` is what is counted, in the singular; a count is never below 0, so that is not stated.
fn range(map: &Map<String, Value>, (low, high): (&str, &str), unit: &str) -> Option<String> {
    let low = number(map, low).filter(|low| low != "0" || unit.is_empty());
    let text = match (&low, number(map, high)) {
        (Some(a), Some(b)) if *a == b => format!("exactly {a}"),
        (Some(a), Some(b)) => format!("{a} to {b}"),
        (Some(a), None) => format!("at least {a}"),
        (None, Some(b)) => format!("at most {b}"),
        (None, None) => return None,
    };
    Some(match unit {
        "" => text,
        _ if text.ends_with(" 1") => format!("{text} {unit}"),
        _ => format!("{text} {unit}s"),
    })
}

/// Describes the constraints of a schema.
fn describe(map: &Map<String, Value>) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(range(map, ("minimum", "maximum"), ""));
    for (key, word) in [
        ("exclusiveMinimum", "more than"),
        ("exclusiveMaximum", "less than"),
    ] {
        parts.extend(number(map, key).map(|n| format!("{word} {n}")));
    }
    parts.extend(number(map, "multipleOf").map(|n| format!("a multiple of {n}")));
    parts.extend(range(map, ("minLength", "maxLength"), "character"));
    parts.extend(range(map, ("minItems", "maxItems"), "item"));
    if map.get("uniqueItems") == Some(&Value::Bool(true)) {
        parts.push("unique items".into());
    }
    let word = |key: &str| {
        map.get(key)
            .and_then(Value::as_str)
            .filter(|t| t.len() < 120 && !t.contains(['`', '\n', '\r']))
    };
    parts.extend(word("pattern").map(|p| format!("matches `{p}`")));
    let plain = [
        "int32", "int64", "float", "double", "binary", "string", "password",
    ];
    parts.extend(
        word("format")
            .filter(|f| !plain.contains(f))
            .map(|f| format!("format `{f}`")),
    );
    if let Some(default) = map
        .get("default")
        .filter(|d| d.is_string() || d.is_number() || d.is_boolean())
    {
        let text = default
            .as_str()
            .map_or_else(|| default.to_string(), str::to_owned);
        if text.len() < 80 && !text.contains(['`', '\n', '\r']) && !text.is_empty() {
            parts.push(format!("default `{text}`"));
        }
    }
    parts.join("; ")
}

const REMOVED: [&str; 25] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "pattern",
    "default",
    "example",
    "examples",
    "externalDocs",
    "xml",
    "title",
    "dependencies",
    "minContains",
    "maxContains",
    "$comment",
    "additionalItems",
    "style",
];

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    every_schema(document, &mut |schema, at, operation| {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        let limits = describe(map);
        // The title names alternatives of unions that have no name of their own.
        if let Some(title) = map.get("title").and_then(Value::as_str).map(str::to_owned) {
            map.insert("x-idweave-title".into(), title.into());
        }
        let restricts = map.contains_key("pattern")
            || map.contains_key("minLength")
            || map.contains_key("maxLength");
        map.retain(|k, _| !REMOVED.contains(&k.as_str()));
        let kind = map
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if let Some(format) = map
            .get("format")
            .map(|f| f.as_str().unwrap_or_default().to_owned())
        {
            let keep = match kind.as_str() {
                "integer" => matches!(format.as_str(), "int32" | "int64"),
                "string" => matches!(format.as_str(), "binary" | "password"),
                _ => false,
            };
            if !keep {
                map.shift_remove("format");
                if kind == "string" || kind.is_empty() {
                    report.change(
                        NAME,
                        operation,
                        at,
                        format!("format {format} is documented, not checked"),
                    );
                }
            }
        }
        if restricts {
            report.change(
                NAME,
                operation,
                at,
                "pattern and length are documented, not checked",
            );
        }
        if map.get("additionalProperties") == Some(&Value::Bool(false)) {
            map.shift_remove("additionalProperties");
            report.change(
                NAME,
                operation,
                at,
                "additionalProperties: false is dropped: unknown fields are ignored",
            );
        } else if map.get("additionalProperties") == Some(&Value::Bool(true)) {
            map.insert("additionalProperties".into(), Value::Object(Map::new()));
        }
        if !limits.is_empty() {
            map.insert("x-idweave-limits".into(), limits.into());
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn limited(schema: Value) -> Value {
        let context = run_pass(json!({"components": {"schemas": {"A": schema}}}), run);
        context.at("/components/schemas/A").clone()
    }

    #[test]
    fn limits_describe_ranges_patterns_and_formats() {
        assert_eq!(
            limited(
                json!({"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z]+$", "format": "uuid"})
            ),
            json!({"type": "string", "x-idweave-limits": "1 to 64 characters; matches `^[a-z]+$`; format `uuid`"})
        );
        assert_eq!(
            limited(
                json!({"type": "integer", "format": "int32", "minimum": 1, "maximum": 100.0, "default": 20})
            ),
            json!({"type": "integer", "format": "int32", "x-idweave-limits": "1 to 100; default `20`"})
        );
        assert_eq!(
            limited(json!({"type": "array", "maxItems": 5, "uniqueItems": true})),
            json!({"type": "array", "x-idweave-limits": "at most 5 items; unique items"})
        );
        assert_eq!(
            limited(json!({"type": "string", "minLength": 1})),
            json!({"type": "string", "x-idweave-limits": "at least 1 character"})
        );
        assert_eq!(
            limited(json!({"type": "string", "minLength": 0, "maxLength": 255})),
            json!({"type": "string", "x-idweave-limits": "at most 255 characters"})
        );
    }

    #[test]
    fn limits_make_date_times_strings_and_allow_unknown_fields() {
        assert_eq!(
            limited(json!({"type": "string", "format": "date-time"})),
            json!({"type": "string", "x-idweave-limits": "format `date-time`"})
        );
        assert_eq!(
            limited(json!({"type": "boolean", "format": "false"})),
            json!({"type": "boolean", "x-idweave-limits": "format `false`"})
        );
        assert_eq!(
            limited(json!({"type": "object", "additionalProperties": false})),
            json!({"type": "object"})
        );
        assert_eq!(
            limited(json!({"type": "object", "additionalProperties": true})),
            json!({"type": "object", "additionalProperties": {}})
        );
    }
}

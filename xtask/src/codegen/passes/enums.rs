//! Makes enums open, so that new values do not fail a response.
//!
//! Strings become open enums (a value not listed is kept), integers a newtype with named constants. Lists of anything else
//! are documentation. A string with a single value in a response stays a string: it only tells alternatives apart.

use serde_json::{Map, Value};

use super::context::Context;
use super::reach::reach;
use crate::openapi::pointer;
use crate::openapi::schemas::every_schema;

pub(super) const NAME: &str = "enums";

fn convert(map: &mut Map<String, Value>, sent: bool) -> Option<String> {
    let values = match map.shift_remove("enum") {
        Some(Value::Array(values)) => values,
        _ => return None,
    };
    let names = [
        "x-idweave-enum-names",
        "x-enum-varnames",
        "x-enumNames",
        "x-enum-names",
    ]
    .iter()
    .find_map(|k| map.get(*k)?.as_array().cloned());
    let kind = map
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let integers = !values.is_empty() && values.iter().all(|v| v.is_i64() || v.is_u64());
    if kind == "integer" || (kind != "string" && kind != "number" && integers) {
        let mut kept: Vec<Value> = Vec::new();
        let mut labels: Vec<Value> = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
            let Some(number) = number else { continue };
            if kept.contains(&Value::from(number)) {
                continue;
            }
            kept.push(number.into());
            labels.push(
                names
                    .as_ref()
                    .and_then(|n| n.get(index))
                    .cloned()
                    .unwrap_or(Value::Null),
            );
        }
        map.insert("type".into(), "integer".into());
        if !kept.is_empty() {
            map.insert("x-idweave-integers".into(), Value::Array(kept));
            map.insert("x-idweave-labels".into(), Value::Array(labels));
        }
        return Some("an integer with named constants".into());
    }
    let texts = values.iter().all(|v| v.is_string());
    if kind == "string" || (kind.is_empty() && texts) {
        let mut kept: Vec<String> = Vec::new();
        for value in &values {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            if !kept.contains(&text) {
                kept.push(text);
            }
        }
        map.insert("type".into(), "string".into());
        if let ([only], false) = (kept.as_slice(), sent) {
            map.insert("x-idweave-const".into(), only.clone().into());
            return Some(format!("always {only}: a string"));
        }
        let what = format!("an open enum of {}", kept.len());
        map.insert("enum".into(), kept.into());
        return Some(what);
    }
    if kind.is_empty() {
        let all = |f: fn(&Value) -> bool| values.iter().all(f);
        let kind = if all(Value::is_boolean) {
            "boolean"
        } else if all(Value::is_number) {
            "number"
        } else {
            ""
        };
        if !kind.is_empty() {
            map.insert("type".into(), kind.into());
        }
    }
    Some("listed values that are neither strings nor integers are not checked".into())
}

pub(super) fn run(context: &mut Context) {
    let reach = reach(&context.document);
    let Context { document, report } = context;
    every_schema(document, &mut |schema, at, operation| {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        if !map.contains_key("enum") {
            return;
        }
        let pointer = at.to_string();
        let sent = match pointer.strip_prefix("/components/schemas/") {
            Some(rest) => {
                let name = pointer::unescape(rest.split('/').next().unwrap_or_default());
                reach.requests.contains(&name)
            }
            None => !pointer.contains("/responses/"),
        };
        if let Some(what) = convert(map, sent) {
            report.change(NAME, operation, pointer, what);
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn converted(schema: Value) -> Value {
        let context = run_pass(
            json!({"components": {"schemas": {"A": schema}},
                   "paths": {"/x": {"get": {"responses": {"200": {"c": {"$ref": "#/components/schemas/A"}}}}}}}),
            run,
        );
        context.at("/components/schemas/A").clone()
    }

    #[test]
    fn string_enum_is_open_and_lists_each_value_once() {
        assert_eq!(
            converted(json!({"type": "string", "enum": ["a", "b", "a", 1, true]})),
            json!({"type": "string", "enum": ["a", "b", "1", "true"]})
        );
        assert_eq!(
            converted(json!({"enum": ["a", "b"]})),
            json!({"type": "string", "enum": ["a", "b"]})
        );
    }

    #[test]
    fn integer_enum_keeps_the_vendors_names() {
        assert_eq!(
            converted(
                json!({"type": "integer", "enum": [1, 2], "x-enum-varnames": ["Active", "Terminated"]})
            ),
            json!({"type": "integer", "x-enum-varnames": ["Active", "Terminated"], "x-idweave-integers": [1, 2],
                   "x-idweave-labels": ["Active", "Terminated"]})
        );
    }

    #[test]
    fn enum_of_one_value_in_a_response_is_a_string() {
        assert_eq!(
            converted(json!({"type": "string", "enum": ["user"]})),
            json!({"type": "string", "x-idweave-const": "user"})
        );
        assert_eq!(
            converted(json!({"enum": [true]})),
            json!({"type": "boolean"})
        );
        assert_eq!(
            converted(json!({"type": "number", "enum": [0.5]})),
            json!({"type": "number"})
        );
        assert_eq!(converted(json!({"enum": ["a", 1]})), json!({}));
    }

    #[test]
    fn enum_of_one_value_in_a_request_stays_an_enum() {
        let context = run_pass(
            json!({"components": {"schemas": {"A": {"type": "string", "enum": ["password"]}}},
                   "paths": {"/x": {"get": {"requestBody": {"c": {"$ref": "#/components/schemas/A"}}}}}}),
            run,
        );
        assert_eq!(
            context.at("/components/schemas/A/enum"),
            &json!(["password"])
        );
    }

    #[test]
    fn enum_is_found_in_a_request_by_its_name_as_the_document_has_it() {
        // A reference is a URI, whose fragment is percent-encoded (RFC 6901, section 6); the place of a schema is a
        // plain pointer, in which only `~` and `/` are escaped (section 4).
        let values = json!({"type": "string", "enum": ["only"]});
        let context = run_pass(
            json!({"components": {"schemas": {"50%25/a~b": values, "50%/a~b": values}},
                   "paths": {"/x": {"get": {"requestBody": {"c": {"$ref": "#/components/schemas/50%2525~1a~0b"}},
                                            "responses": {"200": {"c": {"$ref": "#/components/schemas/50%25~1a~0b"}}}}}}}),
            run,
        );
        let sent = context.at("/components/schemas/50%25~1a~0b");
        assert_eq!(sent, &values);
        let received = context.at("/components/schemas/50%~1a~0b");
        assert_eq!(
            received,
            &json!({"type": "string", "x-idweave-const": "only"})
        );
    }
}

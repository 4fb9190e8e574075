//! Gives parameters types that a path, a query or a header can hold.
//!
//! A path segment is one scalar; a header is a scalar or a list of them. Anything else becomes a string that the caller writes.

use serde_json::{Map, Value, json};

use super::context::Context;
use crate::openapi::operations::each_operation;
use crate::openapi::reference::referenced_schema;
use crate::openapi::schemas::copy_named_schemas;

pub(super) const NAME: &str = "parameter-types";

/// Tells whether values of a schema are single values on the wire.
pub(super) fn is_scalar(schema: &Value, schemas: &Map<String, Value>) -> bool {
    if let Some(name) = referenced_schema(schema) {
        return schemas.get(&name).is_some_and(|s| {
            s.get("enum").is_some()
                || s.get("x-idweave-integers").is_some()
                || s.get("oneOf")
                    .and_then(Value::as_array)
                    .is_some_and(|l| l.iter().all(|a| is_scalar(a, schemas)))
        });
    }
    matches!(
        schema.get("type").and_then(Value::as_str),
        Some("string" | "integer" | "number" | "boolean")
    )
}

fn is_object(schema: &Value, schemas: &Map<String, Value>) -> bool {
    let named = referenced_schema(schema).and_then(|n| schemas.get(&n));
    named.unwrap_or(schema).get("type").and_then(Value::as_str) == Some("object")
        || named.is_some_and(|s| s.get("properties").is_some())
}

pub(super) fn run(context: &mut Context) {
    let schemas = copy_named_schemas(&context.document);
    let Context { document, report } = context;
    each_operation(document, |operation, at| {
        let pointer = format!("{}/parameters", at.pointer());
        for parameter in operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let place = parameter
                .get("in")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let Some(parameter) = parameter.as_object_mut() else {
                continue;
            };
            let Some(schema) = parameter.get_mut("schema") else {
                continue;
            };
            if let Some(map) = schema.as_object_mut() {
                map.shift_remove("nullable");
            }
            let list = schema.get("type").and_then(Value::as_str) == Some("array");
            let items_fit = schema.get("items").is_some_and(|i| {
                is_scalar(i, &schemas) || i.as_object().is_some_and(Map::is_empty)
            });
            let style = parameter
                .get("x-idweave-parameter")
                .and_then(|p| p.get("style"))
                .and_then(Value::as_str);
            let schema = &parameter["schema"];
            let fits = style == Some("json")
                || is_scalar(schema, &schemas)
                || match place.as_str() {
                    "header" => list && items_fit,
                    "query" => !list || items_fit,
                    _ => false,
                };
            let object = is_object(schema, &schemas);
            if !fits {
                let name = parameter
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                report.change(
                    NAME,
                    &at.name,
                    &pointer,
                    format!("{place} parameter {name} is not a single value: a string"),
                );
                parameter.insert("schema".into(), json!({"type": "string"}));
            } else if let Some(plan) = parameter
                .get_mut("x-idweave-parameter")
                .and_then(Value::as_object_mut)
            {
                let kind = if list {
                    "list"
                } else if object {
                    "object"
                } else {
                    "scalar"
                };
                plan.insert("shape".into(), kind.into());
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn shape(place: &str, schema: Value) -> (Value, Value) {
        let parameter = json!({"name": "p", "in": place, "schema": schema, "x-idweave-parameter": {"style": "form"}});
        let context = run_pass(
            json!({"components": {"schemas": {"E": {"enum": ["a"]}, "O": {"properties": {"x": {}}}}},
                   "paths": {"/x": {"get": {"parameters": [parameter]}}}}),
            run,
        );
        let at = "/paths/~1x/get/parameters/0";
        (
            context.at(&format!("{at}/schema")).clone(),
            context
                .at(&format!("{at}/x-idweave-parameter/shape"))
                .clone(),
        )
    }

    #[test]
    fn path_parameter_must_be_one_scalar() {
        let list = json!({"type": "array", "items": {"type": "string"}});
        let named = json!({"$ref": "#/components/schemas/E"});
        assert_eq!(shape("path", list.clone()).0, json!({"type": "string"}));
        assert_eq!(shape("path", named.clone()), (named, json!("scalar")));
        assert_eq!(shape("header", list.clone()), (list, json!("list")));
    }

    #[test]
    fn query_parameter_may_be_a_list_or_an_object() {
        let object = json!({"$ref": "#/components/schemas/O"});
        assert_eq!(
            shape("query", object.clone()),
            (object.clone(), json!("object"))
        );
        assert_eq!(shape("header", object.clone()).0, json!({"type": "string"}));
        assert_eq!(
            shape("query", json!({"type": "array", "items": object})).0,
            json!({"type": "string"})
        );
    }
}

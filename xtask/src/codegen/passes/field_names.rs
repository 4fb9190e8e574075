//! Renames fields whose Rust names would be equal; the wire name is kept.

use crate::openapi::pointer;
use std::collections::HashSet;

use heck::ToSnakeCase;
use serde_json::{Map, Value};

use super::context::Context;
use crate::codegen::naming::snake_case;
use crate::openapi::schemas::named_schemas_mut;

pub(super) const NAME: &str = "field-names";

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    let Some(schemas) = named_schemas_mut(document) else {
        return;
    };
    for (name, schema) in schemas.iter_mut() {
        let extra = schema.get("additionalProperties").is_some();
        let Some(map) = schema.as_object_mut() else {
            continue;
        };
        let Some(Value::Object(properties)) = map.shift_remove("properties") else {
            continue;
        };
        let mut used: HashSet<String> = HashSet::new();
        if extra {
            // Where unknown fields go.
            used.insert("extra".into());
        }
        let mut renamed: Map<String, Value> = Map::new();
        let mut required: Vec<Value> = map
            .get("required")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for (wire, mut value) in properties {
            let base = snake_case(&wire);
            let mut ident = base.clone();
            let mut count = 2;
            while !used.insert(ident.clone()) {
                ident = format!("{base}_{count}");
                count += 1;
            }
            let plain = wire.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                && wire.starts_with(|c: char| c.is_ascii_alphabetic());
            let key = if ident == base && plain && wire.to_snake_case() == base {
                wire.clone()
            } else {
                ident.clone()
            };
            if ident != base {
                let at = format!(
                    "/components/schemas/{name}/properties/{}",
                    pointer::escape(&wire)
                );
                report.change(
                    NAME,
                    "",
                    at,
                    format!("{wire} is named {ident}: {base} is taken"),
                );
            }
            if let Some(value) = value.as_object_mut() {
                value.insert("x-idweave-wire".into(), wire.clone().into());
            }
            for name in required.iter_mut().filter(|n| n.as_str() == Some(&wire)) {
                *name = key.clone().into();
            }
            renamed.insert(key, value);
        }
        map.insert("required".into(), Value::Array(required));
        map.insert("properties".into(), Value::Object(renamed));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn fields_equal_in_snake_case_keep_their_wire_names() {
        let context = run_pass(
            json!({"components": {"schemas": {"A": {"required": ["createdAt"], "properties": {
                "created_at": {}, "createdAt": {}, "a-b": {}, "@id": {}, "+1": {}, "-1": {}}}}}}),
            run,
        );
        let seen: Vec<(String, &Value)> = context
            .at("/components/schemas/A/properties")
            .as_object()
            .into_iter()
            .flatten()
            .map(|(k, v)| (k.clone(), &v["x-idweave-wire"]))
            .collect();
        let seen: Vec<(&str, &str)> = seen
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str().unwrap_or_default()))
            .collect();
        assert_eq!(
            seen,
            [
                ("created_at", "created_at"),
                ("created_at_2", "createdAt"),
                ("a_b", "a-b"),
                ("id", "@id"),
                ("n1", "+1"),
                ("n1_2", "-1")
            ]
        );
        assert_eq!(
            context.at("/components/schemas/A/required"),
            &json!(["created_at_2"])
        );
    }
}

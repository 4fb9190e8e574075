//! Simplifies `oneOf` and `anyOf` to one kind of union whose alternatives differ.
//!
//! A union of one alternative is that alternative; alternatives of one primitive type are that type; a union with an alternative
//! that takes any value is any value.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::annotations::{annotate, bare};
use super::context::Context;
use crate::graph::strongly_connected;
use crate::openapi::pointer;
use crate::openapi::reference::{referenced_schema, schema_name};
use crate::openapi::schemas::{copy_named_schemas, every_schema_inside_out, named_schemas_mut};

pub(super) const NAME: &str = "unions";

pub(super) fn run(context: &mut Context) {
    let schemas = copy_named_schemas(&context.document);
    let Context { document, report } = context;
    every_schema_inside_out(document, &mut |schema, at, operation| {
        if schema.get("oneOf").is_none() && schema.get("anyOf").is_none() {
            return;
        }
        if let Some(what) = simplify(schema, &schemas) {
            report.change(NAME, operation, at, what);
        }
    });
    remove_self_alternatives(context);
}

/// Removes unions from their own alternatives, direct or through others: reading one would never end.
fn remove_self_alternatives(context: &mut Context) {
    let schemas = copy_named_schemas(&context.document);
    let union = |alternative: &Value| -> Option<String> {
        let mut name = referenced_schema(alternative)?;
        for _ in 0..16 {
            match schemas
                .get(&name)?
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(schema_name)
            {
                Some(next) => name = next,
                None => break,
            }
        }
        schemas.get(&name)?.get("oneOf").is_some().then_some(name)
    };
    let list = |name: &str| {
        schemas
            .get(name)
            .and_then(|s| s.get("oneOf"))
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let edges = schemas
        .keys()
        .map(|name| (name.clone(), list(name).iter().filter_map(union).collect()))
        .collect();
    let cycles = strongly_connected(&edges);
    let reaches =
        |from: &str, to: &str| cycles.contains_key(to) && cycles.get(from) == cycles.get(to);
    for name in schemas.keys() {
        let own = list(name);
        if !own.iter().filter_map(union).any(|to| reaches(&to, name)) {
            continue;
        }
        let mut kept: Vec<Value> = Vec::new();
        let mut seen: HashSet<String> = HashSet::from([name.clone()]);
        let mut queue = vec![own];
        while let Some(alternatives) = queue.pop() {
            for alternative in alternatives {
                match union(&alternative).filter(|to| reaches(to, name)) {
                    Some(to) => {
                        if seen.insert(to.clone()) {
                            queue.push(list(&to));
                        }
                    }
                    None if kept.iter().any(|k| bare(k) == bare(&alternative)) => {}
                    None => kept.push(alternative),
                }
            }
        }
        let at = pointer::of_schema(name);
        context.report.change(
            NAME,
            "",
            &at,
            "a union that is its own alternative: the other alternatives are kept",
        );
        let schemas = named_schemas_mut(&mut context.document);
        let Some(schema) = schemas.and_then(|s| s.get_mut(name)) else {
            continue;
        };
        if let ([only], Some(map)) = (kept.as_slice(), schema.as_object_mut()) {
            map.shift_remove("oneOf");
            let mut only = only.clone();
            annotate(&mut only, schema);
            *schema = only;
        } else if let Some(map) = schema.as_object_mut() {
            map.shift_remove("oneOf");
            if !kept.is_empty() {
                map.insert("oneOf".into(), Value::Array(kept));
            }
        }
    }
}

/// Follows references to see what an alternative is.
fn followed<'a>(schema: &'a Value, schemas: &'a Map<String, Value>) -> &'a Value {
    let mut at = schema;
    for _ in 0..16 {
        match referenced_schema(at).and_then(|n| schemas.get(&n)) {
            Some(next) => at = next,
            None => break,
        }
    }
    at
}

fn simplify(schema: &mut Value, schemas: &Map<String, Value>) -> Option<String> {
    let map = schema.as_object_mut()?;
    let any = map.shift_remove("anyOf");
    let one = map.shift_remove("oneOf");
    let was_any = one.is_none();
    let mut nullable = map.get("nullable") == Some(&Value::Bool(true));
    let mut alternatives: Vec<Value> = Vec::new();
    let mut queue: Vec<Value> = [one, any]
        .into_iter()
        .flatten()
        .filter_map(|v| v.as_array().cloned())
        .flatten()
        .collect();
    queue.reverse();
    while let Some(next) = queue.pop() {
        nullable |= next.get("nullable") == Some(&Value::Bool(true));
        if let Some(inner) = next.get("oneOf").and_then(Value::as_array) {
            if map.get("discriminator").is_none()
                && let Some(d) = next.get("discriminator")
            {
                map.insert("discriminator".into(), d.clone());
            }
            queue.extend(inner.iter().rev().cloned());
            continue;
        }
        if !alternatives.iter().any(|a| bare(a) == bare(&next)) {
            alternatives.push(next);
        }
    }
    if nullable {
        map.insert("nullable".into(), true.into());
    }
    for alternative in alternatives.iter_mut().filter_map(Value::as_object_mut) {
        alternative.shift_remove("nullable");
    }
    map.shift_remove("type");
    if alternatives
        .iter()
        .any(|a| bare(a).as_object().is_some_and(Map::is_empty))
    {
        return Some("a choice with anything in it is any JSON value".into());
    }
    if let [only] = alternatives.as_slice() {
        let mut only = only.clone();
        annotate(&mut only, schema);
        *schema = only;
        return Some("a choice of one is that one".into());
    }
    let kinds: Vec<&str> = alternatives
        .iter()
        .map(|a| {
            followed(a, schemas)
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default()
        })
        .collect();
    let all = |kind: &str| kinds.iter().all(|k| *k == kind);
    if all("string") {
        let mut values: Vec<Value> = Vec::new();
        for alternative in &alternatives {
            for value in followed(alternative, schemas)
                .get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                if !values.contains(value) {
                    values.push(value.clone());
                }
            }
        }
        map.insert("type".into(), "string".into());
        if !values.is_empty() {
            map.insert("enum".into(), Value::Array(values));
        }
        return Some("a choice of strings is one string".into());
    }
    let numeric = kinds.iter().all(|k| matches!(*k, "integer" | "number"));
    if numeric || all("boolean") {
        let kind = if all("boolean") {
            "boolean"
        } else if all("integer") {
            "integer"
        } else {
            "number"
        };
        map.insert("type".into(), kind.into());
        return Some(format!("a choice of {kind}s is one {kind}"));
    }
    // A value of an enumerated string among plain strings adds nothing.
    if alternatives
        .iter()
        .any(|a| bare(a) == json!({"type": "string"}))
    {
        alternatives.retain(|a| {
            followed(a, schemas).get("type").and_then(Value::as_str) != Some("string")
                || bare(a) == json!({"type": "string"})
        });
    }
    map.insert("oneOf".into(), Value::Array(alternatives));
    was_any.then(|| "anyOf is read as the alternative that fits best".into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn simplified(schema: Value) -> Value {
        let context = run_pass(
            json!({"components": {"schemas": {"A": schema, "E": {"type": "string", "enum": ["a"]}, "O": {"type": "object"}}}}),
            run,
        );
        context.at("/components/schemas/A").clone()
    }

    #[test]
    fn any_of_becomes_a_union() {
        assert_eq!(
            simplified(
                json!({"anyOf": [{"$ref": "#/components/schemas/O"}, {"type": "string", "nullable": true}]})
            ),
            json!({"nullable": true, "oneOf": [{"$ref": "#/components/schemas/O"}, {"type": "string"}]})
        );
    }

    #[test]
    fn union_without_a_choice_is_simplified() {
        assert_eq!(
            simplified(
                json!({"oneOf": [{"$ref": "#/components/schemas/O"}], "nullable": true, "description": "d"})
            ),
            json!({"$ref": "#/components/schemas/O", "nullable": true, "description": "d"})
        );
        assert_eq!(
            simplified(
                json!({"oneOf": [{"$ref": "#/components/schemas/E"}, {"type": "string", "enum": ["b"]}]})
            ),
            json!({"type": "string", "enum": ["a", "b"]})
        );
        assert_eq!(
            simplified(json!({"anyOf": [{"type": "integer"}, {"type": "number"}]})),
            json!({"type": "number"})
        );
        assert_eq!(
            simplified(json!({"anyOf": [{"type": "string"}, {}]})),
            json!({})
        );
    }

    #[test]
    fn union_is_removed_from_its_own_alternatives() {
        let reference = |n: &str| json!({"$ref": format!("#/components/schemas/{n}")});
        let context = run_pass(
            json!({"components": {"schemas": {
                "A": {"oneOf": [reference("B"), {"type": "string"}]}, "B": {"oneOf": [reference("C"), {"type": "integer"}]},
                "C": reference("A"), "S": {"oneOf": [reference("S"), {"type": "boolean"}]}}}}),
            run,
        );
        assert_eq!(
            context.at("/components/schemas/A/oneOf"),
            &json!([{"type": "string"}, {"type": "integer"}])
        );
        assert_eq!(
            context.at("/components/schemas/B/oneOf"),
            &json!([{"type": "integer"}, {"type": "string"}])
        );
        assert_eq!(
            context.at("/components/schemas/S"),
            &json!({"type": "boolean"})
        );
        assert!(context.reports("its own alternative"));
    }

    #[test]
    fn unions_inside_unions_are_flattened() {
        assert_eq!(
            simplified(
                json!({"oneOf": [{"type": "string"}, {"oneOf": [{"type": "integer"}, {"type": "string"}]}]})
            ),
            json!({"oneOf": [{"type": "string"}, {"type": "integer"}]})
        );
    }
}

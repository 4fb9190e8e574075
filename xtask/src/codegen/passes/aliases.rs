//! Replaces references to schemas that are only a string, a number, a list or a map by the schemas themselves.
//!
//! What remains named is a struct, an enum or a union; a list or map that holds itself stays a newtype, because Rust has no
//! recursive aliases.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};

use super::annotations::{annotate, is_annotation};
use super::context::Context;
use super::hoist::is_type;
use crate::graph::strongly_connected;
use crate::openapi::pointer::{self, PointerPath};
use crate::openapi::reference::{referenced_schema, schema_name, schema_references};
use crate::openapi::schemas::{copy_named_schemas, named_schemas_mut, outside_in, schema_roots};

pub(super) const NAME: &str = "aliases";

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    let schemas = copy_named_schemas(document);
    let aliases: Map<String, Value> = schemas.into_iter().filter(|(_, s)| !is_type(s)).collect();
    let mut edges: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, schema) in &aliases {
        let mut to = Vec::new();
        schema_references(schema, &mut |n| {
            if aliases.contains_key(&n) {
                to.push(n);
            }
        });
        edges.insert(name.clone(), to);
    }
    // Aliases that refer to themselves through aliases alone.
    let kept: HashSet<String> = strongly_connected(&edges).into_keys().collect();
    // References that only lead to each other have no content.
    let mut hollow: HashSet<String> = HashSet::new();
    for name in &kept {
        let mut at = name.clone();
        for _ in 0..=aliases.len() {
            match aliases
                .get(&at)
                .and_then(|s| s.get("$ref"))
                .and_then(Value::as_str)
                .and_then(schema_name)
            {
                Some(next) if next == *name => {
                    hollow.insert(name.clone());
                    break;
                }
                Some(next) if aliases.contains_key(&next) => at = next,
                _ => break,
            }
        }
    }
    let mut sorted: Vec<&String> = hollow.iter().collect();
    sorted.sort();
    for name in sorted {
        let at = pointer::of_schema(name);
        report.change(
            NAME,
            "",
            at,
            "references that only lead to each other: any JSON value",
        );
    }
    let mut substitute = |schema: &mut Value, _: PointerPath<'_>| {
        for _ in 0..=aliases.len() {
            let Some(name) = referenced_schema(schema) else {
                break;
            };
            let Some(target) = aliases.get(&name) else {
                break;
            };
            let mut stands = if hollow.contains(&name) {
                json!({})
            } else if kept.contains(&name) {
                break;
            } else {
                target.clone()
            };
            // Annotations of the place override those of the type.
            let mut place = json!({});
            annotate(&mut place, schema);
            let own = stands.clone();
            if let Some(map) = stands.as_object_mut() {
                map.retain(|k, _| !is_annotation(k));
            }
            annotate(&mut stands, &place);
            annotate(&mut stands, &own);
            *schema = stands;
        }
    };
    // Aliases that go anyway are not worth rewriting.
    if let Some(schemas) = named_schemas_mut(document) {
        schemas.retain(|name, _| {
            !aliases.contains_key(name) || (kept.contains(name) && !hollow.contains(name))
        });
    }
    schema_roots(document, &mut |root, at, _| {
        outside_in(root, at, &mut substitute)
    });
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn aliases_are_replaced_and_keep_annotations_of_the_place() {
        let context = run_pass(
            json!({"components": {"schemas": {
                "Id": {"type": "string", "description": "any id", "x-idweave-limits": "at most 9 characters"},
                "Ids": {"type": "array", "items": {"$ref": "#/components/schemas/Id"}},
                "A": {"properties": {"ids": {"$ref": "#/components/schemas/Ids", "nullable": true},
                                     "id": {"$ref": "#/components/schemas/Id", "description": "my id"}}}}}}),
            run,
        );
        expect![[r#"
            A:
              properties:
                ids:
                  type: array
                  items:
                    type: string
                    description: any id
                    x-idweave-limits: at most 9 characters
                  nullable: true
                id:
                  type: string
                  description: my id
                  x-idweave-limits: at most 9 characters
        "#]]
        .assert_eq(&context.yaml("/components/schemas"));
    }

    #[test]
    fn aliases_keep_recursive_lists_and_empty_cycles_become_any_value() {
        let context = run_pass(
            json!({"components": {"schemas": {
                "Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                "P": {"$ref": "#/components/schemas/Q"}, "Q": {"$ref": "#/components/schemas/P"},
                "A": {"properties": {"t": {"$ref": "#/components/schemas/Tree"}, "p": {"$ref": "#/components/schemas/P"}}}}}}),
            run,
        );
        expect![[r##"
            Tree:
              type: array
              items:
                $ref: "#/components/schemas/Tree"
            A:
              properties:
                t:
                  $ref: "#/components/schemas/Tree"
                p: {}
        "##]]
        .assert_eq(&context.yaml("/components/schemas"));
        assert!(context.reports("only lead to each other"));
    }
}

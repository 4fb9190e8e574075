//! Makes every reference between schemas name a schema of `components/schemas`.
//!
//! A reference to anything else inside the document (into properties, to a response, into `$defs`) is followed, and what it leads
//! to gets a name; one that leads out of the document or nowhere becomes any JSON value, and is reported.

use std::collections::{BTreeMap, HashMap};

use heck::ToPascalCase;
use serde_json::{Map, Value, json};

use super::context::Context;
use crate::codegen::report::overlay_hint;
use crate::openapi::pointer::{self, PointerPath};
use crate::openapi::reference::{percent_decode, reference_to, resolve, schema_name};
use crate::openapi::schemas::{every_schema, named_schemas_mut};

pub(super) const NAME: &str = "schema-refs";

/// Returns the schema that a reference leads to: of a response or parameter, the schema inside.
fn target(source: &Value, reference: &str) -> Option<Value> {
    let found = resolve(source, reference)?;
    if !found.is_object() {
        return found.is_boolean().then(|| found.clone());
    }
    let inside = |holder: &Value| {
        let content = holder.get("content")?.as_object()?;
        let json = content
            .iter()
            .find(|(t, _)| t.contains("json"))
            .or_else(|| content.iter().next())?;
        json.1.get("schema").cloned()
    };
    let is_schema = found.get("type").is_some()
        || found.get("properties").is_some()
        || reference.contains("/schemas/")
        || reference.contains("/$defs/")
        || reference.contains("/definitions/");
    if is_schema {
        return Some(found.clone());
    }
    if found.get("content").is_some() {
        return inside(found);
    }
    Some(found.get("schema").unwrap_or(found).clone())
}

/// Names the schema that a deep reference leads to, by the last two telling words of the reference.
fn name_for(reference: &str) -> String {
    let mut words: Vec<String> = reference
        .split(['/', '#'])
        .map(|word| pointer::unescape(&percent_decode(word)))
        .filter(|w| !w.is_empty())
        .collect();
    if words.first().is_some_and(|w| w == "x-idweave-files") {
        // The file's own name counts only where there is no other.
        let file = words
            .get(1)
            .and_then(|f| f.rsplit('.').next())
            .unwrap_or_default()
            .to_owned();
        words.drain(..words.len().min(2));
        if words.is_empty() {
            words.push(file);
        }
    }
    let words: Vec<String> = words
        .into_iter()
        .filter(|w| {
            ![
                "components",
                "schemas",
                "properties",
                "items",
                "paths",
                "content",
                "schema",
                "definitions",
                "$defs",
                "responses",
            ]
            .contains(&w.as_str())
        })
        .collect();
    let last = words.len().saturating_sub(2);
    let name = words[last..].join("-").to_pascal_case();
    if name.is_empty() {
        "Schema".into()
    } else {
        name
    }
}

pub(super) fn run(context: &mut Context) {
    let source = context.document.clone();
    let known = |name: &str| {
        source
            .pointer("/components/schemas")
            .and_then(|s| s.get(name))
            .is_some()
    };
    let mut lifted: HashMap<String, String> = HashMap::new();
    let mut added: BTreeMap<String, Value> = BTreeMap::new();
    let mut round: Option<Value> = None;
    // Lifted schemas may contain such references.
    for _ in 0..64 {
        let mut fresh: Map<String, Value> = Map::new();
        let report = &mut context.report;
        let mut visit = |schema: &mut Value, at: PointerPath<'_>, operation: &str| {
            let Some(map) = schema.as_object_mut() else {
                return;
            };
            for unknown in ["$dynamicRef", "$recursiveRef"] {
                if map.shift_remove(unknown).is_some() {
                    report.change(
                        NAME,
                        operation,
                        at,
                        format!("{unknown} is not supported: any JSON value"),
                    );
                }
            }
            let Some(value) = map.get("$ref") else { return };
            let Some(reference) = value.as_str().map(str::to_owned) else {
                map.shift_remove("$ref");
                return;
            };
            // A bare name, as some tools write, means the schema of that name.
            let bare =
                schema_name(&reference).or_else(|| (known(&reference)).then(|| reference.clone()));
            if let Some(name) = bare {
                if known(&name) {
                    *schema = keep_siblings(map, &name);
                    return;
                }
            } else if let Some(found) = target(&source, &reference) {
                let name = lifted.entry(reference.clone()).or_insert_with(|| {
                    let base = name_for(&reference);
                    let mut name = base.clone();
                    let mut count = 2;
                    while known(&name) || added.contains_key(&name) || fresh.contains_key(&name) {
                        name = format!("{base}{count}");
                        count += 1;
                    }
                    fresh.insert(name.clone(), found);
                    report.change(NAME, operation, at, format!("{reference} is named {name}"));
                    name
                });
                *schema = keep_siblings(map, name);
                return;
            }
            let hint = overlay_hint(
                &format!("$.components.schemas['{}']", name_for(&reference)),
                "{type: object}",
            );
            report.change(
                NAME,
                operation,
                at,
                format!("{reference} is not in this document: any JSON value; {hint}"),
            );
            map.shift_remove("$ref");
        };
        match &mut round {
            None => every_schema(&mut context.document, &mut visit),
            Some(value) => every_schema(value, &mut visit),
        }
        if let Some(done) = round.take() {
            for (name, schema) in done["components"]["schemas"]
                .as_object()
                .into_iter()
                .flatten()
            {
                added.insert(name.clone(), schema.clone());
            }
        }
        if fresh.is_empty() {
            break;
        }
        round = Some(json!({"components": {"schemas": fresh}}));
    }
    if let Some(schemas) = named_schemas_mut(&mut context.document) {
        schemas.extend(added);
    }
}

fn keep_siblings(map: &Map<String, Value>, name: &str) -> Value {
    let mut kept = reference_to(name);
    if let Some(kept) = kept.as_object_mut() {
        kept.extend(
            map.iter()
                .filter(|(k, _)| *k != "$ref")
                .map(|(k, v)| (k.clone(), v.clone())),
        );
    }
    kept
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn schema_refs_name_what_a_reference_into_properties_finds() {
        let context = run_pass(
            json!({"components": {"schemas": {
                "A": {"properties": {"y": {"type": "object", "properties": {"z": {"$ref": "#/components/schemas/A/properties/w"}}},
                                     "w": {"type": "string"}}},
                "B": {"properties": {"y": {"$ref": "#/components/schemas/A/properties/y"}, "x": {"$ref": "A"}}}}}}),
            run,
        );
        expect![[r##"
            A:
              properties:
                "y":
                  type: object
                  properties:
                    z:
                      $ref: "#/components/schemas/AW"
                w:
                  type: string
            B:
              properties:
                "y":
                  $ref: "#/components/schemas/AY"
                x:
                  $ref: "#/components/schemas/A"
            AW:
              type: string
            AY:
              type: object
              properties:
                z:
                  $ref: "#/components/schemas/AW"
        "##]]
        .assert_eq(&context.yaml("/components/schemas"));
    }

    #[test]
    fn schema_refs_to_a_response_mean_its_schema() {
        let context = run_pass(
            json!({"components": {"responses": {"R": {"content": {"application/json": {"schema": {"type": "integer"}}}}},
                                  "schemas": {"B": {"items": {"$ref": "#/components/responses/R"}}}}}),
            run,
        );
        assert_eq!(context.at("/components/schemas/R/type"), "integer");
    }

    #[test]
    fn schema_refs_that_lead_nowhere_become_any_value_with_a_hint() {
        let context = run_pass(
            json!({"components": {"schemas": {"B": {"properties": {
                "a": {"$ref": "#/components/schemas/Gone", "description": "kept"}, "b": {"$ref": "https://example.org/s.json"}}}}}}),
            run,
        );
        assert_eq!(
            context.at("/components/schemas/B/properties/a"),
            &json!({"description": "kept"})
        );
        assert_eq!(context.report.changed.len(), 2);
        assert!(context.reports("overlay action") && context.reports("https://example.org/s.json"));
        assert_eq!(
            context.report.changed[0].pointer,
            "/components/schemas/B/properties/a"
        );
    }
}

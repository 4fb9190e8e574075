//! Gives every object, enum and union inside another schema a name of its own.
//!
//! The generator would name them too, but can use one name twice; here each is named after where it is.

use serde_json::{Map, Value};

use super::annotations::is_annotation;
use super::context::Context;
use super::names::Names;
use crate::codegen::naming::{pascal_case, type_name};
use crate::openapi::operations::each_operation;
use crate::openapi::reference::reference_to;
use crate::openapi::schemas::named_schemas_mut;

pub(super) const NAME: &str = "hoist";

/// Tells whether a schema is a Rust type of its own.
pub(super) fn is_type(schema: &Value) -> bool {
    let Some(map) = schema.as_object() else {
        return false;
    };
    map.get("properties")
        .and_then(Value::as_object)
        .is_some_and(|p| !p.is_empty())
        || map.contains_key("enum")
        || map.contains_key("x-idweave-integers")
        || map.contains_key("oneOf")
}

struct Hoister {
    names: Names,
    hoisted: Vec<(String, Value)>,
    /// Whether titles are names here; in unions they are part of one.
    named: bool,
}

impl Hoister {
    /// Looks at the schemas inside one that is called `name`.
    fn inside(&mut self, schema: &mut Value, name: &str) {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        if let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) {
            for (property, value) in properties.iter_mut() {
                self.place(value, &format!("{name}{}", pascal_case(property)));
            }
        }
        if let Some(items) = map.get_mut("items") {
            self.place(items, &format!("{name}Item"));
        }
        if let Some(values) = map
            .get_mut("additionalProperties")
            .filter(|v| v.is_object())
        {
            self.place(values, &format!("{name}Value"));
        }
        if let Some(alternatives) = map.get_mut("oneOf").and_then(Value::as_array_mut) {
            for (index, alternative) in alternatives.iter_mut().enumerate() {
                let title = alternative
                    .get("x-idweave-title")
                    .and_then(Value::as_str)
                    .map(pascal_case)
                    .unwrap_or_default();
                let suffix = if title.is_empty() {
                    format!("Variant{}", index + 1)
                } else {
                    title
                };
                let wanted = if suffix.starts_with(name) {
                    suffix
                } else {
                    format!("{name}{suffix}")
                };
                self.named = false;
                self.place(alternative, &wanted);
                self.named = true;
            }
        }
    }

    fn place(&mut self, schema: &mut Value, wanted: &str) {
        if !is_type(schema) {
            return self.inside(schema, wanted);
        }
        // A title of one word is the author's name for the type.
        let title = schema.get("x-idweave-title").and_then(Value::as_str);
        let title = title.filter(|t| {
            t.len() < 48
                && self.named
                && !t.is_empty()
                && t.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        let name = match title.map(type_name).filter(|t| !self.names.has(t)) {
            Some(title) => self.names.free(&title),
            None => self.names.free(wanted),
        };
        let mut stays = reference_to(&name);
        if let (Some(stays), Some(map)) = (stays.as_object_mut(), schema.as_object()) {
            for (key, value) in map {
                // Of annotations only what belongs to the place; the rest describes the type.
                let of_place = matches!(
                    key.as_str(),
                    "description"
                        | "nullable"
                        | "readOnly"
                        | "writeOnly"
                        | "x-idweave-patch"
                        | "x-idweave-limits"
                        | "deprecated"
                );
                if is_annotation(key) && of_place {
                    stays.insert(key.clone(), value.clone());
                }
            }
        }
        let mut moved = std::mem::replace(schema, stays);
        if let Some(map) = moved.as_object_mut() {
            // A default or a number of items belongs to the place.
            map.shift_remove("nullable");
            map.shift_remove("x-idweave-limits");
        }
        self.hoisted.push((name, moved));
    }
}

pub(super) fn run(context: &mut Context) {
    let document = &mut context.document;
    let mut hoister = Hoister {
        names: Names::of(document.pointer("/components/schemas")),
        hoisted: Vec::new(),
        named: true,
    };
    let mut done = match named_schemas_mut(document) {
        Some(schemas) => std::mem::take(schemas),
        None => Map::new(),
    };
    for (name, schema) in &mut done {
        hoister.inside(schema, name);
    }
    each_operation(document, |operation, _| {
        let name = pascal_case(
            operation
                .get("operationId")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        );
        for parameter in operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let own = pascal_case(
                parameter
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            );
            if let Some(schema) = parameter.get_mut("schema") {
                hoister.place(schema, &format!("{name}{own}"));
            }
        }
        let mut hold = |holder: &mut Value, suffix: &str| {
            let content = holder.get_mut("content").and_then(Value::as_object_mut);
            for schema in content
                .into_iter()
                .flat_map(|c| c.values_mut())
                .filter_map(|m| m.get_mut("schema"))
            {
                hoister.place(schema, &format!("{name}{suffix}"));
            }
        };
        if let Some(body) = operation.get_mut("requestBody") {
            hold(body, "Body");
        }
        let responses = operation
            .get_mut("responses")
            .and_then(Value::as_object_mut);
        for response in responses.into_iter().flat_map(|r| r.values_mut()) {
            hold(response, "Response");
        }
    });
    // Hoisted schemas may contain more.
    while let Some((name, mut schema)) = hoister.hoisted.pop() {
        hoister.inside(&mut schema, &name);
        done.insert(name, schema);
    }
    done.sort_keys();
    if let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    {
        components.insert("schemas".into(), Value::Object(done));
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn hoist_names_inner_schemas_after_their_place() {
        let context = run_pass(
            json!({"components": {"schemas": {"User": {"properties": {
                       "address": {"description": "d", "nullable": true, "properties": {"geo": {"properties": {"x": {}}}}},
                       "roles": {"items": {"type": "string", "enum": ["a", "b"]}}, "tags": {"items": {"type": "string"}}}},
                       "UserAddress": {}}},
                   "paths": {"/x": {"get": {"operationId": "get_x", "responses": {"200": {"content": {"application/json": {
                       "schema": {"items": {"properties": {"y": {}}}}}}}}}}}}),
            run,
        );
        expect![[r##"
            components:
              schemas:
                GetXResponseItem:
                  properties:
                    "y": {}
                User:
                  properties:
                    address:
                      $ref: "#/components/schemas/UserAddress2"
                      description: d
                      nullable: true
                    roles:
                      items:
                        $ref: "#/components/schemas/UserRolesItem"
                    tags:
                      items:
                        type: string
                UserAddress: {}
                UserAddress2:
                  description: d
                  properties:
                    geo:
                      $ref: "#/components/schemas/UserAddress2Geo"
                UserAddress2Geo:
                  properties:
                    x: {}
                UserRolesItem:
                  type: string
                  enum: [a, b]
            paths:
              /x:
                get:
                  operationId: get_x
                  responses:
                    "200":
                      content:
                        application/json:
                          schema:
                            items:
                              $ref: "#/components/schemas/GetXResponseItem"
        "##]]
        .assert_eq(&context.yaml(""));
    }

    #[test]
    fn hoist_keeps_nullable_at_the_place_of_a_union() {
        let context = run_pass(
            json!({"components": {"schemas": {"A": {"properties": {"u": {"nullable": true, "oneOf": [
                {"type": "string"}, {"x-idweave-title": "Wide", "properties": {"w": {}}}]}}}}}}),
            run,
        );
        expect![[r##"
            A:
              properties:
                u:
                  $ref: "#/components/schemas/Au"
                  nullable: true
            Au:
              oneOf:
              - type: string
              - $ref: "#/components/schemas/AuWide"
            AuWide:
              x-idweave-title: Wide
              properties:
                w: {}
        "##]]
        .assert_eq(&context.yaml("/components/schemas"));
    }
}

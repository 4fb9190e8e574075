//! Visits the schemas of a document: named ones, those of operations, and those inside one another.

use serde_json::{Map, Value};

use super::fields::{Keys, each_object};
use super::operations::each_operation;
use super::pointer::PointerPath;

/// How a keyword holds schemas.
#[derive(Clone, Copy)]
enum Holds {
    /// As an object: each value is a schema.
    Named,
    /// As an array: each item is a schema.
    Listed,
    /// As the value itself.
    One,
}

/// Tells how `keyword` holds the schemas of its value; nothing when it holds none.
fn holds(keyword: &str, value: &Value) -> Option<Holds> {
    match keyword {
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
            Some(Holds::Named)
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Some(Holds::Listed),
        "items" if value.is_array() => Some(Holds::Listed),
        "items" => Some(Holds::One),
        "additionalProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames"
        | "unevaluatedProperties"
        | "unevaluatedItems"
        | "additionalItems"
            if value.is_object() =>
        {
            Some(Holds::One)
        }
        _ => None,
    }
}

/// Returns the schemas of `components/schemas`, by name.
#[must_use]
pub fn named_schemas(document: &Value) -> Option<&Map<String, Value>> {
    document.pointer("/components/schemas")?.as_object()
}

/// Returns the schemas of `components/schemas`, to be rewritten.
pub fn named_schemas_mut(document: &mut Value) -> Option<&mut Map<String, Value>> {
    document.pointer_mut("/components/schemas")?.as_object_mut()
}

/// Copies the named schemas, for looking one up while the document is being rewritten.
#[must_use]
pub fn copy_named_schemas(document: &Value) -> Map<String, Value> {
    named_schemas(document).cloned().unwrap_or_default()
}

/// Visits the schemas directly inside one.
pub fn children(
    schema: &mut Value,
    at: PointerPath<'_>,
    visit: &mut dyn FnMut(&mut Value, PointerPath<'_>),
) {
    for (keyword, inner) in schema.as_object_mut().into_iter().flatten() {
        let here = at.name(keyword);
        match holds(keyword, inner) {
            Some(Holds::Named) => {
                for (name, child) in inner.as_object_mut().into_iter().flatten() {
                    visit(child, here.name(name));
                }
            }
            Some(Holds::Listed) => {
                let list = inner.as_array_mut().into_iter().flatten();
                for (index, child) in list.enumerate() {
                    visit(child, here.index(index));
                }
            }
            Some(Holds::One) => visit(inner, here),
            None => {}
        }
    }
}

/// Visits a schema and every schema inside it, outermost first.
pub fn outside_in(
    schema: &mut Value,
    at: PointerPath<'_>,
    visit: &mut dyn FnMut(&mut Value, PointerPath<'_>),
) {
    visit(schema, at);
    children(schema, at, &mut |child, at| outside_in(child, at, visit));
}

/// Visits a schema and every schema inside it, innermost first.
pub fn inside_out(
    schema: &mut Value,
    at: PointerPath<'_>,
    visit: &mut dyn FnMut(&mut Value, PointerPath<'_>),
) {
    children(schema, at, &mut |child, at| inside_out(child, at, visit));
    visit(schema, at);
}

/// Visits the outermost schemas of a document: named ones, then each operation's parameters, body and responses.
///
/// The third argument names the operation; it is empty for named schemas.
pub fn schema_roots(
    document: &mut Value,
    visit: &mut dyn FnMut(&mut Value, PointerPath<'_>, &str),
) {
    let base = PointerPath::base("/components/schemas");
    for (name, schema) in named_schemas_mut(document).into_iter().flatten() {
        visit(schema, base.name(name), "");
    }
    each_operation(document, |operation, key| {
        let pointer = key.pointer();
        operation_schemas(operation, PointerPath::base(&pointer), &mut |schema, at| {
            visit(schema, at, &key.name)
        });
    });
}

/// Visits the outermost schemas of one operation.
pub fn operation_schemas(
    operation: &mut Map<String, Value>,
    at: PointerPath<'_>,
    visit: &mut dyn FnMut(&mut Value, PointerPath<'_>),
) {
    if let Some(parameters) = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut)
    {
        let list = at.name("parameters");
        for (index, parameter) in parameters.iter_mut().enumerate() {
            let here = list.index(index);
            if let Some(schema) = parameter.get_mut("schema") {
                visit(schema, here.name("schema"));
            }
            content_schemas(parameter, here, visit);
        }
    }
    if let Some(body) = operation.get_mut("requestBody") {
        content_schemas(body, at.name("requestBody"), visit);
    }
    if let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    {
        let map = at.name("responses");
        for (status, response) in responses.iter_mut() {
            content_schemas(response, map.name(status), visit);
        }
    }
}

fn content_schemas(
    holder: &mut Value,
    at: PointerPath<'_>,
    visit: &mut dyn FnMut(&mut Value, PointerPath<'_>),
) {
    let content_at = at.name("content");
    let content = holder.get_mut("content").and_then(Value::as_object_mut);
    for (media, value) in content.into_iter().flatten() {
        if let Some(schema) = value.get_mut("schema") {
            let media_at = content_at.name(media);
            visit(schema, media_at.name("schema"));
        }
    }
}

/// Visits every schema of a normalised document, outermost first.
pub fn every_schema(
    document: &mut Value,
    visit: &mut dyn FnMut(&mut Value, PointerPath<'_>, &str),
) {
    schema_roots(document, &mut |root, at, operation| {
        outside_in(root, at, &mut |schema, at| visit(schema, at, operation))
    });
}

/// Visits every schema of a normalised document, innermost first.
pub fn every_schema_inside_out(
    document: &mut Value,
    visit: &mut dyn FnMut(&mut Value, PointerPath<'_>, &str),
) {
    schema_roots(document, &mut |root, at, operation| {
        inside_out(root, at, &mut |schema, at| visit(schema, at, operation))
    });
}

/// Visits every schema of any document, outermost first: named ones, then those of shared and inline parameters, headers,
/// bodies and responses.
pub fn each_schema<'a>(document: &'a Value, visit: &mut dyn FnMut(&'a Value, PointerPath<'_>)) {
    let base = PointerPath::base("/components/schemas");
    for (name, schema) in named_schemas(document).into_iter().flatten() {
        read_outside_in(schema, base.name(name), visit);
    }
    each_object(document, PointerPath::base(""), &mut |map, keys, at| {
        if keys == Keys::Fields
            && let Some(schema) = map.get("schema")
        {
            read_outside_in(schema, at.name("schema"), visit);
        }
    });
}

fn read_outside_in<'a>(
    schema: &'a Value,
    at: PointerPath<'_>,
    visit: &mut dyn FnMut(&'a Value, PointerPath<'_>),
) {
    if schema.is_object() {
        visit(schema, at);
    }
    for (keyword, inner) in schema.as_object().into_iter().flatten() {
        let here = at.name(keyword);
        match holds(keyword, inner) {
            Some(Holds::Named) => {
                for (name, child) in inner.as_object().into_iter().flatten() {
                    read_outside_in(child, here.name(name), visit);
                }
            }
            Some(Holds::Listed) => {
                for (index, child) in inner.as_array().into_iter().flatten().enumerate() {
                    read_outside_in(child, here.index(index), visit);
                }
            }
            Some(Holds::One) => read_outside_in(inner, here, visit),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_schema_visits_every_place() {
        let document = json!({
            "components": {"schemas": {"A": {"properties": {"p": {"items": {"anyOf": [{}, {"not": {}}]}}}}}},
            "paths": {"/x": {"get": {
                "parameters": [{"name": "q", "schema": {}}, {"name": "c", "content": {"application/json": {"schema": {}}}}],
                "requestBody": {"content": {"application/json": {"schema": {}}}},
                "responses": {"200": {"content": {"text/plain": {"schema": {"additionalProperties": {}}}}}}
            }}}
        });
        let mut seen = Vec::new();
        every_schema(&mut document.clone(), &mut |_, at, operation| {
            seen.push((at.to_string(), operation.to_owned()))
        });
        assert_eq!(seen.len(), 6 + 5);
        assert!(seen.contains(&(
            "/paths/~1x/get/responses/200/content/text~1plain/schema/additionalProperties".into(),
            "GET /x".into()
        )));
        // The reading visitor visits the same schemas.
        let mut read = Vec::new();
        each_schema(&document, &mut |_, at| read.push(at.to_string()));
        let mut visited: Vec<String> = seen.into_iter().map(|(at, _)| at).collect();
        read.sort();
        visited.sort();
        assert_eq!(read, visited);
    }

    #[test]
    fn each_schema_finds_shared_ones_and_none_in_samples_or_properties_called_schema() {
        let document = json!({
            "components": {
                "parameters": {"example": {"schema": {"patternProperties": {"^a": {}}}}}, "headers": {"H": {"schema": {}}},
                "schemas": {"S": {"properties": {"schema": {"type": "string"}}}}},
            "paths": {"/x": {"parameters": [{"schema": {}}], "get": {"responses": {"200": {"content": {"a": {
                "example": {"schema": {}}, "examples": {"e": {"value": {"schema": {}}}}}}}}}}}
        });
        let mut seen = Vec::new();
        each_schema(&document, &mut |_, at| seen.push(at.to_string()));
        assert_eq!(
            seen,
            [
                "/components/schemas/S",
                "/components/schemas/S/properties/schema",
                "/components/parameters/example/schema",
                "/components/parameters/example/schema/patternProperties/^a",
                "/components/headers/H/schema",
                "/paths/~1x/parameters/0/schema"
            ]
        );
    }
}

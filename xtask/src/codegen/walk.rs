//! Ways through a document that every pass needs: operations, schemas, references and JSON pointers.

use std::fmt;

use serde_json::{Map, Value};

/// Methods a path item may hold, in the order they are generated.
pub const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Where the visitor is, kept as a chain so that a pointer is only built when someone asks.
#[derive(Clone, Copy)]
pub struct At<'a> {
    parent: Option<&'a At<'a>>,
    key: Key<'a>,
}

#[derive(Clone, Copy)]
enum Key<'a> {
    Base(&'a str),
    Name(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// Starts at a pointer that is already written.
    #[must_use]
    pub fn base(pointer: &'a str) -> Self {
        Self {
            parent: None,
            key: Key::Base(pointer),
        }
    }

    /// One level down, by name.
    #[must_use]
    pub fn name(&'a self, name: &'a str) -> Self {
        Self {
            parent: Some(self),
            key: Key::Name(name),
        }
    }

    /// One level down, by index.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self {
            parent: Some(self),
            key: Key::Index(index),
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.key {
            Key::Base(base) => f.write_str(base),
            Key::Name(name) => write!(f, "/{}", escape(name)),
            Key::Index(index) => write!(f, "/{index}"),
        }
    }
}

/// Escapes one token of a JSON pointer (RFC 6901).
#[must_use]
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// The pointer of an operation.
#[must_use]
pub fn operation_pointer(path: &str, method: &str) -> String {
    format!("/paths/{}/{method}", escape(path))
}

/// A copy of the named schemas, for looking one up while the document is being rewritten.
#[must_use]
pub fn named_schemas(document: &Value) -> Map<String, Value> {
    document
        .pointer("/components/schemas")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

/// The name in `#/components/schemas/NAME`, and nothing for any other reference.
#[must_use]
pub fn schema_name(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("#/components/schemas/")?;
    (!name.is_empty() && !name.contains('/')).then(|| decode(name))
}

/// A reference to a named schema.
#[must_use]
pub fn reference_to(name: &str) -> Value {
    let mut map = Map::new();
    map.insert(
        "$ref".into(),
        Value::String(format!("#/components/schemas/{}", escape(name))),
    );
    Value::Object(map)
}

/// Undoes the escapes of a token inside a URI fragment: percent-encoding first, then `~1` and `~0`.
#[must_use]
pub fn decode(token: &str) -> String {
    let mut bytes = Vec::with_capacity(token.len());
    let raw = token.as_bytes();
    let mut i = 0;
    while i < raw.len() {
        let hex = raw
            .get(i + 1..i + 3)
            .and_then(|h| std::str::from_utf8(h).ok());
        match (raw[i], hex.and_then(|h| u8::from_str_radix(h, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                i += 3;
            }
            (byte, _) => {
                bytes.push(byte);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&bytes)
        .replace("~1", "/")
        .replace("~0", "~")
}

/// What a local reference points at.
#[must_use]
pub fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    if pointer.is_empty() {
        return Some(document);
    }
    let mut at = document;
    for token in pointer.strip_prefix('/')?.split('/') {
        let token = decode(token);
        at = match at {
            Value::Object(map) => map.get(&token)?,
            Value::Array(list) => list.get(token.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(at)
}

/// The path and method of every operation, in document order.
#[must_use]
pub fn operations(document: &Value) -> Vec<(String, String)> {
    let Some(paths) = document.get("paths").and_then(Value::as_object) else {
        return Vec::new();
    };
    paths
        .iter()
        .flat_map(|(path, item)| {
            METHODS
                .iter()
                .filter(|m| item.get(**m).is_some_and(Value::is_object))
                .map(|m| (path.clone(), (*m).to_owned()))
        })
        .collect()
}

/// One operation.
pub fn operation<'a>(
    document: &'a mut Value,
    path: &str,
    method: &str,
) -> Option<&'a mut Map<String, Value>> {
    document
        .get_mut("paths")?
        .get_mut(path)?
        .get_mut(method)?
        .as_object_mut()
}

/// Calls `visit` for every operation with its name for reports and its pointer.
pub fn each_operation(
    document: &mut Value,
    mut visit: impl FnMut(&mut Map<String, Value>, &OperationAt<'_>),
) {
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths.iter_mut() {
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let at = OperationAt {
                path,
                method,
                id: operation_name(operation, path, method),
            };
            visit(operation, &at);
        }
    }
}

/// Which operation a visitor is at.
pub struct OperationAt<'a> {
    /// Path template.
    pub path: &'a str,
    /// Lower-case method.
    pub method: &'a str,
    /// The operation's id, or method and path.
    pub id: String,
}

impl OperationAt<'_> {
    /// JSON pointer of the operation.
    #[must_use]
    pub fn pointer(&self) -> String {
        operation_pointer(self.path, self.method)
    }
}

/// How reports name an operation: by id where it has one, else by method and path.
#[must_use]
pub fn operation_name(operation: &Map<String, Value>, path: &str, method: &str) -> String {
    let id = operation
        .get("x-idweave-report")
        .or_else(|| operation.get("operationId"));
    match id.and_then(Value::as_str) {
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => format!("{} {path}", method.to_uppercase()),
    }
}

/// Keywords whose value is a map of schemas.
const MAPS: [&str; 5] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
];
/// Keywords whose value is a list of schemas.
const LISTS: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is one schema.
const SINGLES: [&str; 11] = [
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "additionalItems",
];

/// Visits a schema and every schema inside it, outermost first.
pub fn schema(value: &mut Value, at: At<'_>, visit: &mut dyn FnMut(&mut Value, At<'_>)) {
    visit(value, at);
    children(value, at, &mut |child, at| schema(child, at, visit));
}

/// Visits a schema and every schema inside it, innermost first.
pub fn schema_inside_out(value: &mut Value, at: At<'_>, visit: &mut dyn FnMut(&mut Value, At<'_>)) {
    children(value, at, &mut |child, at| {
        schema_inside_out(child, at, visit)
    });
    visit(value, at);
}

/// Visits the schemas directly inside one.
pub fn children(value: &mut Value, at: At<'_>, visit: &mut dyn FnMut(&mut Value, At<'_>)) {
    let Some(map) = value.as_object_mut() else {
        return;
    };
    for (keyword, inner) in map.iter_mut() {
        let keyword_at = at.name(keyword);
        if MAPS.contains(&keyword.as_str()) {
            let Some(inner) = inner.as_object_mut() else {
                continue;
            };
            for (name, child) in inner.iter_mut() {
                visit(child, keyword_at.name(name));
            }
        } else if LISTS.contains(&keyword.as_str()) || (keyword == "items" && inner.is_array()) {
            let Some(inner) = inner.as_array_mut() else {
                continue;
            };
            for (index, child) in inner.iter_mut().enumerate() {
                visit(child, keyword_at.index(index));
            }
        } else if SINGLES.contains(&keyword.as_str()) && (inner.is_object() || keyword == "items") {
            visit(inner, keyword_at);
        }
    }
}

/// Visits the outermost schemas of a document: components, then each operation's parameters, body and responses.
///
/// `operation` is empty for components.
pub fn schema_roots(document: &mut Value, visit: &mut dyn FnMut(&mut Value, At<'_>, &str)) {
    let base = At::base("/components/schemas");
    if let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        for (name, schema) in schemas.iter_mut() {
            visit(schema, base.name(name), "");
        }
    }
    each_operation(document, |operation, op| {
        let pointer = op.pointer();
        operation_schemas(operation, At::base(&pointer), &mut |schema, at| {
            visit(schema, at, &op.id)
        });
    });
}

/// Visits the outermost schemas of one operation.
pub fn operation_schemas(
    operation: &mut Map<String, Value>,
    at: At<'_>,
    visit: &mut dyn FnMut(&mut Value, At<'_>),
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

fn content_schemas(holder: &mut Value, at: At<'_>, visit: &mut dyn FnMut(&mut Value, At<'_>)) {
    let Some(content) = holder.get_mut("content").and_then(Value::as_object_mut) else {
        return;
    };
    let content_at = at.name("content");
    for (media, value) in content.iter_mut() {
        if let Some(schema) = value.get_mut("schema") {
            let media_at = content_at.name(media);
            visit(schema, media_at.name("schema"));
        }
    }
}

/// Visits every schema of the document, outermost first.
pub fn every_schema(document: &mut Value, visit: &mut dyn FnMut(&mut Value, At<'_>, &str)) {
    schema_roots(document, &mut |root, at, op| {
        schema(root, at, &mut |value, at| visit(value, at, op))
    });
}

/// Visits every schema of the document, innermost first.
pub fn every_schema_inside_out(
    document: &mut Value,
    visit: &mut dyn FnMut(&mut Value, At<'_>, &str),
) {
    schema_roots(document, &mut |root, at, op| {
        schema_inside_out(root, at, &mut |value, at| visit(value, at, op))
    });
}

/// Collects the names of the component schemas a value refers to.
pub fn references(value: &Value, found: &mut dyn FnMut(String)) {
    match value {
        Value::Object(map) => {
            if let Some(name) = map
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(schema_name)
            {
                found(name);
            }
            map.values().for_each(|v| references(v, found));
        }
        Value::Array(list) => list.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_is_escaped_and_a_reference_is_decoded() {
        let base = At::base("/paths");
        let path = base.name("/a~b");
        assert_eq!(path.to_string(), "/paths/~1a~0b");
        assert_eq!(decode("a%20b~1c~0d%"), "a b/c~d%");
        let document = json!({"a/b": [{"c": 1}]});
        assert_eq!(resolve(&document, "#/a~1b/0/c"), Some(&json!(1)));
        assert_eq!(resolve(&document, "other.yaml#/a"), None);
    }

    #[test]
    fn every_schema_place_is_visited() {
        let mut document = json!({
            "components": {"schemas": {"A": {"properties": {"p": {"items": {"anyOf": [{}, {"not": {}}]}}}}}},
            "paths": {"/x": {"get": {
                "parameters": [{"name": "q", "schema": {}}, {"name": "c", "content": {"application/json": {"schema": {}}}}],
                "requestBody": {"content": {"application/json": {"schema": {}}}},
                "responses": {"200": {"content": {"text/plain": {"schema": {"additionalProperties": {}}}}}}
            }}}
        });
        let mut seen = Vec::new();
        every_schema(&mut document, &mut |_, at, op| {
            seen.push((at.to_string(), op.to_owned()))
        });
        assert_eq!(seen.len(), 6 + 5);
        assert!(seen.contains(&(
            "/paths/~1x/get/responses/200/content/text~1plain/schema/additionalProperties".into(),
            "GET /x".into()
        )));
    }
}

//! Extracts from a vendor's document what a service folder keeps: the selected operations and the components they use, as facts
//! only. Descriptions, examples and vendors' extensions are removed; our own are in the overlay.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::openapi::fields::Keys;
use crate::openapi::operations::{METHODS, operations};
use crate::openapi::reference::{component, references};
use crate::openapi::service::Selection;

use super::select::{Verdict, verdict};

/// Fields that hold descriptions, samples or marketing.
const PROSE: &[&str] = &[
    "description",
    "summary",
    "title",
    "example",
    "examples",
    "externalDocs",
    "callbacks",
    "links",
    "xml",
    "$comment",
];

/// Extensions that carry facts.
const KEPT_EXTENSIONS: &[&str] = &["x-enum-varnames", "x-enumNames"];

/// Extracts the document that a service keeps.
#[must_use]
pub fn extract(vendor: &Value, selection: &Selection) -> Value {
    let mut document = select(vendor, selection);
    prune(&mut document);
    strip(&mut document, Keys::Fields);
    drop_defaults(&mut document, Keys::Fields);
    finish(&mut document, vendor);
    sort(&mut document);
    document
}

fn select(vendor: &Value, selection: &Selection) -> Value {
    let mut paths = Map::new();
    for operation in operations(vendor) {
        if verdict(selection, &operation) != Verdict::Selected {
            continue;
        }
        let item = paths.entry(operation.path.to_owned()).or_insert_with(|| {
            let mut item = operation.item.merged();
            item.retain(|key, _| !METHODS.contains(&key.as_str()));
            Value::Object(item)
        });
        item[operation.method] = operation.value.clone();
    }
    let mut document = Map::new();
    for key in ["openapi", "info", "servers", "security"] {
        if let Some(value) = vendor.get(key) {
            document.insert(key.to_owned(), value.clone());
        }
    }
    document.insert("paths".into(), Value::Object(paths));
    if let Some(components) = vendor.get("components") {
        document.insert("components".into(), components.clone());
    }
    Value::Object(document)
}

/// Drops every component that no operation reaches.
pub fn prune(document: &mut Value) {
    let mut kept: BTreeSet<(String, String)> = BTreeSet::new();
    let mut queue: Vec<(String, String)> = Vec::new();
    {
        references(&document["paths"], &mut |r| queue.extend(component(r)));
        // A security scheme is reached by name, not by reference.
        let security = document.get("security").into_iter().chain(
            operations(document)
                .into_iter()
                .filter_map(|o| o.value.get("security"))
                .collect::<Vec<_>>(),
        );
        for requirement in security
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_object)
        {
            queue.extend(
                requirement
                    .keys()
                    .map(|name| ("securitySchemes".to_owned(), name.clone())),
            );
        }
        while let Some((section, name)) = queue.pop() {
            let Some(value) = document
                .get("components")
                .and_then(|c| c.get(&section))
                .and_then(|s| s.get(&name))
            else {
                continue;
            };
            if kept.insert((section, name)) {
                references(value, &mut |r| queue.extend(component(r)));
            }
        }
    }
    let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    for (section, members) in components.iter_mut() {
        if let Some(members) = members.as_object_mut() {
            members.retain(|name, _| kept.contains(&(section.clone(), name.clone())));
        }
    }
    components.retain(|_, members| members.as_object().is_some_and(|m| !m.is_empty()));
}

fn strip(value: &mut Value, keys: Keys) {
    match value {
        Value::Object(map) => {
            if keys == Keys::Fields {
                map.retain(|key, _| {
                    !PROSE.contains(&key.as_str())
                        && (!key.starts_with("x-") || KEPT_EXTENSIONS.contains(&key.as_str()))
                });
            }
            for (key, value) in map.iter_mut() {
                if keys == Keys::Fields && key == "scopes" {
                    // The names of scopes are facts; their descriptions are the vendor's.
                    value
                        .as_object_mut()
                        .into_iter()
                        .flatten()
                        .for_each(|(_, text)| *text = json!(""));
                } else if let Some(keys) = keys.below(key) {
                    strip(value, keys);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, Keys::Fields)),
        _ => {}
    }
}

/// Drops fields that have the default value of the OpenAPI Specification.
fn drop_defaults(value: &mut Value, keys: Keys) {
    match value {
        Value::Object(map) => {
            if keys == Keys::Fields {
                drop_default_fields(map);
            }
            for (key, value) in map.iter_mut() {
                if let Some(keys) = keys.below(key) {
                    drop_defaults(value, keys);
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| drop_defaults(item, Keys::Fields)),
        _ => {}
    }
}

fn drop_default_fields(map: &mut Map<String, Value>) {
    let style = match map.get("in").and_then(Value::as_str) {
        Some("query" | "cookie") => Some("form"),
        Some("path" | "header") => Some("simple"),
        _ => None,
    };
    if let Some(default) = style.filter(|_| map.get("name").is_some_and(Value::is_string)) {
        let style = map
            .get("style")
            .and_then(Value::as_str)
            .unwrap_or(default)
            .to_owned();
        if map.get("explode").and_then(Value::as_bool) == Some(style == "form") {
            map.shift_remove("explode");
        }
        if style == default {
            map.shift_remove("style");
        }
        if default == "form" && map.get("required") == Some(&Value::Bool(false)) {
            map.shift_remove("required");
        }
    }
    if map.contains_key("responses") {
        map.retain(|key, value| {
            let empty_list = key == "parameters" && value.as_array().is_some_and(Vec::is_empty);
            let not_deprecated = key == "deprecated" && *value == Value::Bool(false);
            !empty_list && !not_deprecated
        });
    }
}

/// Restores what the OpenAPI Specification requires and stripping removed: titles, and a description for every response.
fn finish(document: &mut Value, vendor: &Value) {
    document["info"] = json!({
        "title": vendor.pointer("/info/title").cloned().unwrap_or_else(|| json!("API")),
        "version": vendor.pointer("/info/version").cloned().unwrap_or_else(|| json!("")),
    });
    let describe = |status: &str, response: &mut Value| {
        if let Some(response) = response.as_object_mut().filter(|r| !r.contains_key("$ref")) {
            response.insert("description".into(), json!(reason(status)));
        }
    };
    for item in document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|p| p.values_mut())
    {
        for operation in item
            .as_object_mut()
            .into_iter()
            .flat_map(|i| i.values_mut())
        {
            let responses = operation
                .get_mut("responses")
                .and_then(Value::as_object_mut);
            for (status, response) in responses.into_iter().flatten() {
                describe(status, response);
            }
        }
    }
    let shared = document
        .pointer_mut("/components/responses")
        .and_then(Value::as_object_mut);
    for (name, response) in shared.into_iter().flatten() {
        describe(name, response);
    }
}

/// Returns the reason phrase of a status; of a shared response, its own name.
fn reason(status: &str) -> &str {
    match status {
        "200" => "OK",
        "201" => "Created",
        "202" => "Accepted",
        "204" => "No Content",
        "302" => "Found",
        "304" => "Not Modified",
        "400" => "Bad Request",
        "401" => "Unauthorized",
        "402" => "Payment Required",
        "403" => "Forbidden",
        "404" => "Not Found",
        "405" => "Method Not Allowed",
        "409" => "Conflict",
        "412" => "Precondition Failed",
        "413" => "Content Too Large",
        "415" => "Unsupported Media Type",
        "422" => "Unprocessable Content",
        "429" => "Too Many Requests",
        "500" => "Internal Server Error",
        "502" => "Bad Gateway",
        "503" => "Service Unavailable",
        "default" => "Any other status",
        other => other,
    }
}

/// Orders fields as people expect them and names by the alphabet, so that a vendor's reordering changes nothing.
fn sort(document: &mut Value) {
    arrange(document, Keys::Fields);
    if let Some(Value::Object(paths)) = document.get_mut("paths") {
        paths.sort_keys();
    }
}

/// The order of the fields of every kind of object; the rest follows by the alphabet.
const FIELD_ORDER: &[&str] = &[
    "openapi",
    "info",
    "servers",
    "paths",
    "components",
    "operationId",
    "tags",
    "deprecated",
    "security",
    "name",
    "in",
    "$ref",
    "type",
    "format",
    "nullable",
    "readOnly",
    "writeOnly",
    "enum",
    "x-enum-varnames",
    "default",
    "required",
    "style",
    "explode",
    "parameters",
    "requestBody",
    "responses",
    "description",
    "content",
    "schema",
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
];

fn arrange(value: &mut Value, keys: Keys) {
    match value {
        Value::Object(map) => {
            let rank = |key: &str| {
                FIELD_ORDER
                    .iter()
                    .position(|f| *f == key)
                    .unwrap_or(FIELD_ORDER.len())
            };
            let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
            match keys {
                Keys::Names => entries.sort_by(|(a, _), (b, _)| a.cmp(b)),
                Keys::Fields => {
                    entries.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
                }
            }
            for (key, mut value) in entries {
                match keys.below(&key) {
                    Some(keys) => arrange(&mut value, keys),
                    None if key == "required" => {
                        if let Value::Array(names) = &mut value {
                            names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                            names.dedup();
                        }
                    }
                    None => {}
                }
                map.insert(key, value);
            }
        }
        // The order of parameters is the order of arguments, and of alternatives their preference: both stay.
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| arrange(item, Keys::Fields)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn vendor() -> Value {
        json!({
            "openapi": "3.0.3",
            "info": {"title": "Acme", "version": "1", "description": "Buy now", "contact": {}},
            "tags": [{"name": "Users", "description": "Prose"}],
            "paths": {
                "/users": {
                    "summary": "Prose",
                    "get": {
                        "operationId": "listUsers", "tags": ["Users"], "summary": "Prose", "description": "Prose",
                        "x-code-samples": [], "security": [{"key": []}],
                        "responses": {"200": {"description": "Prose", "content": {"application/json": {
                            "example": {"a": 1}, "schema": {"$ref": "#/components/schemas/User"}}}}}
                    },
                    "post": {"operationId": "createUser", "responses": {}}
                },
                "/files": {"get": {"operationId": "files", "tags": ["Files"], "responses": {}}}
            },
            "components": {
                "schemas": {
                    "Unused": {"type": "string"},
                    "User": {"type": "object", "title": "Prose", "required": ["id", "description"], "properties": {
                        "id": {"type": "string", "example": "x"},
                        "description": {"type": "string", "description": "Prose"},
                        "properties": {"$ref": "#/components/schemas/Bag/properties/items"}
                    }},
                    "Bag": {"properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/User"}}}}
                },
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "Prose"}, "other": {}}
            }
        })
    }

    fn selection() -> Selection {
        toml_edit::de::from_str("tags = ['Users']").unwrap()
    }

    #[test]
    fn extract_keeps_selected_operations_and_what_they_reach() {
        let extracted = extract(&vendor(), &selection());
        assert_eq!(
            operations(&extracted)
                .iter()
                .map(|o| o.name())
                .collect::<Vec<_>>(),
            ["listUsers"]
        );
        let names = |section: &str| {
            extracted["components"][section]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(names("schemas"), ["Bag", "User"]);
        assert_eq!(names("securitySchemes"), ["key"]);
    }

    #[test]
    fn extract_removes_sentences_and_keeps_properties_named_like_them() {
        let extracted = extract(&vendor(), &selection());
        let text = extracted.to_string();
        assert!(
            !text.contains("Prose") && !text.contains("Buy now"),
            "{text}"
        );
        let user = &extracted["components"]["schemas"]["User"];
        assert_eq!(user["properties"]["description"], json!({"type": "string"}));
        assert_eq!(user["required"], json!(["description", "id"]));
        assert_eq!(
            extracted["paths"]["/users"]["get"]["responses"]["200"]["description"],
            "OK"
        );
    }

    #[test]
    fn extract_twice_changes_nothing() {
        let once = extract(&vendor(), &selection());
        let twice = extract(&once, &selection());
        assert_eq!(
            serde_json::to_string(&once).unwrap(),
            serde_json::to_string(&twice).unwrap()
        );
    }
}

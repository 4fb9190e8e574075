//! References (`$ref`): what they name, where they lead, and which of them a part of a document has.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::fields::each_object;
use super::pointer::{PointerPath, escape, unescape};

/// The longest chain of references that is followed; a longer one leads to itself.
const MAX_REFERENCES: usize = 32;

/// Undoes percent-encoding: references are URIs, so a name with braces or spaces may arrive encoded.
#[must_use]
pub fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let decoded = (bytes[i] == b'%')
            .then(|| bytes.get(i + 1..i + 3))
            .flatten()
            .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit))
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(decoded.unwrap_or(bytes[i]));
        i += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Returns the name in `#/components/schemas/NAME`; nothing for a reference to anything else, or into the schema.
#[must_use]
pub fn schema_name(reference: &str) -> Option<String> {
    let name = percent_decode(reference.strip_prefix("#/components/schemas/")?);
    (!name.is_empty() && !name.contains('/')).then(|| unescape(&name))
}

/// Returns the name of the schema that this one is a reference to.
#[must_use]
pub fn referenced_schema(schema: &Value) -> Option<String> {
    schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(schema_name)
}

/// Returns section and name of the component that a reference leads to or into.
#[must_use]
pub fn component(reference: &str) -> Option<(String, String)> {
    let path = percent_decode(reference.strip_prefix("#/components/")?);
    let mut tokens = path.split('/').map(unescape);
    Some((tokens.next()?, tokens.next()?))
}

/// Makes a reference to a named schema.
#[must_use]
pub fn reference_to(name: &str) -> Value {
    let mut map = Map::new();
    map.insert(
        "$ref".into(),
        Value::String(format!("#/components/schemas/{}", escape(name))),
    );
    Value::Object(map)
}

/// Resolves a reference inside the document; returns nothing when it leads nowhere, or out of the document.
///
/// The fragment is taken as written, and where that leads nowhere percent-decoded (RFC 6901, section 6).
#[must_use]
pub fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    document
        .pointer(pointer)
        .or_else(|| document.pointer(&percent_decode(pointer)))
}

/// Follows a value that may be a reference to what it leads to in the end.
///
/// # Errors
/// Returns the reference when it leads nowhere or to itself.
pub fn follow<'a>(document: &'a Value, value: &'a Value) -> Result<&'a Value, &'a str> {
    let Some(first) = value.get("$ref").and_then(Value::as_str) else {
        return Ok(value);
    };
    let mut reference = first;
    for _ in 0..MAX_REFERENCES {
        let target = resolve(document, reference).ok_or(first)?;
        match target.get("$ref").and_then(Value::as_str) {
            Some(next) => reference = next,
            None => return Ok(target),
        }
    }
    Err(first)
}

/// Follows a value as [`follow`] does; returns the value itself when it leads nowhere.
#[must_use]
pub fn deref<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    follow(document, value).unwrap_or(value)
}

/// Calls `found` with every reference below `value`: each `$ref`, and what a discriminator's mapping names in this document.
pub fn references<'a>(value: &'a Value, found: &mut dyn FnMut(&'a str)) {
    each_object(value, PointerPath::base(""), &mut |map, _, _| {
        if let Some(Value::String(reference)) = map.get("$ref") {
            found(reference);
        }
        let mapping = map.get("mapping").and_then(Value::as_object);
        mapping
            .into_iter()
            .flat_map(Map::values)
            .filter_map(Value::as_str)
            .filter(|target| target.starts_with('#'))
            .for_each(&mut *found);
    });
}

/// Calls `found` with the name of every schema that a `$ref` below `value` names.
///
/// A discriminator's mapping is left out: it tells alternatives apart and has no type of its own.
pub fn schema_references(value: &Value, found: &mut dyn FnMut(String)) {
    each_object(value, PointerPath::base(""), &mut |map, _, _| {
        let reference = map.get("$ref").and_then(Value::as_str);
        if let Some(name) = reference.and_then(schema_name) {
            found(name);
        }
    });
}

/// Returns the names of the schemas that `roots` refer to, directly or through other schemas.
#[must_use]
pub fn reached_schemas<'a>(
    document: &Value,
    roots: impl IntoIterator<Item = &'a Value>,
) -> BTreeSet<String> {
    let schemas = document.pointer("/components/schemas");
    let mut queue = Vec::new();
    for root in roots {
        schema_references(root, &mut |name| queue.push(name));
    }
    let mut reached = BTreeSet::new();
    while let Some(name) = queue.pop() {
        let schema = schemas.and_then(|s| s.get(&name));
        if reached.insert(name)
            && let Some(schema) = schema
        {
            schema_references(schema, &mut |name| queue.push(name));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn all(value: &Value) -> Vec<&str> {
        let mut found = Vec::new();
        references(value, &mut |reference| found.push(reference));
        found
    }

    #[test]
    fn resolve_reads_fragments_with_and_without_percent_encoding() {
        let document = json!({"paths": {"/a/{b}": {"get": 1}}, "x": [{"c": 1}], "50%25": {"d": 2}});
        assert_eq!(resolve(&document, "#/paths/~1a~1{b}/get"), Some(&json!(1)));
        assert_eq!(
            resolve(&document, "#/paths/~1a~1%7Bb%7D/get"),
            Some(&json!(1))
        );
        assert_eq!(resolve(&document, "#/x/0/c"), Some(&json!(1)));
        assert_eq!(resolve(&document, "#"), Some(&document));
        assert_eq!(resolve(&document, "other.yaml#/paths"), None);
        // A name that only looks encoded is found as it is written.
        assert_eq!(resolve(&document, "#/50%25/d"), Some(&json!(2)));
        // An encoded slash is a slash, and an index has no sign: RFC 6901.
        assert_eq!(
            resolve(&document, "#/paths%2F~1a~1{b}/get"),
            Some(&json!(1))
        );
        assert_eq!(resolve(&document, "#/x/+0/c"), None);
    }

    #[test]
    fn schema_name_decodes_and_refuses_references_into_schemas() {
        let name = |reference| schema_name(reference);
        assert_eq!(name("#/components/schemas/A"), Some("A".into()));
        assert_eq!(
            name("#/components/schemas/a%20b~1c~0d%"),
            Some("a b/c~d%".into())
        );
        assert_eq!(name("#/components/schemas/"), None);
        assert_eq!(name("#/components/schemas/A/properties/b"), None);
        assert_eq!(name("#/components/responses/A"), None);
        assert_eq!(
            component("#/components/schemas/a%20b/properties/c"),
            Some(("schemas".into(), "a b".into()))
        );
    }

    #[test]
    fn follow_returns_the_reference_that_leads_nowhere() {
        let document = json!({"a": {"$ref": "#/b"}, "b": {"n": 1}, "c": {"$ref": "#/c"}, "d": {"$ref": "#/e"}});
        let at = |key: &str| follow(&document, &document[key]);
        assert_eq!(at("a"), Ok(&json!({"n": 1})));
        assert_eq!(at("b"), Ok(&json!({"n": 1})));
        assert_eq!(at("c"), Err("#/c"));
        assert_eq!(at("d"), Err("#/e"));
        assert_eq!(deref(&document, &document["d"]), &json!({"$ref": "#/e"}));
    }

    #[test]
    fn references_leave_out_samples() {
        let document = json!({
            "schema": {"$ref": "#/a", "example": {"$ref": "#/b"}, "enum": [{"$ref": "#/c"}], "default": {"$ref": "#/d"}},
            "discriminator": {"mapping": {"x": "#/e", "y": "Named"}}
        });
        assert_eq!(all(&document), ["#/a", "#/e"]);
    }

    #[test]
    fn references_include_names_that_look_like_samples() {
        let document = json!({
            "responses": {"default": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}},
            "schema": {"properties": {"example": {"items": {"$ref": "#/components/schemas/Sample"}}, "enum": {"$ref": "#/components/schemas/E"}}}
        });
        assert_eq!(
            all(&document),
            [
                "#/components/schemas/Error",
                "#/components/schemas/Sample",
                "#/components/schemas/E"
            ]
        );
    }

    #[test]
    fn reached_schemas_go_through_schemas_and_not_through_mappings() {
        let document = json!({"components": {"schemas": {
            "A": {"items": {"$ref": "#/components/schemas/B"}}, "B": {"items": {"$ref": "#/components/schemas/A"}},
            "C": {}, "U": {"discriminator": {"mapping": {"c": "#/components/schemas/C"}}}}}});
        let reached = |name: &str| reached_schemas(&document, [&reference_to(name)]);
        assert_eq!(reached("A"), BTreeSet::from(["A".into(), "B".into()]));
        assert_eq!(reached("U"), BTreeSet::from(["U".into()]));
    }
}

//! The Rust types that named schemas become.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use crate::codegen::naming::{pascal_case, snake_case};
use crate::graph::strongly_connected;
use crate::openapi::reference::referenced_schema;
use crate::openapi::schemas::named_schemas;

/// One Rust type.
#[derive(Clone, Debug)]
pub enum Type {
    /// An object.
    Struct,
    /// An open string enum.
    Enum(Vec<String>),
    /// An integer with named constants.
    Integers(Vec<(String, i64)>),
    /// A union.
    Union,
    /// A list or map that holds itself.
    Newtype,
}

/// Reads the types of a normalised document, by name.
#[must_use]
pub fn types(document: &Value) -> BTreeMap<String, Type> {
    let schemas = named_schemas(document);
    schemas
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), kind(schema)))
        .collect()
}

fn kind(schema: &Value) -> Type {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Type::Enum(
            values
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        );
    }
    if let Some(values) = schema.get("x-idweave-integers").and_then(Value::as_array) {
        let labels = schema.get("x-idweave-labels").and_then(Value::as_array);
        let mut used = HashSet::new();
        let mut out = Vec::new();
        for (index, value) in values.iter().filter_map(Value::as_i64).enumerate() {
            let label = labels
                .and_then(|l| l.get(index))
                .and_then(Value::as_str)
                .unwrap_or_default();
            let mut name = pascal_case(label);
            name = if name.is_empty() {
                if value < 0 {
                    format!("MINUS_{}", value.unsigned_abs())
                } else {
                    format!("VALUE_{value}")
                }
            } else {
                snake_case(label).to_uppercase()
            };
            while !used.insert(name.clone()) {
                name.push('_');
                name.push_str(&value.unsigned_abs().to_string());
            }
            out.push((name, value));
        }
        return Type::Integers(out);
    }
    if schema.get("oneOf").is_some() {
        return Type::Union;
    }
    if schema
        .get("properties")
        .and_then(Value::as_object)
        .is_some_and(|p| !p.is_empty())
    {
        return Type::Struct;
    }
    Type::Newtype
}

/// Finds the alternatives that must be boxed, as `(union, alternative)`: the type would be infinitely large otherwise.
#[must_use]
pub fn needs_box(document: &Value) -> HashSet<(String, String)> {
    let schemas = || named_schemas(document).into_iter().flatten();
    let mut inside: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, schema) in schemas() {
        let properties = schema.get("properties").and_then(Value::as_object);
        let alternatives = schema.get("oneOf").and_then(Value::as_array);
        let held = properties
            .into_iter()
            .flat_map(Map::values)
            .chain(alternatives.into_iter().flatten());
        inside.insert(name.clone(), held.filter_map(referenced_schema).collect());
    }
    let cycles = strongly_connected(&inside);
    let reaches =
        |from: &str, to: &str| cycles.contains_key(to) && cycles.get(from) == cycles.get(to);
    let mut out = HashSet::new();
    for (name, schema) in schemas() {
        for alternative in schema
            .get("oneOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(referenced_schema)
        {
            if reaches(&alternative, name) {
                out.insert((name.clone(), alternative));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn needs_box_finds_an_alternative_that_holds_its_union() {
        let reference = |n: &str| json!({"$ref": format!("#/components/schemas/{n}")});
        let document = json!({"components": {"schemas": {
            "U": {"oneOf": [reference("A"), reference("B"), {"type": "string"}]},
            "A": {"properties": {"u": reference("U")}}, "B": {"properties": {"l": {"items": reference("U")}}}}}});
        assert_eq!(
            needs_box(&document),
            HashSet::from([("U".to_owned(), "A".to_owned())])
        );
    }
}

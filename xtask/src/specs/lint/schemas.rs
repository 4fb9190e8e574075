//! Checks schemas: our extensions, values, required fields, and branches of `allOf` that exclude each other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::diagnostic::Diagnostics;
use crate::openapi::fields::entries;
use crate::openapi::pointer::{self, PointerPath};
use crate::openapi::reference::deref;

/// Checks one schema; those inside it are visited by themselves.
pub(super) fn check(
    found: &mut Diagnostics,
    document: &Value,
    schema: &Value,
    at: PointerPath<'_>,
) {
    let place = at.to_string();
    markings(found, document, &place, schema);
    names_and_values(found, &place, schema);
    conflicts(found, document, &place, schema);
    for (name, property) in entries(schema, "properties") {
        let says_nothing = property.as_object().is_some_and(|p| {
            !p.is_empty()
                && p.keys().all(|key| {
                    matches!(key.as_str(), "description" | "title") || key.starts_with("x-")
                })
        });
        if says_nothing {
            found.error(
                "",
                &format!("{place}/properties/{}", pointer::escape(name)),
                "has a description and no type: an overlay action describes a field that no longer exists",
            );
        }
    }
}

/// Checks our extensions: a misspelt one would have no effect.
fn markings(found: &mut Diagnostics, document: &Value, place: &str, schema: &Value) {
    const KNOWN: &[&str] = &[
        "x-idweave-certain",
        "x-idweave-secret",
        "x-idweave-patch",
        "x-idweave-idempotent",
        "x-idweave-personal",
        "x-idweave-enum-names",
    ];
    let unknown = schema.as_object().into_iter().flat_map(|m| m.keys());
    for key in unknown.filter(|key| key.starts_with("x-idweave-") && !KNOWN.contains(&key.as_str()))
    {
        found.error(
            "",
            place,
            format!("{key} is not an extension that codegen knows; see specs/README.md"),
        );
    }
    let fields = fields(document, schema, 8);
    for certain in schema
        .get("x-idweave-certain")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = certain.as_str().unwrap_or_default();
        if !fields.contains_key(name) {
            found.error(
                "",
                place,
                format!("x-idweave-certain names {name}, which is not a field of it"),
            );
        }
    }
}

fn names_and_values(found: &mut Diagnostics, place: &str, schema: &Value) {
    let values = schema.get("enum").and_then(Value::as_array);
    for names in ["x-enum-varnames", "x-idweave-enum-names"] {
        let names_given = schema.get(names).and_then(Value::as_array);
        if let (Some(values), Some(given)) = (values, names_given)
            && values.len() != given.len()
        {
            let message = format!(
                "{names} has {} names for {} values",
                given.len(),
                values.len()
            );
            found.error("", place, message);
        }
    }
    if values.is_some_and(Vec::is_empty) {
        found.error("", place, "an enum without values; list them, or remove it");
    }
    let mut seen = BTreeSet::new();
    for value in values.into_iter().flatten() {
        if !seen.insert(value.to_string()) {
            found.warning("", place, format!("the enum lists {value} twice"));
        }
    }
    let known: BTreeSet<&String> = entries(schema, "properties")
        .map(|(name, _)| name)
        .collect();
    let composed = ["allOf", "oneOf", "anyOf"]
        .iter()
        .any(|k| schema.get(k).is_some());
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    for name in required.filter(|name| !composed && !known.contains(&(*name).to_owned())) {
        found.warning(
            "",
            place,
            format!("requires {name}, which it does not declare"),
        );
    }
}

/// Finds branches of one `allOf` that give a field different types: no value fits both.
fn conflicts(found: &mut Diagnostics, document: &Value, place: &str, schema: &Value) {
    let mut types: BTreeMap<String, String> = BTreeMap::new();
    for branch in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        for (name, property) in fields(document, branch, 8) {
            let Some(kind) = deref(document, property)
                .get("type")
                .and_then(Value::as_str)
            else {
                continue;
            };
            if let Some(other) = types
                .insert(name.clone(), kind.to_owned())
                .filter(|other| other != kind)
            {
                let message =
                    format!("allOf gives {name} the types {other} and {kind}: no value is both");
                found.error("", place, message);
            }
        }
    }
}

/// Lists the fields of a schema, through references and `allOf`.
fn fields<'a>(document: &'a Value, schema: &'a Value, depth: usize) -> BTreeMap<String, &'a Value> {
    let schema = deref(document, schema);
    let mut found: BTreeMap<String, &Value> = entries(schema, "properties")
        .map(|(k, v)| (k.clone(), v))
        .collect();
    if depth > 0 {
        for branch in schema
            .get("allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            found.extend(fields(document, branch, depth - 1));
        }
    }
    found
}

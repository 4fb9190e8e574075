//! Merges `allOf` into one schema, and properties into the alternatives of a union beside them.
//!
//! The generator silently makes empty structs or uninhabited enums of what it cannot merge; here a conflict is reported and
//! becomes any JSON value.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::annotations::{annotate, has_shape, is_annotation};
use super::context::Context;
use crate::codegen::report::{Report, overlay_hint};
use crate::openapi::operations::each_operation;
use crate::openapi::pointer::{self, PointerPath};
use crate::openapi::reference::{reference_to, referenced_schema};
use crate::openapi::schemas::{children, copy_named_schemas, named_schemas_mut, operation_schemas};

pub(super) const NAME: &str = "all-of";

/// More alternatives than this come of multiplied unions, not of a document's own list.
const MAX_ALTERNATIVES: usize = 64;

struct Merger<'r> {
    schemas: Map<String, Value>,
    done: HashMap<String, Value>,
    stack: Vec<String>,
    changes: &'r mut Report,
    operation: String,
    root: String,
}

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    let schemas = copy_named_schemas(document);
    let names: Vec<String> = schemas.keys().cloned().collect();
    let mut merger = Merger {
        schemas,
        done: HashMap::new(),
        stack: Vec::new(),
        changes: report,
        operation: String::new(),
        root: String::new(),
    };
    for name in &names {
        merger.component(name);
    }
    let mut done = std::mem::take(&mut merger.done);
    each_operation(document, |operation, at| {
        merger.operation.clone_from(&at.name);
        let pointer = at.pointer();
        operation_schemas(operation, PointerPath::base(&pointer), &mut |schema, at| {
            merger.root = at.to_string();
            merger.done = std::mem::take(&mut done);
            merger.flatten(schema, 0);
            done = std::mem::take(&mut merger.done);
        });
    });
    if let Some(schemas) = named_schemas_mut(document) {
        for (name, schema) in schemas.iter_mut() {
            if let Some(merged) = done.remove(name) {
                *schema = merged;
            }
        }
    }
}

impl Merger<'_> {
    fn report(&mut self, what: impl Into<String>) {
        let (operation, root) = (self.operation.clone(), self.root.clone());
        self.changes.change(NAME, &operation, root, what);
    }

    /// Returns a named schema, merged; nothing while it is being merged further out.
    fn component(&mut self, name: &str) -> Option<Value> {
        if let Some(done) = self.done.get(name) {
            return Some(done.clone());
        }
        if self.stack.iter().any(|s| s == name) {
            return None;
        }
        let mut schema = self.schemas.get(name)?.clone();
        self.stack.push(name.to_owned());
        let root = std::mem::replace(&mut self.root, pointer::of_schema(name));
        self.flatten(&mut schema, 0);
        self.root = root;
        self.stack.pop();
        self.done.insert(name.to_owned(), schema.clone());
        Some(schema)
    }

    /// Tells whether an unmerged schema refers, as alternative or as part, to one being merged.
    fn refers_to_open(&self, schema: &Value, keys: &[&str]) -> bool {
        keys.iter()
            .filter_map(|k| schema.get(*k)?.as_array())
            .flatten()
            .any(|part| referenced_schema(part).is_some_and(|n| self.stack.contains(&n)))
    }

    fn flatten(&mut self, schema: &mut Value, depth: usize) {
        if depth > 100 {
            *schema = json!({});
            return;
        }
        let mut place = std::mem::take(schema);
        children(&mut place, PointerPath::base(""), &mut |child, _| {
            self.flatten(child, depth + 1)
        });
        *schema = place;
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        if let Some(Value::Array(parts)) = map.shift_remove("allOf") {
            let own = Value::Object(std::mem::take(map));
            *schema = self.merge_parts(own, parts);
        }
        self.distribute_properties(schema);
    }

    fn merge_parts(&mut self, own: Value, parts: Vec<Value>) -> Value {
        let mut shaped: Vec<Value> = Vec::new();
        let mut notes = own.clone();
        for part in parts {
            if has_shape(&part) {
                shaped.push(part);
            } else {
                annotate(&mut notes, &part);
            }
        }
        if has_shape(&own) {
            shaped.push(own);
        }
        if let ([only], true) = (shaped.as_slice(), shaped.len() == 1) {
            let mut only = only.clone();
            annotate(&mut only, &notes);
            return only;
        }
        // A single value beside a reference restricts it: the reference already has the type.
        if let Some(reference) = sole_reference(&shaped) {
            let mut reference = reference;
            annotate(&mut reference, &notes);
            return reference;
        }
        let count = shaped.len();
        let mut merged = json!({});
        for part in shaped {
            let part = self.resolved(part);
            match self.merge(merged, part) {
                Ok(value) => merged = value,
                Err(why) => {
                    let hint = overlay_hint(&format!("$[pointer {}]", self.root), "{allOf: …}");
                    self.report(format!(
                        "allOf cannot be satisfied ({why}): any JSON value; {hint}"
                    ));
                    merged = json!({});
                    break;
                }
            }
        }
        annotate(&mut merged, &notes);
        if count > 1 {
            self.report(format!("allOf of {count} is merged"));
        }
        merged
    }

    /// Follows the reference of a part, so that it can be merged.
    fn resolved(&mut self, part: Value) -> Value {
        let Some(name) = referenced_schema(&part) else {
            return part;
        };
        let raw = self.schemas.get(&name).cloned().unwrap_or_default();
        if self.refers_to_open(&raw, &["oneOf", "anyOf"]) {
            // A base that lists its children as alternatives gives them its own fields only.
            let mut base = raw;
            if let Some(map) = base.as_object_mut() {
                map.retain(|k, _| k != "oneOf" && k != "anyOf" && k != "discriminator");
            }
            self.flatten(&mut base, 0);
            return base;
        }
        match self.component(&name) {
            Some(mut schema) => {
                if let Some(map) = schema.as_object_mut() {
                    map.shift_remove("description");
                    map.shift_remove("discriminator");
                }
                schema
            }
            None => json!({}),
        }
    }

    fn merge(&mut self, a: Value, b: Value) -> Result<Value, String> {
        if !has_shape(&a) {
            let mut b = b;
            annotate(&mut b, &a);
            return Ok(b);
        }
        if !has_shape(&b) {
            let mut a = a;
            annotate(&mut a, &b);
            return Ok(a);
        }
        if a == b {
            return Ok(a);
        }
        for (union, other) in [(&a, &b), (&b, &a)] {
            for key in ["oneOf", "anyOf"] {
                let Some(alternatives) = union.get(key).and_then(Value::as_array) else {
                    continue;
                };
                return self.distribute(union, key, alternatives, other);
            }
        }
        let kind = |s: &Value| match s.get("type").and_then(Value::as_str) {
            Some(kind) => kind.to_owned(),
            None if s.get("properties").is_some() || s.get("required").is_some() => "object".into(),
            None => String::new(),
        };
        let (ka, kb) = (kind(&a), kind(&b));
        match (ka.as_str(), kb.as_str()) {
            ("object", "object") => self.merge_objects(a, b),
            (x, y) if x == y || x.is_empty() || y.is_empty() => {
                let mut merged = a;
                for (key, value) in b.as_object().into_iter().flatten() {
                    let Some(map) = merged.as_object_mut() else {
                        break;
                    };
                    match (key.as_str(), map.get(key).cloned()) {
                        (_, None) => drop(map.insert(key.clone(), value.clone())),
                        ("items", Some(mine)) if mine != *value => {
                            let mine = self.resolved(mine);
                            let theirs = self.resolved(value.clone());
                            let items = self.merge(mine, theirs)?;
                            if let Some(map) = merged.as_object_mut() {
                                map.insert("items".into(), items);
                            }
                        }
                        ("enum", Some(mine)) => {
                            let both: Vec<Value> = mine
                                .as_array()
                                .into_iter()
                                .flatten()
                                .filter(|v| value.as_array().is_some_and(|o| o.contains(v)))
                                .cloned()
                                .collect();
                            map.insert(
                                "enum".into(),
                                if both.is_empty() { mine } else { both.into() },
                            );
                        }
                        _ => {}
                    }
                }
                Ok(merged)
            }
            ("integer", "number") => Ok(a),
            ("number", "integer") => Ok(b),
            (x, y) => Err(format!("{x} and {y}")),
        }
    }

    fn distribute(
        &mut self,
        union: &Value,
        key: &str,
        alternatives: &[Value],
        other: &Value,
    ) -> Result<Value, String> {
        let shaped: Vec<&Value> = alternatives.iter().filter(|a| !only_requires(a)).collect();
        let mut rest = union.clone();
        if let Some(map) = rest.as_object_mut() {
            map.shift_remove(key);
        }
        if shaped.is_empty() {
            return self.merge(rest, other.clone());
        }
        let other_union = other
            .get("oneOf")
            .or_else(|| other.get("anyOf"))
            .and_then(Value::as_array)
            .map_or(1, Vec::len);
        if shaped.len().saturating_mul(other_union) > MAX_ALTERNATIVES {
            return Err(format!("{} alternatives", shaped.len() * other_union));
        }
        let mut list = Vec::new();
        for alternative in shaped {
            let name = referenced_schema(alternative);
            let raw = name
                .as_ref()
                .and_then(|n| self.schemas.get(n))
                .cloned()
                .unwrap_or_default();
            if name.is_some() && self.refers_to_open(&raw, &["allOf"]) {
                list.push(alternative.clone());
                continue;
            }
            let resolved = self.resolved(alternative.clone());
            let merged = self.merge(resolved, other.clone())?;
            let mut merged = match has_shape(&rest)
                && rest.get("type").and_then(Value::as_str) != Some("object")
                || rest.get("properties").is_some()
            {
                true => self.merge(merged, rest.clone())?,
                false => merged,
            };
            if let (Some(name), Some(map)) = (name, merged.as_object_mut()) {
                map.entry("x-idweave-title").or_insert_with(|| name.into());
            }
            list.push(merged);
        }
        let mut out = json!({key: list});
        annotate(&mut out, union);
        if let (Some(d), Some(map)) = (union.get("discriminator"), out.as_object_mut()) {
            map.insert("discriminator".into(), d.clone());
        }
        Ok(out)
    }

    fn merge_objects(&mut self, a: Value, b: Value) -> Result<Value, String> {
        let mut merged = a;
        let Some(map) = merged.as_object_mut() else {
            return Ok(b);
        };
        let mut properties = match map.shift_remove("properties") {
            Some(Value::Object(p)) => p,
            _ => Map::new(),
        };
        for (name, theirs) in b
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let value = match properties.get(name) {
                None => theirs.clone(),
                Some(mine) => self.merge_property(name, mine.clone(), theirs.clone()),
            };
            properties.insert(name.clone(), value);
        }
        let mut required: Vec<Value> = map
            .get("required")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for name in b
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if !required.contains(name) {
                required.push(name.clone());
            }
        }
        let Some(map) = merged.as_object_mut() else {
            return Ok(b);
        };
        map.insert("type".into(), "object".into());
        if !properties.is_empty() {
            map.insert("properties".into(), Value::Object(properties));
        }
        if !required.is_empty() {
            map.insert("required".into(), Value::Array(required));
        }
        for key in ["additionalProperties", "oneOf", "anyOf", "x-idweave-title"] {
            if let (None, Some(value)) = (map.get(key), b.get(key)) {
                map.insert(key.into(), value.clone());
            }
        }
        annotate(&mut merged, &b);
        Ok(merged)
    }

    fn merge_property(&mut self, name: &str, mine: Value, theirs: Value) -> Value {
        if mine == theirs || !has_shape(&theirs) {
            let mut mine = mine;
            annotate(&mut mine, &theirs);
            return mine;
        }
        let reference = |v: &Value| v.get("$ref").and_then(Value::as_str).map(str::to_owned);
        if let (Some(a), Some(b)) = (reference(&mine), reference(&theirs))
            && a == b
        {
            return theirs;
        }
        // One value of a type named elsewhere.
        if reference(&mine).is_some()
            && theirs
                .get("enum")
                .and_then(Value::as_array)
                .is_some_and(|e| e.len() == 1)
        {
            return theirs;
        }
        let (a, b) = (self.resolved(mine), self.resolved(theirs.clone()));
        match self.merge(a, b) {
            Ok(value) => value,
            Err(why) => {
                self.report(format!(
                    "property {name} is declared twice ({why}): the later is kept"
                ));
                theirs
            }
        }
    }

    /// Gives the properties beside `oneOf` or `anyOf` to each alternative.
    fn distribute_properties(&mut self, schema: &mut Value) {
        for key in ["oneOf", "anyOf"] {
            let Some(alternatives) = schema.get(key).and_then(Value::as_array).cloned() else {
                continue;
            };
            let mut rest = schema.clone();
            if let Some(map) = rest.as_object_mut() {
                map.shift_remove(key);
            }
            if alternatives.iter().all(only_requires) {
                self.report(format!(
                    "{key} only lists fields that occur together: dropped"
                ));
                *schema = rest;
                continue;
            }
            if rest.get("properties").is_none() {
                if let Some(map) = schema.as_object_mut() {
                    // `type` beside alternatives repeats what each of them says.
                    map.shift_remove("type");
                    map.shift_remove("required");
                    map.shift_remove("additionalProperties");
                    map.shift_remove("enum");
                }
                continue;
            }
            let mut union = json!({key: alternatives.clone()});
            if let (Some(d), Some(map)) =
                (rest.get("discriminator").cloned(), union.as_object_mut())
            {
                map.insert("discriminator".into(), d);
            }
            match self.distribute(&union, key, &alternatives, &rest) {
                Ok(mut value) => {
                    annotate(&mut value, &rest);
                    self.report(format!(
                        "properties beside {key} are added to each alternative"
                    ));
                    *schema = value;
                }
                Err(why) => {
                    self.report(format!(
                        "{key} beside properties cannot be merged ({why}): the properties are kept"
                    ));
                    *schema = rest;
                }
            }
        }
    }
}

fn only_requires(alternative: &Value) -> bool {
    alternative.as_object().is_some_and(|m| {
        m.keys()
            .all(|k| is_annotation(k) || k == "required" || k == "type")
            && m.get("type").is_none_or(|t| t == "object")
            && (m.contains_key("required") || m.is_empty())
    })
}

fn sole_reference(parts: &[Value]) -> Option<Value> {
    let [a, b] = parts else { return None };
    let name = |v: &Value| referenced_schema(v);
    for (reference, other) in [(a, b), (b, a)] {
        let restricts = other.as_object().is_some_and(|m| {
            m.keys()
                .all(|k| is_annotation(k) || k == "enum" || k == "type")
        }) && other.get("enum").is_some();
        if let (Some(name), true) = (name(reference), restricts) {
            return Some(reference_to(&name));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn merged(schemas: Value) -> Context {
        run_pass(json!({"components": {"schemas": schemas}}), run)
    }

    #[test]
    fn all_of_merges_base_and_extension() {
        let context = merged(json!({
            "Base": {"type": "object", "description": "b", "properties": {"id": {"type": "string"}}, "required": ["id"]},
            "A": {"description": "a", "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"x": {"type": "integer"}}, "required": ["x"]}]}}));
        assert_eq!(
            context.at("/components/schemas/A"),
            &json!({"type": "object", "properties": {"id": {"type": "string"}, "x": {"type": "integer"}},
                    "required": ["id", "x"], "description": "a"})
        );
    }

    #[test]
    fn all_of_unites_certain_fields() {
        let context = merged(json!({
            "B": {"type": "object", "properties": {"a": {}}, "x-idweave-certain": ["a"]},
            "A": {"allOf": [{"$ref": "#/components/schemas/B"}, {"properties": {"b": {}}}], "x-idweave-certain": ["b", "a"]}}));
        let mut certain = context
            .at("/components/schemas/A/x-idweave-certain")
            .as_array()
            .cloned()
            .unwrap_or_default();
        certain.sort_by_key(ToString::to_string);
        assert_eq!(certain, [json!("a"), json!("b")]);
    }

    #[test]
    fn all_of_with_one_reference_is_the_reference() {
        let context = merged(json!({
            "K": {"type": "string", "enum": ["a", "b"]},
            "A": {"properties": {"k": {"allOf": [{"$ref": "#/components/schemas/K"}], "nullable": true},
                                 "v": {"enum": ["a"], "allOf": [{"$ref": "#/components/schemas/K"}]}}}}));
        assert_eq!(
            context.at("/components/schemas/A/properties/k"),
            &json!({"$ref": "#/components/schemas/K", "nullable": true})
        );
        assert_eq!(
            context.at("/components/schemas/A/properties/v/$ref"),
            "#/components/schemas/K"
        );
    }

    #[test]
    fn all_of_conflict_becomes_any_value_and_is_reported() {
        let context = merged(
            json!({"A": {"allOf": [{"type": "string"}, {"type": "object", "properties": {"x": {}}}]}}),
        );
        assert_eq!(context.at("/components/schemas/A"), &json!({}));
        assert!(context.reports("cannot be satisfied (string and object)"));
    }

    #[test]
    fn all_of_gives_properties_beside_a_union_to_each_alternative() {
        let context = merged(json!({
            "B": {"type": "object", "properties": {"b": {}}},
            "A": {"properties": {"a": {}}, "oneOf": [{"$ref": "#/components/schemas/B"}, {"properties": {"c": {}}}]},
            "R": {"properties": {"a": {}}, "anyOf": [{"required": ["a"]}, {}]}}));
        assert_eq!(
            context.at("/components/schemas/A/oneOf/0/properties"),
            &json!({"b": {}, "a": {}})
        );
        assert_eq!(
            context.at("/components/schemas/A/oneOf/0/x-idweave-title"),
            "B"
        );
        assert_eq!(
            context.at("/components/schemas/A/oneOf/1/properties"),
            &json!({"c": {}, "a": {}})
        );
        assert_eq!(
            context.at("/components/schemas/R"),
            &json!({"properties": {"a": {}}})
        );
    }

    #[test]
    fn all_of_ends_on_cycles_of_base_and_children() {
        let context = merged(json!({
            "Base": {"properties": {"kind": {"type": "string"}}, "oneOf": [{"$ref": "#/components/schemas/Child"}]},
            "Child": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"x": {"type": "string"}}}]},
            "Self": {"allOf": [{"$ref": "#/components/schemas/Self"}, {"properties": {"y": {}}}]}}));
        assert_eq!(
            context.at("/components/schemas/Child/properties"),
            &json!({"kind": {"type": "string"}, "x": {"type": "string"}})
        );
        assert_eq!(
            context.at("/components/schemas/Base/oneOf/0/$ref"),
            "#/components/schemas/Child"
        );
        assert_eq!(
            context.at("/components/schemas/Self/properties"),
            &json!({"y": {}})
        );
    }
}

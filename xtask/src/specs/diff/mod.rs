//! `specs diff`: lists what changed between two documents, operation by operation, and which changes break callers.
//!
//! Changes are judged from the caller's side: a request that was accepted must still be accepted, and a response must hold what
//! readers were written for. A new optional field is compatible; a response field that may now be missing is not.

mod direction;
mod effect;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::compare::{Difference, compare};
use super::contract::facts;
use crate::openapi::operations::{Operation, operations};
use crate::openapi::service::Service;
use crate::openapi::{Result, check_version};
use direction::{Direction, Uses, direction};
pub use effect::Effect;
use effect::effect;

/// One change.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What it means for callers.
    pub effect: Effect,
    /// What changed.
    pub what: String,
    /// Where, in the new document if it is there, else in the old one.
    pub pointer: String,
}

/// The changes of one operation.
#[derive(Clone, Debug, Serialize)]
pub struct OperationChanges {
    /// `METHOD /path`; `document` for what concerns all of them.
    pub operation: String,
    /// Breaking ones first.
    pub changes: Vec<Change>,
}

/// Every change between two documents.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How many operations have a breaking change.
    pub breaking: usize,
    /// How many operations have compatible changes only.
    pub compatible: usize,
    /// How many operations are as they were.
    pub unchanged: usize,
    /// Operations with changes, by path.
    pub operations: Vec<OperationChanges>,
}

/// Reads a document by `name`: a file, or the effective document of a service.
///
/// # Errors
/// When it is neither, or cannot be used.
pub fn read(specs: &Path, name: &str) -> Result<Value> {
    let path = Path::new(name);
    if !path.is_file() && specs.join(name).join("service.toml").is_file() {
        return Service::load(&specs.join(name))?.effective();
    }
    let value = crate::openapi::read(path)?.value;
    check_version(&value).map_err(|e| e.in_file(path))?;
    Ok(value)
}

/// Compares two documents.
#[must_use]
pub fn diff(old: &Value, new: &Value) -> Report {
    let differences = compare(&facts(old), &facts(new), |_, _| Vec::new());
    let (old_uses, new_uses) = (Uses::of(old), Uses::of(new));
    let mut by_operation: BTreeMap<String, Vec<Change>> = BTreeMap::new();
    for difference in &differences {
        let Some(schema) = difference.place.strip_prefix("schema ") else {
            let change = judge(difference, direction(&difference.part), None);
            by_operation
                .entry(difference.place.clone())
                .or_default()
                .push(change);
            continue;
        };
        // A schema that was added or removed does not concern callers unless its users changed.
        if difference.part.is_empty() && difference.aspect == "present" {
            continue;
        }
        for (operation, used) in old_uses.merge(&new_uses, schema) {
            let change = judge(difference, used, Some(schema));
            by_operation.entry(operation).or_default().push(change);
        }
    }
    let names = |document: &Value| {
        operations(document)
            .iter()
            .map(Operation::signature)
            .collect::<BTreeSet<_>>()
    };
    let all = names(old).union(&names(new)).count();
    let mut operations: Vec<OperationChanges> = by_operation
        .into_iter()
        .map(|(operation, mut changes)| {
            changes.sort_by(|a, b| (a.effect, &a.what).cmp(&(b.effect, &b.what)));
            changes.dedup_by(|a, b| a.what == b.what);
            OperationChanges { operation, changes }
        })
        .collect();
    operations.sort_by(|a, b| path_of(&a.operation).cmp(&path_of(&b.operation)));
    let real = operations.iter().filter(|o| o.operation != "document");
    let (mut breaking, mut compatible) = (0, 0);
    for operation in real {
        if operation
            .changes
            .iter()
            .any(|c| c.effect == Effect::Breaking)
        {
            breaking += 1
        } else {
            compatible += 1
        }
    }
    Report {
        breaking,
        compatible,
        unchanged: all.saturating_sub(breaking + compatible),
        operations,
    }
}

fn path_of(signature: &str) -> (&str, &str) {
    signature
        .split_once(' ')
        .map_or(("", signature), |(method, path)| (path, method))
}

fn judge(difference: &Difference, used: Direction, schema: Option<&str>) -> Change {
    let of = schema.map_or(String::new(), |name| format!("{name}: "));
    Change {
        effect: effect(difference, used),
        what: format!("{of}{}", describe(difference)),
        pointer: difference.pointer.clone(),
    }
}

fn describe(d: &Difference) -> String {
    let part = if d.part.is_empty() {
        "operation"
    } else {
        &d.part
    };
    match (d.aspect, d.vendor.as_deref(), d.ours.as_deref()) {
        ("present", Some(_), None) => format!("{part} removed"),
        ("present", None, Some(_)) => format!("{part} added"),
        ("present", Some(old), Some(new)) => format!("operationId {old} is now {new}"),
        ("required", _, Some("yes")) => format!("{part} is now required"),
        ("required", _, _) => format!("{part} is no longer required"),
        ("nullable", _, Some(_)) => format!("{part} may now be null"),
        ("nullable", _, None) => format!("{part} may no longer be null"),
        ("deprecated", _, Some(_)) => format!("{part} is now deprecated"),
        ("values", Some(old), Some(new)) => {
            let only = |these: &str, others: &str, sign: char| {
                let others: BTreeSet<&str> = others.split(", ").collect();
                let only = these.split(", ").filter(|v| !others.contains(v));
                only.map(|v| format!("{sign}{v}")).collect::<Vec<_>>()
            };
            let changes = [only(new, old, '+'), only(old, new, '-')]
                .concat()
                .join(" ");
            format!("{} values: {changes}", d.part).trim().to_owned()
        }
        (aspect, old, new) => {
            let part = if d.part.is_empty() {
                String::new()
            } else {
                format!("{part} ")
            };
            format!(
                "{part}{aspect}: {} -> {}",
                old.unwrap_or("-"),
                new.unwrap_or("-")
            )
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for operation in &self.operations {
            writeln!(f, "{}", operation.operation)?;
            for change in &operation.changes {
                let mark = if change.effect == Effect::Breaking {
                    "BREAKING  "
                } else {
                    "compatible"
                };
                writeln!(f, "  {mark}  {}", change.what)?;
            }
        }
        writeln!(
            f,
            "{} operations with breaking changes, {} with compatible ones only, {} unchanged",
            self.breaking, self.compatible, self.unchanged
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document(operation: Value, schemas: Value) -> Value {
        json!({"openapi": "3.0.3", "paths": {"/a": {"post": operation}}, "components": {"schemas": schemas}})
    }

    fn body_and_response() -> Value {
        json!({
            "operationId": "a",
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}},
            "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Out"}}}}, "404": {}}
        })
    }

    fn object_with(fields: Value, required: Value) -> Value {
        json!({"type": "object", "properties": fields, "required": required})
    }

    /// Returns the effects of turning one schema into another, as `In` and as `Out`.
    fn effects(old: Value, new: Value) -> (Vec<Effect>, Vec<Effect>) {
        let run = |name: &str| {
            let other = if name == "In" { "Out" } else { "In" };
            let report = diff(
                &document(
                    body_and_response(),
                    json!({name: old, other: {"type": "string"}}),
                ),
                &document(
                    body_and_response(),
                    json!({name: new, other: {"type": "string"}}),
                ),
            );
            report
                .operations
                .into_iter()
                .flat_map(|o| o.changes)
                .map(|c| c.effect)
                .collect()
        };
        (run("In"), run("Out"))
    }

    #[test]
    fn diff_judges_a_change_by_who_sends_and_who_reads() {
        use Effect::{Breaking as B, Compatible as C};
        let id = json!({"id": {"type": "string"}});
        let both = json!({"id": {"type": "string"}, "x": {"type": "string"}});
        let table = [
            (
                "optional field added",
                object_with(id.clone(), json!([])),
                object_with(both.clone(), json!([])),
                (vec![C], vec![C]),
            ),
            (
                "required field added",
                object_with(id.clone(), json!([])),
                object_with(both.clone(), json!(["x"])),
                (vec![B, C], vec![C, C]),
            ),
            (
                "field removed",
                object_with(both.clone(), json!([])),
                object_with(id.clone(), json!([])),
                (vec![B], vec![B]),
            ),
            (
                "now required",
                object_with(id.clone(), json!([])),
                object_with(id.clone(), json!(["id"])),
                (vec![B], vec![C]),
            ),
            (
                "no longer required",
                object_with(id.clone(), json!(["id"])),
                object_with(id.clone(), json!([])),
                (vec![C], vec![B]),
            ),
            (
                "type",
                object_with(id.clone(), json!([])),
                object_with(json!({"id": {"type": "integer"}}), json!([])),
                (vec![B], vec![B]),
            ),
            (
                "enum value added",
                object_with(json!({"id": {"type": "string", "enum": ["a"]}}), json!([])),
                object_with(
                    json!({"id": {"type": "string", "enum": ["a", "b"]}}),
                    json!([]),
                ),
                (vec![C], vec![C]),
            ),
            (
                "enum value removed",
                object_with(
                    json!({"id": {"type": "string", "enum": ["a", "b"]}}),
                    json!([]),
                ),
                object_with(json!({"id": {"type": "string", "enum": ["a"]}}), json!([])),
                (vec![B], vec![C]),
            ),
            (
                "nullable",
                object_with(json!({"id": {"type": "string"}}), json!([])),
                object_with(
                    json!({"id": {"type": "string", "nullable": true}}),
                    json!([]),
                ),
                (vec![C], vec![B]),
            ),
            (
                "shorter",
                object_with(
                    json!({"id": {"type": "string", "maxLength": 10}}),
                    json!([]),
                ),
                object_with(json!({"id": {"type": "string", "maxLength": 5}}), json!([])),
                (vec![B], vec![C]),
            ),
        ];
        for (name, old, new, expected) in table {
            assert_eq!(effects(old, new), expected, "{name}");
        }
    }

    #[test]
    fn diff_reports_added_and_removed_operations() {
        let old = json!({"openapi": "3.0.0", "paths": {"/a": {"get": {"operationId": "a"}}, "/b": {"get": {"operationId": "b"}}}});
        let new = json!({"openapi": "3.0.3", "paths": {"/b": {"get": {"operationId": "b"}}, "/c": {"get": {"operationId": "c"}}}});
        let report = diff(&old, &new);
        assert_eq!(
            (report.breaking, report.compatible, report.unchanged),
            (1, 1, 1)
        );
        assert_eq!(report.operations[0].operation, "GET /a");
        assert_eq!(report.operations[0].changes[0].what, "operation removed");
    }

    #[test]
    fn diff_judges_statuses_parameters_and_security() {
        let operation = |parameters: Value, responses: Value, security: Value| {
            document(
                json!({"operationId": "a", "parameters": parameters, "responses": responses, "security": security}),
                json!({}),
            )
        };
        let old = operation(
            json!([{"name": "q", "in": "query", "schema": {"type": "string"}}]),
            json!({"200": {}, "404": {}}),
            json!([{"k": []}]),
        );
        let new = operation(
            json!([{"name": "q", "in": "query", "required": true, "schema": {"type": "string"}}, {"name": "r", "in": "query"}]),
            json!({"202": {}, "409": {}}),
            json!([{"k": []}, {"l": []}]),
        );
        let changes = &diff(&old, &new).operations[0].changes;
        let of = |effect| {
            changes
                .iter()
                .filter(|c| c.effect == effect)
                .map(|c| c.what.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(Effect::Breaking),
            ["parameter q in query is now required", "status 200 removed"]
        );
        assert_eq!(
            of(Effect::Compatible),
            [
                "parameter r in query added",
                "security: k -> k or l",
                "status 202 added",
                "status 404 removed",
                "status 409 added"
            ]
        );
    }

    #[test]
    fn diff_of_a_document_with_itself_is_empty() {
        let document = document(
            body_and_response(),
            json!({"In": {"type": "string"}, "Out": {"type": "string"}}),
        );
        let report = diff(&document, &document);
        assert!(report.operations.is_empty());
        assert_eq!(report.unchanged, 1);
    }
}

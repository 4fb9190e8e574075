//! `specs lint`: what is wrong in `specs/` itself, before codegen or a caller finds it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::openapi::Result;
use crate::openapi::fields::{entries, text};
use crate::openapi::operations::{Operation, operations};
use crate::openapi::overlay::Change;
use crate::openapi::pointer::{self, PointerPath};
use crate::openapi::reference::{deref, follow, references, resolve};
use crate::openapi::schemas::{each_schema, named_schemas};
use crate::openapi::service::Service;

use super::generation::Generate;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is wrong, or something is lost.
    Error,
    /// Worth a look.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The operation concerned, or `overlay`, or nothing where several are.
    pub operation: String,
    /// JSON pointer into the effective document, or the target of an overlay action.
    pub pointer: String,
    /// What is wrong, and what would mend it.
    pub message: String,
}

/// The findings of one service.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The service.
    pub service: String,
    /// Errors first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many findings are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.findings
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .count()
    }
}

/// Looks through one service.
///
/// # Errors
/// When its files cannot be read, or the overlay cannot be applied at all.
pub fn lint(service: &Service, generate: Generate<'_>) -> Result<Report> {
    let mut lint = Lint {
        findings: Vec::new(),
    };
    let applied = service.applied()?;
    if let Some(overlay) = service.overlay()? {
        for (action, report) in overlay.actions.iter().zip(&applied.actions) {
            if report.matched == 0 {
                let why = "selects nothing any more; correct its target, or remove the action";
                lint.error("overlay", &action.target, why);
            }
            if action
                .description
                .as_deref()
                .unwrap_or_default()
                .trim()
                .is_empty()
            {
                lint.error(
                    "overlay",
                    &action.target,
                    "has no description; say why the action is there",
                );
            }
            if matches!(action.change, Change::Nothing) {
                lint.error(
                    "overlay",
                    &action.target,
                    "neither updates nor removes anything",
                );
            }
        }
    }
    lint.document(&applied.document);
    let generation = generate(service, &applied.document)?;
    for (operation, reason) in generation.left_out {
        lint.warning(&operation, "", format!("no method is generated: {reason}"));
    }
    lint.findings.sort_by_key(|f| f.severity);
    Ok(Report {
        service: service.name.clone(),
        findings: lint.findings,
    })
}

/// Looks through a document that belongs to no service; for `specs add` and tests.
#[must_use]
pub fn lint_document(document: &Value) -> Vec<Finding> {
    let mut lint = Lint {
        findings: Vec::new(),
    };
    lint.document(document);
    lint.findings.sort_by_key(|f| f.severity);
    lint.findings
}

struct Lint {
    findings: Vec<Finding>,
}

impl Lint {
    fn error(&mut self, operation: &str, pointer: &str, message: impl Into<String>) {
        self.push(Severity::Error, operation, pointer, message.into());
    }

    fn warning(&mut self, operation: &str, pointer: &str, message: impl Into<String>) {
        self.push(Severity::Warning, operation, pointer, message.into());
    }

    fn push(&mut self, severity: Severity, operation: &str, pointer: &str, message: String) {
        let (operation, pointer) = (operation.to_owned(), pointer.to_owned());
        self.findings.push(Finding {
            severity,
            operation,
            pointer,
            message,
        });
    }

    fn document(&mut self, document: &Value) {
        self.operations(document);
        self.references(document);
        each_schema(document, &mut |schema, at| {
            self.schema(document, schema, at)
        });
        self.unused(document);
    }

    fn operations(&mut self, document: &Value) {
        let schemes: BTreeSet<&str> = document
            .pointer("/components/securitySchemes")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|map| map.keys().map(String::as_str))
            .collect();
        let mut ids: HashMap<&str, String> = HashMap::new();
        for operation in operations(document) {
            let (name, place) = (operation.name(), operation.pointer());
            match operation.id() {
                None => self.error(
                    &name,
                    &place,
                    "has no operationId; give it one in the overlay",
                ),
                Some(id) => {
                    if let Some(other) = ids.insert(id, operation.signature()) {
                        self.error(
                            &name,
                            &place,
                            format!("{other} has the same operationId {id}"),
                        );
                    }
                }
            }
            if operation
                .value
                .get("summary")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .is_empty()
            {
                self.warning(
                    &name,
                    &place,
                    "has no sentence of ours; give it a summary in the overlay",
                );
            }
            self.path_parameters(document, &operation, &name, &place);
            let responses = operation.responses(document);
            if !responses.iter().any(|(status, _)| {
                matches!(status.as_bytes().first(), Some(b'2' | b'3')) || *status == "default"
            }) {
                self.error(&name, &format!("{place}/responses"), "declares no success");
            }
            for (status, response) in responses {
                if response
                    .get("description")
                    .and_then(Value::as_str)
                    .is_none()
                {
                    let place = format!("{place}/responses/{status}/description");
                    self.error(&name, &place, "is required by OpenAPI 3.0");
                }
            }
            for requirement in operation
                .security(document)
                .into_iter()
                .flatten()
                .filter_map(Value::as_object)
            {
                for scheme in requirement.keys().filter(|s| !schemes.contains(s.as_str())) {
                    let place = format!("{place}/security");
                    self.error(
                        &name,
                        &place,
                        format!("names the security scheme {scheme}, which does not exist"),
                    );
                }
            }
        }
    }

    fn path_parameters(
        &mut self,
        document: &Value,
        operation: &Operation<'_>,
        name: &str,
        place: &str,
    ) {
        let template: BTreeSet<&str> = operation
            .path
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}'))
            .map(|(name, _)| name)
            .collect();
        for (_, list) in operation.declared_parameters() {
            let mut seen = BTreeSet::new();
            for parameter in list.iter().map(|p| deref(document, p)) {
                let (place_in, parameter) = (text(parameter, "in"), text(parameter, "name"));
                if !parameter.is_empty() && !seen.insert((place_in, parameter)) {
                    let message = format!("declares the {place_in} parameter {parameter} twice");
                    self.error(name, place, message);
                }
            }
        }
        let declared: BTreeSet<&str> = operation
            .parameters(document)
            .into_iter()
            .filter(|p| text(p, "in") == "path")
            .map(|p| text(p, "name"))
            .collect();
        for missing in template.difference(&declared) {
            self.error(
                name,
                place,
                format!("has {{{missing}}} in its path and no such parameter"),
            );
        }
        for extra in declared.difference(&template) {
            self.error(
                name,
                place,
                format!("declares the path parameter {extra}, which its path does not have"),
            );
        }
    }

    fn references(&mut self, document: &Value) {
        let mut broken = BTreeSet::new();
        references(document, &mut |reference| {
            if resolve(document, reference).is_none() {
                broken.insert(reference);
            }
        });
        for reference in broken {
            self.error("", reference, "is referred to and does not exist");
        }
        // A chain of references that ends in itself never gets anywhere.
        for (name, schema) in named_schemas(document).into_iter().flatten() {
            if follow(document, schema).is_err() {
                let place = pointer::of_schema(name);
                self.error("", &place, "is a reference that leads nowhere");
            }
        }
    }

    fn schema(&mut self, document: &Value, schema: &Value, at: PointerPath<'_>) {
        let place = at.to_string();
        self.markings(document, &place, schema);
        self.names_and_values(&place, schema);
        self.conflicts(document, &place, schema);
        for (name, property) in entries(schema, "properties") {
            let says_nothing = property.as_object().is_some_and(|p| {
                !p.is_empty()
                    && p.keys().all(|key| {
                        matches!(key.as_str(), "description" | "title") || key.starts_with("x-")
                    })
            });
            if says_nothing {
                self.error(
                    "",
                    &format!("{place}/properties/{}", pointer::escape(name)),
                    "has a sentence and no type: an overlay action describes a field that is gone",
                );
            }
        }
    }

    /// Our extensions must name what exists: a misspelt one would be a silent gap.
    fn markings(&mut self, document: &Value, place: &str, schema: &Value) {
        const KNOWN: &[&str] = &[
            "x-idweave-certain",
            "x-idweave-secret",
            "x-idweave-patch",
            "x-idweave-idempotent",
            "x-idweave-personal",
            "x-idweave-enum-names",
        ];
        let unknown = schema.as_object().into_iter().flat_map(|m| m.keys());
        for key in
            unknown.filter(|key| key.starts_with("x-idweave-") && !KNOWN.contains(&key.as_str()))
        {
            self.error(
                "",
                place,
                format!("{key} is no extension that codegen knows"),
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
                self.error(
                    "",
                    place,
                    format!("x-idweave-certain names {name}, which is no field of it"),
                );
            }
        }
    }

    fn names_and_values(&mut self, place: &str, schema: &Value) {
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
                self.error("", place, message);
            }
        }
        if values.is_some_and(Vec::is_empty) {
            self.error("", place, "an enum without values allows nothing");
        }
        let mut seen = BTreeSet::new();
        for value in values.into_iter().flatten() {
            if !seen.insert(value.to_string()) {
                self.warning("", place, format!("the enum has {value} twice"));
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
            self.warning(
                "",
                place,
                format!("requires {name}, which it does not declare"),
            );
        }
    }

    /// Two branches of one allOf that give a field different types leave no value that fits both.
    fn conflicts(&mut self, document: &Value, place: &str, schema: &Value) {
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
                    let message = format!(
                        "allOf gives {name} the types {other} and {kind}: nothing can be both"
                    );
                    self.error("", place, message);
                }
            }
        }
    }

    fn unused(&mut self, document: &Value) {
        let mut pruned = document.clone();
        super::cut::prune(&mut pruned);
        for (section, members) in entries(document, "components") {
            for name in members.as_object().into_iter().flat_map(|m| m.keys()) {
                let place = format!("/components/{section}/{}", pointer::escape(name));
                if pruned.pointer(&place).is_none() {
                    self.warning(
                        "",
                        &place,
                        "is used by no operation; remove it in the overlay",
                    );
                }
            }
        }
    }
}

/// The fields of a schema, through references and allOf.
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

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            let mark = if finding.severity == Severity::Error {
                "error  "
            } else {
                "warning"
            };
            let place = [finding.operation.as_str(), finding.pointer.as_str()];
            let place = place
                .into_iter()
                .filter(|p| !p.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
            writeln!(f, "{mark}  {place}\n         {}", finding.message)?;
        }
        let errors = self.errors();
        writeln!(
            f,
            "{}: {errors} errors, {} warnings",
            self.service,
            self.findings.len() - errors
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use serde_json::json;

    fn messages(document: Value) -> Vec<String> {
        lint_document(&document)
            .into_iter()
            .map(|f| format!("{} {} {}", f.operation, f.pointer, f.message))
            .collect()
    }

    fn clean() -> Value {
        json!({"openapi": "3.0.3", "paths": {"/a/{id}": {"get": {
            "operationId": "a", "summary": "Gives an a.", "security": [{"key": []}],
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}
        }}}, "components": {
            "schemas": {"A": {"type": "object", "x-idweave-certain": ["id"], "properties": {"id": {"type": "string"}}}},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}
        }})
    }

    #[test]
    fn a_clean_document_has_no_findings() {
        assert_eq!(messages(clean()), Vec::<String>::new());
    }

    #[test]
    fn each_fault_is_found_where_it_is() {
        let faults: [(&str, Value, &str); 12] = [
            (
                "/paths/~1a~1{id}/get/operationId",
                Value::Null,
                "has no operationId",
            ),
            ("/paths/~1a~1{id}/get/summary", json!(""), "has no sentence"),
            (
                "/paths/~1a~1{id}/get/parameters",
                json!([]),
                "has {id} in its path",
            ),
            (
                "/paths/~1a~1{id}/get/parameters/0/name",
                json!("other"),
                "which its path does not have",
            ),
            (
                "/paths/~1a~1{id}/get/security",
                json!([{"lock": []}]),
                "security scheme lock",
            ),
            (
                "/paths/~1a~1{id}/get/responses",
                json!({"404": {"description": ""}}),
                "declares no success",
            ),
            (
                "/paths/~1a~1{id}/get/responses/200",
                json!({}),
                "required by OpenAPI",
            ),
            (
                "/components/schemas/A/x-idweave-certain",
                json!(["name"]),
                "names name, which is no field",
            ),
            (
                "/components/schemas/A/properties/id",
                json!({"description": "Its id."}),
                "describes a field that is gone",
            ),
            (
                "/components/schemas/A/properties/id",
                json!({"$ref": "#/components/schemas/B"}),
                "does not exist",
            ),
            (
                "/components/schemas/A",
                json!({"allOf": [{"properties": {"x": {"type": "string"}}}, {"properties": {"x": {"type": "integer"}}}]}),
                "nothing can be both",
            ),
            (
                "/components/schemas/A/properties/id",
                json!({"type": "integer", "enum": [1, 2], "x-enum-varnames": ["One"]}),
                "1 names for 2",
            ),
        ];
        for (place, value, expected) in faults {
            let mut document = clean();
            *document.pointer_mut(place).unwrap() = value;
            let found = messages(document);
            assert!(
                found.iter().any(|m| m.contains(expected)),
                "{place}: {found:?}"
            );
        }
    }

    #[test]
    fn a_reference_that_leads_to_itself_is_an_error_and_no_hang() {
        let mut document = clean();
        document["components"]["schemas"]["A"] = json!({"$ref": "#/components/schemas/B"});
        document["components"]["schemas"]["B"] = json!({"$ref": "#/components/schemas/A"});
        assert!(
            messages(document)
                .iter()
                .any(|m| m.contains("leads nowhere"))
        );
    }
}

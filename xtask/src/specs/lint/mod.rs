//! `specs lint`: checks `specs/` itself, before codegen or a caller finds what is wrong.

mod diagnostic;
mod operations;
mod references;
mod schemas;

use serde_json::Value;

use super::generation::Generate;
use crate::openapi::Result;
use crate::openapi::overlay::Change;
use crate::openapi::schemas::each_schema;
use crate::openapi::service::Service;
use diagnostic::Diagnostics;
pub use diagnostic::{Diagnostic, Report, Severity};

/// Looks through one service.
///
/// # Errors
/// When its files cannot be read, or the overlay cannot be applied at all.
pub fn lint(service: &Service, generate: Generate<'_>) -> Result<Report> {
    let mut found = Diagnostics::default();
    let applied = service.applied()?;
    if let Some(overlay) = service.overlay()? {
        for (action, report) in overlay.actions.iter().zip(&applied.actions) {
            if report.matched == 0 {
                let why = "no longer selects anything; correct its target, or remove the action";
                found.error("overlay", &action.target, why);
            }
            if action
                .description
                .as_deref()
                .unwrap_or_default()
                .trim()
                .is_empty()
            {
                found.error(
                    "overlay",
                    &action.target,
                    "has no description; say why the action is there",
                );
            }
            if matches!(action.change, Change::Nothing) {
                found.error(
                    "overlay",
                    &action.target,
                    "neither updates nor removes anything; give it `update` or `remove`",
                );
            }
        }
    }
    check(&mut found, &applied.document);
    let generation = generate(service, &applied.document)?;
    for (operation, reason) in generation.left_out {
        found.warning(&operation, "", format!("no method is generated: {reason}"));
    }
    Ok(Report {
        service: service.name.clone(),
        diagnostics: found.sorted(),
    })
}

/// Looks through a document that belongs to no service; for `specs add` and tests.
#[must_use]
pub fn lint_document(document: &Value) -> Vec<Diagnostic> {
    let mut found = Diagnostics::default();
    check(&mut found, document);
    found.sorted()
}

fn check(found: &mut Diagnostics, document: &Value) {
    operations::check(found, document);
    references::check(found, document);
    each_schema(document, &mut |schema, at| {
        schemas::check(found, document, schema, at);
    });
    references::unused(found, document);
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
    fn lint_finds_nothing_in_a_clean_document() {
        assert_eq!(messages(clean()), Vec::<String>::new());
    }

    #[test]
    fn lint_finds_each_fault_at_its_place() {
        let faults: [(&str, Value, &str); 12] = [
            (
                "/paths/~1a~1{id}/get/operationId",
                Value::Null,
                "has no operationId",
            ),
            ("/paths/~1a~1{id}/get/summary", json!(""), "has no summary"),
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
                "has no success response; declare one in the overlay",
            ),
            (
                "/paths/~1a~1{id}/get/responses/200",
                json!({}),
                "required by OpenAPI",
            ),
            (
                "/components/schemas/A/x-idweave-certain",
                json!(["name"]),
                "names name, which is not a field",
            ),
            (
                "/components/schemas/A/properties/id",
                json!({"description": "Its id."}),
                "describes a field that no longer exists",
            ),
            (
                "/components/schemas/A/properties/id",
                json!({"$ref": "#/components/schemas/B"}),
                "does not exist",
            ),
            (
                "/components/schemas/A",
                json!({"allOf": [{"properties": {"x": {"type": "string"}}}, {"properties": {"x": {"type": "integer"}}}]}),
                "no value is both",
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
    fn lint_judges_duplicate_parameters_in_each_list_by_itself() {
        let id =
            json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}});
        let twice = "a /paths/~1a~1{id}/get declares the path parameter id twice";

        // OpenAPI 3.0.4, Path Item Object: "can be overridden at the operation level".
        let mut overridden = clean();
        overridden["paths"]["/a/{id}"]["parameters"] = json!([id]);
        assert_eq!(messages(overridden), Vec::<String>::new());

        for list in ["/paths/~1a~1{id}", "/paths/~1a~1{id}/get"] {
            let mut document = clean();
            document.pointer_mut(list).unwrap()["parameters"] = json!([id, id]);
            assert_eq!(messages(document), [twice], "{list}");
        }
    }

    #[test]
    fn lint_reports_a_reference_that_leads_to_itself() {
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

//! Replaces references to parameters, bodies, responses and path items by what they lead to, and gives each operation the
//! parameters of its path.
//!
//! References between schemas stay: they become Rust types.

use serde_json::{Map, Value};

use super::context::Context;
use crate::codegen::report::overlay_hint;
use crate::openapi::operations::{METHODS, PathItem, merge_parameters, operation_name};
use crate::openapi::pointer;
use crate::openapi::reference::follow;

pub(super) const NAME: &str = "inline";

pub(super) fn run(context: &mut Context) {
    let source = context.document.clone();
    let Context { document, report } = context;
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return;
    };
    for (path, item) in paths.iter_mut() {
        if let Some(reference) = item.get("$ref").and_then(Value::as_str) {
            if !follow(&source, item).is_ok_and(Value::is_object) {
                report.change(
                    NAME,
                    "",
                    pointer::push("/paths", path),
                    format!("{reference} leads nowhere"),
                );
            }
            *item = Value::Object(PathItem::of(&source, item).merged());
        }
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        let shared = match item.shift_remove("parameters") {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let id = operation_name(operation, path, method);
            let pointer = pointer::of_operation(path, method);
            let lost = |reference: &str, place: &str| {
                format!(
                    "{place} {reference} is not in this document; {}",
                    overlay_hint(
                        &format!("$.paths['{path}'].{method}"),
                        "{…what it stands for…}"
                    )
                )
            };
            take_parameters(&source, &shared, operation, |reference| {
                report.change(
                    NAME,
                    &id,
                    format!("{pointer}/parameters"),
                    lost(reference, "parameter"),
                );
            });
            if let Some(body) = operation.get("requestBody") {
                match follow(&source, body).cloned().map_err(str::to_owned) {
                    Ok(body) => drop(operation.insert("requestBody".into(), body)),
                    Err(reference) => {
                        report.change(
                            NAME,
                            &id,
                            format!("{pointer}/requestBody"),
                            lost(&reference, "request body"),
                        );
                        // Any JSON may be sent: what the body is cannot be known.
                        operation.insert(
                            "requestBody".into(),
                            serde_json::json!({"content": {"application/json": {"schema": {}}}, "required": true}),
                        );
                    }
                }
            }
            if let Some(responses) = operation
                .get_mut("responses")
                .and_then(Value::as_object_mut)
            {
                for (status, response) in responses.iter_mut() {
                    match follow(&source, response).cloned().map_err(str::to_owned) {
                        Ok(found) => *response = found,
                        Err(reference) => {
                            let at = format!("{pointer}/responses/{}", pointer::escape(status));
                            report.change(NAME, &id, at, lost(&reference, "response"));
                            *response = serde_json::json!({"description": "", "content": {"application/json": {"schema": {}}}});
                        }
                    }
                }
            }
        }
    }
}

/// Gives an operation the parameters of its path, overridden by its own.
fn take_parameters(
    source: &Value,
    shared: &[Value],
    operation: &mut Map<String, Value>,
    mut lost: impl FnMut(&str),
) {
    let own = match operation.shift_remove("parameters") {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    let found = shared
        .iter()
        .chain(&own)
        .filter_map(|parameter| follow(source, parameter).map_err(&mut lost).ok());
    let merged: Vec<Value> = merge_parameters(found).into_iter().cloned().collect();
    if !merged.is_empty() {
        operation.insert("parameters".into(), Value::Array(merged));
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn inline_replaces_references_to_parameters_bodies_and_responses() {
        let context = run_pass(
            json!({
                "components": {
                    "parameters": {"Id": {"name": "id", "in": "path"}, "Q": {"$ref": "#/components/parameters/Id"}},
                    "requestBodies": {"B": {"content": {}}}, "responses": {"R": {"description": "r"}},
                    "pathItems": {"I": {"get": {"responses": {"200": {"$ref": "#/components/responses/R"}}}}}},
                "paths": {"/i": {"$ref": "#/components/pathItems/I"}, "/x": {
                    "parameters": [{"$ref": "#/components/parameters/Q"}, {"name": "a", "in": "query", "required": true}],
                    "post": {"parameters": [{"name": "a", "in": "query"}],
                             "requestBody": {"$ref": "#/components/requestBodies/B"}, "responses": {}}}}}),
            run,
        );
        expect![[r#"
            /i:
              get:
                responses:
                  "200":
                    description: r
            /x:
              post:
                requestBody:
                  content: {}
                responses: {}
                parameters:
                - name: id
                  in: path
                - name: a
                  in: query
        "#]]
        .assert_eq(&context.yaml("/paths"));
    }

    #[test]
    fn inline_reports_references_that_lead_nowhere() {
        let context = run_pass(
            json!({"components": {"parameters": {"A": {"$ref": "#/components/parameters/A"}}},
                   "paths": {"/x": {"get": {"parameters": [{"$ref": "#/components/parameters/A"}, {"$ref": "other.yaml#/B"}],
                                            "responses": {"200": {"$ref": "#/components/responses/None"}}}}}}),
            run,
        );
        assert_eq!(context.report.changed.len(), 3);
        assert!(context.reports("other.yaml#/B") && context.reports("overlay action"));
        assert!(
            context
                .report
                .changed
                .iter()
                .all(|c| c.operation == "GET /x")
        );
    }
}

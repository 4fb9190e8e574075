//! Runs progenitor on a normalised document, so that one failure does not lose the whole document.
//!
//! progenitor (with typify) writes the signatures and the structs. It panics on what it does not know; a panic is caught,
//! the schema or operation that causes it is found, and the rest is generated.

use std::cell::Cell;
use std::collections::HashSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use serde_json::{Map, Value, json};

use super::report::{Report, overlay_hint};
use crate::openapi::operations::{Operation, operations};
use crate::openapi::pointer;
use crate::openapi::reference::schema_references;
use crate::openapi::schemas::{named_schemas, named_schemas_mut};
use crate::openapi::{Error, Result};

thread_local! {
    static SILENCED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` and returns a panic as an error, without printing it.
fn catch_panic<T>(work: impl FnOnce() -> T) -> std::result::Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !SILENCED.get() {
                before(info);
            }
        }));
    });
    SILENCED.set(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    SILENCED.set(false);
    outcome.map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        text.or_else(|| payload.downcast_ref::<&str>().map(|t| (*t).to_owned()))
            .unwrap_or_else(|| "panic".into())
    })
}

fn generate(document: &Value) -> std::result::Result<syn::File, String> {
    let api: openapiv3::OpenAPI = serde_json::from_value(document.clone())
        .map_err(|e| format!("not an OpenAPI 3.0 document: {e}"))?;
    let tokens = catch_panic(|| {
        let mut settings = progenitor::GenerationSettings::default();
        settings
            .with_interface(progenitor::InterfaceStyle::Positional)
            .with_map_type("::std::collections::BTreeMap");
        progenitor::Generator::new(&settings)
            .generate_tokens(&api)
            .map_err(|e| e.to_string())
    })??;
    syn::parse2(tokens).map_err(|e| format!("the generated code does not parse: {e}"))
}

/// What the generator does not take.
#[derive(Default)]
struct Refused {
    /// Pointers of operations; nothing is written for them.
    operations: HashSet<String>,
    /// Names of schemas; they become any JSON value.
    schemas: HashSet<String>,
}

/// Tells whether the generator only needs the name of a type: enums and unions are written by [`super::emit`].
fn is_opaque(schema: &Value) -> bool {
    ["enum", "oneOf", "x-idweave-integers"]
        .iter()
        .any(|k| schema.get(*k).is_some())
}

/// Reduces a schema to what the generator has to see.
fn reduced_schema(schema: &Value) -> Value {
    let Some(map) = schema.as_object() else {
        return json!({});
    };
    if let Some(reference) = map.get("$ref") {
        return json!({"$ref": reference});
    }
    let mut out = Map::new();
    for key in ["type", "nullable", "required"] {
        if let Some(value) = map.get(key) {
            out.insert(key.into(), value.clone());
        }
    }
    if map.get("type").and_then(Value::as_str) == Some("integer")
        && let Some(format) = map.get("format")
    {
        out.insert("format".into(), format.clone());
    }
    if let Some(properties) = map.get("properties").and_then(Value::as_object) {
        let reduced: Map<String, Value> = properties
            .iter()
            .map(|(k, v)| (k.clone(), reduced_schema(v)))
            .collect();
        out.insert("type".into(), "object".into());
        out.insert("properties".into(), Value::Object(reduced));
    }
    if let Some(items) = map.get("items") {
        out.insert("items".into(), reduced_schema(items));
    }
    if let Some(values) = map.get("additionalProperties") {
        let object = map
            .get("properties")
            .and_then(Value::as_object)
            .is_some_and(|p| !p.is_empty());
        out.insert(
            "additionalProperties".into(),
            if object {
                json!({})
            } else {
                reduced_schema(values)
            },
        );
        out.insert("type".into(), "object".into());
    }
    if !out.contains_key("type") {
        // No type, nothing to be null.
        return json!({});
    }
    Value::Object(out)
}

/// Reduces the document to what the generator has to see.
fn reduced_document(document: &Value, refused: &Refused) -> Value {
    let mut schemas = Map::new();
    for (name, schema) in named_schemas(document).into_iter().flatten() {
        let seen = match schema {
            _ if refused.schemas.contains(name) => json!({}),
            s if is_opaque(s) => json!({"type": "string"}),
            s => reduced_schema(s),
        };
        schemas.insert(name.clone(), seen);
    }
    let mut paths = Map::new();
    for operation in operations(document) {
        if refused.operations.contains(&operation.pointer()) {
            continue;
        }
        let seen = reduced_operation(operation.value);
        let stand_in = stand_in_path(&format!("{}", paths.len()), operation.value);
        paths.insert(stand_in, json!({operation.method: seen}));
    }
    json!({"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": paths, "components": {"schemas": schemas}})
}

/// Makes a path for an operation, different from all others: what the generator makes of it is not used, and its parameters have the generator's
/// names here, not those on the wire.
fn stand_in_path(name: &str, operation: &Value) -> String {
    let mut path = format!("/{name}");
    for parameter in operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if parameter.get("in").and_then(Value::as_str) == Some("path") {
            path.push_str("/{");
            path.push_str(
                parameter
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            );
            path.push('}');
        }
    }
    path
}

fn reduced_operation(operation: &Value) -> Value {
    let mut parameters = Vec::new();
    for parameter in operation
        .get("parameters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        // Headers are given as queries: the generator's order of headers and bodies is not a total one.
        let path = parameter.get("in").and_then(Value::as_str) == Some("path");
        parameters.push(json!({
            "name": parameter["name"], "in": if path { "path" } else { "query" }, "required": parameter["required"],
            "schema": reduced_schema(&parameter["schema"]),
        }));
    }
    let mut out = json!({"operationId": operation["operationId"], "parameters": parameters});
    if let Some(body) = operation.get("requestBody") {
        let mut content = Map::new();
        for (media_type, value) in body
            .get("content")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let schema = if media_type == "application/octet-stream" {
                json!({"type": "string", "format": "binary"})
            } else {
                reduced_schema(&value["schema"])
            };
            content.insert(media_type.clone(), json!({"schema": schema}));
        }
        out["requestBody"] = json!({"required": true, "content": content});
    }
    let mut content = json!({});
    if let Some(schema) = operation.pointer("/responses/200/content/application~1json/schema") {
        content = json!({"application/json": {"schema": reduced_schema(schema)}});
    } else if operation
        .pointer("/responses/200/content/application~1octet-stream")
        .is_some()
    {
        content = json!({"application/octet-stream": {}});
    }
    out["responses"] = json!({"200": {"description": "", "content": content}});
    out
}

/// Lists the schemas a value refers to directly, without their content: the generator only needs the names.
fn stub_schemas(value: &Value) -> Map<String, Value> {
    let mut out = Map::new();
    schema_references(value, &mut |name| {
        drop(out.insert(name, json!({"type": "string"})))
    });
    out
}

/// Generates what can be generated, and reports the rest.
///
/// # Errors
/// When nothing can be generated.
pub fn run(document: &mut Value, report: &mut Report) -> Result<syn::File> {
    let mut refused = Refused::default();
    let first = match generate(&reduced_document(document, &refused)) {
        Ok(file) => return Ok(file),
        Err(why) => why,
    };
    tracing::warn!("the generator refuses the whole document ({first}); looking for the cause");
    find_refused_schemas(document, &mut refused, report);
    find_refused_operations(document, &mut refused, report);
    let mut why = match generate(&reduced_document(document, &refused)) {
        Ok(file) => {
            remove_refused(document, &refused);
            return Ok(file);
        }
        Err(why) => why,
    };
    // Each alone is fine and all together are not: halve until the ones that do not go together are found.
    while let Some(culprit) = find_conflict(document, &refused) {
        leave_out(&culprit, &why, report);
        refused.operations.insert(culprit.pointer());
        match generate(&reduced_document(document, &refused)) {
            Ok(file) => {
                remove_refused(document, &refused);
                return Ok(file);
            }
            Err(next) => why = next,
        }
    }
    Err(Error::new(format!(
        "/: the generator refuses what the passes made of this document: {why}; {}",
        overlay_hint("$.paths['…']", "remove: true")
    )))
}

/// Finds the schemas that the generator refuses by themselves; they become any JSON value.
fn find_refused_schemas(document: &Value, refused: &mut Refused, report: &mut Report) {
    let schemas = named_schemas(document);
    for (name, schema) in schemas.into_iter().flatten().filter(|(_, s)| !is_opaque(s)) {
        let seen = reduced_schema(schema);
        let mut around = stub_schemas(&seen);
        around.insert(name.clone(), seen);
        let alone = json!({"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {}, "components": {"schemas": around}});
        if let Err(why) = generate(&alone) {
            let at = pointer::of_schema(name);
            let hint = overlay_hint(&format!("$.components.schemas.{name}"), "{…}");
            report.change(
                "generator",
                "",
                at,
                format!("refused ({why}): any JSON value; {hint}"),
            );
            refused.schemas.insert(name.clone());
        }
    }
}

/// Finds the operations that the generator refuses by themselves; they are left out.
fn find_refused_operations(document: &Value, refused: &mut Refused, report: &mut Report) {
    for operation in operations(document) {
        let seen = reduced_operation(operation.value);
        let mut around = stub_schemas(&seen);
        for name in &refused.schemas {
            around.entry(name.clone()).or_insert_with(|| json!({}));
        }
        let alone = json!({"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {stand_in_path("x", operation.value): {operation.method: seen}},
                           "components": {"schemas": around}});
        if let Err(why) = generate(&alone) {
            leave_out(&operation, &why, report);
            refused.operations.insert(operation.pointer());
        }
    }
}

fn leave_out(operation: &Operation<'_>, why: &str, report: &mut Report) {
    let (path, method) = (operation.path, operation.method);
    let hint = overlay_hint(&format!("$.paths['{path}'].{method}"), "{…}");
    report.leave_out(
        &operation.name(),
        format!(
            "{}: the generator refuses it: {why}; {hint}",
            operation.pointer()
        ),
    );
}

/// Finds an operation without which the failure goes away or changes; returns nothing when operations are not the cause.
fn find_conflict<'a>(document: &'a Value, refused: &Refused) -> Option<Operation<'a>> {
    let all = operations(document);
    let suspects: Vec<Operation<'a>> = all
        .iter()
        .filter(|o| !refused.operations.contains(&o.pointer()))
        .copied()
        .collect();
    let fails = |kept: &[Operation<'a>]| {
        let kept: HashSet<String> = kept.iter().map(Operation::pointer).collect();
        let others = all.iter().map(Operation::pointer);
        let without = Refused {
            operations: others.filter(|o| !kept.contains(o)).collect(),
            schemas: refused.schemas.clone(),
        };
        generate(&reduced_document(document, &without)).is_err()
    };
    if fails(&[]) {
        return None;
    }
    // The shortest failing prefix ends with a culprit.
    let (mut low, mut high) = (0, suspects.len());
    while low + 1 < high {
        let middle = low.midpoint(high);
        if fails(&suspects[..middle]) {
            high = middle;
        } else {
            low = middle;
        }
    }
    suspects.get(high.checked_sub(1)?).copied()
}

/// Removes from the document what was not generated, so that nothing is written for it.
fn remove_refused(document: &mut Value, refused: &Refused) {
    for operation in &refused.operations {
        if let Some((item, method)) = operation.rsplit_once('/')
            && let Some(item) = document.pointer_mut(item).and_then(Value::as_object_mut)
        {
            item.shift_remove(method);
        }
    }
    let schemas = named_schemas_mut(document);
    for (name, schema) in schemas.into_iter().flatten() {
        if refused.schemas.contains(name) {
            *schema = json!({});
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn operation(id: &str, schema: Value) -> Value {
        json!({"operationId": id, "responses": {"200": {"content": {"application/json": {"schema": schema}}}}})
    }

    #[test]
    fn run_leaves_out_an_operation_that_makes_the_generator_panic() {
        // A body whose media type the passes would never leave behind.
        let mut bad = operation("bad", json!({"type": "string"}));
        bad["requestBody"] =
            json!({"content": {"application/vnd.unknown": {"schema": {"type": "string"}}}});
        bad["x-idweave-report"] = "badOne".into();
        let mut document = json!({"paths": {"/a": {"get": operation("good", json!({"type": "string"})), "post": bad}},
                                  "components": {"schemas": {}}});
        let mut report = Report::default();
        let file = run(&mut document, &mut report).unwrap();
        let code = prettyplease::unparse(&file);
        assert!(code.contains("fn good") && !code.contains("fn bad"));
        assert_eq!(report.left_out[0].operation, "badOne");
        assert!(report.left_out[0].reason.contains("overlay action"));
        assert!(document["paths"]["/a"].get("post").is_none());
    }

    #[test]
    fn catch_panic_returns_the_message() {
        #[allow(clippy::panic)]
        let outcome = catch_panic(|| -> () { panic!("told {}", "so") });
        assert_eq!(outcome.unwrap_err(), "told so");
    }

    #[test]
    fn run_finds_operations_that_conflict() {
        let mut document = json!({"paths": {"/a": {"get": operation("one", json!({"type": "string"}))},
                                            "/b": {"get": operation("one", json!({"type": "string"}))},
                                            "/c": {"get": operation("two", json!({"type": "string"}))}},
                                  "components": {"schemas": {}}});
        let mut report = Report::default();
        run(&mut document, &mut report).unwrap();
        assert_eq!(report.left_out.len(), 1);
        assert!(report.left_out[0].reason.contains("/paths/~1b/get"));
    }
}

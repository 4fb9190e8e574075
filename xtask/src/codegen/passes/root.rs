//! Gives the document the skeleton that OpenAPI 3.0 requires, whatever version it declares.
//!
//! Webhooks, callbacks and links describe requests the service sends; a client has no method for them.

use serde_json::{Map, Value, json};

use super::context::Context;
use crate::openapi::operations::METHODS;

pub(super) const NAME: &str = "root";

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    let Some(root) = document.as_object_mut() else {
        *document = json!({"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": {}});
        return;
    };
    if let Some(version) = root.get("openapi").and_then(Value::as_str)
        && !version.starts_with("3.0.")
    {
        report.change(
            NAME,
            "",
            "/openapi",
            format!("OpenAPI {version} is converted to 3.0.3"),
        );
    }
    root.insert("openapi".into(), "3.0.3".into());
    let text = |v: Option<&Value>| match v {
        Some(Value::String(s)) => s.clone(),
        Some(Value::Number(n)) => n.to_string(),
        _ => String::new(),
    };
    let info = root.get("info").cloned().unwrap_or_default();
    let mut kept = Map::new();
    kept.insert("title".into(), text(info.get("title")).into());
    kept.insert("version".into(), text(info.get("version")).into());
    kept.insert("description".into(), text(info.get("description")).into());
    root.insert("info".into(), Value::Object(kept));
    for gone in [
        "webhooks",
        "jsonSchemaDialect",
        "$self",
        "externalDocs",
        "tags",
        "x-tagGroups",
    ] {
        if root.shift_remove(gone).is_some() && gone == "webhooks" {
            report.change(
                NAME,
                "",
                "/webhooks",
                "left out: the service calls these, not its clients",
            );
        }
    }
    if !root.get("paths").is_some_and(Value::is_object) {
        root.insert("paths".into(), json!({}));
    }
    let mut paths = Map::new();
    for (path, item) in std::mem::take(
        root.get_mut("paths")
            .and_then(Value::as_object_mut)
            .unwrap_or(&mut Map::new()),
    ) {
        if path.starts_with("x-") || !item.is_object() {
            continue;
        }
        let fixed = if path.starts_with('/') {
            path.clone()
        } else {
            format!("/{path}")
        };
        paths.insert(fixed, item);
    }
    for (path, item) in paths.iter_mut() {
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        for method in METHODS {
            // An operation given as null or as an empty key still is one: nothing about it is known but where it is.
            if item.get(method).is_some_and(|o| !o.is_object()) {
                item.insert(method.into(), json!({}));
                report.change(
                    NAME,
                    &format!("{} {path}", method.to_uppercase()),
                    "",
                    "empty operation",
                );
            }
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            operation.shift_remove("callbacks");
            if !operation.get("responses").is_some_and(Value::is_object) {
                operation.insert("responses".into(), json!({}));
            }
            if operation.get("tags").is_some_and(|t| !t.is_array()) {
                operation.shift_remove("tags");
            }
        }
    }
    root.insert("paths".into(), Value::Object(paths));
    if !root.get("components").is_some_and(Value::is_object) {
        root.insert("components".into(), json!({}));
    }
    if let Some(components) = root.get_mut("components").and_then(Value::as_object_mut)
        && !components.get("schemas").is_some_and(Value::is_object)
    {
        components.insert("schemas".into(), json!({}));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn root_converts_the_skeleton_of_3_1_to_3_0() {
        let context = run_pass(
            json!({"openapi": "3.1.0", "info": {"title": "T", "version": 1}, "webhooks": {"w": {}},
                   "paths": {"users": {"get": null}, "x-more": {}}}),
            run,
        );
        assert_eq!(context.at("/openapi"), "3.0.3");
        assert_eq!(context.at("/info/version"), "1");
        assert_eq!(
            context.at("/paths"),
            &json!({"/users": {"get": {"responses": {}}}})
        );
        assert!(context.at("/webhooks").is_null());
        assert!(context.reports("3.1.0") && context.reports("left out"));
    }
}

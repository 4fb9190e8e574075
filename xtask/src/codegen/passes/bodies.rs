//! Reduces the request body of each operation to one kind that the generator accepts.
//!
//! The real body (a form, an upload, another media type, an optional one) is kept in `x-idweave-body`.

use serde_json::{Map, Value, json};

use super::context::Context;
use super::media::{self, Media};
use crate::openapi::operations::each_operation;
use crate::openapi::reference::resolve;

pub(super) const NAME: &str = "bodies";

pub(super) fn run(context: &mut Context) {
    let source = context
        .document
        .get("components")
        .cloned()
        .map(|c| json!({"components": c}))
        .unwrap_or_default();
    let Context { document, report } = context;
    each_operation(document, |operation, at| {
        let Some(body) = operation.shift_remove("requestBody") else {
            return;
        };
        let pointer = format!("{}/requestBody", at.pointer());
        let Some(content) = body
            .get("content")
            .and_then(Value::as_object)
            .filter(|c| !c.is_empty())
        else {
            report.change(
                NAME,
                &at.name,
                &pointer,
                "a body without content is dropped",
            );
            return;
        };
        let mut sorted: Vec<(Media, &String, &Value)> = content
            .iter()
            .map(|(t, v)| (media::classify(t, v.get("schema")), t, v))
            .collect();
        sorted.sort_by_key(|(kind, media_type, _)| {
            (*kind, media::essence(media_type) != "application/json")
        });
        let Some((kind, media_type, value)) = sorted.first() else {
            return;
        };
        if sorted.len() > 1 {
            let others: Vec<&str> = sorted.iter().skip(1).map(|(_, t, _)| t.as_str()).collect();
            report.change(
                NAME,
                &at.name,
                &pointer,
                format!("sent as {media_type}, not as {}", others.join(", ")),
            );
        }
        let mut plan = Map::new();
        let optional = body.get("required") != Some(&Value::Bool(true));
        plan.insert("optional".into(), optional.into());
        if let Some(text) = body.get("description").and_then(Value::as_str) {
            plan.insert("description".into(), text.into());
        }
        let wild = media_type.contains('*');
        let content_type = match kind {
            Media::Json if wild => "application/json",
            Media::Bytes if wild => "application/octet-stream",
            // `text/*` names no subtype.
            Media::Text if wild => "text/plain",
            _ => media_type.split(',').next().unwrap_or_default().trim(),
        };
        let mut schema = value
            .get("schema")
            .filter(|s| !s.is_null())
            .cloned()
            .unwrap_or_else(|| json!({}));
        let (name, stand_in) = match kind {
            Media::Json => ("json", "application/json"),
            Media::Form => ("form", "application/x-www-form-urlencoded"),
            Media::Multipart => {
                plan.insert("parts".into(), parts(&source, &schema));
                ("multipart", "application/octet-stream")
            }
            Media::Text => ("text", "application/octet-stream"),
            Media::Bytes => ("bytes", "application/octet-stream"),
        };
        if stand_in == "application/octet-stream" {
            schema = json!({"type": "string", "format": "binary"});
        }
        if content_type != "application/json" {
            plan.insert("content_type".into(), content_type.into());
        }
        if media::essence(content_type) != stand_in {
            report.change(
                NAME,
                &at.name,
                &pointer,
                format!("{content_type} is sent as it is"),
            );
        }
        plan.insert("kind".into(), name.into());
        operation.insert("x-idweave-body".into(), Value::Object(plan));
        operation.insert(
            "requestBody".into(),
            json!({"required": true, "content": {stand_in: {"schema": schema}}}),
        );
    });
}

/// Lists the parts of a form, for its documentation.
fn parts(source: &Value, schema: &Value) -> Value {
    fn collect(source: &Value, schema: &Value, depth: usize, found: &mut Vec<Value>) {
        if depth > 8 {
            return;
        }
        if let Some(target) = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|r| resolve(source, r))
        {
            return collect(source, target, depth + 1, found);
        }
        for part in ["allOf", "oneOf", "anyOf"]
            .iter()
            .filter_map(|k| schema.get(*k)?.as_array())
            .flatten()
        {
            collect(source, part, depth + 1, found);
        }
        let required = schema.get("required").and_then(Value::as_array);
        for (name, property) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let items = property.get("items").unwrap_or(property);
            let file = items.get("format").and_then(Value::as_str) == Some("binary")
                || items.get("contentMediaType").is_some();
            found.push(json!({
                "name": name,
                "required": required.is_some_and(|r| r.iter().any(|n| n == name)),
                "file": file,
                "description": property.get("description").and_then(Value::as_str).unwrap_or_default(),
            }));
        }
    }
    let mut found = Vec::new();
    collect(source, schema, 0, &mut found);
    Value::Array(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn body(value: Value) -> Context {
        run_pass(
            json!({"paths": {"/x": {"post": {"operationId": "x", "requestBody": value}}}}),
            run,
        )
    }

    const PLAN: &str = "/paths/~1x/post/x-idweave-body";

    #[test]
    fn bodies_keep_json_of_several_media_types() {
        let context = body(json!({"content": {
            "application/xml": {"schema": {"$ref": "#/a"}}, "application/json": {"schema": {"type": "string"}}}}));
        assert_eq!(context.at(&format!("{PLAN}/kind")), "json");
        assert_eq!(
            context.at("/paths/~1x/post/requestBody/content"),
            &json!({"application/json": {"schema": {"type": "string"}}})
        );
        assert!(context.reports("not as application/xml"));
    }

    #[test]
    fn bodies_that_are_optional_stay_optional() {
        let context = body(json!({"content": {"application/json": {"schema": {}}}}));
        assert_eq!(context.at(&format!("{PLAN}/optional")), true);
        let context =
            body(json!({"required": true, "content": {"application/json": {"schema": {}}}}));
        assert_eq!(context.at(&format!("{PLAN}/optional")), false);
    }

    #[test]
    fn bodies_of_a_json_media_type_keep_their_content_type() {
        let context = body(json!({"content": {"application/merge-patch+json": {"schema": {}}}}));
        assert_eq!(context.at(&format!("{PLAN}/kind")), "json");
        assert_eq!(
            context.at(&format!("{PLAN}/content_type")),
            "application/merge-patch+json"
        );
        assert!(
            context
                .at("/paths/~1x/post/requestBody/content/application~1json")
                .is_object()
        );
    }

    #[test]
    fn bodies_of_uploads_keep_the_names_of_their_parts() {
        let context = body(json!({"content": {"multipart/form-data": {"schema": {
            "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}, "note": {"type": "string"}}}}}}));
        assert_eq!(context.at(&format!("{PLAN}/kind")), "multipart");
        assert_eq!(context.at(&format!("{PLAN}/parts/0/name")), "file");
        assert_eq!(context.at(&format!("{PLAN}/parts/0/file")), true);
        assert_eq!(context.at(&format!("{PLAN}/parts/1/required")), false);
        assert!(
            context
                .at("/paths/~1x/post/requestBody/content/application~1octet-stream")
                .is_object()
        );
    }

    #[test]
    fn bodies_of_any_other_media_type_are_bytes() {
        for (media_type, sent) in [
            ("application/gzip", "application/gzip"),
            ("*/*", "application/octet-stream"),
            ("application/xml", "application/xml"),
        ] {
            let context = body(json!({"content": {media_type: {}}}));
            assert_eq!(context.at(&format!("{PLAN}/kind")), "bytes", "{media_type}");
            assert_eq!(context.at(&format!("{PLAN}/content_type")), sent);
        }
    }
}

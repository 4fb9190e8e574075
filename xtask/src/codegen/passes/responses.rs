//! Reduces the responses of each operation to one, because the generator asserts that there is one.
//!
//! Everything but 2xx is dropped: the transport turns any other status into an error that keeps status, headers and body.
//! Several bodies of successes become one union; a success without a body beside one with a body makes the value an `Option`.

use serde_json::{Map, Value, json};

use super::context::Context;
use super::media::{self, Media};
use crate::openapi::operations::each_operation;
use crate::openapi::pointer;

pub(super) const NAME: &str = "responses";

/// One success as far as its body goes.
enum Success {
    Empty,
    Body {
        media: Media,
        media_type: String,
        schema: Value,
    },
}

fn success(status: &str, response: &Value) -> (Success, Option<String>) {
    let content = response.get("content").and_then(Value::as_object);
    let Some(content) = content.filter(|c| !c.is_empty()) else {
        return (Success::Empty, None);
    };
    if matches!(status, "204" | "205" | "304") {
        return (
            Success::Empty,
            Some(format!(
                "{status} has no body (RFC 9110), whatever the document says"
            )),
        );
    }
    let mut sorted: Vec<(Media, &String, &Value)> = content
        .iter()
        .map(|(media_type, value)| {
            let kind = match media::classify(media_type, value.get("schema")) {
                Media::Form | Media::Multipart => Media::Bytes,
                other => other,
            };
            (kind, media_type, value)
        })
        .collect();
    // JSON first, and plain JSON before its relatives.
    sorted.sort_by_key(|(kind, media_type, _)| {
        (*kind, media::essence(media_type) != "application/json")
    });
    let Some((media, media_type, value)) = sorted.first() else {
        return (Success::Empty, None);
    };
    let mut note = (sorted.len() > 1)
        .then(|| format!("{} media types: {media_type} is requested", sorted.len()));
    let schema = match value.get("schema") {
        Some(schema) if !schema.is_null() => schema.clone(),
        _ => {
            if *media == Media::Json {
                note = Some(format!("{media_type} without schema: any JSON value"));
            }
            json!({})
        }
    };
    (
        Success::Body {
            media: *media,
            media_type: (*media_type).clone(),
            schema,
        },
        note,
    )
}

fn is_success(status: &str) -> bool {
    status.len() == 3 && status.starts_with('2')
}

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    each_operation(document, |operation, at| {
        let responses = match operation.shift_remove("responses") {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let pointer = format!("{}/responses", at.pointer());
        let mut chosen: Vec<(&String, &Value)> =
            responses.iter().filter(|(s, _)| is_success(s)).collect();
        let dropped = responses
            .keys()
            .filter(|s| !is_success(s) && !s.starts_with("x-"))
            .count();
        if chosen.is_empty()
            && !responses
                .keys()
                .any(|s| s.starts_with('3') || s.starts_with('1'))
        {
            chosen.extend(responses.iter().filter(|(s, _)| *s == "default"));
            if !chosen.is_empty() {
                report.change(
                    NAME,
                    &at.name,
                    format!("{pointer}/default"),
                    "no 2xx: default is read as the success",
                );
            }
        }
        if dropped > usize::from(chosen.iter().any(|(s, _)| *s == "default")) {
            report.change(
                NAME,
                &at.name,
                &pointer,
                format!("{dropped} other than 2xx: they become errors that keep the body"),
            );
        }
        let mut statuses: Vec<u16> = Vec::new();
        let mut exact = true;
        let mut empty = false;
        let mut bodies: Vec<(Media, String, Value)> = Vec::new();
        for (status, response) in &chosen {
            match status.parse::<u16>() {
                Ok(code) => statuses.push(code),
                Err(_) => exact = false,
            }
            let (success, note) = success(status, response);
            if let Some(note) = note {
                report.change(
                    NAME,
                    &at.name,
                    format!("{pointer}/{}", pointer::escape(status)),
                    note,
                );
            }
            match success {
                Success::Empty => empty = true,
                Success::Body {
                    media,
                    media_type,
                    schema,
                } => {
                    if !bodies.iter().any(|(m, _, s)| *m == media && *s == schema) {
                        bodies.push((media, media_type, schema));
                    }
                }
            }
        }
        statuses.sort_unstable();
        let mut accept: Vec<String> = Vec::new();
        for (_, media_type, _) in &bodies {
            if !accept.contains(media_type) {
                accept.push(media_type.clone());
            }
        }
        let (kind, content) = combine(&bodies, empty);
        if bodies.len() > 1 {
            let what = match kind {
                "bytes" => "successes of different media types: the body is returned as bytes",
                _ => "successes with different bodies become one union",
            };
            report.change(NAME, &at.name, &pointer, what);
        } else if kind == "json_or_empty" {
            report.change(
                NAME,
                &at.name,
                &pointer,
                "one success has no body: the value is optional",
            );
        }
        let mut plan = Map::new();
        plan.insert("kind".into(), kind.into());
        let accept = accept.join(", ");
        if !accept.is_empty() && accept != "application/json" {
            if kind.starts_with("json") && media::essence(&accept) != "application/json" {
                report.change(
                    NAME,
                    &at.name,
                    &pointer,
                    format!("{accept} is read as JSON and sent in Accept"),
                );
            }
            plan.insert(
                "accept".into(),
                if accept == "*/*" && kind == "json" {
                    "application/json".into()
                } else {
                    accept.into()
                },
            );
        }
        if exact && !statuses.is_empty() {
            plan.insert("success".into(), statuses.into());
        }
        operation.insert("x-idweave-response".into(), Value::Object(plan));
        operation.insert(
            "responses".into(),
            json!({"200": {"description": "", "content": content}}),
        );
    });
}

fn combine(bodies: &[(Media, String, Value)], empty: bool) -> (&'static str, Value) {
    let json = |schema: &Value| json!({"application/json": {"schema": schema}});
    let Some((media, _, schema)) = bodies.first() else {
        return ("empty", json!({}));
    };
    let same_media = bodies.iter().all(|(m, _, _)| m == media);
    match media {
        Media::Json if same_media => {
            let schema = if bodies.len() == 1 {
                schema.clone()
            } else {
                json!({"oneOf": bodies.iter().map(|(_, _, s)| s.clone()).collect::<Vec<_>>()})
            };
            (if empty { "json_or_empty" } else { "json" }, json(&schema))
        }
        Media::Text if same_media => ("text", json(&json!({"type": "string"}))),
        _ => ("bytes", json!({"application/octet-stream": {}})),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn responses(value: Value) -> Context {
        run_pass(json!({"paths": {"/x": {"get": {"responses": value}}}}), run)
    }

    fn body(media_type: &str, schema: Value) -> Value {
        json!({"content": {media_type: {"schema": schema}}})
    }

    fn kind(context: &Context) -> &str {
        context
            .at("/paths/~1x/get/x-idweave-response/kind")
            .as_str()
            .unwrap_or_default()
    }

    const SCHEMA: &str = "/paths/~1x/get/responses/200/content/application~1json/schema";

    #[test]
    fn responses_drop_errors_and_default_beside_a_success() {
        let context = responses(json!({
            "200": body("application/json", json!({"type": "string"})), "404": body("application/json", json!({})),
            "default": {}, "4XX": {}}));
        assert_eq!(kind(&context), "json");
        assert_eq!(
            context
                .at("/paths/~1x/get/responses")
                .as_object()
                .map(Map::len),
            Some(1)
        );
        assert!(context.reports("3 other than 2xx"));
    }

    #[test]
    fn responses_combine_several_success_bodies() {
        let a = json!({"$ref": "#/components/schemas/A"});
        let b = json!({"$ref": "#/components/schemas/B"});
        let context = responses(
            json!({"200": body("application/json", a.clone()), "201": body("application/json", b.clone())}),
        );
        assert_eq!(context.at(SCHEMA), &json!({"oneOf": [a, b]}));
        let context = responses(
            json!({"200": body("application/json", a.clone()), "202": body("application/json", a.clone()), "204": {}}),
        );
        assert_eq!(context.at(SCHEMA), &a);
        assert_eq!(kind(&context), "json_or_empty");
        assert_eq!(
            context.at("/paths/~1x/get/x-idweave-response/success"),
            &json!([200, 202, 204])
        );
    }

    #[test]
    fn responses_with_a_json_media_type_keep_its_name_for_accept() {
        let context =
            responses(json!({"200": body("application/links+json", json!({"type": "string"}))}));
        assert_eq!(kind(&context), "json");
        assert_eq!(
            context.at("/paths/~1x/get/x-idweave-response/accept"),
            "application/links+json"
        );
    }

    #[test]
    fn responses_without_schema_are_any_json() {
        let context = responses(json!({"200": {"content": {"application/json": {}}}}));
        assert_eq!(context.at(SCHEMA), &json!({}));
        assert!(context.reports("without schema"));
    }

    #[test]
    fn responses_of_every_kind_are_classified() {
        assert_eq!(
            kind(&responses(json!({"200": body("text/plain", json!({}))}))),
            "text"
        );
        assert_eq!(
            kind(&responses(json!({"200": body("image/png", json!({}))}))),
            "bytes"
        );
        assert_eq!(
            kind(&responses(
                json!({"204": body("application/json", json!({}))})
            )),
            "empty"
        );
        assert_eq!(kind(&responses(json!({}))), "empty");
        assert_eq!(kind(&responses(json!({"302": {}}))), "empty");
        assert_eq!(
            kind(&responses(
                json!({"default": body("application/json", json!({}))})
            )),
            "json"
        );
        let mixed = json!({"200": body("text/plain", json!({})), "201": body("application/json", json!({}))});
        assert_eq!(kind(&responses(mixed)), "bytes");
    }
}

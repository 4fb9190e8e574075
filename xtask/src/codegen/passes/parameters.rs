//! Gives parameters names the generator can tell apart, in places and styles it knows.
//!
//! How a parameter is really sent (wire name, style, explode, content) is kept in `x-idweave-parameter`.

use std::collections::HashSet;

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::context::Context;
use crate::codegen::naming::snake_case;
use crate::openapi::fields::text;
use crate::openapi::operations::each_operation;

pub(super) const NAME: &str = "parameters";

/// Argument names a generated method cannot use.
const RESERVED: [&str; 3] = ["body", "self", "form"];

/// Lists the names in a path template, in order.
fn template_names(path: &str) -> Vec<String> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
        .collect()
}

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    each_operation(document, |operation, at| {
        let pointer = format!("{}/parameters", at.pointer());
        let mut note = |what: String| report.change(NAME, &at.name, &pointer, what);
        let list = match operation.shift_remove("parameters") {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        };
        let secured = operation
            .get("security")
            .and_then(Value::as_array)
            .is_none_or(|s| !s.is_empty());
        let names = template_names(at.path);
        let mut parameters: Vec<Value> = Vec::new();
        for parameter in list {
            let name = text(&parameter, "name").to_owned();
            if name.is_empty() {
                note("a parameter without a name is dropped".into());
                continue;
            }
            match text(&parameter, "in") {
                "query" | "querystring" => parameters.push(parameter),
                "path" => parameters.push(parameter),
                "header" => match name.to_ascii_lowercase().as_str() {
                    "accept" | "content-type" => {
                        note(format!("header {name} is dropped: media types decide it"));
                    }
                    "authorization" if secured => {
                        note(format!("header {name} is dropped: credentials carry it"));
                    }
                    _ => parameters.push(parameter),
                },
                "cookie" => note(format!(
                    "cookie {name} is dropped: credentials carry cookies"
                )),
                other => note(format!(
                    "parameter {name} in {other:?} is dropped: not a location of OpenAPI 3"
                )),
            }
        }
        reconcile_path_parameters(&names, &mut parameters, &mut note);
        let mut used: HashSet<String> = RESERVED.iter().map(|t| (*t).to_owned()).collect();
        // Path parameters keep their names: the template holds them.
        parameters.sort_by_key(|p| text(p, "in") != "path");
        for parameter in &mut parameters {
            let wire = text(parameter, "name").to_owned();
            let place = text(parameter, "in").replace("querystring", "query");
            let base = snake_case(&wire);
            let mut ident = base.clone();
            let mut count = 2;
            if used.contains(&ident) {
                ident = format!(
                    "{base}_{}",
                    if RESERVED.contains(&base.as_str()) {
                        "parameter"
                    } else {
                        place.as_str()
                    }
                );
            }
            while !used.insert(ident.clone()) {
                ident = format!("{base}_{count}");
                count += 1;
            }
            if ident != base {
                note(format!("{place} parameter {wire} is named {ident}"));
            }
            // The generator cases names by itself, and must come to the same.
            let name = if ident == base && wire.to_snake_case() == base {
                wire.clone()
            } else {
                ident
            };
            *parameter = rewrite(parameter, &name, &wire, &place, &mut note);
        }
        if !parameters.is_empty() {
            operation.insert("parameters".into(), Value::Array(parameters));
        }
    });
}

/// Declares what the template names and nothing else as path parameters.
fn reconcile_path_parameters(
    names: &[String],
    parameters: &mut Vec<Value>,
    note: &mut impl FnMut(String),
) {
    let declared = |p: &Value| text(p, "in") == "path";
    let missing: Vec<&String> = names
        .iter()
        .filter(|n| {
            !parameters
                .iter()
                .any(|p| declared(p) && text(p, "name") == n.as_str())
        })
        .collect();
    let orphans: Vec<String> = parameters
        .iter()
        .filter(|p| declared(p) && !names.iter().any(|n| n == text(p, "name")))
        .map(|p| text(p, "name").to_owned())
        .collect();
    if let ([name], [orphan]) = (missing.as_slice(), orphans.as_slice()) {
        // One left over on each side: the same parameter under two spellings.
        if let Some(p) = parameters
            .iter_mut()
            .find(|p| declared(p) && text(p, "name") == orphan)
        {
            note(format!(
                "path parameter {orphan} is named {name} in the path"
            ));
            p["name"] = Value::String((*name).clone());
        }
    } else {
        for name in missing {
            note(format!("path parameter {name} is not declared: a string"));
            parameters.push(
                json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
            );
        }
        for orphan in &orphans {
            note(format!(
                "path parameter {orphan} is dropped: it is not in the path"
            ));
        }
        parameters.retain(|p| !declared(p) || names.iter().any(|n| n == text(p, "name")));
    }
}

fn rewrite(
    parameter: &Value,
    name: &str,
    wire: &str,
    place: &str,
    note: &mut impl FnMut(String),
) -> Value {
    let mut plan = Map::new();
    plan.insert("wire".into(), wire.into());
    plan.insert("in".into(), place.into());
    let mut schema = parameter.get("schema").filter(|s| !s.is_null()).cloned();
    if let Some((media_type, value)) = parameter
        .get("content")
        .and_then(Value::as_object)
        .and_then(|c| c.iter().next())
    {
        schema = value.get("schema").cloned();
        let json = media_type.contains("json");
        plan.insert("style".into(), if json { "json" } else { "form" }.into());
        note(format!("parameter {wire} is written as {media_type}"));
    } else {
        let style = text(parameter, "style");
        let default = if place == "query" { "form" } else { "simple" };
        let known = matches!(
            (place, style),
            (_, "")
                | (
                    "query",
                    "form" | "deepObject" | "spaceDelimited" | "pipeDelimited"
                )
                | ("path" | "header", "simple")
        );
        if !known {
            note(format!(
                "parameter {wire} has style {style}, which {place} parameters cannot be sent in: {default}"
            ));
        } else if !style.is_empty() && style != default {
            note(format!("parameter {wire} is written in style {style}"));
        }
        let style = if known && !style.is_empty() {
            style
        } else {
            default
        };
        plan.insert("style".into(), style.into());
        if parameter.get("explode") == Some(&Value::Bool(false)) && place == "query" {
            plan.insert("explode".into(), false.into());
        }
    }
    for (from, to) in [
        ("description", "description"),
        ("deprecated", "deprecated"),
        ("x-idweave-secret", "secret"),
    ] {
        if let Some(value) = parameter.get(from).filter(|v| !v.is_null()) {
            plan.insert(to.into(), value.clone());
        }
    }
    // Swagger 2 habits: the type beside the name instead of in a schema.
    let schema = schema.unwrap_or_else(|| match parameter.get("type") {
        Some(kind) => {
            json!({"type": kind, "items": parameter.get("items").cloned().unwrap_or_default()})
        }
        None => json!({"type": "string"}),
    });
    let mut schema = schema;
    if parameter.get("x-idweave-secret") == Some(&Value::Bool(true))
        && schema.get("$ref").is_none()
        && let Some(map) = schema.as_object_mut()
    {
        map.insert("x-idweave-secret".into(), true.into());
    }
    let required = place == "path" || parameter.get("required") == Some(&Value::Bool(true));
    json!({"name": name, "in": place, "required": required, "schema": schema, "x-idweave-parameter": plan})
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn parameters(path: &str, value: Value) -> Context {
        let mut context = run_pass(
            json!({"paths": {path: {"get": {"operationId": "x", "parameters": value}}}}),
            run,
        );
        context.document = context.document["paths"][path]["get"].take();
        context
    }

    #[test]
    fn path_parameters_are_declared_from_the_template_and_required() {
        let context = parameters(
            "/a/{id}/{b}",
            json!([{"name": "b", "in": "path", "required": false}]),
        );
        assert_eq!(context.at("/parameters/0/name"), "b");
        assert_eq!(context.at("/parameters/0/required"), true);
        assert_eq!(context.at("/parameters/1/name"), "id");
        assert_eq!(context.at("/parameters/1/schema/type"), "string");
        assert!(context.reports("id is not declared"));
    }

    #[test]
    fn path_parameters_in_another_spelling_are_matched() {
        let context = parameters(
            "/a/{db_id}",
            json!([{"name": "dbId", "in": "path", "schema": {"type": "integer"}}]),
        );
        assert_eq!(context.at("/parameters/0/name"), "db_id");
        assert_eq!(context.at("/parameters/0/schema/type"), "integer");
        assert!(context.at("/parameters/1").is_null());
    }

    #[test]
    fn parameters_that_collide_are_renamed_and_keep_their_wire_name() {
        let context = parameters(
            "/a/{userId}",
            json!([{"name": "user_id", "in": "query"}, {"name": "userId", "in": "query"},
                   {"name": "userId", "in": "path"}, {"name": "body", "in": "query"}]),
        );
        let seen: Vec<(&str, &str)> = context
            .at("/parameters")
            .as_array()
            .into_iter()
            .flatten()
            .map(|p| (text(p, "name"), text(&p["x-idweave-parameter"], "wire")))
            .collect();
        assert_eq!(
            seen,
            [
                ("userId", "userId"),
                ("user_id_query", "user_id"),
                ("user_id_2", "userId"),
                ("body_parameter", "body")
            ]
        );
    }

    #[test]
    fn parameters_that_credentials_or_media_types_carry_are_dropped() {
        let context = parameters(
            "/a",
            json!([{"name": "c", "in": "cookie"}, {"name": "Accept", "in": "header"}, {"name": "Authorization", "in": "header"},
                   {"name": "X-Trace", "in": "header"}]),
        );
        assert_eq!(context.at("/parameters").as_array().map(Vec::len), Some(1));
        assert_eq!(context.report.changed.len(), 3);
    }

    #[test]
    fn parameter_styles_are_kept_for_the_emitter() {
        let context = parameters(
            "/a",
            json!([{"name": "a", "in": "query", "style": "deepObject", "schema": {"type": "array"}},
                   {"name": "b", "in": "query", "explode": false, "schema": {"type": "array"}},
                   {"name": "c", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}]),
        );
        assert_eq!(
            context.at("/parameters/0/x-idweave-parameter/style"),
            "deepObject"
        );
        assert_eq!(
            context.at("/parameters/1/x-idweave-parameter/explode"),
            false
        );
        assert_eq!(
            context.at("/parameters/2/x-idweave-parameter/style"),
            "json"
        );
        assert_eq!(context.at("/parameters/2/schema/type"), "object");
        assert!(context.at("/parameters/0/style").is_null());
    }
}

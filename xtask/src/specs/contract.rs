//! Lists what a document promises, fact by fact, so that two documents can be compared.
//!
//! A fact states one thing about one place: that an operation has a query parameter `limit`, that it is an integer, that it
//! responds with status 204. Descriptions and extensions of our own are not facts. Order and spelling that mean the same (the
//! order of parameters, a reference to a shared parameter instead of the parameter) give the same facts.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::openapi::fields::entries;
use crate::openapi::operations::{Operation, operations};
use crate::openapi::pointer;
use crate::openapi::reference::{deref, schema_name};
use crate::openapi::schemas::named_schemas;

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The operation, as `METHOD /path`, or `schema Name`, or what else it is about.
    pub place: String,
    /// What of it: `parameter limit in query`, `field id`, `status 204` and so on; empty for the place itself.
    pub part: String,
    /// Which side of that: `present`, `required`, `type`, `security` and so on.
    pub aspect: &'static str,
    /// The value in the document.
    pub value: String,
    /// Where it is; array indexes of parameters are replaced by place and name.
    pub source: String,
}

/// Facts by place, part and aspect.
pub type Facts = BTreeMap<(String, String, &'static str), Fact>;

/// Collects every fact of a document.
#[must_use]
pub fn facts(document: &Value) -> Facts {
    let mut collector = Collector {
        document,
        facts: Facts::new(),
        place: String::new(),
    };
    collector.document();
    for operation in operations(document) {
        collector.operation(&operation);
    }
    for (name, schema) in named_schemas(document).into_iter().flatten() {
        collector.place = format!("schema {name}");
        let source = pointer::of_schema(name);
        collector.add("", "present", "yes", &source);
        collector.schema("", schema, &source);
    }
    collector.facts
}

/// Replaces the indexes of parameter lists in a pointer by `in name`, as [`Fact::source`] has them.
#[must_use]
pub fn stable_pointer(document: &Value, place: &str) -> String {
    let mut out = String::new();
    let mut node = Some(document);
    let mut previous = String::new();
    for token in place.split('/').skip(1) {
        let name = pointer::unescape(token);
        let child = node.and_then(|n| match n {
            Value::Array(items) => name.parse::<usize>().ok().and_then(|i| items.get(i)),
            other => other.get(&name),
        });
        let stable = match (previous.as_str(), child) {
            ("parameters", Some(parameter)) if node.is_some_and(Value::is_array) => {
                parameter_key(deref(document, parameter))
            }
            _ => name.clone(),
        };
        out = pointer::push(&out, &stable);
        previous = name;
        node = child;
    }
    out
}

fn parameter_key(parameter: &Value) -> String {
    let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or("?");
    format!("{} {}", text("in"), text("name"))
}

struct Collector<'a> {
    document: &'a Value,
    facts: Facts,
    place: String,
}

impl<'a> Collector<'a> {
    fn add(&mut self, part: &str, aspect: &'static str, value: impl Into<String>, source: &str) {
        let fact = Fact {
            place: self.place.clone(),
            part: part.to_owned(),
            aspect,
            value: value.into(),
            source: source.to_owned(),
        };
        self.facts
            .insert((self.place.clone(), part.to_owned(), aspect), fact);
    }

    fn document(&mut self) {
        self.place = "document".into();
        let document = self.document;
        if let Some(servers) = document.get("servers") {
            self.add("", "servers", urls(servers), "/servers");
        }
        // 3.0.1 and 3.0.4 mean the same; 3.0 and 3.1 do not.
        if let Some(version) = document.get("openapi").and_then(Value::as_str) {
            let family: Vec<&str> = version.splitn(3, '.').take(2).collect();
            self.add("", "OpenAPI", family.join("."), "/openapi");
        }
        for (name, scheme) in document
            .pointer("/components/securitySchemes")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let source = format!("/components/securitySchemes/{}", pointer::escape(name));
            let scheme = deref(document, scheme);
            let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
            let value = match text("type") {
                "apiKey" => format!("apiKey in {} {}", text("in"), text("name")),
                "http" => format!("http {}", text("scheme").to_lowercase()),
                other => format!("{other} {}", token_urls(scheme)),
            };
            self.add(
                &format!("security scheme {name}"),
                "type",
                value.trim(),
                &source,
            );
        }
    }

    fn operation(&mut self, operation: &Operation<'a>) {
        self.place = operation.signature();
        let (base, document) = (operation.pointer(), self.document);
        self.add(
            "",
            "present",
            operation.id().unwrap_or("without operationId"),
            &base,
        );
        if operation.value.get("deprecated") == Some(&Value::Bool(true)) {
            self.add("", "deprecated", "yes", &format!("{base}/deprecated"));
        }
        if let Some(servers) = operation.value.get("servers") {
            self.add("", "servers", urls(servers), &format!("{base}/servers"));
        }
        let inherited = operation.value.get("security").is_none();
        let source = if inherited {
            "/security".to_owned()
        } else {
            format!("{base}/security")
        };
        let stated = operation.security(document);
        // A document without security and one with "none" promise the same.
        self.add(
            "",
            "security",
            stated.map_or_else(|| "none".to_owned(), |s| security(s)),
            &source,
        );
        let key = (self.place.clone(), String::new(), "security");
        if inherited
            && stated.is_none()
            && let Some(fact) = self.facts.get_mut(&key)
        {
            fact.source = format!("{base}/security");
        }
        self.parameters(operation);
        if let Some(body) = operation.value.get("requestBody") {
            let source = source_of(body, &format!("{base}/requestBody"));
            let body = deref(document, body);
            let required = body.get("required") == Some(&Value::Bool(true));
            self.add("body", "present", "yes", &source);
            self.add(
                "body",
                "required",
                yes_or_no(required),
                &format!("{source}/required"),
            );
            self.content("body", body, &source);
        }
        for (status, response) in entries(operation.value, "responses") {
            if status.starts_with("x-") {
                continue;
            }
            let source = source_of(
                response,
                &format!("{base}/responses/{}", pointer::escape(status)),
            );
            let part = format!("status {status}");
            let response = deref(document, response);
            self.add(&part, "present", "yes", &source);
            self.content(&part, response, &source);
            for (header, _) in entries(response, "headers") {
                let source = format!("{source}/headers/{}", pointer::escape(header));
                self.add(
                    &format!("{part} header {header}"),
                    "present",
                    "yes",
                    &source,
                );
            }
        }
    }

    fn parameters(&mut self, operation: &Operation<'a>) {
        for (base, list) in operation.declared_parameters() {
            for listed in list {
                let parameter = deref(self.document, listed);
                let key = parameter_key(parameter);
                let own = pointer::push(&base, &key);
                let source = source_of(listed, &own);
                let part = format!(
                    "parameter {}",
                    key.split_once(' ')
                        .map_or(key.clone(), |(i, n)| format!("{n} in {i}"))
                );
                let required = parameter.get("required") == Some(&Value::Bool(true))
                    || key.starts_with("path ");
                self.add(&part, "present", "yes", &source);
                self.add(
                    &part,
                    "required",
                    yes_or_no(required),
                    &format!("{source}/required"),
                );
                if let Some(style) = wire_style(parameter) {
                    self.add(&part, "style", style, &format!("{source}/style"));
                }
                if let Some(schema) = parameter.get("schema") {
                    self.schema(&part, schema, &format!("{source}/schema"));
                }
                self.content(&part, parameter, &source);
            }
        }
    }

    fn content(&mut self, part: &str, holder: &'a Value, source: &str) {
        for (media, value) in entries(holder, "content") {
            let source = format!("{source}/content/{}", pointer::escape(media));
            let part = format!("{part} as {media}");
            self.add(&part, "present", "yes", &source);
            if let Some(schema) = value.get("schema") {
                self.schema(&part, schema, &format!("{source}/schema"));
            }
        }
    }

    /// Adds the facts of a schema at `source`; `part` says of what.
    fn schema(&mut self, part: &str, schema: &'a Value, source: &str) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = schema_name(reference).unwrap_or_else(|| reference.to_owned());
            self.add(part, "type", name, &format!("{source}/$ref"));
            return;
        }
        if let Some(kind) = type_of(schema) {
            self.add(part, "type", kind, &format!("{source}/type"));
        }
        if nullable(schema) {
            self.add(part, "nullable", "yes", &format!("{source}/nullable"));
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let mut texts: Vec<String> = values
                .iter()
                .filter(|v| !v.is_null())
                .map(plain_text)
                .collect();
            texts.sort();
            self.add(part, "values", texts.join(", "), &format!("{source}/enum"));
        }
        if let Some(value) = schema.get("const") {
            self.add(
                part,
                "values",
                plain_text(value),
                &format!("{source}/const"),
            );
        }
        for limit in LIMITS {
            if let Some(value) = schema.get(*limit) {
                self.add(part, limit, plain_text(value), &format!("{source}/{limit}"));
            }
        }
        for flag in ["readOnly", "writeOnly"] {
            if schema.get(flag) == Some(&Value::Bool(true)) {
                self.add(
                    part,
                    if flag == "readOnly" {
                        "read-only"
                    } else {
                        "write-only"
                    },
                    "yes",
                    &format!("{source}/{flag}"),
                );
            }
        }
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let of = |name: &str| {
            format!(
                "{part}{}field {name}",
                if part.is_empty() { "" } else { " " }
            )
        };
        for (name, property) in entries(schema, "properties") {
            let (part, source) = (
                of(name),
                format!("{source}/properties/{}", pointer::escape(name)),
            );
            self.add(&part, "present", "yes", &source);
            self.schema(&part, property, &source);
        }
        for name in required {
            self.add(&of(name), "required", "yes", &format!("{source}/required"));
        }
        if let Some(items) = schema.get("items") {
            self.schema(&format!("{part}[]"), items, &format!("{source}/items"));
        }
        if let Some(more @ Value::Object(_)) = schema.get("additionalProperties") {
            self.schema(
                &format!("{part}{{}}"),
                more,
                &format!("{source}/additionalProperties"),
            );
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            for (i, branch) in schema
                .get(keyword)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                let source = format!("{source}/{keyword}/{i}");
                if keyword == "allOf" && branch.get("$ref").is_none() {
                    // A nameless branch of allOf only adds to the schema itself.
                    self.schema(part, branch, &source);
                } else {
                    let part = format!(
                        "{part}{}{keyword} {}",
                        if part.is_empty() { "" } else { " " },
                        i + 1
                    );
                    self.schema(&part, branch, &source);
                }
            }
        }
    }
}

const LIMITS: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "default",
];

/// Returns where a fact is stated: at the target of a reference, else at `own`.
fn source_of(value: &Value, own: &str) -> String {
    let reference = value
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|r| r.strip_prefix('#'));
    reference.map_or_else(|| own.to_owned(), str::to_owned)
}

/// Returns the type with its format; of 3.1's list of types, without `null`.
fn type_of(schema: &Value) -> Option<String> {
    let kind = match schema.get("type")? {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .filter(|k| *k != "null")
            .collect::<Vec<_>>()
            .join(" or "),
        _ => return None,
    };
    Some(match schema.get("format").and_then(Value::as_str) {
        Some(format) => format!("{kind} ({format})"),
        None => kind,
    })
}

fn nullable(schema: &Value) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
        || schema
            .get("type")
            .and_then(Value::as_array)
            .is_some_and(|kinds| kinds.iter().any(|k| k == "null"))
}

fn security(alternatives: &[Value]) -> String {
    let mut texts: Vec<String> = alternatives
        .iter()
        .filter_map(Value::as_object)
        .map(|schemes| {
            let mut names: Vec<&str> = schemes.keys().map(String::as_str).collect();
            names.sort_unstable();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(" and ")
            }
        })
        .collect();
    texts.sort();
    texts.dedup();
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(" or ")
    }
}

/// Returns style and explode where they are not what the place of the parameter implies.
fn wire_style(parameter: &Value) -> Option<String> {
    let text = |key: &str| parameter.get(key).and_then(Value::as_str);
    let default = if matches!(text("in"), Some("query" | "cookie")) {
        "form"
    } else {
        "simple"
    };
    let style = text("style").unwrap_or(default);
    let explode = parameter
        .get("explode")
        .and_then(Value::as_bool)
        .unwrap_or(style == "form");
    let usual = style == default && explode == (style == "form");
    (!usual).then(|| format!("{style}{}", if explode { ", exploded" } else { "" }))
}

fn urls(servers: &Value) -> String {
    let list = servers.as_array().into_iter().flatten();
    list.filter_map(|s| s.get("url"))
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

fn token_urls(scheme: &Value) -> String {
    let flows = entries(scheme, "flows").map(|(flow, value)| {
        let url = value
            .get("tokenUrl")
            .or_else(|| value.get("authorizationUrl"))
            .and_then(Value::as_str);
        format!("{flow} {}", url.unwrap_or_default())
    });
    flows.collect::<Vec<_>>().join(", ")
}

fn plain_text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn yes_or_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

//! The plan of each operation: how a call is sent, and which credentials it takes.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::description::described;
use crate::codegen::naming::snake_case;
use crate::openapi::fields;
use crate::openapi::operations::{self, operations};

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// How reports name it.
    pub report: String,
    /// The vendor's id, or the derived one.
    pub id: String,
    /// The method's name.
    pub name: String,
    /// Upper-case method.
    pub method: String,
    /// Path template.
    pub path: String,
    /// Query that the template itself holds.
    pub fixed_query: Vec<(String, String)>,
    /// Group for files.
    pub tag: String,
    /// What it does.
    pub doc: String,
    /// Whether the vendor advises against it.
    pub deprecated: bool,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Request body.
    pub body: Option<Body>,
    /// Response.
    pub response: Response,
    /// Alternatives of combinations of schemes, as source text; nothing when the document is undeclared.
    pub security: Vec<Vec<Scheme>>,
    /// Overrides what the HTTP method implies.
    pub idempotent: Option<bool>,
    /// A server of its own.
    pub server: Option<String>,
}

/// How credentials are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Basic.
    Basic,
    /// Bearer.
    Bearer,
    /// In a header.
    Header(String),
    /// In the query.
    Query(String),
    /// In a cookie.
    Cookie(String),
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Snake-case name, which the argument has but for a keyword's underscore.
    pub name: String,
    /// Name on the wire.
    pub wire: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// Style.
    pub style: String,
    /// Whether lists are repeated.
    pub explode: bool,
    /// `scalar`, `list` or `object`.
    pub shape: String,
    /// Whether it must be given.
    pub required: bool,
    /// Its schema.
    pub schema: Value,
    /// Description.
    pub doc: String,
}

/// Request body.
#[derive(Clone, Debug)]
pub struct Body {
    /// `json`, `form`, `multipart`, `text` or `bytes`.
    pub kind: String,
    /// Media type, unless JSON.
    pub content_type: Option<String>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Parts of a form: name, required, file, description.
    pub parts: Vec<Value>,
    /// Description.
    pub doc: String,
    /// Schema of JSON and forms.
    pub schema: Value,
}

/// Response.
#[derive(Clone, Debug)]
pub struct Response {
    /// `empty`, `json`, `json_or_empty`, `text` or `bytes`.
    pub kind: String,
    /// Media type asked for, unless JSON.
    pub accept: Option<String>,
    /// Documented success statuses.
    pub success: Vec<u16>,
    /// Schema of JSON.
    pub schema: Value,
}

fn text(value: &Value, key: &str) -> String {
    fields::text(value, key).to_owned()
}

/// Reads every operation of a normalised document.
#[must_use]
pub fn read_operations(document: &Value) -> Vec<Operation> {
    let all = operations(document);
    let undeclared =
        document.get("security").is_none() && all.iter().all(|o| o.value.get("security").is_none());
    let common = common_segments(&all);
    all.iter()
        .map(|operation| operation_of(document, operation, undeclared, &common))
        .collect()
}

fn operation_of(
    document: &Value,
    operation: &operations::Operation<'_>,
    undeclared: bool,
    common: &HashSet<String>,
) -> Operation {
    let (value, path) = (operation.value, operation.path);
    let (summary, description) = (text(value, "summary"), text(value, "description"));
    let doc = match (summary.trim(), description.trim()) {
        (s, d) if s.is_empty() || d.starts_with(s) => d.to_owned(),
        (s, "") => s.to_owned(),
        (s, d) => format!("{s}\n\n{d}"),
    };
    let first = value.pointer("/tags/0").and_then(Value::as_str);
    let tag = first.map_or_else(|| group_of(path, common), str::to_owned);
    // A fragment is never sent; one that holds parameters was meant as part of the path.
    let (path_only, fragment) = split_outside_braces(path, '#');
    let path_only = if fragment.contains('{') {
        path
    } else {
        path_only
    };
    let (template, query) = split_outside_braces(path_only, '?');
    Operation {
        report: operation.name(),
        id: text(value, "x-idweave-id"),
        name: text(value, "operationId"),
        method: operation.method.to_uppercase(),
        path: escape_fragment(template),
        fixed_query: query
            .split('&')
            .filter(|p| !p.is_empty() && !p.contains('{'))
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
        tag: snake_case(&tag),
        doc,
        deprecated: value.get("deprecated") == Some(&Value::Bool(true)),
        parameters: value
            .get("parameters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(parameter)
            .collect(),
        body: value
            .get("x-idweave-body")
            .map(|plan| body(plan, value.get("requestBody").unwrap_or(&Value::Null))),
        response: response(value),
        security: security(document, operation, undeclared),
        idempotent: value.get("x-idweave-idempotent").and_then(Value::as_bool),
        server: server(value),
    }
}

/// Escapes `#` in the constant parts of a template.
fn escape_fragment(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    loop {
        let (before, after) = split_outside_braces(rest, '#');
        out.push_str(before);
        if before.len() == rest.len() {
            return out;
        }
        out.push_str("%23");
        rest = after;
    }
}

/// Splits a path template at a character that is not in the name of a parameter.
fn split_outside_braces(path: &str, at: char) -> (&str, &str) {
    let mut inside = false;
    for (index, c) in path.char_indices() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if c == at && !inside => return (&path[..index], &path[index + c.len_utf8()..]),
            _ => {}
        }
    }
    (path, "")
}

/// Finds path segments that more than half of the operations have: they tell nothing apart.
fn common_segments(all: &[operations::Operation<'_>]) -> HashSet<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for operation in all {
        for segment in operation.path.split('/').collect::<BTreeSet<_>>() {
            *counts.entry(segment).or_default() += 1;
        }
    }
    let most = counts.into_iter().filter(|(_, n)| *n * 2 > all.len());
    most.map(|(s, _)| s.to_owned()).collect()
}

/// Returns the group of an operation without a tag: the first telling segment of its path.
fn group_of(path: &str, common: &HashSet<String>) -> String {
    let version = |s: &str| {
        s.trim_start_matches('v')
            .chars()
            .all(|c| c.is_ascii_digit() || c == '.')
    };
    let words = || {
        path.split('/')
            .filter(|s| !s.is_empty() && !s.starts_with('{'))
    };
    let telling = words().find(|s| !common.contains(*s) && !version(s));
    telling
        .or_else(|| words().next_back())
        .unwrap_or("root")
        .to_owned()
}

fn server(operation: &Value) -> Option<String> {
    let url = operation
        .get("servers")?
        .as_array()?
        .first()?
        .get("url")?
        .as_str()?;
    (url.starts_with("http") && !url.contains(['"', '\\', ' '])).then(|| url.to_owned())
}

fn parameter(value: &Value) -> Parameter {
    let plan = &value["x-idweave-parameter"];
    let schema = value.get("schema").cloned().unwrap_or_default();
    Parameter {
        name: snake_case(&text(value, "name")),
        wire: text(plan, "wire"),
        place: text(plan, "in"),
        style: text(plan, "style"),
        explode: plan.get("explode") != Some(&Value::Bool(false)),
        shape: text(plan, "shape"),
        required: value.get("required") == Some(&Value::Bool(true)),
        doc: described(&text(plan, "description"), &schema),
        schema,
    }
}

fn body(plan: &Value, body: &Value) -> Body {
    let media = body
        .get("content")
        .and_then(Value::as_object)
        .and_then(|c| c.values().next());
    let schema = media
        .and_then(|m| m.get("schema"))
        .cloned()
        .unwrap_or_default();
    Body {
        kind: text(plan, "kind"),
        content_type: plan
            .get("content_type")
            .and_then(Value::as_str)
            .map(str::to_owned),
        optional: plan.get("optional") == Some(&Value::Bool(true)),
        parts: plan
            .get("parts")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default(),
        doc: text(plan, "description"),
        schema,
    }
}

fn response(operation: &Value) -> Response {
    let plan = &operation["x-idweave-response"];
    let success = plan
        .get("success")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let schema = operation.pointer("/responses/200/content/application~1json/schema");
    Response {
        kind: text(plan, "kind"),
        accept: plan
            .get("accept")
            .and_then(Value::as_str)
            .map(str::to_owned),
        success: success
            .filter_map(Value::as_u64)
            .filter_map(|s| u16::try_from(s).ok())
            .collect(),
        schema: schema.cloned().unwrap_or_default(),
    }
}

fn security(
    document: &Value,
    operation: &operations::Operation<'_>,
    undeclared: bool,
) -> Vec<Vec<Scheme>> {
    if undeclared {
        // The document does not declare who may call; credentials are sent when there are any.
        return vec![Vec::new()];
    }
    let declared = operation.security(document);
    let schemes = document.pointer("/components/securitySchemes");
    let mut out: Vec<Vec<Scheme>> = Vec::new();
    for combination in declared.into_iter().flatten().filter_map(Value::as_object) {
        let one: Vec<Scheme> = combination
            .keys()
            .filter_map(|name| scheme(schemes.and_then(|s| s.get(name))))
            .collect();
        if !out.contains(&one) {
            out.push(one);
        }
    }
    out
}

fn scheme(declared: Option<&Value>) -> Option<Scheme> {
    let Some(declared) = declared else {
        return Some(Scheme::Bearer);
    };
    let name = text(declared, "name");
    match text(declared, "type").as_str() {
        "apiKey" => match text(declared, "in").as_str() {
            "query" => Some(Scheme::Query(name)),
            "cookie" => Some(Scheme::Cookie(name)),
            // A key sent as `Authorization` is what the transport calls bearer only when the scheme says so.
            _ => Some(Scheme::Header(name)),
        },
        "http" if text(declared, "scheme").eq_ignore_ascii_case("basic") => Some(Scheme::Basic),
        // A client certificate is the connection's, not the request's.
        "mutualTLS" => None,
        _ => Some(Scheme::Bearer),
    }
}
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn security_undeclared_is_not_public() {
        let document = |security: Value| {
            json!({"components": {"securitySchemes": {
                       "b": {"type": "http", "scheme": "Basic"}, "o": {"type": "oauth2"}, "m": {"type": "mutualTLS"},
                       "k": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
                   "paths": {"/x": {"get": security}}})
        };
        let security_of = |security: Value| read_operations(&document(security)).remove(0).security;
        assert_eq!(security_of(json!({})), vec![Vec::new()]);
        assert_eq!(
            security_of(json!({"security": []})),
            Vec::<Vec<Scheme>>::new()
        );
        assert_eq!(
            security_of(json!({"security": [{"b": []}, {"o": [], "k": []}, {"m": []}]})),
            vec![
                vec![Scheme::Basic],
                vec![Scheme::Bearer, Scheme::Header("X-Key".into())],
                vec![]
            ]
        );
    }

    #[test]
    fn tag_of_an_untagged_operation_comes_from_its_path() {
        let get = json!({"get": {}});
        let document = json!({"paths": {"/api/v1/users": get, "/api/v1/users/{id}": get, "/api/v1/groups": get, "/api": get, "/{x}": get}});
        let tags: Vec<String> = read_operations(&document)
            .into_iter()
            .map(|o| o.tag)
            .collect();
        assert_eq!(tags, ["users", "users", "groups", "api", "root"]);
    }
}

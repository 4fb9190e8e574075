//! Each construct that progenitor alone refuses, panics on or gets wrong, through the whole pipeline: the operation is
//! generated, what is written is right, and the report says what was done.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use xtask::codegen::{self, Options, Output};

struct Made {
    text: String,
    output: Output,
}

impl Made {
    fn of(document: &Value) -> Self {
        let options = Options {
            display_name: "T".into(),
            header: String::new(),
        };
        let output =
            codegen::generate(document, &options).unwrap_or_else(|e| panic!("{e}\n{document:#}"));
        let text: Vec<&str> = output.files.values().map(String::as_str).collect();
        // One line, so that where the printer breaks lines does not matter.
        let text = text
            .join("\n")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("( ", "(")
            .replace(", )", ")")
            .replace(",)", ")");
        Self { text, output }
    }

    #[track_caller]
    fn has(&self, code: &str) -> &Self {
        assert!(self.text.contains(code), "no {code:?} in:\n{}", self.text);
        self
    }

    #[track_caller]
    fn lacks(&self, code: &str) -> &Self {
        assert!(!self.text.contains(code), "{code:?} in:\n{}", self.text);
        self
    }

    #[track_caller]
    fn said(&self, pass: &str, what: &str) -> &Self {
        let found = self
            .output
            .report
            .changed
            .iter()
            .any(|c| c.pass == pass && c.what.contains(what));
        assert!(
            found,
            "{pass} did not say {what:?}: {:#?}",
            self.output.report.changed
        );
        self
    }

    #[track_caller]
    fn complete(&self) -> &Self {
        assert_eq!(self.output.report.left_out, []);
        assert_eq!(self.output.report.generated, self.output.report.operations);
        self
    }
}

/// One GET that answers this schema, with these named schemas.
fn answering(schema: Value, schemas: Value) -> Made {
    let responses =
        json!({"200": {"description": "", "content": {"application/json": {"schema": schema}}}});
    operation(
        json!({"operationId": "op", "responses": responses}),
        schemas,
    )
}

fn operation(operation: Value, schemas: Value) -> Made {
    let made = Made::of(
        &json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
                                "paths": {"/x/{id}": {"post": operation}}, "components": {"schemas": schemas}}),
    );
    made.complete();
    made
}

fn sending(media_type: &str, schema: Value) -> Made {
    let body = json!({"required": true, "content": {media_type: {"schema": schema}}});
    operation(
        json!({"operationId": "op", "requestBody": body, "responses": {"200": {"description": ""}}}),
        json!({}),
    )
}

fn asking(parameters: Value) -> Made {
    operation(
        json!({"operationId": "op", "parameters": parameters, "responses": {"200": {"description": ""}}}),
        json!({}),
    )
}

fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

#[test]
fn openapi_3_1_is_taken() {
    let made = Made::of(
        &json!({"openapi": "3.1.1", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": {
        "operationId": "op", "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
            "type": "object", "properties": {
                "a": {"type": ["string", "null"], "examples": ["x"]}, "k": {"const": "user"},
                "n": {"type": "integer", "exclusiveMinimum": 0}, "r": {"$ref": "#/components/schemas/R", "description": "beside"}}}}}}}}}},
        "components": {"schemas": {"R": {"type": "null"}}}}),
    );
    made.complete()
        .has("pub a: Option<String>")
        .has("Always `user`.")
        .has("more than 0")
        .has("/// beside");
    made.said("dialect", "const").said("root", "3.1.1");
}

#[test]
fn several_errors_and_default_beside_a_success() {
    let body =
        |s: Value| json!({"description": "", "content": {"application/json": {"schema": s}}});
    let made = operation(
        json!({"operationId": "op", "responses": {
            "200": body(json!({"type": "string"})), "400": body(named("A")), "404": {"description": ""}, "500": body(named("B")),
            "default": body(named("A"))}}),
        json!({"A": {"type": "object", "properties": {"a": {}}}, "B": {"type": "object", "properties": {"b": {}}}}),
    );
    made.has("Result<ResponseValue<String>, Error>")
        .lacks("struct A")
        .said("responses", "4 other than 2xx");
}

#[test]
fn several_successes() {
    let body = |name: &str| json!({"description": "", "content": {"application/json": {"schema": named(name)}}});
    let schemas = json!({"A": {"type": "object", "properties": {"a": {}}}, "B": {"type": "object", "properties": {"b": {}}}});
    operation(
        json!({"operationId": "op", "responses": {"200": body("A"), "204": {"description": ""}}}),
        schemas.clone(),
    )
    .has("ResponseValue<Option<types::A>>")
    .has(".json_or_empty()")
    .has(".with_success(&[200, 204])");
    operation(
        json!({"operationId": "op", "responses": {"200": body("A"), "201": body("B")}}),
        schemas.clone(),
    )
    .has("ResponseValue<types::OpResponse>")
    .has("A(A), /// `B`. B(B)");
    operation(
        json!({"operationId": "op", "responses": {"200": body("A"), "201": body("A")}}),
        schemas,
    )
    .has("ResponseValue<types::A>");
}

#[test]
fn json_without_schema_is_any_value() {
    operation(json!({"operationId": "op", "responses": {"200": {"description": "", "content": {"application/json": {}}}}}), json!({}))
        .has("ResponseValue<serde_json::Value>")
        .said("responses", "without schema");
}

#[test]
fn json_under_another_media_type() {
    let made = operation(
        json!({"operationId": "op", "responses": {"200": {"description": "", "content": {"application/scim+json": {"schema": {"type": "string"}}}}}}),
        json!({}),
    );
    made.has(".with_accept(\"application/scim+json\")")
        .has("ResponseValue<String>");
    sending(
        "application/merge-patch+json;okta-version=1.0.0",
        json!({"type": "string"}),
    )
    .has(".with_content_type(\"application/merge-patch+json;okta-version=1.0.0\")")
    .has(".json_body(body)");
}

#[test]
fn bodies_that_are_not_json() {
    sending(
        "multipart/form-data",
        json!({"properties": {"file": {"type": "string", "format": "binary"}}}),
    )
    .has("body: idweave_transport::Multipart")
    .has("part `file` of `body`: file.")
    .has(".multipart_body(body)");
    for media_type in [
        "application/xml",
        "application/gzip",
        "application/pkix-cert",
    ] {
        sending(media_type, json!({"type": "string"}))
            .has("body: idweave_transport::Bytes")
            .has(&format!(".with_content_type(\"{media_type}\")"));
    }
    sending("*/*", json!({"type": "string"})).has("application/octet-stream");
    sending("text/plain", json!({"type": "string"}))
        .has("body: String")
        .has(".raw_body(body)");
    sending(
        "application/x-www-form-urlencoded",
        json!({"properties": {"a": {"type": "string"}}}),
    )
    .has(".form_body(body)");
}

#[test]
fn of_several_media_types_json_is_sent_and_an_optional_body_is_an_option() {
    let body = json!({"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}, "application/json": {"schema": {"type": "integer"}}}});
    operation(json!({"operationId": "op", "requestBody": body, "responses": {"200": {"description": ""}}}), json!({}))
        .has("body: Option<i64>")
        .has(".json_body_opt(body.as_ref())")
        .said("bodies", "not as application/x-www-form-urlencoded");
}

#[test]
fn parameters_of_every_place_and_style() {
    asking(json!([{"name": "c", "in": "cookie", "schema": {"type": "string"}}]))
        .said("parameters", "cookie c is dropped");
    let list = json!({"type": "array", "items": {"type": "string"}});
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let made = asking(json!([
        {"name": "deep", "in": "query", "style": "deepObject", "schema": list},
        {"name": "deeper", "in": "query", "style": "deepObject", "schema": object},
        {"name": "spaced", "in": "query", "style": "spaceDelimited", "explode": false, "schema": list},
        {"name": "piped", "in": "query", "style": "pipeDelimited", "explode": false, "schema": list},
        {"name": "joined", "in": "query", "explode": false, "schema": list},
        {"name": "repeated", "in": "query", "schema": list},
        {"name": "plain", "in": "query", "schema": object},
        {"name": "written", "in": "query", "content": {"application/json": {"schema": object}}},
        {"name": "head", "in": "header", "schema": list},
    ]));
    made.has(".query(\"deep\", &deep)")
        .has(".query_object(\"deeper\", &deeper, ObjectStyle::DeepObject)")
        .has(".query_joined(\"spaced\", &spaced, ' ')")
        .has(".query_joined(\"piped\", &piped, '|')")
        .has(".query_joined(\"joined\", &joined, ',')")
        .has(".query(\"repeated\", &repeated)")
        .has(".query_object(\"plain\", &plain, ObjectStyle::Form)")
        .has(".query_json(\"written\", &written)")
        .has(".header(\"head\", &head)")
        .has("spaced: Option<&[String]>");
}

#[test]
fn names_that_collide() {
    asking(json!([
        {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
        {"name": "id", "in": "query", "schema": {"type": "string"}},
        {"name": "body", "in": "query", "schema": {"type": "string"}},
        {"name": "header_map", "in": "query", "schema": {"type": "string"}},
        {"name": "userId", "in": "query", "schema": {"type": "string"}},
        {"name": "user_id", "in": "query", "schema": {"type": "string"}},
        {"name": "type", "in": "query", "schema": {"type": "string"}},
    ]))
    .has(".path(\"id\", id)")
    .has(".query(\"id\", &id_query)")
    .has(".query(\"body\", &body_parameter)")
    .has(".query(\"user_id\", &user_id_query)")
    .has(".query(\"userId\", &user_id)")
    .has(".query(\"type\", &type_)");
    answering(json!({"properties": {"a-b": {"type": "string"}, "a_b": {"type": "string"}, "frontendApi": {}, "frontend_api": {}}}), json!({}))
        .has("#[serde(rename = \"a-b\"")
        .has("pub a_b: Option<String>")
        .has("pub a_b_2: Option<String>")
        .has("pub frontend_api_2: Option<serde_json::Value>");
}

#[test]
fn path_parameters_that_are_not_declared_or_not_required() {
    asking(json!([]))
        .has("id: &str")
        .has(".path(\"id\", id)")
        .said("parameters", "id is not declared");
    asking(json!([{"name": "id", "in": "path", "required": false, "schema": {"type": "integer"}}]))
        .has("id: i64");
}

#[test]
fn operation_ids_that_are_missing_or_equal() {
    let answer = json!({"responses": {"200": {"description": ""}}});
    let with = |id: &str| json!({"operationId": id, "responses": {"200": {"description": ""}}});
    let made = Made::of(&json!({"openapi": "3.0.3", "paths": {
        "/a": {"get": answer}, "/b": {"get": with("getIt"), "post": with("get_it"), "put": with("getIt"), "options": with("opt"), "trace": with("tr")}}}));
    made.complete()
        .has("fn get_a(")
        .has("fn get_it(")
        .has("fn post_b(")
        .has("fn put_b(")
        .has("Method::OPTIONS")
        .has("Method::TRACE");
}

#[test]
fn references_of_every_kind() {
    let made = answering(
        json!({"properties": {
            "deep": {"$ref": "#/components/schemas/User/properties/home"}, "gone": named("Gone"), "out": {"$ref": "./other.yaml#/X"}}}),
        json!({"User": {"type": "object", "properties": {"home": {"type": "object", "properties": {"z": {"type": "string"}}}}}}),
    );
    made.has("pub deep: Option<UserHome>")
        .has("pub gone: Option<serde_json::Value>");
    made.said("schema-refs", "overlay action")
        .said("schema-refs", "./other.yaml#/X");
}

#[test]
fn enums_are_open_and_values_equal_after_casing_are_told_apart() {
    answering(
        named("Sort"),
        json!({"Sort": {"type": "string", "enum": ["desc", "DESC"]}}),
    )
    .has("Desc, /// `DESC` Desc2,")
    .has("Other(String)")
    .has("#[non_exhaustive]");
    answering(
        named("Status"),
        json!({"Status": {"type": "integer", "enum": [0, 1], "x-enum-varnames": ["Off", "On"]}}),
    )
    .has("pub const ON: Self = Self(1);")
    .has("pub struct Status(");
}

#[test]
fn what_would_refuse_an_answer_is_stripped_and_told() {
    let made = answering(
        json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {
            "a": {"type": "string", "pattern": "^x(?!y)$", "maxLength": 3, "minLength": 1},
            "t": {"type": "string", "format": "date-time"}, "d": {"type": "string", "format": "date"}, "n": {"type": "integer", "maximum": 9},
            "b": {"type": "boolean", "format": "false"}}}),
        json!({}),
    );
    made.lacks("deny_unknown_fields")
        .has("pub a: Option<String>")
        .has("pub t: Option<String>")
        .has("pub n: Option<i64>");
    made.has("1 to 3 characters; matches `^x(?!y)$`")
        .has("format `date-time`")
        .has("at most 9");
    made.said("limits", "unknown fields are ignored")
        .said("optional", "1 required");
}

#[test]
fn all_of_under_closed_objects_keeps_its_fields() {
    answering(
        named("Full"),
        json!({"Base": {"type": "object", "additionalProperties": false, "properties": {"id": {"type": "string"}}},
               "Full": {"additionalProperties": false, "allOf": [named("Base"), {"type": "object", "properties": {"x": {"type": "string"}}}]}}),
    )
    .has("pub struct Full { /// The `id` field.")
    .has("pub x: Option<String>")
    .said("all-of", "allOf of 2 is one schema");
}

#[test]
fn all_of_that_nothing_can_satisfy_is_reported() {
    answering(
        named("No"),
        json!({"No": {"allOf": [{"type": "string"}, {"type": "object", "properties": {"a": {}}}]}}),
    )
    .has("ResponseValue<serde_json::Value>")
    .lacks("enum No {}")
    .said("all-of", "cannot be satisfied");
}

#[test]
fn read_only_fields_are_not_asked_of_a_request() {
    let made = sending(
        "application/json",
        json!({"type": "object", "required": ["id", "name"], "properties": {
            "id": {"type": "string", "readOnly": true}, "name": {"type": "string"}, "none": {"type": "string", "nullable": true}}}),
    );
    made.has("pub id: Option<String>")
        .has("pub name: String")
        .has("pub fn new(name: impl Into<String>) -> Self");
}

#[test]
fn any_of_is_the_alternative_that_fits() {
    answering(
        json!({"anyOf": [named("A"), named("B"), {"type": "string"}]}),
        json!({"A": {"type": "object", "required": ["a"], "properties": {"a": {}}}, "B": {"type": "object", "properties": {"b": {}}}}),
    )
    .has("pub enum OpResponse { /// `A`. A(A),")
    .has("Other(serde_json::Value)")
    .lacks("flatten");
}

#[test]
fn null_and_absent_can_both_be_sent() {
    sending(
        "application/json",
        json!({"properties": {"a": {"type": "string", "nullable": true, "x-idweave-patch": true}}}),
    )
    .has("pub a: idweave_transport::Patch<String>")
    .has("skip_serializing_if = \"idweave_transport::Patch::is_absent\"");
}

#[test]
fn secrets_are_a_type_that_is_not_shown() {
    answering(
        json!({"properties": {
            "password": {"type": "string"}, "accessKey": {"type": "string"}, "x": {"type": "string", "format": "password"},
            "y": {"type": "string", "writeOnly": true}, "z": {"type": "string", "x-idweave-secret": true},
            "keys": {"type": "object", "additionalProperties": {"type": "string", "x-idweave-secret": true}}}}),
        json!({}),
    )
    .has("pub password: Option<idweave_transport::Secret>")
    .has("pub access_key: Option<idweave_transport::Secret>")
    .has("pub x: Option<idweave_transport::Secret>")
    .has("pub y: Option<idweave_transport::Secret>")
    .has("pub z: Option<idweave_transport::Secret>")
    .has("BTreeMap<String, idweave_transport::Secret>");
}

#[test]
fn documents_that_are_not_quite_valid() {
    let made = operation(
        json!({"operationId": "op", "description": null, "summary": null, "tags": null, "responses": {"200": {"description": null, "content": {
            "application/json": {"schema": {"description": null, "type": "object", "properties": {
                "i": {"type": "int"}, "f": {"format": "date"}, "a": {"format": "array"}, "n": null, "e": {"type": "string", "enum": null}}}}}}}}),
        json!({}),
    );
    made.has("pub i: Option<i32>")
        .has("pub f: Option<String>")
        .has("pub a: Option<Vec<serde_json::Value>>")
        .said("tolerant", "int");
}

#[test]
fn security_and_servers_are_in_the_table_and_no_version_is_sent() {
    let made = Made::of(
        &json!({"openapi": "3.0.3", "info": {"title": "T", "version": "42.1"}, "security": [{"k": []}],
        "components": {"securitySchemes": {"k": {"type": "apiKey", "in": "cookie", "name": "id0"}, "o": {"type": "openIdConnect"}}},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {}}},
                  "/b": {"post": {"operationId": "b", "security": [{"o": []}, {}], "x-idweave-idempotent": true,
                                  "servers": [{"url": "https://auth.example"}], "responses": {}}},
                  "/c": {"get": {"operationId": "c", "security": [], "responses": {}}}}}),
    );
    made.complete().lacks("api-version").lacks("42.1");
    made.has("with_security(&[&[Scheme::Cookie(\"id0\")]])")
        .has(".with_security(&[&[Scheme::Bearer], &[]])")
        .has(".with_idempotent(true)")
        .has(".with_server(\"https://auth.example\")")
        .has("Operation::new(\"c\", Method::GET, \"/c\");");
}

#[test]
fn schemas_that_hold_themselves() {
    answering(
        named("Tree"),
        json!({"Tree": {"type": "array", "items": named("Tree")}, "A": {"oneOf": [named("A"), {"type": "string"}]},
               "Loop": named("Loop")}),
    )
    .has("pub struct Tree(");
    answering(named("Node"), json!({"Node": {"type": "object", "properties": {"next": named("Node"), "all": {"type": "object", "additionalProperties": named("Node")}}}}))
        .has("pub next: Option<Box<Node>>");
    answering(named("Loop"), json!({"Loop": named("Loop")}))
        .has("ResponseValue<serde_json::Value>")
        .said("aliases", "holds nothing");
    answering(
        named("A"),
        json!({"A": {"oneOf": [named("A"), {"type": "integer"}]}}),
    );
}

#[test]
fn a_nullable_named_union_is_one_type() {
    let made = answering(
        json!({"properties": {"u": named("U")}}),
        json!({"U": {"nullable": true, "oneOf": [{"type": "string"}, {"type": "object", "properties": {"a": {}}}]}}),
    );
    made.has("pub u: Option<U>");
    assert_eq!(made.text.matches("pub enum U ").count(), 1);
}

#[test]
fn schema_names_equal_in_rust_and_keywords_of_rust() {
    let made = answering(
        json!({"properties": {"a": named("user_role"), "b": named("UserRole"), "c": named("Option"), "d": named("2fa")}}),
        json!({"user_role": {"properties": {"x": {}}}, "UserRole": {"properties": {"y": {}}}, "Option": {"properties": {"z": {}}}, "2fa": {"properties": {"type": {}}}}),
    );
    made.has("pub struct UserRole ")
        .has("pub struct UserRole2 ")
        .has("pub struct OptionType ")
        .has("pub struct N2fa ");
    made.has("pub type_: Option<serde_json::Value>");
}

#[test]
fn integers_beyond_64_bits_in_an_example_and_not_schemas() {
    let huge: Value = serde_json::from_str(
        "{\"type\": \"integer\", \"example\": 123456789012345678901234567890}",
    )
    .unwrap();
    answering(
        json!({"type": "object", "properties": {"n": huge, "x": {"not": {"type": "string"}}}}),
        json!({}),
    )
    .has("pub n: Option<i64>")
    .has("pub x: Option<serde_json::Value>");
}

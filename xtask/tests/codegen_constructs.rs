//! Runs each construct that progenitor alone refuses, panics on or gets wrong through the whole pipeline: the operation is
//! generated, the code is right, and the report says what was changed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use xtask::codegen::{self, Options, Output};

struct Generated {
    text: String,
    output: Output,
}

impl Generated {
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
    fn contains(&self, code: &str) -> &Self {
        assert!(self.text.contains(code), "no {code:?} in:\n{}", self.text);
        self
    }

    #[track_caller]
    fn excludes(&self, code: &str) -> &Self {
        assert!(!self.text.contains(code), "{code:?} in:\n{}", self.text);
        self
    }

    #[track_caller]
    fn reports(&self, pass: &str, what: &str) -> &Self {
        let found = self
            .output
            .report
            .changed
            .iter()
            .any(|c| c.pass == pass && c.what.contains(what));
        assert!(
            found,
            "{pass} did not report {what:?}: {:#?}",
            self.output.report.changed
        );
        self
    }

    #[track_caller]
    fn is_complete(&self) -> &Self {
        assert_eq!(self.output.report.left_out, []);
        assert_eq!(self.output.report.generated, self.output.report.operations);
        self
    }
}

/// One operation with this response schema and these named schemas.
fn response(schema: Value, schemas: Value) -> Generated {
    let responses =
        json!({"200": {"description": "", "content": {"application/json": {"schema": schema}}}});
    operation(
        json!({"operationId": "op", "responses": responses}),
        schemas,
    )
}

fn operation(operation: Value, schemas: Value) -> Generated {
    let made = Generated::of(
        &json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
                                "paths": {"/x/{id}": {"post": operation}}, "components": {"schemas": schemas}}),
    );
    made.is_complete();
    made
}

fn request_body(media_type: &str, schema: Value) -> Generated {
    let body = json!({"required": true, "content": {media_type: {"schema": schema}}});
    operation(
        json!({"operationId": "op", "requestBody": body, "responses": {"200": {"description": ""}}}),
        json!({}),
    )
}

fn parameters(parameters: Value) -> Generated {
    operation(
        json!({"operationId": "op", "parameters": parameters, "responses": {"200": {"description": ""}}}),
        json!({}),
    )
}

fn schema_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

#[test]
fn openapi_3_1_is_accepted() {
    let made = Generated::of(
        &json!({"openapi": "3.1.1", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"get": {
        "operationId": "op", "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
            "type": "object", "properties": {
                "a": {"type": ["string", "null"], "examples": ["x"]}, "k": {"const": "user"},
                "n": {"type": "integer", "exclusiveMinimum": 0}, "r": {"$ref": "#/components/schemas/R", "description": "beside"}}}}}}}}}},
        "components": {"schemas": {"R": {"type": "null"}}}}),
    );
    made.is_complete()
        .contains("pub a: Option<String>")
        .contains("Always `user`.")
        .contains("more than 0")
        .contains("/// beside");
    made.reports("dialect", "const").reports("root", "3.1.1");
}

#[test]
fn errors_and_default_beside_a_success_become_errors() {
    let body =
        |s: Value| json!({"description": "", "content": {"application/json": {"schema": s}}});
    let made = operation(
        json!({"operationId": "op", "responses": {
            "200": body(json!({"type": "string"})), "400": body(schema_ref("A")), "404": {"description": ""}, "500": body(schema_ref("B")),
            "default": body(schema_ref("A"))}}),
        json!({"A": {"type": "object", "properties": {"a": {}}}, "B": {"type": "object", "properties": {"b": {}}}}),
    );
    made.contains("Result<ResponseValue<String>, Error>")
        .excludes("struct A")
        .reports("responses", "4 other than 2xx");
}

#[test]
fn successes_of_several_kinds_become_one_type() {
    let body = |name: &str| json!({"description": "", "content": {"application/json": {"schema": schema_ref(name)}}});
    let schemas = json!({"A": {"type": "object", "properties": {"a": {}}}, "B": {"type": "object", "properties": {"b": {}}}});
    operation(
        json!({"operationId": "op", "responses": {"200": body("A"), "204": {"description": ""}}}),
        schemas.clone(),
    )
    .contains("ResponseValue<Option<types::A>>")
    .contains(".json_or_empty()");
    operation(
        json!({"operationId": "op", "responses": {"200": body("A"), "201": body("B")}}),
        schemas.clone(),
    )
    .contains("ResponseValue<types::OpResponse>")
    .contains("A(A), /// `B`. B(B)");
    operation(
        json!({"operationId": "op", "responses": {"200": body("A"), "201": body("A")}}),
        schemas,
    )
    .contains("ResponseValue<types::A>");
}

#[test]
fn json_without_schema_is_any_value() {
    operation(json!({"operationId": "op", "responses": {"200": {"description": "", "content": {"application/json": {}}}}}), json!({}))
        .contains("ResponseValue<serde_json::Value>")
        .reports("responses", "without schema");
}

#[test]
fn json_under_another_media_type() {
    let made = operation(
        json!({"operationId": "op", "responses": {"200": {"description": "", "content": {"application/scim+json": {"schema": {"type": "string"}}}}}}),
        json!({}),
    );
    made.contains(".with_accept(\"application/scim+json\")")
        .contains("ResponseValue<String>");
    request_body(
        "application/merge-patch+json;okta-version=1.0.0",
        json!({"type": "string"}),
    )
    .contains(".with_content_type(\"application/merge-patch+json;okta-version=1.0.0\")")
    .contains(".json_body(body)");
}

#[test]
fn bodies_of_other_media_types_are_sent_as_they_are() {
    request_body(
        "multipart/form-data",
        json!({"properties": {"file": {"type": "string", "format": "binary"}}}),
    )
    .contains("body: idweave_transport::Multipart")
    .contains("part `file` of `body`: file.")
    .contains(".multipart_body(body)");
    for media_type in [
        "application/xml",
        "application/gzip",
        "application/pkix-cert",
    ] {
        request_body(media_type, json!({"type": "string"}))
            .contains("body: idweave_transport::Bytes")
            .contains(&format!(".with_content_type(\"{media_type}\")"));
    }
    request_body("*/*", json!({"type": "string"})).contains("application/octet-stream");
    request_body("text/plain", json!({"type": "string"}))
        .contains("body: String")
        .contains(".raw_body(body)");
    request_body(
        "application/x-www-form-urlencoded",
        json!({"properties": {"a": {"type": "string"}}}),
    )
    .contains(".form_body(body)");
}

#[test]
fn body_of_several_media_types_is_sent_as_json() {
    let body = json!({"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}, "application/json": {"schema": {"type": "integer"}}}});
    operation(json!({"operationId": "op", "requestBody": body, "responses": {"200": {"description": ""}}}), json!({}))
        .contains("body: Option<i64>")
        .contains(".json_body_opt(body.as_ref())")
        .reports("bodies", "not as application/x-www-form-urlencoded");
}

#[test]
fn parameters_of_every_place_and_style_are_sent() {
    parameters(json!([{"name": "c", "in": "cookie", "schema": {"type": "string"}}]))
        .reports("parameters", "cookie c is dropped");
    let list = json!({"type": "array", "items": {"type": "string"}});
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let made = parameters(json!([
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
    made.contains(".query(\"deep\", &deep)")
        .contains(".query_object(\"deeper\", &deeper, ObjectStyle::DeepObject)")
        .contains(".query_joined(\"spaced\", &spaced, ' ')")
        .contains(".query_joined(\"piped\", &piped, '|')")
        .contains(".query_joined(\"joined\", &joined, ',')")
        .contains(".query(\"repeated\", &repeated)")
        .contains(".query_object(\"plain\", &plain, ObjectStyle::Form)")
        .contains(".query_json(\"written\", &written)")
        .contains(".header(\"head\", &head)")
        .contains("spaced: Option<&[String]>");
}

#[test]
fn names_that_collide_are_changed() {
    parameters(json!([
        {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
        {"name": "id", "in": "query", "schema": {"type": "string"}},
        {"name": "body", "in": "query", "schema": {"type": "string"}},
        {"name": "header_map", "in": "query", "schema": {"type": "string"}},
        {"name": "userId", "in": "query", "schema": {"type": "string"}},
        {"name": "user_id", "in": "query", "schema": {"type": "string"}},
        {"name": "type", "in": "query", "schema": {"type": "string"}},
    ]))
    .contains(".path(\"id\", id)")
    .contains(".query(\"id\", &id_query)")
    .contains(".query(\"body\", &body_parameter)")
    .contains(".query(\"user_id\", &user_id_query)")
    .contains(".query(\"userId\", &user_id)")
    .contains(".query(\"type\", &type_)");
    response(json!({"properties": {"a-b": {"type": "string"}, "a_b": {"type": "string"}, "frontendApi": {}, "frontend_api": {}}}), json!({}))
        .contains("#[serde(rename = \"a-b\"")
        .contains("pub a_b: Option<String>")
        .contains("pub a_b_2: Option<String>")
        .contains("pub frontend_api_2: Option<serde_json::Value>");
}

#[test]
fn path_parameters_are_declared_and_required() {
    parameters(json!([]))
        .contains("id: &str")
        .contains(".path(\"id\", id)")
        .reports("parameters", "id is not declared");
    parameters(
        json!([{"name": "id", "in": "path", "required": false, "schema": {"type": "integer"}}]),
    )
    .contains("id: i64");
}

#[test]
fn operation_ids_that_are_missing_or_equal_are_derived() {
    let plain = json!({"responses": {"200": {"description": ""}}});
    let with = |id: &str| json!({"operationId": id, "responses": {"200": {"description": ""}}});
    let made = Generated::of(&json!({"openapi": "3.0.3", "paths": {
        "/a": {"get": plain}, "/b": {"get": with("getIt"), "post": with("get_it"), "put": with("getIt"), "options": with("opt"), "trace": with("tr")}}}));
    made.is_complete()
        .contains("fn get_a(")
        .contains("fn get_it(")
        .contains("fn post_b(")
        .contains("fn put_b(")
        .contains("Method::OPTIONS")
        .contains("Method::TRACE");
}

#[test]
fn references_of_every_kind_are_followed() {
    let made = response(
        json!({"properties": {
            "deep": {"$ref": "#/components/schemas/User/properties/home"}, "gone": schema_ref("Gone"), "out": {"$ref": "./other.yaml#/X"}}}),
        json!({"User": {"type": "object", "properties": {"home": {"type": "object", "properties": {"z": {"type": "string"}}}}}}),
    );
    made.contains("pub deep: Option<UserHome>")
        .contains("pub gone: Option<serde_json::Value>");
    made.reports("schema-refs", "overlay action")
        .reports("schema-refs", "./other.yaml#/X");
}

#[test]
fn enums_are_open_and_their_values_differ() {
    response(
        schema_ref("Sort"),
        json!({"Sort": {"type": "string", "enum": ["desc", "DESC"]}}),
    )
    .contains("Desc, /// `DESC` Desc2,")
    .contains("Other(String)")
    .contains("#[non_exhaustive]");
    response(
        schema_ref("Status"),
        json!({"Status": {"type": "integer", "enum": [0, 1], "x-enum-varnames": ["Off", "On"]}}),
    )
    .contains("pub const ON: Self = Self(1);")
    .contains("pub struct Status(");
}

#[test]
fn constraints_are_documented_and_not_checked() {
    let made = response(
        json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {
            "a": {"type": "string", "pattern": "^x(?!y)$", "maxLength": 3, "minLength": 1},
            "t": {"type": "string", "format": "date-time"}, "d": {"type": "string", "format": "date"}, "n": {"type": "integer", "maximum": 9},
            "b": {"type": "boolean", "format": "false"}}}),
        json!({}),
    );
    made.excludes("deny_unknown_fields")
        .contains("pub a: Option<String>")
        .contains("pub t: Option<String>")
        .contains("pub n: Option<i64>");
    made.contains("1 to 3 characters; matches `^x(?!y)$`")
        .contains("format `date-time`")
        .contains("at most 9");
    made.reports("limits", "unknown fields are ignored")
        .reports("optional", "1 required");
}

#[test]
fn all_of_under_closed_objects_keeps_its_fields() {
    response(
        schema_ref("Full"),
        json!({"Base": {"type": "object", "additionalProperties": false, "properties": {"id": {"type": "string"}}},
               "Full": {"additionalProperties": false, "allOf": [schema_ref("Base"), {"type": "object", "properties": {"x": {"type": "string"}}}]}}),
    )
    .contains("pub struct Full { /// The `id` field.")
    .contains("pub x: Option<String>")
    .reports("all-of", "allOf of 2 is merged");
}

#[test]
fn all_of_that_cannot_be_satisfied_is_reported() {
    response(
        schema_ref("No"),
        json!({"No": {"allOf": [{"type": "string"}, {"type": "object", "properties": {"a": {}}}]}}),
    )
    .contains("ResponseValue<serde_json::Value>")
    .excludes("enum No {}")
    .reports("all-of", "cannot be satisfied");
}

#[test]
fn read_only_fields_are_optional_in_a_request() {
    let made = request_body(
        "application/json",
        json!({"type": "object", "required": ["id", "name"], "properties": {
            "id": {"type": "string", "readOnly": true}, "name": {"type": "string"}, "none": {"type": "string", "nullable": true}}}),
    );
    made.contains("pub id: Option<String>")
        .contains("pub name: String")
        .contains("pub fn new(name: impl Into<String>) -> Self");
}

#[test]
fn any_of_becomes_the_alternative_that_fits() {
    response(
        json!({"anyOf": [schema_ref("A"), schema_ref("B"), {"type": "string"}]}),
        json!({"A": {"type": "object", "required": ["a"], "properties": {"a": {}}}, "B": {"type": "object", "properties": {"b": {}}}}),
    )
    .contains("pub enum OpResponse { /// `A`. A(A),")
    .contains("Other(serde_json::Value)")
    .excludes("flatten");
}

#[test]
fn patch_fields_send_null_and_absent() {
    request_body(
        "application/json",
        json!({"properties": {"a": {"type": "string", "nullable": true, "x-idweave-patch": true}}}),
    )
    .contains("pub a: idweave_transport::Patch<String>")
    .contains("skip_serializing_if = \"idweave_transport::Patch::is_absent\"");
}

#[test]
fn secrets_have_the_secret_type() {
    response(
        json!({"properties": {
            "password": {"type": "string"}, "accessKey": {"type": "string"}, "x": {"type": "string", "format": "password"},
            "y": {"type": "string", "writeOnly": true}, "z": {"type": "string", "x-idweave-secret": true},
            "keys": {"type": "object", "additionalProperties": {"type": "string", "x-idweave-secret": true}}}}),
        json!({}),
    )
    .contains("pub password: Option<idweave_transport::Secret>")
    .contains("pub access_key: Option<idweave_transport::Secret>")
    .contains("pub x: Option<idweave_transport::Secret>")
    .contains("pub y: Option<idweave_transport::Secret>")
    .contains("pub z: Option<idweave_transport::Secret>")
    .contains("BTreeMap<String, idweave_transport::Secret>");
}

#[test]
fn invalid_schemas_are_repaired() {
    let made = operation(
        json!({"operationId": "op", "description": null, "summary": null, "tags": null, "responses": {"200": {"description": null, "content": {
            "application/json": {"schema": {"description": null, "type": "object", "properties": {
                "i": {"type": "int"}, "f": {"format": "date"}, "a": {"format": "array"}, "n": null, "e": {"type": "string", "enum": null}}}}}}}}),
        json!({}),
    );
    made.contains("pub i: Option<i32>")
        .contains("pub f: Option<String>")
        .contains("pub a: Option<Vec<serde_json::Value>>")
        .reports("tolerant", "int");
}

#[test]
fn operations_carry_security_and_servers() {
    let made = Generated::of(
        &json!({"openapi": "3.0.3", "info": {"title": "T", "version": "42.1"}, "security": [{"k": []}],
        "components": {"securitySchemes": {"k": {"type": "apiKey", "in": "cookie", "name": "id0"}, "o": {"type": "openIdConnect"}}},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {}}},
                  "/b": {"post": {"operationId": "b", "security": [{"o": []}, {}], "x-idweave-idempotent": true,
                                  "servers": [{"url": "https://auth.example"}], "responses": {}}},
                  "/c": {"get": {"operationId": "c", "security": [], "responses": {}}}}}),
    );
    made.is_complete().excludes("api-version").excludes("42.1");
    made.contains("with_security(&[&[Scheme::Cookie(\"id0\")]])")
        .contains(".with_security(&[&[Scheme::Bearer], &[]])")
        .contains(".with_idempotent(true)")
        .contains("The document names the server <https://auth.example> for it")
        .contains("Operation::new(\"c\", Method::GET, \"/c\");");
}

#[test]
fn recursive_schemas_are_generated() {
    response(
        schema_ref("Tree"),
        json!({"Tree": {"type": "array", "items": schema_ref("Tree")}, "A": {"oneOf": [schema_ref("A"), {"type": "string"}]},
               "Loop": schema_ref("Loop")}),
    )
    .contains("pub struct Tree(");
    response(schema_ref("Node"), json!({"Node": {"type": "object", "properties": {"next": schema_ref("Node"), "all": {"type": "object", "additionalProperties": schema_ref("Node")}}}}))
        .contains("pub next: Option<Box<Node>>");
    response(schema_ref("Loop"), json!({"Loop": schema_ref("Loop")}))
        .contains("ResponseValue<serde_json::Value>")
        .reports("aliases", "only lead to each other");
    response(
        schema_ref("A"),
        json!({"A": {"oneOf": [schema_ref("A"), {"type": "integer"}]}}),
    );
}

#[test]
fn union_that_is_named_and_nullable_is_one_type() {
    let made = response(
        json!({"properties": {"u": schema_ref("U")}}),
        json!({"U": {"nullable": true, "oneOf": [{"type": "string"}, {"type": "object", "properties": {"a": {}}}]}}),
    );
    made.contains("pub u: Option<U>");
    assert_eq!(made.text.matches("pub enum U ").count(), 1);
}

#[test]
fn schema_names_equal_in_rust_or_keywords_are_changed() {
    let made = response(
        json!({"properties": {"a": schema_ref("user_role"), "b": schema_ref("UserRole"), "c": schema_ref("Option"), "d": schema_ref("2fa")}}),
        json!({"user_role": {"properties": {"x": {}}}, "UserRole": {"properties": {"y": {}}}, "Option": {"properties": {"z": {}}}, "2fa": {"properties": {"type": {}}}}),
    );
    made.contains("pub struct UserRole ")
        .contains("pub struct UserRole2 ")
        .contains("pub struct OptionType ")
        .contains("pub struct N2fa ");
    made.contains("pub type_: Option<serde_json::Value>");
}

#[test]
fn integers_beyond_64_bits_in_an_example_are_accepted() {
    let huge: Value = serde_json::from_str(
        "{\"type\": \"integer\", \"example\": 123456789012345678901234567890}",
    )
    .unwrap();
    response(
        json!({"type": "object", "properties": {"n": huge, "x": {"not": {"type": "string"}}}}),
        json!({}),
    )
    .contains("pub n: Option<i64>")
    .contains("pub x: Option<serde_json::Value>");
}

//! Whatever a document holds, codegen returns files or an error: it does not panic, and what it writes parses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use xtask::codegen::{self, Options};

/// Any JSON, of the words that schemas are made of.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("string"),
        Just("integer"),
        Just("object"),
        Just("array"),
        Just("null"),
        Just("#/components/schemas/A"),
        Just("#/components/schemas/B"),
        Just("#/components/schemas/A/properties/type"),
        Just("#"),
        Just("x.yaml#/A"),
        Just(""),
        Just("a-b"),
        Just("a_b"),
        Just("Self"),
        Just("body"),
        Just("application/json"),
        Just("multipart/form-data"),
        Just("`[<ü"),
        Just("200")
    ];
    let key = prop_oneof![
        Just("type"),
        Just("properties"),
        Just("items"),
        Just("allOf"),
        Just("oneOf"),
        Just("anyOf"),
        Just("enum"),
        Just("const"),
        Just("$ref"),
        Just("required"),
        Just("nullable"),
        Just("additionalProperties"),
        Just("format"),
        Just("discriminator"),
        Just("propertyName"),
        Just("mapping"),
        Just("not"),
        Just("default"),
        Just("pattern"),
        Just("description"),
        Just("schema"),
        Just("content"),
        Just("name"),
        Just("in"),
        Just("style"),
        Just("explode"),
        Just("application/json"),
        Just("x-idweave-certain"),
        Just("x-idweave-patch"),
        Just("x-idweave-secret"),
        Just("x-enum-varnames"),
        Just("prefixItems"),
        Just("patternProperties"),
        Just("A"),
        Just("a-b"),
        Just("a_b"),
        Just("readOnly"),
        Just("200"),
        Just("default"),
        Just("title")
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e3..1e3f64).prop_map(Value::from),
        word.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|pairs| Value::Object(
                pairs
                    .into_iter()
                    .map(|(k, v)| (k.to_owned(), v))
                    .collect::<Map<_, _>>()
            )),
        ]
    })
}

fn generate(document: &Value) -> xtask::openapi::Result<codegen::Output> {
    codegen::generate(
        document,
        &Options {
            display_name: "T".into(),
            header: "// h\n".into(),
        },
    )
}

fn check(document: &Value) {
    // An error is a valid outcome too.
    let Ok(output) = generate(document) else {
        return;
    };
    for (name, text) in &output.files {
        syn::parse_file(text).unwrap_or_else(|e| panic!("{name}: {e}\n{text}"));
    }
    assert_eq!(
        output.report.generated + output.report.left_out.len(),
        output.report.operations,
        "{document:#}"
    );
    assert_eq!(
        generate(document).unwrap().files,
        output.files,
        "two runs differ"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn generate_survives_any_schemas(a in any_json(), b in any_json(), c in any_json()) {
        check(&json!({"openapi": "3.1.0", "paths": {"/x/{id}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": a}}}}},
                                                                 "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}},
                      "components": {"schemas": {"A": b, "B": c}}}));
    }

    #[test]
    fn generate_survives_any_operation(a in any_json(), b in any_json(), c in any_json(), d in any_json()) {
        check(&json!({"openapi": "3.0.3", "security": d, "paths": {"/x/{id}": {"put": {"parameters": [a.clone(), {"name": "q", "in": "query", "schema": b.clone()}],
                                                                 "requestBody": b, "responses": c}}, "/y": a},
                      "components": {"schemas": {"A": {"type": "string"}, "B": {"properties": {"a": {}}}}, "securitySchemes": d}}));
    }

    #[test]
    fn generate_survives_any_json(a in any_json()) {
        check(&a);
        check(&json!({"openapi": "3.0.0", "paths": a, "components": a, "info": a, "tags": a}));
    }
}

#[test]
fn generate_ends_on_cycles_of_every_kind() {
    let named = |n: &str| json!({"$ref": format!("#/components/schemas/{n}")});
    for (a, b) in [
        (named("B"), named("A")),
        (
            json!({"allOf": [named("B"), {"properties": {"x": {}}}]}),
            json!({"allOf": [named("A"), {"properties": {"y": {}}}]}),
        ),
        (
            json!({"oneOf": [named("B"), {"type": "string"}]}),
            json!({"oneOf": [named("A"), {"type": "integer"}]}),
        ),
        (
            json!({"items": named("B"), "type": "array"}),
            json!({"additionalProperties": named("A")}),
        ),
        (
            json!({"properties": {"b": named("B")}, "required": ["b"]}),
            json!({"oneOf": [named("A"), {"allOf": [named("B")]}]}),
        ),
        (
            json!({"$ref": "#/components/schemas/B/properties/z"}),
            json!({"properties": {"z": {"$ref": "#/components/schemas/A/properties/z"}}}),
        ),
    ] {
        check(
            &json!({"openapi": "3.0.3", "components": {"schemas": {"A": a, "B": b}}, "paths": {"/x": {"get": {"responses": {
            "200": {"content": {"application/json": {"schema": {"properties": {"a": named("A"), "b": named("B")}}}}}}}}}}),
        );
    }
}

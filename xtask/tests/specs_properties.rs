//! Properties of reader, writer, overlay and extraction, over generated inputs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use xtask::openapi::overlay::{Overlay, apply};
use xtask::openapi::service::Selection;
use xtask::openapi::{Limits, emit, parse};
use xtask::specs::{diff::diff, extract::extract, lint::lint_document};

/// Text that YAML finds interesting.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "\\PC{0,8}",
        "(null|true|no|~|1|-1|1e3|0x1f|<<|- a|a: b|#x|&a|\\*a|!t|\\||>|\\[|\\{|'|\"|%|@|`|\\?|---|\\.\\.\\.|\t|\n| )",
        "[a-z]{1,6}(\n[ a-z:#-]{0,6}){0,3}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e12..1e12_f64).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Something like an OpenAPI document: the right words in mostly the right places.
fn document() -> impl Strategy<Value = Value> {
    let name = prop_oneof![Just("A"), Just("B"), Just("C")];
    let schema = prop_oneof![
        name.clone().prop_map(|n| json!({"$ref": format!("#/components/schemas/{n}")})),
        Just(json!({"type": "string", "description": "words"})),
        Just(json!({"type": ["string", "null"], "enum": ["a", null]})),
        value(),
    ]
    .prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec((text(), inner.clone()), 0..4)
                .prop_map(|p| json!({"type": "object", "required": ["id"], "properties": p.into_iter().collect::<Map<_, _>>()})),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|b| json!({"allOf": b})),
            inner.prop_map(|i| json!({"type": "array", "items": i})),
        ]
    });
    let operation = (text(), prop::collection::vec((text(), schema.clone()), 0..3), schema.clone(), value()).prop_map(
        |(id, parameters, response, odd)| {
            let parameters: Vec<Value> =
                parameters.into_iter().map(|(name, schema)| json!({"name": name, "in": "query", "schema": schema})).collect();
            json!({"operationId": id, "tags": ["T"], "parameters": parameters, "security": odd, "responses": {
                "200": {"description": "words", "content": {"application/json": {"schema": response}}}, "default": odd}})
        },
    );
    let paths =
        prop::collection::vec(("/[a-c]{1,3}(/\\{[a-c]\\})?", operation), 1..4).prop_map(|p| {
            p.into_iter()
                .map(|(path, operation)| (path, json!({"get": operation})))
                .collect::<Map<_, _>>()
        });
    (paths, prop::collection::vec((name, schema), 0..4), value()).prop_map(|(paths, schemas, odd)| {
        let schemas: Map<String, Value> = schemas.into_iter().map(|(n, s)| (n.to_owned(), s)).collect();
        json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1", "description": odd}, "paths": paths,
            "components": {"schemas": schemas, "parameters": odd}})
    })
}

fn everything() -> Selection {
    toml_edit::de::from_str("tags = ['T']").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn yaml_is_read_back_the_same(value in value()) {
        let root = json!({"root": value});
        let text = emit::yaml(&root);
        let (again, notes) = parse(&text, Limits::default()).unwrap_or_else(|e| panic!("{e}\n{text}"));
        prop_assert_eq!(&again, &root, "{}", text);
        prop_assert!(notes.is_empty(), "{:?}", notes);
        prop_assert_eq!(emit::yaml(&again), text);
    }

    #[test]
    fn parse_reads_json(value in value()) {
        let root = json!({"root": value});
        prop_assert_eq!(parse(&root.to_string(), Limits::default()).unwrap().0, root);
    }

    #[test]
    fn parse_survives_any_text(text in "\\PC{0,200}", lines in prop::collection::vec("[ \\-?:{}\\[\\],&*#|>%@!'\"a\t]{0,12}", 0..12)) {
        let _ = parse(&text, Limits::default());
        let _ = parse(&lines.join("\n"), Limits::default());
    }

    #[test]
    fn parse_survives_any_text_after_a_good_start(tail in prop::collection::vec(any::<char>(), 0..60)) {
        let text: String = "openapi: 3.0.3\npaths:\n  /a:\n    get: ".chars().chain(tail).collect();
        let _ = parse(&text, Limits::default());
    }

    #[test]
    fn update_of_an_object_is_present_afterwards(document in document(), key in "[a-z]{1,5}", update in value()) {
        let overlay = json!({"overlay": "1.0.0", "info": {"title": "T", "version": "1"},
            "actions": [{"target": "$", "update": {format!("x-{key}"): update}}]});
        let done = apply(document.clone(), &Overlay::parse(&overlay).unwrap()).unwrap().document;
        prop_assert_eq!(&done[format!("x-{key}")], &update);
        prop_assert_eq!(&done["paths"], &document["paths"]);
    }

    #[test]
    fn remove_leaves_nothing_to_select(document in document(), target in prop_oneof![
        Just("$..schema"), Just("$.paths.*.get"), Just("$..parameters[?@.in]"), Just("$.components.*.*"), Just("$..properties.*[?@.type]"),
    ]) {
        let overlay = json!({"overlay": "1.0.0", "info": {"title": "T", "version": "1"}, "actions": [{"target": target, "remove": true}]});
        let overlay = Overlay::parse(&overlay).unwrap();
        if let Ok(done) = apply(document, &overlay) {
            let again = apply(done.document.clone(), &overlay).unwrap();
            prop_assert_eq!(again.actions[0].matched, 0);
            prop_assert_eq!(again.document, done.document);
        }
    }

    #[test]
    fn apply_ends_for_any_overlay_on_any_document(document in document(), actions in prop::collection::vec((text(), value()), 1..4)) {
        let actions: Vec<Value> = actions.into_iter().map(|(t, u)| json!({"target": format!("$.{t}"), "update": u})).collect();
        let overlay = json!({"overlay": "1.0.0", "info": {"title": "T", "version": "1"}, "actions": actions});
        if let Ok(overlay) = Overlay::parse(&overlay) {
            let _ = apply(document, &overlay);
        }
    }

    #[test]
    fn extract_is_idempotent(document in document()) {
        let once = extract(&document, &everything());
        let twice = extract(&once, &everything());
        prop_assert_eq!(emit::yaml(&twice), emit::yaml(&once));
    }

    #[test]
    fn diff_of_any_document_with_itself_is_empty(document in document()) {
        let report = diff(&document, &document);
        prop_assert!(report.operations.is_empty(), "{:?}", report.operations);
        let _ = lint_document(&document);
    }

    #[test]
    fn diff_of_any_two_documents_ends(old in document(), new in document()) {
        let (there, back) = (diff(&old, &new), diff(&new, &old));
        prop_assert_eq!(there.unchanged, back.unchanged);
    }
}

//! Overlays do what the OpenAPI Overlay Specification 1.0 says, action by action.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};
use xtask::openapi::overlay::{Overlay, apply};

fn overlay(actions: Value) -> Value {
    json!({"overlay": "1.0.0", "info": {"title": "T", "version": "1"}, "actions": actions})
}

fn applied(document: Value, actions: Value) -> Value {
    apply(document, &Overlay::parse(&overlay(actions)).unwrap())
        .unwrap()
        .document
}

fn failure(document: Value, actions: Value) -> String {
    match Overlay::parse(&overlay(actions)) {
        Ok(overlay) => apply(document, &overlay).unwrap_err().to_string(),
        Err(e) => e.to_string(),
    }
}

fn pets() -> Value {
    json!({"openapi": "3.0.3", "paths": {
        "/": {"get": {"operationId": "root"}},
        "/pets": {
            "get": {"operationId": "list", "summary": "old", "tags": ["a"], "parameters": [
                {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                {"name": "dummy", "in": "query"},
                {"name": "filter", "in": "query"}
            ]},
            "post": {"operationId": "create"}
        }
    }})
}

#[test]
fn update_of_the_root_mirrors_the_structure() {
    let done = applied(
        pets(),
        json!([{"target": "$", "update": {"info": {"x": 1}, "paths": {"/": {"summary": "The root", "get": {"x-rate": 100}}}}}]),
    );
    assert_eq!(done["info"]["x"], 1);
    assert_eq!(
        done["paths"]["/"],
        json!({"get": {"operationId": "root", "x-rate": 100}, "summary": "The root"})
    );
    assert_eq!(done["paths"]["/pets"], pets()["paths"]["/pets"]);
}

#[test]
fn update_merges_objects_and_replaces_scalars() {
    let done = applied(
        pets(),
        json!([{"target": "$.paths['/pets'].get", "update": {"summary": "new", "responses": {"200": {"description": "ok"}}}}]),
    );
    let get = &done["paths"]["/pets"]["get"];
    assert_eq!(
        (&get["summary"], &get["operationId"]),
        (&json!("new"), &json!("list"))
    );
    assert_eq!(get["responses"]["200"]["description"], "ok");
}

#[test]
fn update_appends_arrays() {
    let done = applied(
        pets(),
        json!([{"target": "$.paths['/pets'].get", "update": {"tags": ["b", "c"]}}]),
    );
    assert_eq!(
        done["paths"]["/pets"]["get"]["tags"],
        json!(["a", "b", "c"])
    );
}

#[test]
fn update_of_an_array_becomes_its_last_entry() {
    let done = applied(
        pets(),
        json!([{"target": "$.paths.*.get.parameters", "update": {"name": "new", "in": "query"}}]),
    );
    let parameters = done["paths"]["/pets"]["get"]["parameters"]
        .as_array()
        .unwrap();
    assert_eq!(parameters.len(), 4);
    assert_eq!(parameters[3]["name"], "new");
    assert!(done["paths"]["/"]["get"].get("parameters").is_none());
}

#[test]
fn action_changes_every_node_it_selects() {
    let done = applied(
        pets(),
        json!([{"target": "$.paths.*.get", "update": {"x-safe": true}}]),
    );
    assert_eq!(done["paths"]["/"]["get"]["x-safe"], true);
    assert_eq!(done["paths"]["/pets"]["get"]["x-safe"], true);
    assert!(done["paths"]["/pets"]["post"].get("x-safe").is_none());
}

#[test]
fn target_filters_by_what_a_node_holds() {
    let done = applied(
        pets(),
        json!([{
            "target": "$.paths.*.get.parameters[?@.name=='filter' && @.in=='query']",
            "update": {"schema": {"$ref": "#/components/schemas/F"}}
        }]),
    );
    assert_eq!(
        done["paths"]["/pets"]["get"]["parameters"][2]["schema"]["$ref"],
        "#/components/schemas/F"
    );
}

#[test]
fn remove_takes_nodes_out_of_maps_and_arrays() {
    let done = applied(
        pets(),
        json!([
            {"target": "$.paths.*.get.parameters[?@.name == 'dummy']", "remove": true},
            {"target": "$.paths['/pets'].post", "remove": true}
        ]),
    );
    let names: Vec<&Value> = done["paths"]["/pets"]["get"]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["name"])
        .collect();
    assert_eq!(names, ["limit", "filter"]);
    assert!(done["paths"]["/pets"].get("post").is_none());
}

#[test]
fn remove_takes_several_entries_out_of_one_array() {
    let document = json!({"a": [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}, {"n": 5}, {"n": 6}, {"n": 7}, {"n": 8}, {"n": 9}, {"n": 10}]});
    let done = applied(
        document,
        json!([{"target": "$.a[?@.n != 4 && @.n != 9]", "remove": true}]),
    );
    assert_eq!(done["a"], json!([{"n": 4}, {"n": 9}]));
}

#[test]
fn remove_takes_nodes_inside_removed_nodes() {
    let document = json!({"a": {"b": {"c": {}}}, "b": {"b": {}}, "c": 1});
    assert_eq!(
        applied(document, json!([{"target": "$..b", "remove": true}])),
        json!({"a": {}, "c": 1})
    );
    let lists = json!({"a": [[{"x": 1}, {"x": 2}], [{"x": 1}]]});
    assert_eq!(
        applied(
            lists,
            json!([{"target": "$.a..[?@.x || @[0]]", "remove": true}])
        ),
        json!({"a": []})
    );
}

#[test]
fn remove_keeps_the_order_of_the_rest() {
    let done = applied(
        json!({"z": {}, "a": {}, "m": {}, "b": {}}),
        json!([{"target": "$.a", "remove": true}]),
    );
    assert_eq!(
        done.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["z", "m", "b"]
    );
}

#[test]
fn remove_wins_over_update() {
    let done = applied(
        json!({"a": {}}),
        json!([{"target": "$.a", "update": {"b": 1}, "remove": true}]),
    );
    assert_eq!(done, json!({}));
    let done = applied(
        json!({"a": {}}),
        json!([{"target": "$.a", "update": {"b": 1}, "remove": false}]),
    );
    assert_eq!(done, json!({"a": {"b": 1}}));
}

#[test]
fn action_sees_what_earlier_ones_did() {
    let done = applied(
        json!({"a": {"type": "object"}}),
        json!([
            {"target": "$.a", "remove": true},
            {"target": "$", "update": {"a": {"type": "string"}}},
            {"target": "$.a", "update": {"format": "email"}}
        ]),
    );
    assert_eq!(done, json!({"a": {"type": "string", "format": "email"}}));
}

#[test]
fn action_that_selects_nothing_is_reported() {
    let overlay = Overlay::parse(&overlay(json!([
        {"target": "$.paths['/gone']", "description": "once there", "update": {"x": 1}},
        {"target": "$.paths.*", "update": {"x": 1}}
    ])))
    .unwrap();
    let done = apply(pets(), &overlay).unwrap();
    assert_eq!(done.actions[0].matched, 0);
    assert_eq!(done.actions[0].description.as_deref(), Some("once there"));
    assert_eq!(done.actions[1].pointers, ["/paths/~1", "/paths/~1pets"]);
}

#[test]
fn action_without_update_and_remove_is_allowed() {
    assert_eq!(applied(pets(), json!([{"target": "$.paths"}])), pets());
}

#[test]
fn overlay_may_have_extensions_and_extends() {
    let value = json!({"overlay": "1.0.1", "info": {"title": "T", "version": "1", "x-a": 1}, "extends": "./openapi.yaml",
        "x-b": 2, "actions": [{"target": "$", "update": {"x": 1}, "x-c": 3}]});
    assert_eq!(Overlay::parse(&value).unwrap().actions.len(), 1);
}

#[test]
fn overlay_errors_name_the_action() {
    let table = [
        (
            json!([{"target": "$.paths['/pets'].get.summary", "update": {"a": 1}}]),
            "select the object that contains it",
        ),
        (
            json!([{"target": "$.paths['/pets'].get.tags[0]", "remove": true}]),
            "a string at /paths/~1pets/get/tags/0",
        ),
        (
            json!([{"target": "$.paths", "update": "text"}]),
            "must be an object, not a string",
        ),
        (
            json!([{"target": "$.paths['/pets'].get", "update": {"summary": {"a": 1}}}]),
            "cannot merge an object into a string",
        ),
        (
            json!([{"target": "$.paths['/pets'].get", "update": {"tags": "a"}}]),
            "cannot merge a string into an array",
        ),
        (
            json!([{"target": "$", "remove": true}]),
            "removes the whole document",
        ),
        (json!([{"target": "$.paths["}]), "action 1: target $.paths["),
        (json!([{"target": "paths"}]), "action 1: target paths"),
        (json!([{"update": {}}]), "action 1: the field `target`"),
        (
            json!([{"target": "$", "remove": "yes"}]),
            "`remove` is a string",
        ),
        (json!([]), "has no actions"),
    ];
    for (actions, expected) in table {
        let message = failure(pets(), actions.clone());
        assert!(message.contains(expected), "{actions}: {message}");
    }
    let second = failure(
        pets(),
        json!([{"target": "$.paths"}, {"target": "$.openapi", "update": {}}]),
    );
    assert!(
        second.starts_with("overlay action 2 ($.openapi)"),
        "{second}"
    );
}

#[test]
fn parse_refuses_what_is_not_an_overlay_of_1_0() {
    let table = [
        (json!({}), "not an overlay"),
        (
            json!({"overlay": "1.1.0", "info": {"title": "T", "version": "1"}, "actions": [{"target": "$"}]}),
            "1.1.0 is not supported",
        ),
        (
            json!({"overlay": "1.0.0", "info": {"title": "T"}, "actions": [{"target": "$"}]}),
            "title and a version",
        ),
        (
            json!({"overlay": "1.0.0", "info": {"title": "T", "version": "1"}}),
            "`actions`",
        ),
        (
            json!({"overlay": "1.0.0", "info": {"title": "T", "version": "1"}, "actions": {}}),
            "`actions`",
        ),
    ];
    for (value, expected) in table {
        let message = Overlay::parse(&value).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

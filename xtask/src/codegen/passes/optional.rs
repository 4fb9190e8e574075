//! Says which fields may be missing.
//!
//! Of what a service answers, a field is only relied on when the overlay lists it under `x-idweave-certain`: a field that is
//! missing or null would fail the whole answer. What is sent keeps the document's `required`, except fields the service
//! sets itself (`readOnly`).

use serde_json::{Map, Value};

use super::context::Context;
use super::reach::reach;
use crate::openapi::schemas::named_schemas_mut;

pub(super) const NAME: &str = "optional";

pub(super) fn run(context: &mut Context) {
    let reach = reach(&context.document);
    let Context { document, report } = context;
    let Some(schemas) = named_schemas_mut(document) else {
        return;
    };
    for (name, schema) in schemas.iter_mut() {
        let Some(map) = schema.as_object_mut() else {
            continue;
        };
        let answered = reach.responses.contains(name);
        let sent = reach.requests.contains(name);
        let list = |map: &Map<String, Value>, key: &str| -> Vec<String> {
            let list = map.get(key).and_then(Value::as_array).into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let required = list(map, "required");
        let certain = list(map, "x-idweave-certain");
        map.insert("x-idweave-required".into(), required.clone().into());
        map.insert("x-idweave-sent".into(), sent.into());
        let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) else {
            continue;
        };
        let mut stays: Vec<String> = Vec::new();
        let mut loosened = 0;
        for (property, value) in properties.iter_mut() {
            let Some(value) = value.as_object_mut() else {
                continue;
            };
            let listed = required.contains(property);
            let nullable = value.get("nullable") == Some(&Value::Bool(true));
            let read_only = value.get("readOnly") == Some(&Value::Bool(true));
            let patch = value.get("x-idweave-patch") == Some(&Value::Bool(true));
            let certain = certain.contains(property);
            let must = !patch
                && if answered {
                    certain
                } else {
                    listed && !read_only
                };
            loosened += usize::from(listed && !must);
            if sent && listed && !must && !read_only {
                // The type cannot ask for it, since answers may lack it; the documentation does.
                value.insert("x-idweave-needed".into(), true.into());
            }
            // A required field that may be null is always written, as null if need be.
            value.insert(
                "x-idweave-written".into(),
                (must && nullable && !certain).into(),
            );
            if must && (!nullable || certain) {
                value.shift_remove("nullable");
                stays.push(property.clone());
            } else {
                value.insert("nullable".into(), true.into());
            }
        }
        map.insert("required".into(), stays.into());
        if loosened > 0 {
            let at = format!("/components/schemas/{name}/required");
            report.change(
                NAME,
                "",
                at,
                format!("{loosened} required fields may be missing"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::after;

    fn context() -> Context {
        let schema = json!({"required": ["id", "name", "note"], "x-idweave-certain": ["id"], "properties": {
            "id": {"type": "string", "readOnly": true}, "name": {"type": "string"}, "note": {"type": "string", "nullable": true}}});
        after(
            json!({"components": {"schemas": {"In": schema, "Out": schema}},
                   "paths": {"/x": {"get": {
                       "requestBody": {"c": {"$ref": "#/components/schemas/In"}}, "responses": {"c": {"$ref": "#/components/schemas/Out"}}}}}}),
            run,
        )
    }

    #[test]
    fn of_an_answer_only_what_the_overlay_calls_certain_is_relied_on() {
        assert_eq!(
            context().at("/components/schemas/Out/required"),
            &json!(["id"])
        );
        assert_eq!(
            context().at("/components/schemas/Out/properties/name/nullable"),
            true
        );
    }

    #[test]
    fn what_a_request_needs_is_told_where_the_type_cannot_ask_for_it() {
        let named = json!({"$ref": "#/components/schemas/Both"});
        let context = after(
            json!({"components": {"schemas": {"Both": {"required": ["name", "id"], "properties": {"name": {"type": "string"}, "id": {"readOnly": true}}}}},
                   "paths": {"/x": {"get": {"requestBody": {"c": named}, "responses": {"c": named}}}}}),
            run,
        );
        assert_eq!(
            context.at("/components/schemas/Both/properties/name/x-idweave-needed"),
            true
        );
        assert!(
            context
                .at("/components/schemas/Both/properties/id/x-idweave-needed")
                .is_null()
        );
    }

    #[test]
    fn of_a_request_required_stays_but_not_for_what_the_service_sets() {
        assert_eq!(
            context().at("/components/schemas/In/required"),
            &json!(["name"])
        );
        assert_eq!(
            context().at("/components/schemas/In/properties/note/x-idweave-written"),
            true
        );
    }
}

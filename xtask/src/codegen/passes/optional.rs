//! Decides which fields are optional.
//!
//! A response field is only required when the overlay lists it under `x-idweave-certain`: a required field that is missing or
//! null fails the whole response. Requests keep the document's `required`, except for fields the service sets itself
//! (`readOnly`).

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
        let received = reach.responses.contains(name);
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
                && if received {
                    certain
                } else {
                    listed && !read_only
                };
            loosened += usize::from(listed && !must);
            if sent && listed && !must && !read_only {
                // The type cannot require it, since it may be missing from responses; the documentation says so.
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
                format!("{loosened} required fields are optional"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    fn context() -> Context {
        let schema = json!({"required": ["id", "name", "note"], "x-idweave-certain": ["id"], "properties": {
            "id": {"type": "string", "readOnly": true}, "name": {"type": "string"}, "note": {"type": "string", "nullable": true}}});
        run_pass(
            json!({"components": {"schemas": {"In": schema, "Out": schema}},
                   "paths": {"/x": {"get": {
                       "requestBody": {"c": {"$ref": "#/components/schemas/In"}}, "responses": {"c": {"$ref": "#/components/schemas/Out"}}}}}}),
            run,
        )
    }

    #[test]
    fn optional_requires_only_certain_fields_of_a_response() {
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
    fn optional_documents_required_fields_that_the_type_cannot_require() {
        let named = json!({"$ref": "#/components/schemas/Both"});
        let context = run_pass(
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
    fn optional_keeps_required_fields_of_a_request_unless_read_only() {
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

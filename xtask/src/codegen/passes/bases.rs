//! A base whose children a discriminator tells apart keeps what a child adds.
//!
//! Where an answer is typed as the base, the fields of the child would be lost; they go to a map beside the named fields,
//! and come back on the way out.

use serde_json::{Value, json};

use super::context::Context;
use crate::openapi::schemas::every_schema;

pub(super) const NAME: &str = "bases";

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    every_schema(document, &mut |schema, at, operation| {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        let union = map.contains_key("oneOf") || map.contains_key("anyOf");
        if union
            || !map.contains_key("discriminator")
            || !map.get("properties").is_some_and(Value::is_object)
        {
            return;
        }
        map.shift_remove("discriminator");
        map.insert("additionalProperties".into(), json!({}));
        report.change(
            NAME,
            operation,
            at,
            "a base of several types: what a child adds is kept beside its fields",
        );
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::after;

    #[test]
    fn a_base_keeps_the_fields_of_its_children_and_a_union_is_left_alone() {
        let context = after(
            json!({"components": {"schemas": {
                "Base": {"discriminator": {"propertyName": "kind"}, "properties": {"kind": {"type": "string"}}},
                "Union": {"discriminator": {"propertyName": "kind"}, "oneOf": [{}, {}]}}}}),
            run,
        );
        assert_eq!(
            context.at("/components/schemas/Base/additionalProperties"),
            &json!({})
        );
        assert!(
            context
                .at("/components/schemas/Union/additionalProperties")
                .is_null()
        );
        assert!(
            context
                .at("/components/schemas/Union/discriminator")
                .is_object()
        );
    }
}

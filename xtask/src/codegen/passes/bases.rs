//! Keeps the fields that children add to a base, where a discriminator tells the children apart.
//!
//! A response typed as the base would lose the fields of the child; they go to a map beside the named fields, and are written
//! back from there.

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
            "a base of several types: fields that a child adds are kept in a map",
        );
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn bases_keep_fields_of_children_and_unions_stay() {
        let context = run_pass(
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

//! Removes the schemas that no operation uses, and all other components but the security schemes.

use serde_json::{Map, Value};

use super::context::Context;
use crate::openapi::reference::reached_schemas;

pub(super) const NAME: &str = "prune";

pub(super) fn run(context: &mut Context) {
    let document = &mut context.document;
    let reached = reached_schemas(document, document.get("paths"));
    let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    let mut schemas = match components.shift_remove("schemas") {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    };
    schemas.retain(|name, _| reached.contains(name));
    components.retain(|key, _| key == "securitySchemes");
    components.insert("schemas".into(), Value::Object(schemas));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn prune_keeps_what_operations_reach() {
        let context = run_pass(
            json!({"components": {"headers": {}, "securitySchemes": {}, "schemas": {
                       "A": {"items": {"$ref": "#/components/schemas/B"}}, "B": {"items": {"$ref": "#/components/schemas/A"}}, "C": {}}},
                   "paths": {"/x": {"get": {"requestBody": {"content": {"t": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}}),
            run,
        );
        let names: Vec<&String> = context
            .at("/components/schemas")
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .collect();
        assert_eq!(names, ["A", "B"]);
        assert!(
            context.at("/components/headers").is_null()
                && context.at("/components/securitySchemes").is_object()
        );
    }
}

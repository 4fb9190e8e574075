//! Gives every schema the name of its Rust type: Pascal case, unique, and not a name of the language or the prelude.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::context::Context;
use crate::codegen::naming::type_name;
use crate::openapi::pointer;
use crate::openapi::reference::{reference_to, schema_name};
use crate::openapi::schemas::{every_schema, named_schemas_mut};

pub(super) const NAME: &str = "names";

/// The type names taken so far.
pub(super) struct Names {
    used: HashSet<String>,
}

impl Names {
    /// Starts with the names of these schemas.
    pub(super) fn of(schemas: Option<&Value>) -> Self {
        let used = schemas
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys)
            .cloned()
            .collect();
        Self { used }
    }

    /// Tells whether a name is taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    /// Takes a free name like this one.
    pub(super) fn free(&mut self, wanted: &str) -> String {
        let base = type_name(wanted);
        let mut name = base.clone();
        let mut count = 2;
        while !self.used.insert(name.clone()) {
            name = type_name(&format!("{base}{count}"));
            count += 1;
        }
        name
    }
}

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    let Some(schemas) = named_schemas_mut(document) else {
        return;
    };
    let mut names = Names {
        used: HashSet::new(),
    };
    let mut renamed: HashMap<String, String> = HashMap::new();
    // Names that are already right are kept.
    for name in schemas.keys() {
        if type_name(name) == *name {
            renamed.insert(name.clone(), names.free(name));
        }
    }
    let old = std::mem::take(schemas);
    let mut fresh = Map::new();
    for (name, schema) in old {
        let new = match renamed.get(&name) {
            Some(new) => new.clone(),
            None => {
                let new = names.free(&name);
                if new != type_name(&name) {
                    let what = format!("{name} is named {new}: {} is taken", type_name(&name));
                    report.change(NAME, "", pointer::of_schema(&name), what);
                }
                renamed.insert(name.clone(), new.clone());
                new
            }
        };
        fresh.insert(new, schema);
    }
    *schemas = fresh;
    every_schema(document, &mut |schema, _, _| {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        let reference = map.get("$ref").and_then(Value::as_str);
        if let Some(name) = reference.and_then(schema_name) {
            let new = renamed.get(&name).cloned().unwrap_or(name);
            if let Some(reference) = reference_to(&new).get("$ref") {
                map.insert("$ref".into(), reference.clone());
            }
        }
        let mapping = map
            .get_mut("discriminator")
            .and_then(|d| d.get_mut("mapping"))
            .and_then(Value::as_object_mut);
        for (_, target) in mapping.into_iter().flatten() {
            let Some(text) = target.as_str() else {
                continue;
            };
            let name = schema_name(text).unwrap_or_else(|| text.to_owned());
            if let Some(new) = renamed.get(&name) {
                *target = new.clone().into();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn names_equal_in_pascal_case_or_of_the_prelude_are_changed() {
        let context = run_pass(
            json!({"components": {"schemas": {
                "user_role": {}, "UserRole": {}, "user.role": {"items": {"$ref": "#/components/schemas/user_role"}}, "Option": {}, "2fa": {}, "": {},
                "U": {"discriminator": {"propertyName": "k", "mapping": {"a": "#/components/schemas/user_role", "b": "2fa"}}}}}}),
            run,
        );
        let names: Vec<&String> = context
            .at("/components/schemas")
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .collect();
        assert_eq!(
            names,
            [
                "UserRole2",
                "UserRole",
                "UserRole3",
                "OptionType",
                "N2fa",
                "Schema",
                "U"
            ]
        );
        assert_eq!(
            context.at("/components/schemas/UserRole3/items/$ref"),
            "#/components/schemas/UserRole2"
        );
        assert_eq!(
            context.at("/components/schemas/U/discriminator/mapping"),
            &json!({"a": "UserRole2", "b": "N2fa"})
        );
    }
}

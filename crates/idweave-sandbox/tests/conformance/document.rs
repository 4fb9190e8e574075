//! The effective document of a service: its operations, its schemas, and values that fit them.

use std::path::Path;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::known::Known;

/// A service's effective document, in JSON Schema's terms where OpenAPI 3.0 has its own.
pub(crate) struct Document {
    pub(crate) service: &'static str,
    pub(crate) value: Value,
}

pub(crate) fn effective(service: &'static str) -> Document {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // A test runs in target/<profile>/deps.
    let beside = std::env::current_exe().unwrap();
    let beside = beside.ancestors().nth(2).unwrap().join("xtask");
    let mut command = match std::env::var_os("IDWEAVE_XTASK") {
        Some(xtask) => Command::new(xtask),
        None if beside.exists() => Command::new(beside),
        None => {
            let mut command = Command::new(env!("CARGO"));
            command.args(["run", "--quiet", "--locked", "--package", "xtask", "--"]);
            command
        }
    };
    let output = command
        .current_dir(root)
        .args(["specs", "show", service])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut value = serde_json::from_slice(&output.stdout).unwrap();
    translate(&mut value);
    Document { service, value }
}

/// Translates into JSON Schema's terms, and allows what a response may leave out or add according to the overlays: fields
/// that are not certain are optional, and a new field is allowed. A URI may be empty.
fn translate(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(translate);
            if map.get("additionalProperties") == Some(&Value::Bool(false)) {
                map.remove("additionalProperties");
            }
            if let Some(certain) = map.get("x-idweave-certain").cloned() {
                map.insert("required".to_owned(), certain);
            }
            if map.get("required") == Some(&json!([])) {
                map.remove("required");
            }
            if map.get("format") == Some(&json!("uri")) {
                map.remove("format");
            }
            if map.get("nullable") == Some(&Value::Bool(true)) {
                map.remove("nullable");
                let inner = Value::Object(std::mem::take(map));
                map.insert("anyOf".to_owned(), json!([inner, {"type": "null"}]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(translate),
        _ => {}
    }
}

/// One operation of a document.
pub(crate) struct Operation<'a> {
    pub(crate) id: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) value: &'a Value,
    /// Of the whole path, beside its own.
    pub(crate) parameters: &'a Value,
}

impl Document {
    pub(crate) fn operations(&self) -> Vec<Operation<'_>> {
        const METHODS: [&str; 6] = ["get", "post", "put", "patch", "options", "delete"];
        let paths = self.value["paths"].as_object().unwrap();
        let mut all: Vec<Operation<'_>> = paths
            .iter()
            .flat_map(|(path, methods)| {
                METHODS.iter().filter_map(move |method| {
                    let value = methods.get(*method)?;
                    Some(Operation {
                        id: value["operationId"].as_str()?,
                        method,
                        path,
                        value,
                        parameters: &methods["parameters"],
                    })
                })
            })
            .collect();
        // What is read first is still there; what is deleted goes last.
        all.sort_by_key(|operation| {
            METHODS
                .iter()
                .position(|method| *method == operation.method)
        });
        all
    }

    pub(crate) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"]
            .as_str()
            .and_then(|target| self.value.pointer(target.trim_start_matches('#')))
        {
            Some(target) => self.resolve(target),
            None => schema,
        }
    }

    /// Returns a value that fits a schema, or the known one of this name.
    pub(crate) fn example(&self, name: &str, schema: &Value, known: &Known) -> Value {
        let schema = self.resolve(schema);
        if let Some(value) = known.get(name) {
            return value;
        }
        if let Some(all) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in all {
                if let Value::Object(part) = self.example(name, part, known) {
                    whole.extend(part);
                }
            }
            return Value::Object(whole);
        }
        if let Some(one) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            return self.example(name, &one[0], known);
        }
        if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
            return first.clone();
        }
        match schema["type"].as_str().unwrap_or("object") {
            "string" => match schema["format"].as_str().unwrap_or_default() {
                "email" => json!("someone@example.com"),
                "uuid" => json!(known.uuid),
                "date-time" => json!("2099-01-01T00:00:00Z"),
                "date" => json!("2099-01-01"),
                _ => json!("x".repeat(schema["minLength"].as_u64().unwrap_or(1).max(3) as usize)),
            },
            "integer" | "number" => json!(schema["minimum"].as_i64().unwrap_or(1)),
            "boolean" => json!(true),
            "array" => json!([self.example(name, &schema["items"], known)]),
            _ => {
                let properties = schema["properties"].as_object();
                Value::Object(
                    properties
                        .into_iter()
                        .flatten()
                        .filter(|(_, own)| self.resolve(own)["readOnly"] != true)
                        .map(|(name, own)| (name.clone(), self.example(name, own, known)))
                        .collect(),
                )
            }
        }
    }
}

//! Writes the documentation of a field, parameter or type.

use serde_json::Value;

use crate::openapi::fields::text;

/// Completes a description with the constraints of its schema.
#[must_use]
pub fn described(description: &str, schema: &Value) -> String {
    let own = if description.is_empty() {
        text(schema, "description")
    } else {
        description
    };
    let mut parts: Vec<String> = Vec::new();
    let own = own.trim();
    if !own.is_empty() {
        parts.push(own.to_owned());
    }
    let items = schema.get("items").unwrap_or(&Value::Null);
    for (prefix, holder) in [("Constraints", schema), ("Constraints of each item", items)] {
        let limits = text(holder, "x-idweave-limits");
        if !limits.is_empty() {
            parts.push(format!("{prefix}: {limits}."));
        }
    }
    let constant = text(schema, "x-idweave-const");
    if !constant.is_empty() && !constant.contains(['`', '\n']) {
        parts.push(format!("Always `{constant}`."));
    }
    if schema.get("x-idweave-needed") == Some(&Value::Bool(true)) {
        parts.push("Required in requests.".into());
    }
    if schema.get("deprecated") == Some(&Value::Bool(true)) {
        parts.push("Deprecated by the vendor.".into());
    }
    parts.join("\n\n")
}

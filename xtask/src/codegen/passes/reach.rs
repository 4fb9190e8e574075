//! Which schemas requests send and which answers bring: what may be missing differs.

use std::collections::HashSet;

use serde_json::Value;

use crate::codegen::walk::references;

/// Names of schemas by direction.
pub(super) struct Reach {
    pub(super) requests: HashSet<String>,
    pub(super) responses: HashSet<String>,
}

pub(super) fn reach(document: &Value) -> Reach {
    let mut out = Reach {
        requests: HashSet::new(),
        responses: HashSet::new(),
    };
    let items = document
        .get("paths")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|p| p.values());
    for operation in items
        .filter_map(Value::as_object)
        .flat_map(|item| item.values())
    {
        for key in ["parameters", "requestBody"] {
            if let Some(value) = operation.get(key) {
                close(document, value, &mut out.requests);
            }
        }
        if let Some(value) = operation.get("responses") {
            close(document, value, &mut out.responses);
        }
    }
    out
}

fn close(document: &Value, value: &Value, found: &mut HashSet<String>) {
    let schemas = document.pointer("/components/schemas");
    let mut queue = Vec::new();
    references(value, &mut |name| queue.push(name));
    while let Some(name) = queue.pop() {
        let schema = schemas.and_then(|s| s.get(&name));
        if found.insert(name)
            && let Some(schema) = schema
        {
            references(schema, &mut |name| queue.push(name));
        }
    }
}

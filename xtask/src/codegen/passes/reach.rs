//! Finds which schemas requests send and which responses hold: what may be missing differs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::openapi::operations::operations;
use crate::openapi::reference::reached_schemas;

/// Names of schemas by direction.
pub(super) struct Reach {
    pub(super) requests: BTreeSet<String>,
    pub(super) responses: BTreeSet<String>,
}

pub(super) fn reach(document: &Value) -> Reach {
    let operations = operations(document);
    let through = |keys: &[&str]| {
        let roots = operations
            .iter()
            .flat_map(|o| keys.iter().filter_map(|key| o.value.get(*key)));
        reached_schemas(document, roots)
    };
    Reach {
        requests: through(&["parameters", "requestBody"]),
        responses: through(&["responses"]),
    }
}

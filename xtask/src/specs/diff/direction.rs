//! Finds which way schemas and parts of operations are sent, through all references: a change may break who sends or who
//! receives.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::openapi::operations::operations;
use crate::openapi::reference::{component, references, resolve};

/// Which way a schema is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Direction {
    pub(super) sent: bool,
    pub(super) received: bool,
}

/// The schemas each operation sends and receives, through all references.
pub(super) struct Uses {
    by_schema: HashMap<String, BTreeMap<String, Direction>>,
}

impl Uses {
    pub(super) fn of(document: &Value) -> Self {
        let mut by_schema: HashMap<String, BTreeMap<String, Direction>> = HashMap::new();
        for operation in operations(document) {
            let mut mark = |roots: Vec<&Value>, received: bool| {
                for name in reachable(document, roots) {
                    let uses = by_schema
                        .entry(name)
                        .or_default()
                        .entry(operation.signature())
                        .or_default();
                    if received {
                        uses.received = true
                    } else {
                        uses.sent = true
                    }
                }
            };
            let mut sent = operation.parameters(document);
            sent.extend(operation.value.get("requestBody"));
            mark(sent, false);
            let successes = operation
                .responses(document)
                .into_iter()
                .filter(|(status, _)| is_success(status));
            mark(successes.map(|(_, response)| response).collect(), true);
        }
        Self { by_schema }
    }

    pub(super) fn merge(&self, other: &Self, schema: &str) -> BTreeMap<String, Direction> {
        let mut all = self.by_schema.get(schema).cloned().unwrap_or_default();
        for (operation, direction) in other.by_schema.get(schema).into_iter().flatten() {
            let entry = all.entry(operation.clone()).or_default();
            entry.sent |= direction.sent;
            entry.received |= direction.received;
        }
        all
    }
}

/// Names of the schemas reachable from `roots`.
fn reachable(document: &Value, roots: Vec<&Value>) -> BTreeSet<String> {
    let (mut names, mut seen, mut queue) = (BTreeSet::new(), BTreeSet::new(), roots);
    while let Some(value) = queue.pop() {
        references(value, &mut |reference| {
            if seen.insert(reference) {
                // A reference into a schema reaches the schema it goes through.
                if let Some((section, name)) = component(reference)
                    && section == "schemas"
                {
                    names.insert(name);
                }
                queue.extend(resolve(document, reference));
            }
        });
    }
    names
}

/// Tells which way a part of an operation is sent.
pub(super) fn direction(part: &str) -> Direction {
    if part.starts_with("status") {
        Direction {
            sent: false,
            received: true,
        }
    } else {
        Direction {
            sent: true,
            received: false,
        }
    }
}

/// Tells whether a status is a success.
pub(super) fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

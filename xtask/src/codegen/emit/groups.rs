//! Sorts operations and types into files, where a client is large enough to be split.

use std::collections::{HashMap, HashSet};

use super::rust;
use super::shared::Shared;
use crate::openapi::reference::reached_schemas;

/// Which file an operation or type belongs to.
pub(super) struct Groups {
    pub(super) operations: HashMap<String, String>,
    pub(super) types: HashMap<String, String>,
}

/// Groups by tag: a type that operations of several tags use is shared.
pub(super) fn groups(shared: &Shared<'_>) -> Groups {
    // Modules of ours, and crates that generated code names by path.
    let taken = [
        "types",
        "operations",
        "client",
        "mock",
        "union",
        "mod",
        "shared",
        "std",
        "core",
        "alloc",
        "serde",
        "serde_json",
        "idweave_transport",
        "httpmock",
        "test",
        "rustfmt",
        "clippy",
    ];
    let module = |tag: &str| {
        let ident = rust::ident(tag).to_string();
        let ident = ident
            .trim_start_matches("r#")
            .trim_end_matches('_')
            .to_owned();
        if taken.contains(&ident.as_str()) || rust::is_keyword(&ident) {
            format!("{ident}_tag")
        } else {
            ident
        }
    };
    let mut operations = HashMap::new();
    let mut used: HashMap<String, HashSet<String>> = HashMap::new();
    for operation in &shared.operations {
        let group = module(&operation.tag);
        let parameters = operation.parameters.iter().map(|p| &p.schema);
        let body = operation.body.iter().map(|b| &b.schema);
        let roots = parameters.chain(body).chain([&operation.response.schema]);
        for name in reached_schemas(shared.input.document, roots) {
            used.entry(name).or_default().insert(group.clone());
        }
        operations.insert(operation.name.clone(), group);
    }
    let types = used
        .into_iter()
        .map(|(name, groups)| {
            let mut groups = groups.into_iter();
            match (groups.next(), groups.next()) {
                (Some(one), None) => (name, one),
                _ => (name, "shared".to_owned()),
            }
        })
        .collect();
    Groups { operations, types }
}

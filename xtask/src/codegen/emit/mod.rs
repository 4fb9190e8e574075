//! Writes the files of a client: what the generator made, with our own bodies, types and documentation.

use crate::openapi::Result;
use crate::openapi::reference::reached_schemas;
use std::collections::{BTreeMap, HashMap, HashSet};

use proc_macro2::TokenStream;
use serde_json::Value;

use super::plan::{self, Operation, Type};

mod client;
mod debug;
mod docs;
mod enums;
mod mock;
mod operations;
mod rust;
mod types;
mod unions;

/// Above this many operations a client is split into a file per tag.
const OPERATIONS_A_FILE: usize = 40;
/// Above this many types they are split too.
const TYPES_A_FILE: usize = 80;

/// A file of more types than this is split by the types' first letters.
const MOST_TYPES_A_FILE: usize = 200;

/// Everything the writers look at.
pub(super) struct Input<'a> {
    /// Name of the service, for documentation.
    pub(super) display_name: &'a str,
    /// First lines of every file.
    pub(super) header: &'a str,
    /// The normalised document.
    pub(super) document: &'a Value,
    /// What the generator made of it.
    pub(super) file: syn::File,
}

/// What the writers share.
struct Shared<'a> {
    input: &'a Input<'a>,
    operations: Vec<Operation>,
    types: BTreeMap<String, Type>,
    boxed: HashSet<(String, String)>,
}

impl Shared<'_> {
    fn schema(&self, name: &str) -> &Value {
        self.input.document["components"]["schemas"]
            .get(name)
            .unwrap_or(&Value::Null)
    }
}

/// The files of `src/generated/` by name.
///
/// # Errors
/// When the generator's output is not of the form this fits.
pub(super) fn files(input: &Input<'_>) -> Result<BTreeMap<String, String>> {
    let shared = Shared {
        operations: plan::read(input.document),
        types: plan::types(input.document),
        boxed: plan::boxed(input.document),
        input,
    };
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let methods = client::methods(&shared)?;
    let structs = types::items(&shared)?;
    let unions = shared.types.values().any(|t| matches!(t, Type::Union));
    let mut write = |name: &str, docs: &str, tokens: TokenStream| -> Result<()> {
        let file = syn::parse2(tokens)
            .map_err(|e| format!("{name}: generated code does not parse: {e}"))?;
        let code = rust::space_out(&prettyplease::unparse(&file));
        let docs: String = docs
            .lines()
            .map(|l| format!("//!{}{l}\n", if l.is_empty() { "" } else { " " }))
            .collect();
        files.insert(name.to_owned(), format!("{}\n{docs}\n{code}", input.header));
        Ok(())
    };
    let groups = groups(&shared);
    let name = input.display_name;
    let about = input
        .document
        .pointer("/info/description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    write(
        "mod.rs",
        &format!(
            "The generated client for {name}.\n\nThe crate re-exports client, operations and types."
        ),
        rust::root(unions),
    )?;
    write(
        "operations.rs",
        &format!("The operations of {name}: method, path, security and success statuses of each."),
        operations::file(&shared),
    )?;
    let mocks = format!("Typed mocks of {name}, for testing programs that use this client.");
    if shared.operations.len() <= OPERATIONS_A_FILE {
        write("mock.rs", &mocks, mock::file(&shared, &methods, &[]))?;
        write(
            "client.rs",
            &format!("The client for {name}: one method per operation."),
            client::file(&methods, None, about),
        )?;
    } else {
        let modules: Vec<String> = groups
            .operations
            .values()
            .cloned()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        write(
            "client/mod.rs",
            &format!("The client for {name}: one method per operation, one module per tag."),
            client::root(&modules, about),
        )?;
        write(
            "mock/mod.rs",
            &mocks,
            mock::file(&shared, &methods, &modules),
        )?;
        for module in &modules {
            let own: Vec<client::Method> = methods
                .iter()
                .filter(|m| groups.operations.get(&m.name) == Some(module))
                .cloned()
                .collect();
            write(
                &format!("client/{module}.rs"),
                &format!("Operations of {name} tagged `{module}`."),
                client::file(&own, Some(module), about),
            )?;
            write(
                &format!("mock/operations/{module}.rs"),
                &format!("Mocks of the operations of {name} tagged `{module}`."),
                mock::part(&shared, &own),
            )?;
        }
    }
    if structs.len() <= TYPES_A_FILE {
        let all: Vec<TokenStream> = structs.into_iter().map(|(_, t)| t).collect();
        write("types.rs", &types::about(name), types::file(&all, false))?;
    } else {
        let mut modules: BTreeMap<String, Vec<TokenStream>> = BTreeMap::new();
        let group_of = |ident: &str| groups.types.get(ident).map_or("shared", String::as_str);
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (ident, _) in &structs {
            *counts.entry(group_of(ident)).or_default() += 1;
        }
        for (ident, tokens) in &structs {
            let mut group = group_of(ident).to_owned();
            if counts
                .get(group.as_str())
                .is_some_and(|n| *n > MOST_TYPES_A_FILE)
            {
                // By first letter, so that one type more does not move the others.
                let letter: String = ident
                    .chars()
                    .take(1)
                    .map(|c| c.to_ascii_lowercase())
                    .collect();
                group = format!("{group}_{letter}");
            }
            let tokens = tokens.clone();
            modules.entry(group).or_default().push(tokens);
        }
        let names: Vec<String> = modules.keys().cloned().collect();
        write("types/mod.rs", &types::about(name), types::root(&names))?;
        for (module, items) in &modules {
            let what = if module == "shared" || module.starts_with("shared_") {
                "in several places".to_owned()
            } else {
                format!("by operations tagged `{module}`")
            };
            write(
                &format!("types/{module}.rs"),
                &format!("Types of {name} that are used {what}."),
                types::file(items, true),
            )?;
        }
    }
    if unions {
        files.insert(
            "union.rs".into(),
            format!("{}\n{}", input.header, rust::UNION),
        );
    }
    Ok(files)
}

/// Which file an operation or type belongs to.
struct Groups {
    operations: HashMap<String, String>,
    types: HashMap<String, String>,
}

fn groups(shared: &Shared<'_>) -> Groups {
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

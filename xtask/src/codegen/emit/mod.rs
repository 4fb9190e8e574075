//! Writes the files of a client: the generator's signatures and types with our own bodies, attributes and documentation.

mod client;
mod debug;
mod docs;
mod enums;
mod groups;
mod mock;
mod operations;
mod responses;
mod rust;
mod shared;
mod types;
mod unions;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use serde_json::Value;

use super::plan::Type;
use crate::openapi::Result;
use groups::groups;
pub(super) use shared::Input;
use shared::Shared;

/// Above this many operations a client is split into a file per tag.
const MAX_OPERATIONS_UNSPLIT: usize = 40;
/// Above this many types they are split too.
const MAX_TYPES_UNSPLIT: usize = 80;

/// A file of more types than this is split by the types' first letters.
const MAX_TYPES_PER_FILE: usize = 200;

/// Writes `tests/generated/responses.rs`: how the response of each operation is read.
///
/// # Errors
/// When the generator's output does not have the expected form.
pub(super) fn responses(input: &Input<'_>) -> Result<String> {
    let shared = Shared::of(input);
    let methods = client::methods(&shared)?;
    let file = syn::parse2(responses::file(&shared, &methods))
        .map_err(|e| format!("responses.rs: generated code does not parse: {e}"))?;
    let about = responses::about(input.display_name);
    let code = rust::blank_lines_between_items(&prettyplease::unparse(&file));
    Ok(format!("{}\n{about}\n{code}", input.header))
}

/// Writes the files of `src/generated/`, by name.
///
/// # Errors
/// When the generator's output does not have the expected form.
pub(super) fn files(input: &Input<'_>) -> Result<BTreeMap<String, String>> {
    let shared = Shared::of(input);
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let methods = client::methods(&shared)?;
    let structs = types::items(&shared)?;
    let unions = shared.types.values().any(|t| matches!(t, Type::Union));
    let mut write = |name: &str, docs: &str, tokens: TokenStream| -> Result<()> {
        let file = syn::parse2(tokens)
            .map_err(|e| format!("{name}: generated code does not parse: {e}"))?;
        let code = rust::blank_lines_between_items(&prettyplease::unparse(&file));
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
        rust::mod_file(unions),
    )?;
    write(
        "operations.rs",
        &format!("The operations of {name}: method, path and security of each."),
        operations::file(&shared),
    )?;
    let mocks = format!("Typed mocks of {name}, for testing programs that use this client.");
    if shared.operations.len() <= MAX_OPERATIONS_UNSPLIT {
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
                mock::module_file(&shared, &own),
            )?;
        }
    }
    if structs.len() <= MAX_TYPES_UNSPLIT {
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
                .is_some_and(|n| *n > MAX_TYPES_PER_FILE)
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

//! No two modules use each other, neither directly nor through others.
//!
//! A file is a node. An arrow goes from a file that uses an item to the file that *defines* it: re-exports are followed
//! to the definition, however long the chain. `mod x;` and re-exports (`pub use`, `pub(crate) use`) alone make no
//! arrow. Inline modules belong to their file. Code for tests only (`#[cfg(test)]`, `#[test]`) makes no arrow, and
//! generated files are left out.
//!
//! Seen are `use` trees, paths in expressions, types, patterns, bounds and attributes (those in strings too, as in
//! `serde(with = "…")`), single names that an import, a re-export or a glob brings in, and paths in the tokens of macro
//! calls. A macro of the same crate brings the paths of its rules to each of its calls. When a module is known and the
//! name in it is not, because a macro defines it, the arrow goes to the module's file.
//!
//! Not seen are:
//!
//! - method calls and associated items, `value.method()`: the type is named somewhere, and that is the arrow. An `impl`
//!   block in another file than its type has no arrow from those that call it.
//! - names that a procedural macro or a pasted identifier makes, when they are reached through a glob import;
//! - modules that a macro call declares, and `#[cfg_attr(…, path = "…")]`;
//! - a name that a pattern of the same function binds, which is taken for the local variable, and captures in format
//!   strings (`"{name}"`);
//! - conditions: code for any feature or platform counts.
//!
//! A Rust file of a package that no crate declares as a module is reported: nobody compiles it, or it is declared in a
//! way that is not seen, and then neither are its uses.

mod imports;
mod place;
mod scope;
mod targets;
#[cfg(test)]
mod tests;
mod tokens;
mod uses;

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::strongly_connected;

use super::diagnostic::Diagnostic;
use super::files::Files;
use scope::Scope;
use uses::Uses;

const RULE: &str = "modules";

/// Names listed for one pair of files.
const MAX_NAMES: usize = 8;

/// Reports the cycles of every crate, and the files that belong to none.
pub(super) fn check(files: &Files) -> Vec<Diagnostic> {
    let roots = targets::root_files(files);
    let mut reached = BTreeSet::new();
    let mut found = Vec::new();
    for root in &roots {
        let scope = Scope::read(files, root);
        reached.extend(scope.modules().map(|(_, module)| module.file.to_owned()));
        let mut uses = Uses::new();
        uses::collect(&scope, &mut uses);
        found.extend(cycles(&uses));
    }
    found.extend(unread(files, &reached));
    found
}

fn unread(files: &Files, reached: &BTreeSet<String>) -> Vec<Diagnostic> {
    files
        .rust()
        .filter_map(|file| {
            let message = match &file.syntax {
                Some(Err(error)) => format!("not valid Rust: {error}; correct it"),
                Some(Ok(_)) if !reached.contains(&file.path) => {
                    "no crate has this file as a module; declare it with `mod`, or remove it"
                        .to_owned()
                }
                _ => return None,
            };
            Some(Diagnostic::new(RULE, &file.path, 1, message))
        })
        .collect()
}

fn cycles(uses: &Uses<'_>) -> Vec<Diagnostic> {
    let mut cycles: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (file, cycle) in strongly_connected(&uses::by_file(uses)) {
        cycles.entry(cycle).or_default().push(file);
    }
    cycles
        .into_values()
        .filter_map(|mut members| {
            members.sort();
            finding(uses, members)
        })
        .collect()
}

fn finding(uses: &Uses<'_>, members: Vec<String>) -> Option<Diagnostic> {
    let mut inside = uses
        .iter()
        .filter(|((from, to), _)| {
            [from, to]
                .iter()
                .all(|file| members.iter().any(|member| member == **file))
        })
        .map(|((from, to), names)| (*from, *to, names))
        .peekable();
    let (first, _, names) = inside.peek()?;
    let line = names.values().min().copied().unwrap_or(1);
    let mut finding = Diagnostic::new(
        RULE,
        first,
        line,
        format!(
            "{} modules use each other in a cycle; move what they share to a module that uses none of them",
            members.len()
        ),
    );
    for (from, to, names) in inside {
        let line = names.values().min().copied().unwrap_or(1);
        let mut list: Vec<&str> = names.keys().map(String::as_str).collect();
        let more = list.len().saturating_sub(MAX_NAMES);
        list.truncate(MAX_NAMES);
        let mut list = list.join(", ");
        if more > 0 {
            list.push_str(&format!(" and {more} more"));
        }
        finding
            .details
            .push(format!("{from}:{line} -> {to}: {list}"));
    }
    finding.related = members;
    Some(finding)
}

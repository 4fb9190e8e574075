//! Decides which operations of a vendor's document belong to a service, by its `service.toml`.

use crate::openapi::operations::Operation;
use crate::openapi::service::Selection;

/// What becomes of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It belongs to the service.
    Selected,
    /// It would, but an exclusion names it; with the reason.
    Excluded(String),
    /// Nothing names it.
    Outside,
}

/// Tells what becomes of `operation` by `selection`.
#[must_use]
pub fn verdict(selection: &Selection, operation: &Operation<'_>) -> Verdict {
    let named = selection.operations.iter().any(|o| is_named(o, operation))
        || selection
            .tags
            .iter()
            .any(|tag| operation.tags().any(|t| t == tag))
        || selection
            .paths
            .iter()
            .any(|glob| matches_glob(glob, operation.path));
    if !named {
        return Verdict::Outside;
    }
    let excluded = selection.exclude.iter().find(|e| {
        let what = e.what();
        is_named(what, operation)
            || operation.tags().any(|t| t == what)
            || matches_glob(what, operation.path)
    });
    excluded.map_or(Verdict::Selected, |e| {
        Verdict::Excluded(e.reason().to_owned())
    })
}

/// Tells whether `entry` is the operation's id, or its `METHOD /path`.
#[must_use]
pub fn is_named(entry: &str, operation: &Operation<'_>) -> bool {
    operation.id() == Some(entry)
        || entry.split_once(' ').is_some_and(|(method, path)| {
            method.eq_ignore_ascii_case(operation.method) && path.trim() == operation.path
        })
}

/// Matches a path with a glob: `*` matches any text without a slash, `**` any text.
#[must_use]
pub fn matches_glob(glob: &str, path: &str) -> bool {
    // Stars are tried from the last one back, each position at most once per star: no exponential case.
    let (glob, path) = (glob.as_bytes(), path.as_bytes());
    let mut reachable = vec![false; path.len() + 1];
    reachable[0] = true;
    let mut i = 0;
    while i < glob.len() {
        let mut next = vec![false; path.len() + 1];
        if glob[i] == b'*' {
            let across = glob.get(i + 1) == Some(&b'*');
            let mut open = false;
            for at in 0..=path.len() {
                // A single star cannot step over the slash just before this position.
                if at > 0 && !across && path[at - 1] == b'/' {
                    open = false;
                }
                open |= reachable[at];
                next[at] = open;
            }
            i += if across { 2 } else { 1 };
        } else {
            for at in 0..path.len() {
                next[at + 1] = reachable[at] && path[at] == glob[i];
            }
            i += 1;
        }
        reachable = next;
    }
    reachable[path.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::openapi::operations::operations;
    use serde_json::json;

    #[test]
    fn matches_glob_stops_at_slashes_unless_doubled() {
        let table = [
            ("/v1/users", "/v1/users", true),
            ("/v1/users", "/v1/users/{id}", false),
            ("/v1/*", "/v1/users", true),
            ("/v1/*", "/v1/users/{id}", false),
            ("/v1/**", "/v1/users/{id}", true),
            ("/v1/users**", "/v1/users", true),
            ("**/share", "/a/b/share", true),
            ("/*/b", "/a/b", true),
            ("/*/b", "/a/c/b", false),
            ("**", "", true),
            ("*", "/", false),
        ];
        for (glob, path, expected) in table {
            assert_eq!(matches_glob(glob, path), expected, "{glob} on {path}");
        }
    }

    #[test]
    fn verdict_prefers_exclusion_and_keeps_its_reason() {
        let document = json!({"paths": {"/a": {"get": {"operationId": "getA", "tags": ["T"]}, "post": {"tags": ["T"]}}, "/b": {"get": {}}}});
        let selection: Selection = toml_edit::de::from_str(
            "tags = ['T']\nexclude = [{ what = 'POST /a', reason = 'a browser form' }]",
        )
        .unwrap();
        let verdicts: Vec<_> = operations(&document)
            .iter()
            .map(|o| verdict(&selection, o))
            .collect();
        assert_eq!(
            verdicts,
            [
                Verdict::Selected,
                Verdict::Excluded("a browser form".into()),
                Verdict::Outside
            ]
        );
    }
}

//! Every OpenAPI extension of ours is described in specs/README.md, and nothing is described that does not exist.

use std::collections::BTreeMap;

use super::super::diagnostic::Diagnostic;
use super::super::files::Files;
use super::super::syntax::test_lines;

const PREFIX: &str = "x-idweave-";
const PAGE: &str = "specs/README.md";

/// Compares the keys of the overlays and of xtask's code with those of the page.
///
/// Of xtask's code the string literals outside tests count.
pub(in super::super) fn check(files: &Files) -> Vec<Diagnostic> {
    let mut used: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    let mut described: BTreeMap<String, usize> = BTreeMap::new();
    for file in files.all() {
        let path = file.path.as_str();
        let is_overlay = path.starts_with("specs/") && path.ends_with("/overlay.yaml");
        if path == PAGE {
            for (key, line) in keys(&file.text) {
                described.entry(key).or_insert(line);
            }
        } else if is_overlay {
            for (key, line) in keys(&file.text) {
                used.entry(key).or_insert((path, line));
            }
        } else if path.starts_with("xtask/src/") {
            let tests = file.parsed().map(test_lines).unwrap_or_default();
            for (text, line) in file.string_literals() {
                if !tests.iter().any(|lines| lines.contains(&line)) {
                    for (key, after) in keys(&text) {
                        used.entry(key).or_insert((path, line + after - 1));
                    }
                }
            }
        }
    }
    let missing = used
        .iter()
        .filter(|(key, _)| !described.contains_key(*key))
        .map(|(key, (path, line))| {
            let message = format!("`{key}` is not described; add it to {PAGE}");
            Diagnostic::new("extensions", path, *line, message)
        });
    let unused = described
        .iter()
        .filter(|(key, _)| !used.contains_key(*key))
        .map(|(key, line)| {
            let message = format!(
                "`{key}` is in no overlay and not in xtask's code; remove it from the page"
            );
            Diagnostic::new("extensions", PAGE, *line, message)
        });
    missing.chain(unused).collect()
}

/// The keys in a text, each with its line.
fn keys(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for (start, _) in line.match_indices(PREFIX) {
            let is_part = line[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
            let rest = &line[start + PREFIX.len()..];
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .unwrap_or(rest.len());
            let name = rest[..end].trim_end_matches('-');
            if !is_part && !name.is_empty() {
                found.push((format!("{PREFIX}{name}"), at + 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_compared_both_ways() {
        let files = Files::from_texts(&[
            (PAGE, "text\n| `x-idweave-a: true` | `x-idweave-old` |\n"),
            (
                "specs/acme/overlay.yaml",
                "x-idweave-a: true\nx-idweave-b: 1\n",
            ),
            ("specs/acme/openapi.yaml", "x-idweave-vendor: true\n"),
            (
                "xtask/src/a.rs",
                "//! x-idweave-doc\n// x-idweave-comment\nconst C: &str = \"x-idweave-c\";\nconst P: &str = \"x-idweave-\";\n\
                 #[cfg(test)]\nmod tests { const T: &str = \"x-idweave-test\"; }\n",
            ),
        ]);
        let found: Vec<String> = check(&files).iter().map(Diagnostic::to_string).collect();
        assert_eq!(
            found,
            [
                "specs/acme/overlay.yaml:2: `x-idweave-b` is not described; add it to specs/README.md",
                "xtask/src/a.rs:3: `x-idweave-c` is not described; add it to specs/README.md",
                "specs/README.md:2: `x-idweave-old` is in no overlay and not in xtask's code; remove it from the page",
            ]
        );
    }
}

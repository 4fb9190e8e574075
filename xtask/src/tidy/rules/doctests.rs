//! Every example is compiled: no doctest is marked `ignore`.

use super::super::diagnostic::Diagnostic;
use super::super::files::Files;

/// Reports code fences marked `ignore`, in pages and in doc comments.
pub(in super::super) fn check(files: &Files) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for file in files.all() {
        let is_page = file.path.ends_with(".md");
        if !is_page && (!file.is_rust() || file.is_generated()) {
            continue;
        }
        for (at, line) in file.text.lines().enumerate() {
            let line = line.trim_start();
            let doc = ["///", "//!"]
                .iter()
                .find_map(|mark| line.strip_prefix(mark));
            let text = if is_page { Some(line) } else { doc };
            if text.is_some_and(is_ignored_fence) {
                let message = "an example that is never compiled; make it compile, or use `text`, \
                               `no_run` or `compile_fail`";
                found.push(Diagnostic::new("doctests", &file.path, at + 1, message));
            }
        }
    }
    found
}

fn is_ignored_fence(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '>', '*']);
    let marks = ["```", "~~~"];
    let info = marks.iter().find_map(|mark| line.strip_prefix(mark));
    info.is_some_and(|info| {
        info.split([',', ' ', '{', '}'])
            .any(|word| word.trim() == "ignore" || word.starts_with("ignore-"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doctests_are_not_ignored_in_pages_and_docs() {
        let files = Files::from_texts(&[
            ("a.md", "```rust,ignore\n```\n```rust\nignore\n```\n"),
            ("b.md", "- ```rust, ignore\n> ```ignore\n```ignore-wasm32\n"),
            (
                "src/c.rs",
                "//! ```ignore\n//! ```\n/// ```no_run\nfn f() {} // ```ignore\n",
            ),
        ]);
        let found: Vec<(String, usize)> = check(&files)
            .into_iter()
            .map(|found| (found.path, found.line))
            .collect();
        let expected = [("a.md", 1), ("b.md", 2), ("b.md", 3), ("src/c.rs", 1)];
        assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
    }
}

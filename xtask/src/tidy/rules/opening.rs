//! Every file opens with what it is for.

use super::super::diagnostic::Diagnostic;
use super::super::files::{Files, SourceFile};

/// Reports handwritten Rust files that do not open with `//!`; in tests, benchmarks and examples any comment will do.
pub(in super::super) fn check(files: &Files) -> Vec<Diagnostic> {
    files
        .rust()
        .filter(|file| !opens(file))
        .map(|file| {
            let message = "the file does not say what it is for; open it with a `//!` line";
            Diagnostic::new("opening", &file.path, 1, message)
        })
        .collect()
}

fn opens(file: &SourceFile) -> bool {
    let mark = if file.is_test() || file.is_example() {
        "//"
    } else {
        "//!"
    };
    file.text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix(mark))
        .is_some_and(|text| text.trim_start_matches(['/', '!']).starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opening_wants_module_docs_in_sources_and_a_comment_elsewhere() {
        let files = Files::from_texts(&[
            ("src/good.rs", "//! What it is for.\n"),
            ("src/comment.rs", "// What it is for.\n"),
            ("src/item.rs", "/// Of the item.\nfn f() {}\n"),
            ("src/empty.rs", ""),
            ("src/blank.rs", "//!\n//! x\n"),
            ("tests/comment.rs", "// What it is for.\n"),
            ("tests/none.rs", "fn f() {}\n"),
            ("src/generated/a.rs", "fn f() {}\n"),
        ]);
        let found: Vec<String> = check(&files).into_iter().map(|found| found.path).collect();
        assert_eq!(
            found,
            [
                "src/blank.rs",
                "src/comment.rs",
                "src/empty.rs",
                "src/item.rs",
                "tests/none.rs"
            ]
        );
    }
}

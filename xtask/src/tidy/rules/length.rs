//! No handwritten Rust file is longer than can be read in one go.

use super::super::diagnostic::Diagnostic;
use super::super::files::Files;

/// Lines of a file, tests included.
const MAX_LINES: usize = 600;

/// Reports handwritten Rust files with too many lines.
pub(in super::super) fn check(files: &Files) -> Vec<Diagnostic> {
    files
        .rust()
        .filter_map(|file| {
            let lines = file.text.lines().count();
            let message =
                format!("{lines} lines, more than {MAX_LINES}; split the file by subject");
            (lines > MAX_LINES)
                .then(|| Diagnostic::new("length", &file.path, MAX_LINES + 1, message))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_allows_six_hundred_lines() {
        let longest = "//\n".repeat(600);
        let too_long = "//\n".repeat(601);
        let files = Files::from_texts(&[
            ("src/a.rs", &longest),
            ("src/b.rs", &too_long),
            ("src/generated/c.rs", &too_long),
            ("docs/d.md", &too_long),
        ]);
        let found: Vec<String> = check(&files).iter().map(Diagnostic::to_string).collect();
        assert_eq!(
            found,
            ["src/b.rs:601: 601 lines, more than 600; split the file by subject"]
        );
    }
}

//! The changelog has a place for the next change.

use super::super::diagnostic::Diagnostic;
use super::super::files::Files;

/// Reports a changelog whose first section is not the one for unreleased changes.
pub(in super::super) fn check(files: &Files) -> Vec<Diagnostic> {
    let Some(file) = files.get("CHANGELOG.md") else {
        return Vec::new();
    };
    let first = file
        .text
        .lines()
        .enumerate()
        .find(|(_, line)| line.starts_with("## "));
    let (line, heading) = first.map_or((1, ""), |(at, heading)| (at + 1, heading));
    if matches!(heading.trim_end(), "## Unreleased" | "## [Unreleased]") {
        return Vec::new();
    }
    let message = "the first section is not `## Unreleased`; add it above the last release";
    vec![Diagnostic::new("changelog", &file.path, line, message)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changelog_begins_with_unreleased() {
        let lines = |text: &str| {
            let found = check(&Files::from_texts(&[("CHANGELOG.md", text)]));
            found
                .into_iter()
                .map(|found| found.line)
                .collect::<Vec<_>>()
        };
        assert!(lines("# Changelog\n\n## Unreleased\n\n## 0.1.0\n").is_empty());
        assert_eq!(lines("# Changelog\n\n## 0.1.0\n\n## Unreleased\n"), [3]);
        assert_eq!(lines("# Changelog\n"), [1]);
    }
}

//! What a rule reports: a place in the repository, what is wrong there and what to do.

use std::fmt;

use serde::Serialize;

/// One thing to change. Findings sort by file, then by line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// The file, relative to the repository's root.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong; what to do.
    pub message: String,
    /// The rule that found it.
    pub rule: &'static str,
    /// Further lines that explain the message, such as the uses that close a cycle.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// The other files the finding is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
}

impl Diagnostic {
    /// Reports one line of one file.
    pub(super) fn new(
        rule: &'static str,
        path: &str,
        line: usize,
        message: impl Into<String>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
            rule,
            details: Vec::new(),
            related: Vec::new(),
        }
    }

    /// Tells whether the finding concerns a file or folder of `paths`; an empty list selects everything.
    #[must_use]
    pub fn concerns(&self, paths: &[String]) -> bool {
        paths.is_empty()
            || std::iter::once(&self.path)
                .chain(&self.related)
                .any(|file| paths.iter().any(|path| is_within(file, path)))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)?;
        for detail in &self.details {
            write!(f, "\n    {detail}")?;
        }
        Ok(())
    }
}

/// Tells whether a path is that of a file or folder, or inside the folder.
pub(super) fn is_within(file: &str, path: &str) -> bool {
    file.strip_prefix(path)
        .is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_prints_place_message_and_details() {
        let mut finding = Diagnostic::new("length", "src/a.rs", 7, "too long; split it");
        finding.details.push("more".to_owned());
        assert_eq!(
            finding.to_string(),
            "src/a.rs:7: too long; split it\n    more"
        );
    }

    #[test]
    fn concerns_matches_whole_path_segments() {
        let mut finding = Diagnostic::new("length", "crates/idweave/src/a.rs", 1, "");
        let concerns = |finding: &Diagnostic, path: &str| finding.concerns(&[path.to_owned()]);
        assert!(finding.concerns(&[]));
        assert!(concerns(&finding, "crates/idweave"));
        assert!(concerns(&finding, "crates/idweave/src/a.rs"));
        assert!(!concerns(&finding, "crates/id"));
        assert!(!concerns(&finding, "xtask"));
        finding.related.push("xtask/src/b.rs".to_owned());
        assert!(concerns(&finding, "xtask"));
    }
}

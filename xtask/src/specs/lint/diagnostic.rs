//! What lint reports: each thing that is wrong, with its place.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is wrong, or something is lost.
    Error,
    /// Worth a look.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The operation concerned, or `overlay`, or nothing where several are.
    pub operation: String,
    /// JSON pointer into the effective document, or the target of an overlay action.
    pub pointer: String,
    /// What is wrong, and what would mend it.
    pub message: String,
}

/// What is wrong with one service.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The service.
    pub service: String,
    /// Errors first.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Counts the errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.diagnostics {
            let mark = if diagnostic.severity == Severity::Error {
                "error  "
            } else {
                "warning"
            };
            let place = [diagnostic.operation.as_str(), diagnostic.pointer.as_str()];
            let place = place
                .into_iter()
                .filter(|p| !p.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
            writeln!(f, "{mark}  {place}\n         {}", diagnostic.message)?;
        }
        let errors = self.errors();
        writeln!(
            f,
            "{}: {errors} errors, {} warnings",
            self.service,
            self.diagnostics.len() - errors
        )
    }
}

/// Collects diagnostics.
#[derive(Default)]
pub(super) struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds an error.
    pub(super) fn error(&mut self, operation: &str, pointer: &str, message: impl Into<String>) {
        self.push(Severity::Error, operation, pointer, message.into());
    }

    /// Adds a warning.
    pub(super) fn warning(&mut self, operation: &str, pointer: &str, message: impl Into<String>) {
        self.push(Severity::Warning, operation, pointer, message.into());
    }

    fn push(&mut self, severity: Severity, operation: &str, pointer: &str, message: String) {
        let (operation, pointer) = (operation.to_owned(), pointer.to_owned());
        self.found.push(Diagnostic {
            severity,
            operation,
            pointer,
            message,
        });
    }

    /// Returns what was found, errors first.
    pub(super) fn sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(|d| d.severity);
        self.found
    }
}

//! The report of codegen, for the terminal and for `--report`.
//!
//! Every pass adds to it whatever it drops or rewrites.

use serde::Serialize;

/// The outcome of one document.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Operations the document declares.
    pub operations: usize,
    /// Operations that have a generated method.
    pub generated: usize,
    /// Wall time, reading to formatting.
    pub seconds: f64,
    /// Operations without a method.
    pub left_out: Vec<LeftOut>,
    /// What the passes changed on the way.
    pub changed: Vec<Changed>,
}

/// An operation without a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its id, or method and path.
    pub operation: String,
    /// Why, and the overlay action that would help.
    pub reason: String,
}

/// One rewrite by one pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Name of the pass.
    pub pass: &'static str,
    /// The operation concerned; empty where a schema serves several.
    pub operation: String,
    /// JSON pointer into the effective document.
    pub pointer: String,
    /// What was there and what became of it.
    pub what: String,
}

impl Report {
    /// Adds a change.
    pub fn change(
        &mut self,
        pass: &'static str,
        operation: &str,
        pointer: impl ToString,
        what: impl Into<String>,
    ) {
        let (pointer, what) = (pointer.to_string(), what.into());
        tracing::debug!(pass, operation, pointer, "{what}");
        self.changed.push(Changed {
            pass,
            operation: operation.to_owned(),
            pointer,
            what,
        });
    }

    /// Adds an operation that cannot be generated.
    pub fn leave_out(&mut self, operation: &str, reason: impl Into<String>) {
        let reason = reason.into();
        tracing::warn!(operation, "left out: {reason}");
        self.left_out.push(LeftOut {
            operation: operation.to_owned(),
            reason,
        });
    }
}

/// Writes an overlay action to paste, for messages.
#[must_use]
pub fn overlay_hint(target: &str, update: &str) -> String {
    format!("overlay action: {{target: \"{target}\", update: {update}, description: \"…\"}}")
}

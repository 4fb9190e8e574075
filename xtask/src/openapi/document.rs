//! A document as read, and the limits it is read within.

use std::path::PathBuf;

use serde_json::Value;

/// What a document may cost before it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes in the file.
    pub bytes: u64,
    /// Levels of objects and arrays inside one another.
    pub depth: usize,
    /// Scalars, arrays and objects in all.
    pub nodes: usize,
    /// Scalars, arrays and objects that come from aliases; text counts one more for every 64 bytes.
    pub expansion: usize,
}

impl Default for Limits {
    /// Allows twice the largest public OpenAPI document, and takes under 1 GiB of memory for the worst that fits.
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            depth: 128,
            nodes: 2_500_000,
            expansion: 500_000,
        }
    }
}

/// A document as read, with what the reader had to correct.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it was read from.
    pub path: PathBuf,
    /// The content; objects keep the order of the file.
    pub value: Value,
    /// What was corrected.
    pub notes: Vec<Note>,
}

/// Something the reader corrected instead of refusing the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// What was found and what became of it.
    pub what: String,
}

/// Names the type of a JSON value, with its article, for messages.
#[must_use]
pub fn describe_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

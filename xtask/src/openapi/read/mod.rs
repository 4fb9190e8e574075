//! Reads YAML and JSON files.
//!
//! Documents are untrusted. Size, nesting and alias expansion are limited before anything is built, and every error names the
//! file and the line.

mod json;
mod scalar;
mod yaml;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::document::{Document, Limits, Note, describe_kind};
use super::error::{Error, Result};

/// Reads a YAML or JSON file whose root is an object.
///
/// # Errors
/// When the file cannot be read, is larger or deeper than [`Limits::default`] allows, or is neither YAML nor JSON.
pub fn read(path: &Path) -> Result<Document> {
    read_within(path, Limits::default())
}

/// Reads as [`read`] does, within the caller's own limits.
///
/// # Errors
/// As [`read`].
pub fn read_within(path: &Path, limits: Limits) -> Result<Document> {
    let bytes = load(path, limits).map_err(|e| e.in_file(path))?;
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        let line = bytes[..e.valid_up_to()]
            .iter()
            .filter(|&&b| b == b'\n')
            .count()
            + 1;
        Error::new("not a text file: the bytes here are not UTF-8")
            .at_line(line)
            .in_file(path)
    })?;
    let (value, notes) = parse(text, limits).map_err(|e| e.in_file(path))?;
    Ok(Document {
        path: path.to_owned(),
        value,
        notes,
    })
}

/// Parses YAML or JSON text whose root is an object.
///
/// # Errors
/// When the text is neither YAML nor JSON, or exceeds the limits.
pub fn parse(text: &str, limits: Limits) -> Result<(Value, Vec<Note>)> {
    if text.len() as u64 > limits.bytes {
        return Err(too_large(limits));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // What the JSON parser refuses may still be YAML (comments, huge numbers, a key twice), and the YAML reader words its
    // refusals and notes.
    if text.trim_start().starts_with('{')
        && json_nodes(text) < limits.nodes
        && let Ok(json::Unique(value)) = serde_json::from_str(text)
        && yaml::depth(&value) <= limits.depth
    {
        return Ok((value, Vec::new()));
    }
    let (value, notes) = yaml::parse(text, limits)?;
    match value {
        Value::Object(_) => Ok((value, notes)),
        Value::Null => Err(Error::new("the document is empty")),
        other => Err(Error::new(format!(
            "the document is {}, not an object",
            describe_kind(&other)
        ))
        .at_line(1)),
    }
}

/// Estimates the number of values of a JSON text, never too low: every value but the first follows one of these bytes.
fn json_nodes(text: &str) -> usize {
    text.bytes()
        .filter(|b| matches!(b, b',' | b':' | b'['))
        .count()
}

fn load(path: &Path, limits: Limits) -> Result<Vec<u8>> {
    let io = |e: std::io::Error| Error::new(format!("cannot be read: {e}"));
    let file = File::open(path).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    if metadata.is_dir() {
        return Err(Error::new("is a directory, not a document"));
    }
    if metadata.len() > limits.bytes {
        return Err(too_large(limits));
    }
    // A pipe or a device has no length of its own, so the bound holds while reading too.
    let mut bytes = Vec::new();
    file.take(limits.bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() as u64 > limits.bytes {
        return Err(too_large(limits));
    }
    Ok(bytes)
}

fn too_large(limits: Limits) -> Error {
    Error::new(format!(
        "larger than {} MiB, the most a document may have",
        limits.bytes >> 20
    ))
}

//! Reads interface documents, overlays and service folders.
//!
//! Codegen and the `specs` commands start here: [`read`] takes any YAML or JSON file a vendor may publish and gives a
//! [`serde_json::Value`] whose keys keep their order, [`overlay`] applies corrections to it, [`service`] knows how a folder
//! of `specs/` is laid out, and [`emit`] writes a document back.
//!
//! Documents come from strangers. Size, nesting and alias expansion are bounded before anything is built, and every refusal
//! names the file and the line.

pub mod emit;
mod json;
pub mod overlay;
pub mod pointer;
mod scalar;
pub mod service;
mod yaml;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

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
    /// Twice the largest public OpenAPI document, and under 1 GiB of memory for the worst that fits.
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            depth: 128,
            nodes: 2_500_000,
            expansion: 500_000,
        }
    }
}

/// A document as read, with what the reader had to put right.
#[derive(Clone, Debug)]
pub struct Document {
    /// Where it was read from.
    pub path: PathBuf,
    /// The content; objects keep the order of the file.
    pub value: Value,
    /// What was read tolerantly.
    pub notes: Vec<Note>,
}

/// Something the reader put right instead of refusing the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// What was found and what became of it.
    pub what: String,
}

/// Why a document, an overlay or a service folder could not be used.
#[derive(Clone, Debug)]
pub struct Error {
    path: Option<PathBuf>,
    line: Option<usize>,
    message: String,
}

/// What this module's functions return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that names no place yet.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            path: None,
            line: None,
            message: message.into(),
        }
    }

    /// The same error, at this line (counted from 1).
    #[must_use]
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same error, in this file.
    #[must_use]
    pub fn in_file(mut self, path: &Path) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// The line the error is at, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}", path.display())?;
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            write!(f, ": ")?;
        } else if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Reads a YAML or JSON file whose root is an object.
///
/// # Errors
/// When the file cannot be read, is larger or deeper than [`Limits::default`] allows, or is neither YAML nor JSON.
pub fn read(path: &Path) -> Result<Document> {
    read_within(path, Limits::default())
}

/// [`read`] with limits of the caller's choice.
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
        other => {
            Err(Error::new(format!("the document is {}, not an object", kind(&other))).at_line(1))
        }
    }
}

/// At least as many as the values of a JSON text: every value but the first follows one of these bytes.
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

/// What a JSON value is, with its article, for messages.
#[must_use]
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

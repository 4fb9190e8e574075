//! The word list, `xtask/tidy/words.toml`: what is not to be written, and what to write instead.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml_edit::{Document, DocumentMut, Item, Table, Value};

use super::super::diagnostic::is_within;
use super::phrase::{Phrase, Words};

/// Where the list is.
pub(super) const PATH: &str = "xtask/tidy/words.toml";

/// The list as read.
pub(super) struct List {
    pub(super) entries: Vec<Entry>,
    pub(super) skips: Vec<Skip>,
}

/// What a pattern is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scope {
    /// Names that are declared: items, fields, variants, parameters, variables.
    Identifier,
    /// Doc comments, Markdown pages and the sentences of `specs/`.
    Doc,
    /// Other comments.
    Comment,
    /// String literals outside tests: what an error, a log line or a program says.
    Literal,
    /// Names of test functions, word by word.
    Test,
    /// Names of files without their ending; of a `mod.rs`, the folder's name.
    File,
}

/// One standard word with the words it replaces.
pub(super) struct Entry {
    /// What to write instead.
    pub(super) standard: String,
    /// The patterns, each with the scopes it is for.
    pub(super) patterns: Vec<(Vec<Scope>, Phrase)>,
    /// Files and folders the entry is limited to; none is all.
    pub(super) only: Vec<String>,
    /// Where the words may stay.
    pub(super) exceptions: Vec<Exception>,
}

/// A place where a word may stay.
pub(super) struct Exception {
    /// The file or folder; none is every one.
    pub(super) path: Option<String>,
    /// The words around, which the place must bear; none is any.
    pub(super) text: Option<Phrase>,
    /// The line of the list.
    pub(super) line: usize,
}

/// A scope that is not looked at in a file or folder.
pub(super) struct Skip {
    pub(super) scope: Scope,
    pub(super) path: String,
    /// The line of the list.
    pub(super) line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText {
    standard: String,
    #[serde(default)]
    prose: Vec<String>,
    #[serde(default)]
    identifier: Vec<String>,
    #[serde(default)]
    doc: Vec<String>,
    #[serde(default)]
    comment: Vec<String>,
    #[serde(default)]
    literal: Vec<String>,
    #[serde(default)]
    test: Vec<String>,
    #[serde(default)]
    file: Vec<String>,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    except: Vec<ExceptionText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NamesText {
    instead: BTreeMap<String, String>,
    #[serde(default)]
    only: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionText {
    path: Option<String>,
    text: Option<String>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkipText {
    scope: Scope,
    path: String,
    why: String,
}

impl List {
    /// Reads the list.
    ///
    /// # Errors
    /// What is wrong and the line, when the text is not TOML, a key is unknown, or an exception has no reason.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, String)> {
        let document = Document::parse(text).map_err(|error| {
            let line = line_of(text, error.span());
            (line, error.message().to_owned())
        })?;
        let mut list = Self {
            entries: Vec::new(),
            skips: Vec::new(),
        };
        for (key, item) in document.as_table() {
            let tables = item.as_array_of_tables().ok_or_else(|| {
                let message = format!("`{key}` is not a list of tables");
                (line_of(text, item.span()), message)
            })?;
            for table in tables {
                let line = line_of(text, table.span());
                match key {
                    "word" => list.entries.push(Entry::read(text, table, line)?),
                    "names" => list.entries.extend(Entry::read_names(table, line)?),
                    "skip" => list.skips.push(Skip::read(table, line)?),
                    _ => return Err((line, format!("unknown key `{key}`"))),
                }
            }
        }
        Ok(list)
    }
}

impl Entry {
    /// Tells whether the entry is for a file.
    pub(super) fn concerns(&self, path: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| is_within(path, only))
    }

    fn read(text: &str, table: &Table, line: usize) -> Result<Self, (usize, String)> {
        let read: EntryText = deserialize(table, line)?;
        let lines = exception_lines(text, table);
        let mut exceptions = Vec::new();
        for (at, exception) in read.except.into_iter().enumerate() {
            let line = lines.get(at).copied().unwrap_or(line);
            if exception.why.trim().is_empty()
                || (exception.path.is_none() && exception.text.is_none())
            {
                let message = "an exception needs a reason (`why`), and a `path` or a `text`";
                return Err((line, message.to_owned()));
            }
            exceptions.push(Exception {
                path: exception.path,
                text: exception.text.as_deref().map(Phrase::new),
                line,
            });
        }
        let prose = [Scope::Doc, Scope::Comment, Scope::Literal, Scope::Test];
        let patterns = [
            (prose.as_slice(), read.prose),
            (&[Scope::Identifier], read.identifier),
            (&[Scope::Doc], read.doc),
            (&[Scope::Comment], read.comment),
            (&[Scope::Literal], read.literal),
            (&[Scope::Test], read.test),
            (&[Scope::File], read.file),
        ]
        .into_iter()
        .flat_map(|(scopes, texts)| {
            texts
                .into_iter()
                .map(move |text| (scopes.to_vec(), Phrase::new(&text)))
        })
        .collect();
        Ok(Self {
            standard: read.standard,
            patterns,
            only: read.only,
            exceptions,
        })
    }
}

impl Entry {
    /// Reads a table of names, each of which is an entry for identifiers.
    fn read_names(table: &Table, line: usize) -> Result<Vec<Self>, (usize, String)> {
        let read: NamesText = deserialize(table, line)?;
        let entries = read.instead.into_iter().map(|(name, standard)| Self {
            standard: format!("`{standard}`"),
            patterns: vec![(vec![Scope::Identifier], Phrase::new(&name))],
            only: read.only.clone(),
            exceptions: Vec::new(),
        });
        Ok(entries.collect())
    }
}

impl Exception {
    /// Tells whether a word may stay at a place of a file.
    pub(super) fn covers(&self, path: &str, words: &Words<'_>, place: &Range<usize>) -> bool {
        let is_around = |phrase: &Phrase| {
            let mut around = phrase.find(words).into_iter();
            around.any(|around| around.start <= place.start && place.end <= around.end)
        };
        self.path.as_ref().is_none_or(|only| is_within(path, only))
            && self.text.as_ref().is_none_or(is_around)
    }
}

impl Skip {
    /// Tells whether a scope is left out in a file.
    pub(super) fn covers(&self, scope: Scope, path: &str) -> bool {
        self.scope == scope && is_within(path, &self.path)
    }

    fn read(table: &Table, line: usize) -> Result<Self, (usize, String)> {
        let read: SkipText = deserialize(table, line)?;
        if read.why.trim().is_empty() {
            return Err((line, "a skip needs a reason (`why`)".to_owned()));
        }
        Ok(Self {
            scope: read.scope,
            path: read.path,
            line,
        })
    }
}

fn deserialize<T: serde::de::DeserializeOwned>(
    table: &Table,
    line: usize,
) -> Result<T, (usize, String)> {
    let document = DocumentMut::from(table.clone());
    toml_edit::de::from_document(document).map_err(|error| (line, error.message().to_owned()))
}

fn exception_lines(text: &str, table: &Table) -> Vec<usize> {
    match table.get("except") {
        Some(Item::Value(Value::Array(array))) => array
            .iter()
            .map(|value| line_of(text, value.span()))
            .collect(),
        Some(Item::ArrayOfTables(tables)) => tables
            .iter()
            .map(|table| line_of(text, table.span()))
            .collect(),
        _ => Vec::new(),
    }
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let end = span.map_or(0, |span| span.start).min(text.len());
    text.as_bytes()[..end]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn list_knows_the_lines_of_its_exceptions() {
        let text = "[[word]]\nstandard = \"x\"\nprose = [\"y\"]\nexcept = [\n  { path = \"a\", why = \"b\" },\n  { text = \"y z\", why = \"b\" },\n]\n";
        let list = List::parse(text).ok().unwrap();
        let lines: Vec<usize> = list.entries[0].exceptions.iter().map(|e| e.line).collect();
        assert_eq!(lines, [5, 6]);
    }

    #[test]
    fn list_refuses_unknown_keys_and_missing_reasons() {
        let error = |text: &str| List::parse(text).err().unwrap();
        assert_eq!(error("\n[[word]]\nstandard = \"x\"\nprsoe = []\n").0, 2);
        assert_eq!(
            error("[[words]]\nstandard = \"x\"\n").1,
            "unknown key `words`"
        );
        let text = "[[word]]\nstandard = \"x\"\nexcept = [{ why = \"b\" }]\n";
        assert!(error(text).1.contains("needs a reason"));
        let text = "[[word]]\nstandard = \"x\"\nexcept = [{ path = \"b\", why = \" \" }]\n";
        assert!(error(text).1.contains("needs a reason"));
        assert!(
            error("[[skip]]\nscope = \"literal\"\npath = \"a\"\nwhy = \"\"\n")
                .1
                .contains("reason")
        );
    }

    #[test]
    fn list_of_this_repository_is_read() {
        let text = include_str!("../../../tidy/words.toml");
        let list = List::parse(text).map_err(|(line, message)| format!("{line}: {message}"));
        assert!(!list.unwrap().entries.is_empty());
    }
}

//! Builds JSON values from YAML events, within limits.
//!
//! There is no recursion: the stack of open collections is a `Vec`, so deep nesting is refused at a limit instead of overflowing
//! the stack.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};
use serde_json::{Map, Value};

use super::scalar;
use crate::openapi::document::{Limits, Note};
use crate::openapi::error::{Error, Result};

/// A collection whose end has not been read yet.
enum OpenCollection {
    Array {
        anchor: usize,
        items: Vec<Value>,
    },
    Object {
        anchor: usize,
        line: usize,
        map: Map<String, Value>,
        key: Option<Key>,
        merge: Vec<Map<String, Value>>,
    },
}

/// A key whose value has not been read yet.
struct Key {
    text: String,
    /// Written plainly as `<<`: a quoted one is text.
    merge: bool,
}

struct Builder {
    limits: Limits,
    stack: Vec<OpenCollection>,
    anchors: HashMap<usize, (Value, usize)>,
    open_anchors: Vec<usize>,
    nodes: usize,
    expanded: usize,
    root: Option<Value>,
    notes: Vec<Note>,
}

/// Reads the value of the one document in `text`.
pub(super) fn parse(text: &str, limits: Limits) -> Result<(Value, Vec<Note>)> {
    let mut builder = Builder {
        limits,
        stack: Vec::new(),
        anchors: HashMap::new(),
        open_anchors: Vec::new(),
        nodes: 0,
        expanded: 0,
        root: None,
        notes: Vec::new(),
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| syntax_error(&e, limits))?;
        let line = span.start.line();
        builder.handle(event, line).map_err(|e| {
            if e.line().is_some() {
                e
            } else {
                e.at_line(line)
            }
        })?;
    }
    Ok((builder.root.unwrap_or(Value::Null), builder.notes))
}

impl Builder {
    fn handle(&mut self, event: Event<'_>, line: usize) -> Result<()> {
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), line)
            }
            Event::Alias(anchor) => self.alias(anchor, line),
            Event::SequenceStart(anchor, _) => self.open(
                OpenCollection::Array {
                    anchor,
                    items: Vec::new(),
                },
                anchor,
            ),
            Event::MappingStart(anchor, _) => self.open(
                OpenCollection::Object {
                    anchor,
                    line,
                    map: Map::new(),
                    key: None,
                    merge: Vec::new(),
                },
                anchor,
            ),
            Event::SequenceEnd | Event::MappingEnd => self.close(line),
        }
    }

    fn count(&mut self) -> Result<()> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(Error::new(format!(
                "more than {} values, the most a document may have",
                self.limits.nodes
            )));
        }
        Ok(())
    }

    fn expand(&mut self, weight: usize) -> Result<()> {
        self.expanded += weight;
        if self.expanded > self.limits.expansion {
            return Err(Error::new(format!(
                "anchors and aliases expand to more than {} values, the most a document may have",
                self.limits.expansion
            )));
        }
        Ok(())
    }

    fn open(&mut self, collection: OpenCollection, anchor: usize) -> Result<()> {
        self.count()?;
        if self.stack.len() >= self.limits.depth {
            return Err(too_deep(self.limits));
        }
        if let Some(OpenCollection::Object { key: None, .. }) = self.stack.last() {
            return Err(Error::new(
                "an object or array is used as a key; only text can be",
            ));
        }
        if anchor != 0 {
            self.open_anchors.push(anchor);
        }
        self.stack.push(collection);
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        line: usize,
    ) -> Result<()> {
        self.count()?;
        if let Some(OpenCollection::Object {
            key: key @ None, ..
        }) = self.stack.last_mut()
        {
            if anchor != 0 {
                self.anchors
                    .insert(anchor, (Value::String(text.to_owned()), 1));
            }
            *key = Some(Key {
                text: text.to_owned(),
                merge: style == ScalarStyle::Plain && text == "<<",
            });
            return Ok(());
        }
        let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
        let value = if style != ScalarStyle::Plain || is_text || self.is_version() {
            Value::String(text.to_owned())
        } else {
            let (value, note) = scalar::resolve(text);
            if let Some(what) = note {
                self.note(line, what);
            }
            value
        };
        if anchor != 0 {
            self.anchors
                .insert(anchor, (value.clone(), 1 + text.len() / 64));
        }
        self.place(value, line)
    }

    /// Tells whether the next value is a version: `openapi: 3.1` and `info.version: 1.10` mean the text as written.
    fn is_version(&self) -> bool {
        fn key(open: &OpenCollection) -> Option<&str> {
            match open {
                OpenCollection::Object { key, .. } => key.as_ref().map(|key| key.text.as_str()),
                OpenCollection::Array { .. } => None,
            }
        }
        match self.stack.as_slice() {
            [root] => matches!(key(root), Some("openapi" | "swagger" | "overlay")),
            [root, info] => {
                key(root) == Some("info") && matches!(key(info), Some("version" | "title"))
            }
            _ => false,
        }
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<()> {
        if self.open_anchors.contains(&anchor) {
            return Err(Error::new(
                "an alias refers to the collection it is in: such a document has no end",
            ));
        }
        let Some(&(_, weight)) = self.anchors.get(&anchor) else {
            return Err(Error::new(
                "an alias refers to an anchor that does not exist",
            ));
        };
        self.expand(weight)?;
        let Some((value, _)) = self.anchors.get(&anchor) else {
            return Ok(());
        };
        if let Some(OpenCollection::Object {
            key: key @ None, ..
        }) = self.stack.last_mut()
        {
            let Value::String(text) = value else {
                return Err(Error::new(
                    "an alias to something other than text is used as a key",
                ));
            };
            *key = Some(Key {
                text: text.clone(),
                merge: false,
            });
            return Ok(());
        }
        if self.stack.len() + depth(value) > self.limits.depth {
            return Err(too_deep(self.limits));
        }
        let value = value.clone();
        self.place(value, line)
    }

    fn close(&mut self, line: usize) -> Result<()> {
        let (anchor, value) = match self.stack.pop() {
            Some(OpenCollection::Array { anchor, items }) => (anchor, Value::Array(items)),
            Some(OpenCollection::Object {
                anchor,
                mut map,
                merge,
                ..
            }) => {
                for (key, value) in merge.into_iter().flatten() {
                    map.entry(key).or_insert(value);
                }
                (anchor, Value::Object(map))
            }
            None => return Ok(()),
        };
        if anchor != 0 {
            self.open_anchors.retain(|&open| open != anchor);
            // The copy that the anchor keeps costs what an expansion costs.
            let weight = weight(&value);
            self.expand(weight)?;
            self.anchors.insert(anchor, (value.clone(), weight));
        }
        self.place(value, line)
    }

    /// Puts a finished value where it belongs: into the innermost open collection, or at the root.
    fn place(&mut self, value: Value, line: usize) -> Result<()> {
        match self.stack.last_mut() {
            Some(OpenCollection::Array { items, .. }) => items.push(value),
            Some(OpenCollection::Object {
                map,
                key,
                merge,
                line: start,
                ..
            }) => {
                let Some(key) = key.take() else {
                    return Err(Error::new("a value without a key"));
                };
                if key.merge {
                    return push_merge(value, merge);
                }
                let start = *start;
                if map.insert(key.text.clone(), value).is_some() {
                    let text = key.text;
                    self.note(line, format!("duplicate key {text:?} in the object at line {start}: the later value is used"));
                }
            }
            None if self.root.is_none() => self.root = Some(value),
            None if value.is_null() => {}
            None => {
                return Err(Error::new(
                    "the file holds several YAML documents; one is expected",
                ));
            }
        }
        Ok(())
    }

    fn note(&mut self, line: usize, what: String) {
        // A hostile file may have millions of them.
        if self.notes.len() < 100 {
            self.notes.push(Note { line, what });
        }
    }
}

/// Collects the values of a merge key of YAML 1.1, still common: `<<: *base` or `<<: [*a, *b]`.
fn push_merge(value: Value, merge: &mut Vec<Map<String, Value>>) -> Result<()> {
    match value {
        Value::Object(map) => merge.push(map),
        Value::Array(items) => {
            for item in items {
                push_merge(item, merge)?;
            }
        }
        Value::Null => {}
        _ => {
            return Err(Error::new(
                "the merge key << needs an object, or an array of objects",
            ));
        }
    }
    Ok(())
}

/// Converts an error of the parser, whose own limit on nested flow collections may be met before ours.
fn syntax_error(error: &ScanError, limits: Limits) -> Error {
    if error.info().contains("recursion limit") {
        return too_deep(limits).at_line(error.marker().line());
    }
    Error::new(format!("neither YAML nor JSON: {}", error.info())).at_line(error.marker().line())
}

fn too_deep(limits: Limits) -> Error {
    Error::new(format!(
        "objects and arrays are nested deeper than {} levels",
        limits.depth
    ))
}

/// Measures how deep a value is; the limit it was built under bounds the recursion.
pub(super) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(map) => {
            1 + map
                .iter()
                .map(|(key, value)| key.len() / 64 + weight(value))
                .sum::<usize>()
        }
        Value::String(text) => 1 + text.len() / 64,
        _ => 1,
    }
}

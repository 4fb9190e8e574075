//! Applies an overlay by the OpenAPI Overlay Specification 1.0: an ordered list of actions, each with a JSONPath target
//! (RFC 9535) and an update to merge or `remove: true`.
//!
//! Where 1.0 leaves merging open, the clarification of 1.1 is followed: objects merge recursively, arrays are concatenated,
//! a scalar replaces a scalar, anything else is an error that names the action.

use std::path::Path;

use serde_json::Value;
use serde_json_path::JsonPath;

use super::document::describe_kind;
use super::error::{Error, Result};
use super::pointer;
use super::read::read;

/// A checked overlay document.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// What the overlay is for.
    pub title: String,
    /// Its own version.
    pub version: String,
    /// What it does, in order.
    pub actions: Vec<Action>,
}

/// One action of an overlay.
#[derive(Clone, Debug)]
pub struct Action {
    /// The JSONPath of what it changes.
    pub target: String,
    /// Why it does so.
    pub description: Option<String>,
    /// What it does.
    pub change: Change,
    path: JsonPath,
}

/// What an action does to each node its target selects.
#[derive(Clone, Debug)]
pub enum Change {
    /// Merge into an object, or append to an array.
    Update(Value),
    /// Remove it from what contains it.
    Remove,
    /// Neither field is present: allowed by the specification, and without effect.
    Nothing,
}

/// An overlay's result.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The document with every action applied.
    pub document: Value,
    /// What each action selected, in order.
    pub actions: Vec<ActionReport>,
}

/// What one action selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionReport {
    /// Why the action is there.
    pub description: Option<String>,
    /// Its JSONPath.
    pub target: String,
    /// How many nodes it selected; an action that selects none has lost its place.
    pub matched: usize,
    /// JSON pointers of the nodes it selected.
    pub pointers: Vec<String>,
}

impl Overlay {
    /// Reads an overlay file.
    ///
    /// # Errors
    /// When the file is unreadable, or not an overlay of version 1.0.
    pub fn read(path: &Path) -> Result<Self> {
        let document = read(path)?;
        Self::parse(&document.value).map_err(|e| e.in_file(path))
    }

    /// Checks an overlay document.
    ///
    /// # Errors
    /// When a required field is missing or a target is not a JSONPath; the message counts actions from 1.
    pub fn parse(value: &Value) -> Result<Self> {
        let text = |value: &Value, field: &str| {
            value.get(field).and_then(Value::as_str).map(str::to_owned)
        };
        let version = text(value, "overlay").ok_or_else(|| {
            Error::new("not an overlay: the field `overlay` (a version) is missing")
        })?;
        if !(version == "1.0" || version.starts_with("1.0.")) {
            return Err(Error::new(format!(
                "overlay version {version} is not supported; 1.0 is"
            )));
        }
        let info = value.get("info").unwrap_or(&Value::Null);
        let (Some(title), Some(own_version)) = (text(info, "title"), text(info, "version")) else {
            return Err(Error::new("the overlay's info needs a title and a version"));
        };
        let actions = value
            .get("actions")
            .and_then(Value::as_array)
            .ok_or_else(|| {
                Error::new("the overlay's field `actions` is missing or not an array")
            })?;
        if actions.is_empty() {
            return Err(Error::new(
                "the overlay has no actions; at least one is required",
            ));
        }
        let actions = actions
            .iter()
            .enumerate()
            .map(|(i, action)| {
                parse_action(action)
                    .map_err(|e| Error::new(format!("action {}: {}", i + 1, e.message())))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            title,
            version: own_version,
            actions,
        })
    }
}

fn parse_action(value: &Value) -> Result<Action> {
    let target = value
        .get("target")
        .and_then(Value::as_str)
        .ok_or_else(|| Error::new("the field `target` (a JSONPath) is missing"))?;
    let path = JsonPath::parse(target).map_err(|e| Error::new(format!("target {target}: {e}")))?;
    let description = value
        .get("description")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let remove = match value.get("remove") {
        None => false,
        Some(Value::Bool(remove)) => *remove,
        Some(other) => {
            return Err(Error::new(format!(
                "`remove` is {}, not true or false",
                describe_kind(other)
            )));
        }
    };
    let change = match value.get("update") {
        _ if remove => Change::Remove,
        Some(update) => Change::Update(update.clone()),
        None => Change::Nothing,
    };
    Ok(Action {
        target: target.to_owned(),
        description,
        change,
        path,
    })
}

/// Applies every action in order, each to the result of the one before.
///
/// # Errors
/// When an action selects something that is neither object nor array, or its update does not fit what it selects.
pub fn apply(mut document: Value, overlay: &Overlay) -> Result<Applied> {
    let mut actions = Vec::with_capacity(overlay.actions.len());
    for (i, action) in overlay.actions.iter().enumerate() {
        let pointers = apply_action(&mut document, action).map_err(|e| {
            Error::new(format!(
                "overlay action {} ({}): {}",
                i + 1,
                action.target,
                e.message()
            ))
        })?;
        actions.push(ActionReport {
            description: action.description.clone(),
            target: action.target.clone(),
            matched: pointers.len(),
            pointers,
        });
    }
    Ok(Applied { document, actions })
}

/// Lists the JSON pointers of what an action would change, in document order.
///
/// # Errors
/// When it selects something that is neither object nor array.
pub fn targets(document: &Value, action: &Action) -> Result<Vec<String>> {
    select(document, &action.path)
}

/// Applies one action and returns the nodes it selected.
///
/// # Errors
/// As [`apply`].
pub fn apply_action(document: &mut Value, action: &Action) -> Result<Vec<String>> {
    let mut places = select(document, &action.path)?;
    match &action.change {
        Change::Nothing => {}
        Change::Update(update) => {
            for place in &places {
                let Some(node) = document.pointer_mut(place) else {
                    continue;
                };
                merge_into(node, update, place)?;
            }
        }
        Change::Remove => {
            // From the back, so that indexes still to come stay right.
            places.reverse();
            for place in &places {
                remove(document, place)?;
            }
            places.reverse();
        }
    }
    Ok(places)
}

/// Lists the pointers of the selected nodes, in document order and without repetition.
fn select(document: &Value, path: &JsonPath) -> Result<Vec<String>> {
    let mut nodes: Vec<(Vec<(usize, String)>, String)> = Vec::new();
    for located in path.query_located(document).dedup() {
        let place = located.location().to_json_pointer();
        if !matches!(located.node(), Value::Object(_) | Value::Array(_)) {
            return Err(Error::new(format!(
                "selects {} at {place}; a target selects objects or arrays: select the object that contains it",
                describe_kind(located.node())
            )));
        }
        let order = located
            .location()
            .iter()
            .map(|element| {
                (
                    element.as_index().unwrap_or(usize::MAX),
                    element.as_name().unwrap_or_default().to_owned(),
                )
            })
            .collect();
        nodes.push((order, place));
    }
    nodes.sort();
    Ok(nodes.into_iter().map(|(_, place)| place).collect())
}

fn merge_into(node: &mut Value, update: &Value, place: &str) -> Result<()> {
    match node {
        Value::Array(items) => {
            items.push(update.clone());
            Ok(())
        }
        Value::Object(_) if update.is_object() => merge(node, update, place),
        _ => Err(Error::new(format!(
            "selects an object at {place}, so `update` must be an object, not {}",
            describe_kind(update)
        ))),
    }
}

fn merge(target: &mut Value, update: &Value, place: &str) -> Result<()> {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, value) in update {
                match target.get_mut(key) {
                    Some(existing) => merge(existing, value, &pointer::push(place, key))?,
                    None => {
                        target.insert(key.clone(), value.clone());
                    }
                }
            }
            Ok(())
        }
        (Value::Array(target), Value::Array(update)) => {
            target.extend(update.iter().cloned());
            Ok(())
        }
        // An empty field reads as null; giving it content loses nothing.
        (target @ Value::Null, update) => {
            *target = update.clone();
            Ok(())
        }
        (target, update) if !is_collection(target) && !is_collection(update) => {
            *target = update.clone();
            Ok(())
        }
        (target, update) => Err(Error::new(format!(
            "cannot merge {} into {} at {place}; remove it with an action of its own first",
            describe_kind(update),
            describe_kind(target)
        ))),
    }
}

fn is_collection(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}

fn remove(document: &mut Value, place: &str) -> Result<()> {
    let Some((parent, token)) = place.rsplit_once('/') else {
        return Err(Error::new("removes the whole document"));
    };
    // A selected node inside another removed one is gone already.
    match document.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.shift_remove(&pointer::unescape(token));
        }
        Some(Value::Array(items)) => {
            if let Ok(index) = token.parse::<usize>()
                && index < items.len()
            {
                items.remove(index);
            }
        }
        _ => {}
    }
    Ok(())
}

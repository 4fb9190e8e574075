//! `specs verify`: lists every difference between our effective document and the vendor's, and the overlay action that explains it.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use crate::openapi::overlay::{self, Change, Overlay};
use crate::openapi::service::Service;
use crate::openapi::{self, Result, check_version, pointer};

use super::compare::{Difference, Explanation, compare};
use super::contract::{facts, stable_pointer};
use super::extract::extract;
use super::table::{clip, table};

/// What `specs verify` is asked to do.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The service: a folder of specs/
    pub service: String,
    /// The vendor's document, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub against: PathBuf,
    /// List only what no action explains
    #[arg(long)]
    pub unexplained: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// Every difference of one service.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The service.
    pub service: String,
    /// The differences, by place.
    pub differences: Vec<Difference>,
    /// How many of them no action explains.
    pub unexplained: usize,
    #[serde(skip)]
    only_unexplained: bool,
}

/// Compares a service with the vendor's document.
///
/// # Errors
/// When a file cannot be used.
pub fn verify(service: &Service, args: &Args) -> Result<Report> {
    let vendor = openapi::read(&args.against)?.value;
    check_version(&vendor).map_err(|e| e.in_file(&args.against))?;
    let theirs = facts(&extract(&vendor, &service.selection));
    let overlay = service.overlay()?;
    let (effective, touched) = trace(service.document()?.value, overlay.as_ref())
        .map_err(|e| e.in_file(&service.dir.join("overlay.yaml")))?;
    let differences = compare(&theirs, &facts(&effective), |difference, source| {
        explain(difference, source, &touched, overlay.as_ref())
    });
    let unexplained = differences
        .iter()
        .filter(|d| d.explained_by.is_empty())
        .count();
    Ok(Report {
        service: service.name.clone(),
        differences,
        unexplained,
        only_unexplained: args.unexplained,
    })
}

/// Where an action has left its mark.
struct Touched {
    action: usize,
    place: String,
    mark: Mark,
}

/// What an action did to a place.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    /// It and all below it was not there before.
    Made,
    /// It was there and is different now.
    Changed,
    /// It and all below it is gone.
    Removed,
}

/// Applies the overlay action by action and notes every place each one changes.
fn trace(mut document: Value, overlay: Option<&Overlay>) -> Result<(Value, Vec<Touched>)> {
    let mut touched = Vec::new();
    for (i, action) in overlay
        .map(|o| o.actions.as_slice())
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let mut marks = Vec::new();
        let mut appended = Vec::new();
        for target in overlay::targets(&document, action)? {
            let Some(node) = document.pointer(&target) else {
                continue;
            };
            match &action.change {
                Change::Update(_) if node.is_array() => {
                    appended.extend(appended_entries(&target, node, 1));
                    marks.push((stable_pointer(&document, &target), Mark::Changed));
                }
                Change::Update(update) => {
                    let place = (target.as_str(), stable_pointer(&document, &target));
                    mark_update(place, node, update, &mut marks, &mut appended);
                }
                Change::Remove => marks.push((stable_pointer(&document, &target), Mark::Removed)),
                Change::Nothing => {}
            }
        }
        overlay::apply_action(&mut document, action)?;
        // An appended entry of a parameter list is known by its name, like those that were there.
        marks.extend(
            appended
                .iter()
                .map(|e| (stable_pointer(&document, e), Mark::Made)),
        );
        touched.extend(marks.into_iter().map(|(place, mark)| Touched {
            action: i,
            place,
            mark,
        }));
    }
    Ok((document, touched))
}

/// Lists the pointers of the next `count` entries of an array.
fn appended_entries(pointer: &str, array: &Value, count: usize) -> Vec<String> {
    let next = array.as_array().map_or(0, Vec::len);
    (next..next + count)
        .map(|i| format!("{pointer}/{i}"))
        .collect()
}

/// Walks an update beside the object it will be merged into.
fn mark_update(
    (place, known): (&str, String),
    node: &Value,
    update: &Value,
    marks: &mut Vec<(String, Mark)>,
    appended: &mut Vec<String>,
) {
    match (node, update) {
        (Value::Object(node), Value::Object(update)) => {
            for (key, value) in update {
                let (place, known) = (pointer::push(place, key), pointer::push(&known, key));
                match node.get(key) {
                    Some(child) => mark_update((&place, known), child, value, marks, appended),
                    None => marks.push((known, Mark::Made)),
                }
            }
        }
        (Value::Array(_), Value::Array(more)) => {
            appended.extend(appended_entries(place, node, more.len()));
            marks.push((known, Mark::Changed));
        }
        (old, new) if old != new => marks.push((known, Mark::Changed)),
        _ => {}
    }
}

/// Finds the actions that explain `difference`, whose fact is at `source`.
fn explain(
    difference: &Difference,
    source: &str,
    touched: &[Touched],
    overlay: Option<&Overlay>,
) -> Vec<Explanation> {
    let below = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // Whether something is there at all is decided by what made or removed it, not by what changed inside it.
    let existence = difference.aspect == "present"
        && (difference.vendor.is_none() || difference.ours.is_none());
    // A format is part of what the facts call a type.
    let format = source
        .strip_suffix("/type")
        .filter(|_| difference.aspect == "type")
        .map(|schema| format!("{schema}/format"));
    let accounts = |t: &Touched| match t.mark {
        Mark::Made | Mark::Removed if below(source, &t.place) => true,
        _ if existence => false,
        _ => below(&t.place, source) || format.as_ref() == Some(&t.place),
    };
    let mut actions: Vec<usize> = touched
        .iter()
        .filter(|t| accounts(t))
        .map(|t| t.action)
        .collect();
    actions.dedup();
    let describe = |i: usize| {
        overlay
            .and_then(|o| o.actions.get(i))
            .and_then(|a| a.description.clone())
    };
    actions
        .into_iter()
        .map(|i| Explanation {
            action: i + 1,
            description: describe(i).unwrap_or_default(),
        })
        .collect()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self
            .differences
            .iter()
            .filter(|d| !self.only_unexplained || d.explained_by.is_empty());
        let rows: Vec<Vec<String>> = shown
            .map(|d| {
                let why = match d.explained_by.as_slice() {
                    [] => "NOT EXPLAINED".to_owned(),
                    [.., last] => {
                        let numbers: Vec<String> = d
                            .explained_by
                            .iter()
                            .map(|e| format!("#{}", e.action))
                            .collect();
                        format!("{} {}", clip(&numbers.join(" "), 16), last.description)
                    }
                };
                let side = |value: &Option<String>| clip(value.as_deref().unwrap_or("-"), 40);
                let what = format!("{} {}", d.part, d.aspect).trim().to_owned();
                vec![
                    clip(&d.place, 60),
                    clip(&what, 60),
                    side(&d.vendor),
                    side(&d.ours),
                    clip(&why, 120),
                ]
            })
            .collect();
        if !rows.is_empty() {
            write!(
                f,
                "{}",
                table(&["where", "what", "vendor", "ours", "why"], &rows)
            )?;
        }
        writeln!(
            f,
            "{}: {} differences, {} explained by the overlay, {} not explained",
            self.service,
            self.differences.len(),
            self.differences.len() - self.unexplained,
            self.unexplained
        )
    }
}

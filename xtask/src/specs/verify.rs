//! `specs verify`: every difference between our effective document and the vendor's, and the overlay action that explains it.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use crate::document::overlay::{self, Change, Overlay};
use crate::document::service::Service;
use crate::document::{self, Result};

use super::cut::cut;
use super::facts::{Fact, Facts, facts, leaves, stable};
use super::import::check_version;
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

/// One difference.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// The operation or schema.
    pub place: String,
    /// What of it.
    pub part: String,
    /// Which side of that.
    pub aspect: &'static str,
    /// What the vendor's document says; nothing when it is silent.
    pub vendor: Option<String>,
    /// What ours says; nothing when it is silent.
    pub ours: Option<String>,
    /// Where, in ours if it is there, else in the vendor's.
    pub pointer: String,
    /// The actions that explain it, in order; empty when none does.
    pub explained_by: Vec<Explanation>,
}

/// An overlay action that explains a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Its position in the overlay, from 1.
    pub action: usize,
    /// Why it is there.
    pub description: String,
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
    let vendor = document::read(&args.against)?.value;
    check_version(&vendor).map_err(|e| e.in_file(&args.against))?;
    let theirs = facts(&cut(&vendor, &service.selection));
    let overlay = service.overlay()?;
    let (effective, touched) = trace(service.document()?.value, overlay.as_ref())
        .map_err(|e| e.in_file(&service.dir.join("overlay.yaml")))?;
    let differences = compare(&theirs, &facts(&effective), |source| {
        explain(source, &touched, overlay.as_ref())
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
        let mut places = Vec::new();
        let mut appended = Vec::new();
        for target in overlay::targets(&document, action)? {
            match (&action.change, document.pointer(&target)) {
                (Change::Update(_), Some(Value::Array(items))) => {
                    appended.push(format!("{target}/{}", items.len()))
                }
                (Change::Update(update), _) => {
                    leaves(&stable(&document, &target), update, &mut places)
                }
                (Change::Remove, _) => places.push(stable(&document, &target)),
                (Change::Nothing, _) => {}
            }
        }
        overlay::apply_action(&mut document, action)?;
        // An appended entry of a parameter list is known by its name, like those that were there.
        places.extend(appended.iter().map(|entry| stable(&document, entry)));
        touched.extend(places.into_iter().map(|place| Touched { action: i, place }));
    }
    Ok((document, touched))
}

fn explain(source: &str, touched: &[Touched], overlay: Option<&Overlay>) -> Vec<Explanation> {
    let below = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut actions: Vec<usize> = touched
        .iter()
        .filter(|t| below(source, &t.place) || below(&t.place, source))
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

/// Every fact that only one side has, or that the sides disagree on.
pub(super) fn compare(
    theirs: &Facts,
    ours: &Facts,
    explain: impl Fn(&str) -> Vec<Explanation>,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    let keys: std::collections::BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
    for key in keys {
        let (vendor, mine) = (theirs.get(key), ours.get(key));
        if vendor.map(|f| &f.value) == mine.map(|f| &f.value)
            || implied(key, vendor, mine, theirs, ours)
        {
            continue;
        }
        let Some(fact) = mine.or(vendor) else {
            continue;
        };
        let mut explained_by = explain(&fact.source);
        // What only moved is explained where it came from, too.
        if let Some(old) = vendor.filter(|old| explained_by.is_empty() && old.source != fact.source)
        {
            explained_by = explain(&old.source);
        }
        differences.push(Difference {
            place: fact.place.clone(),
            part: fact.part.clone(),
            aspect: fact.aspect,
            vendor: vendor.map(|f| f.value.clone()),
            ours: mine.map(|f| f.value.clone()),
            pointer: fact.source.clone(),
            explained_by,
        });
    }
    differences
}

/// Facts below something that is there on one side only say nothing new.
fn implied(
    key: &(String, String, &'static str),
    vendor: Option<&Fact>,
    mine: Option<&Fact>,
    theirs: &Facts,
    ours: &Facts,
) -> bool {
    if vendor.is_some() && mine.is_some() {
        return false;
    }
    let side = if vendor.is_some() { ours } else { theirs };
    let (place, part, aspect) = key;
    let place_is_missing =
        !side.contains_key(&(place.clone(), String::new(), "present")) && place != "document";
    if place_is_missing {
        return !(part.is_empty() && *aspect == "present");
    }
    // `parameter limit in query`, `body as application/json field a field b`: each prefix may be what is missing.
    let mut prefixes: Vec<&str> = part
        .match_indices([' ', '[', '{'])
        .map(|(i, _)| &part[..i])
        .collect();
    // That a new part is required is news of its own: it is what makes it a burden.
    let burden = *aspect == "required" && mine.is_some_and(|f| f.value == "yes");
    if *aspect != "present" && !burden {
        prefixes.push(part);
    }
    prefixes.iter().any(|prefix| {
        let known =
            |facts: &Facts| facts.contains_key(&(place.clone(), (*prefix).to_owned(), "present"));
        !prefix.is_empty() && known(if vendor.is_some() { theirs } else { ours }) && !known(side)
    })
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

//! Compares two documents fact by fact: what `verify` explains and `diff` judges.

use std::collections::BTreeSet;

use serde::Serialize;

use super::contract::{Fact, Facts};

/// One difference.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// The operation or schema.
    pub place: String,
    /// What of it.
    pub part: String,
    /// Which side of that.
    pub aspect: &'static str,
    /// The vendor's value; nothing when it has none.
    pub vendor: Option<String>,
    /// Our value; nothing when we have none.
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

/// Finds every fact that only one side has, or that the sides disagree on.
pub(super) fn compare(
    theirs: &Facts,
    ours: &Facts,
    explain: impl Fn(&Difference, &str) -> Vec<Explanation>,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    let keys: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
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
        let mut difference = Difference {
            place: fact.place.clone(),
            part: fact.part.clone(),
            aspect: fact.aspect,
            vendor: vendor.map(|f| f.value.clone()),
            ours: mine.map(|f| f.value.clone()),
            pointer: fact.source.clone(),
            explained_by: Vec::new(),
        };
        difference.explained_by = explain(&difference, &fact.source);
        // What only moved is explained where it came from, too.
        let unexplained = difference.explained_by.is_empty();
        if let Some(old) = vendor.filter(|old| unexplained && old.source != fact.source) {
            difference.explained_by = explain(&difference, &old.source);
        }
        differences.push(difference);
    }
    differences
}

/// Tells whether a difference is implied by another: facts below something that only one side has.
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
    // That a new part is required is reported too: it may break callers.
    let newly_required = *aspect == "required" && mine.is_some_and(|f| f.value == "yes");
    if *aspect != "present" && !newly_required {
        prefixes.push(part);
    }
    prefixes.iter().any(|prefix| {
        let known =
            |facts: &Facts| facts.contains_key(&(place.clone(), (*prefix).to_owned(), "present"));
        !prefix.is_empty() && known(if vendor.is_some() { theirs } else { ours }) && !known(side)
    })
}

//! What must not be printed, in the forms it can take.

use std::{collections::BTreeSet, ops::Range};

use aho_corasick::AhoCorasick;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use idweave_sandbox::Sandbox;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::show::Print;

/// The secrets and personal data of a sandbox.
pub struct Needles {
    all: BTreeSet<String>,
    /// Each in all its forms.
    patterns: Vec<(&'static str, String)>,
    /// Finds all patterns in one pass: there are thousands.
    automaton: AhoCorasick,
}

/// Shorter texts than this are found in any output: only pins are, and those are searched for as a whole.
const MIN_LENGTH: usize = 8;

impl Needles {
    /// Collects what the sandbox gave away, and the addresses and full names of all responses and of the requests.
    pub fn of(sandbox: &Sandbox, printed: &[Print], sent: &[&str]) -> Self {
        let mut all: BTreeSet<String> = sandbox.secrets().into_iter().collect();
        all.extend(sent.iter().map(|text| (*text).to_owned()));
        for print in printed {
            if let Ok(body) = serde_json::from_slice::<Value>(&print.body) {
                personal(&body, &mut all);
            }
        }
        let patterns: Vec<_> = all.iter().flat_map(|needle| forms(needle)).collect();
        let automaton = AhoCorasick::new(patterns.iter().map(|(_, pattern)| pattern)).unwrap();
        Self {
            all,
            patterns,
            automaton,
        }
    }

    /// Counts those that are in any of the bodies.
    pub fn present<'a>(&self, bodies: impl Iterator<Item = &'a [u8]>) -> usize {
        let bodies: String = bodies.map(String::from_utf8_lossy).collect();
        self.all
            .iter()
            .filter(|needle| bodies.contains(&**needle))
            .count()
    }

    /// Describes where a text has one of them, each place once.
    pub fn found(&self, what: &str, text: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for place in self.automaton.find_overlapping_iter(text) {
            let (form, pattern) = &self.patterns[place.pattern()];
            if pattern.len() < MIN_LENGTH && !stands_alone(text, place.range()) {
                continue;
            }
            let before: Vec<char> = text[..place.start()].chars().rev().take(70).collect();
            let before: String = before.into_iter().rev().collect();
            found.insert(format!("{what}: {form} after {before:?}"));
        }
        found
    }
}

/// Whether a number is not part of a longer one or of a word.
fn stands_alone(text: &str, place: Range<usize>) -> bool {
    let before = text[..place.start].chars().next_back();
    let after = text[place.end..].chars().next();
    let goes_on = |c: char| c.is_alphanumeric() || c == '.';
    !before.is_some_and(goes_on) && !after.is_some_and(goes_on)
}

/// The forms in which a text can be printed.
fn forms(needle: &str) -> Vec<(&'static str, String)> {
    let mut forms = vec![("as it is", needle.to_owned())];
    if needle.len() < MIN_LENGTH {
        return forms;
    }
    forms.push((
        "percent-encoded",
        utf8_percent_encode(needle, NON_ALPHANUMERIC).to_string(),
    ));
    // As part of a longer text it stands at any of three offsets; the characters at its ends hold neighbours too.
    for offset in 0..3 {
        let bytes = [&[0; 3][..offset], needle.as_bytes()].concat();
        let whole = |text: String| {
            let end = text.len() - usize::from(bytes.len() % 3 != 0);
            text[if offset == 0 { 0 } else { offset + 1 }..end].to_owned()
        };
        forms.push(("base64", whole(STANDARD_NO_PAD.encode(&bytes))));
        forms.push(("base64url", whole(URL_SAFE_NO_PAD.encode(&bytes))));
    }
    let json = Value::from(needle).to_string();
    forms.push(("JSON-escaped", json[1..json.len() - 1].to_owned()));
    let debug = format!("{needle:?}");
    forms.push(("debug-escaped", debug[1..debug.len() - 1].to_owned()));
    forms
}

/// Collects addresses, and the full names beside them.
fn personal(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_address(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| personal(item, found)),
        Value::Object(fields) => {
            let is_person = fields.iter().any(|(name, value)| {
                name.eq_ignore_ascii_case("email") && value.as_str().is_some_and(is_address)
            });
            for (name, value) in fields {
                let full_name = value.as_str().filter(|text| text.trim().contains(' '));
                let names_a_person = ["name", "displayname", "display_name", "fullname"]
                    .contains(&&*name.to_ascii_lowercase());
                if let (true, true, Some(text)) = (is_person, names_a_person, full_name) {
                    found.insert(text.to_owned());
                }
                personal(value, found);
            }
        }
        _ => {}
    }
}

fn is_address(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && local.chars().chain(domain.chars()).all(is_word)
    })
}

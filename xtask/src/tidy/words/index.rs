//! The patterns of the list by their first word, so that each word of a text is compared with few of them.

use std::collections::HashMap;
use std::ops::Range;

use super::list::{Entry, List, Scope};
use super::phrase::{Phrase, Words};

/// All patterns of a list.
#[derive(Default)]
pub(super) struct Index<'l> {
    by_word: HashMap<String, Vec<Pattern<'l>>>,
    by_name: HashMap<&'l str, Vec<Pattern<'l>>>,
    /// The patterns whose first word has a star.
    with_star: Vec<Pattern<'l>>,
}

/// A pattern of the list with what belongs to it.
#[derive(Clone, Copy)]
pub(super) struct Pattern<'l> {
    pub(super) entry: &'l Entry,
    pub(super) scopes: &'l [Scope],
    phrase: &'l Phrase,
}

impl<'l> Index<'l> {
    /// Sorts the patterns of a list.
    pub(super) fn of(list: &'l List) -> Self {
        let mut index = Self::default();
        for entry in &list.entries {
            for (scopes, phrase) in &entry.patterns {
                let pattern = Pattern {
                    entry,
                    scopes,
                    phrase,
                };
                match phrase.first_word() {
                    Some(word) if !word.contains('*') => {
                        let word = word.to_lowercase();
                        index.by_word.entry(word).or_default().push(pattern);
                        let name = phrase.as_str();
                        index.by_name.entry(name).or_default().push(pattern);
                    }
                    _ => index.with_star.push(pattern),
                }
            }
        }
        index
    }

    /// Finds the patterns that are a name.
    pub(super) fn of_name(&self, name: &str) -> Vec<(Pattern<'l>, Range<usize>)> {
        self.by_name
            .get(name)
            .into_iter()
            .flatten()
            .chain(&self.with_star)
            .filter(|pattern| pattern.phrase.is_name(name))
            .map(|pattern| (*pattern, 0..name.len()))
            .collect()
    }

    /// Finds the patterns in a text, with their places.
    pub(super) fn in_prose(&self, words: &Words<'_>) -> Vec<(Pattern<'l>, Range<usize>)> {
        let mut found = Vec::new();
        for (at, word) in words.lower_case().enumerate() {
            let patterns = self.by_word.get(word).into_iter().flatten();
            for pattern in patterns.chain(&self.with_star) {
                if let Some(place) = pattern.phrase.find_at(words, at) {
                    found.push((*pattern, place));
                }
            }
        }
        found
    }
}

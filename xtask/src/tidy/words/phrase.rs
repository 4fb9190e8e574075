//! Patterns of words, and where they match in a text.

use std::ops::Range;

/// Words in a row. A star at the start or the end of a word stands for any letters.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    text: String,
    /// The words in lower case.
    words: Vec<String>,
}

/// A text cut into words.
pub(super) struct Words<'t> {
    text: &'t str,
    /// Each word in lower case, with its place in the text.
    words: Vec<(Range<usize>, String)>,
}

impl Phrase {
    /// Reads a pattern.
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            words: text.split_whitespace().map(str::to_lowercase).collect(),
        }
    }

    /// Tells whether a name is the pattern's one word, capitals included.
    pub(super) fn is_name(&self, name: &str) -> bool {
        fits(&self.text, name)
    }

    /// The pattern as it is written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The first word as it is written.
    pub(super) fn first_word(&self) -> Option<&str> {
        self.text.split_whitespace().next()
    }

    /// Finds the pattern in a text, whatever the capitals and the line breaks between its words.
    pub(super) fn find(&self, text: &Words<'_>) -> Vec<Range<usize>> {
        (0..text.words.len())
            .filter_map(|at| self.find_at(text, at))
            .collect()
    }

    /// Finds the pattern where it starts with a certain word of a text.
    pub(super) fn find_at(&self, text: &Words<'_>, at: usize) -> Option<Range<usize>> {
        let window = text.words.get(at..at + self.words.len())?;
        let fits = self
            .words
            .iter()
            .zip(window)
            .all(|(pattern, (_, word))| fits(pattern, word));
        let in_a_row = || {
            window
                .windows(2)
                .all(|pair| text.is_blank(&pair[0].0, &pair[1].0))
        };
        if !fits || !in_a_row() {
            return None;
        }
        Some(window.first()?.0.start..window.last()?.0.end)
    }
}

impl<'t> Words<'t> {
    /// Cuts a text into words: letters, digits, `_` and hyphens inside.
    pub(super) fn of(text: &'t str) -> Self {
        let mut words = Vec::new();
        let mut start = None;
        for (at, character) in text.char_indices().chain([(text.len(), ' ')]) {
            let is_inside = character.is_alphanumeric() || character == '_' || character == '-';
            match start {
                None if is_inside => start = Some(at),
                Some(from) if !is_inside => {
                    words.push((from..at, text[from..at].to_lowercase()));
                    start = None;
                }
                _ => {}
            }
        }
        Self { text, words }
    }

    /// The words in lower case, in order.
    pub(super) fn lower_case(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|(_, word)| word.as_str())
    }

    fn is_blank(&self, before: &Range<usize>, after: &Range<usize>) -> bool {
        self.text[before.end..after.start].trim().is_empty()
    }
}

fn fits(pattern: &str, word: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => word.contains(pattern.trim_matches('*')),
        (Some(end), None) => word.ends_with(end),
        (None, Some(start)) => word.starts_with(start),
        (None, None) => word == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Vec<(usize, usize)> {
        let places = Phrase::new(pattern).find(&Words::of(text));
        places
            .into_iter()
            .map(|place| (place.start, place.end))
            .collect()
    }

    #[test]
    fn phrase_matches_whole_words_in_a_row() {
        assert_eq!(found("she", "She ate; ashes, she"), [(0, 3), (16, 19)]);
        assert_eq!(found("taken up", "was taken\n    up"), [(4, 16)]);
        assert!(found("taken up", "taken, up taken-up").is_empty());
        assert_eq!(found("her", "her's her- her_id"), [(0, 3)]);
    }

    #[test]
    fn star_stands_for_any_letters() {
        assert_eq!(found("unti*", "untied, untie, tie"), [(0, 6), (8, 13)]);
        assert_eq!(found("*tied", "untied tied"), [(0, 6), (7, 11)]);
        assert_eq!(found("is no *", "is no id, is no"), [(0, 8)]);
    }

    #[test]
    fn name_is_compared_whole_and_with_its_capitals() {
        assert!(Phrase::new("Walk").is_name("Walk"));
        assert!(!Phrase::new("Walk").is_name("walk"));
        assert!(!Phrase::new("Walk").is_name("Walker"));
        assert!(Phrase::new("Walk*").is_name("Walker"));
        assert!(!Phrase::new("a b").is_name("a"));
    }
}

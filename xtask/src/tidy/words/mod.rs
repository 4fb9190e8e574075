//! The words of the list are written nowhere, the standard ones in their place.
//!
//! # The list
//!
//! `xtask/tidy/words.toml` has one `[[word]]` for each standard word:
//!
//! ```toml
//! [[word]]
//! standard = "external account"              # what to write instead
//! prose = ["outside account*"]               # docs, comments, string literals and names of tests
//! identifier = ["OutsideAccount"]            # declared names, compared whole
//! file = ["outside"]                         # a file's name without its ending
//! only = ["crates/idweave"]                  # limits the entry to files and folders
//! except = [
//!     { path = "docs/history.md", why = "quotes the old name" },
//!     { text = "an outside account book", why = "another meaning" },
//! ]
//! ```
//!
//! Names that are simply called otherwise stand in a table:
//!
//! ```toml
//! [[names]]
//! only = ["crates/idweave"]
//! [names.instead]
//! Walk = "Pager"
//! ```
//!
//! `doc`, `comment`, `literal` and `test` are `prose` for one place alone. A pattern is one word or several in a row,
//! compared whole; a star at the start or the end of a word stands for any letters. In prose capitals make no
//! difference and a line break is a space; code (`` `like this` ``, fenced blocks but for their comments) is left out.
//!
//! To add a word, write down the *exact* pattern that is wrong. What is ordinary English or Rust elsewhere (token,
//! session, step, answer as a verb) is not a pattern by itself: name the phrase, or limit it by `only`.
//!
//! # Exceptions
//!
//! An exception names a `path` (a file or folder), a `text` (the words around, matched like a pattern), or both, and
//! says `why`. One that excuses nothing any more is reported. A `[[skip]]` with `scope`, `path` and `why` leaves a
//! scope out in a whole folder: the texts in which the sandbox imitates a service are data. A skip of a folder that is
//! not there is reported. An entry that matches nothing is fine, since its purpose is that the word does not come back.
//!
//! Not seen are names that macros declare, and the words of generated files: their sentences come from `overlay.yaml`
//! and from the templates, which are checked.

mod index;
mod list;
mod names;
mod passages;
mod phrase;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::Range;

use super::diagnostic::{Diagnostic, is_within};
use super::files::{Files, SourceFile};
use super::syntax::test_lines;
use index::Index;
use list::{Entry, List, Scope};
use names::Names;
use passages::passages;
use phrase::Words;

const RULE: &str = "words";

/// Compares every handwritten file with the list.
pub(super) fn check(files: &Files) -> Vec<Diagnostic> {
    let Some(file) = files.get(list::PATH) else {
        return Vec::new();
    };
    let list = match List::parse(&file.text) {
        Ok(list) => list,
        Err((line, message)) => {
            let message =
                format!("{message}; the format is described in xtask/src/tidy/words/mod.rs");
            return vec![Diagnostic::new(RULE, list::PATH, line, message)];
        }
    };
    let mut checker = Checker {
        list: &list,
        index: Index::of(&list),
        used: BTreeSet::new(),
        found: Vec::new(),
    };
    for file in files.all().filter(|file| is_ours(file)) {
        checker.file(file);
    }
    let Checker {
        used, mut found, ..
    } = checker;
    let exceptions = list.entries.iter().flat_map(|entry| &entry.exceptions);
    for exception in exceptions.filter(|exception| !used.contains(&exception.line)) {
        let message = "the exception excuses nothing; remove it";
        found.push(Diagnostic::new(RULE, list::PATH, exception.line, message));
    }
    let is_there = |path: &str| files.all().any(|file| is_within(&file.path, path));
    for skip in list.skips.iter().filter(|skip| !is_there(&skip.path)) {
        let message = "the skip names a path that does not exist; correct or remove it";
        found.push(Diagnostic::new(RULE, list::PATH, skip.line, message));
    }
    found
}

fn is_ours(file: &SourceFile) -> bool {
    let is_read = file.path.ends_with(".rs")
        || file.path.ends_with(".md")
        || file.path.ends_with("overlay.yaml")
        || file.path.ends_with("service.toml");
    is_read && !file.is_generated()
}

struct Checker<'l> {
    list: &'l List,
    index: Index<'l>,
    /// The lines of the exceptions that excused something.
    used: BTreeSet<usize>,
    found: Vec<Diagnostic>,
}

/// A text to be compared: its scope, its place, and how a word in it is called.
struct Text<'t> {
    path: &'t str,
    scope: Scope,
    line: usize,
    text: &'t str,
}

impl Checker<'_> {
    fn file(&mut self, file: &SourceFile) {
        let path = &file.path;
        if file.is_rust() {
            let name = file_name(path);
            self.text(&Text {
                path,
                scope: Scope::File,
                line: 1,
                text: name,
            });
        }
        let names = file.parsed().map(Names::of).unwrap_or_default();
        for (name, line) in &names.declared {
            self.text(&Text {
                path,
                scope: Scope::Identifier,
                line: *line,
                text: name,
            });
        }
        for (name, line) in &names.tests {
            let words = name.replace('_', " ");
            self.text(&Text {
                path,
                scope: Scope::Test,
                line: *line,
                text: &words,
            });
        }
        let everything = 1..=usize::MAX;
        let test_lines = match file.parsed() {
            _ if file.is_test() => vec![everything],
            Some(syntax) => test_lines(syntax),
            None => Vec::new(),
        };
        for passage in passages(file, &test_lines) {
            self.text(&Text {
                path,
                scope: passage.scope,
                line: passage.line,
                text: &passage.text,
            });
        }
    }

    fn text(&mut self, text: &Text<'_>) {
        let words = Words::of(text.text);
        let places = match text.scope {
            Scope::Identifier | Scope::File => self.index.of_name(text.text),
            _ => self.index.in_prose(&words),
        };
        let mut last: Option<(&Entry, usize)> = None;
        for (pattern, place) in places {
            // Two patterns of an entry may share words; one report is enough.
            if last
                .is_some_and(|(entry, end)| std::ptr::eq(entry, pattern.entry) && place.start < end)
            {
                continue;
            }
            if pattern.scopes.contains(&text.scope)
                && pattern.entry.concerns(text.path)
                && !self.is_excused(pattern.entry, text, &words, &place)
            {
                last = Some((pattern.entry, place.end));
                self.report(pattern.entry, text, place);
            }
        }
    }

    fn is_excused(
        &mut self,
        entry: &Entry,
        text: &Text<'_>,
        words: &Words<'_>,
        place: &Range<usize>,
    ) -> bool {
        if self
            .list
            .skips
            .iter()
            .any(|skip| skip.covers(text.scope, text.path))
        {
            return true;
        }
        let exceptions = entry.exceptions.iter();
        let lines: Vec<usize> = exceptions
            .filter(|exception| exception.covers(text.path, words, place))
            .map(|exception| exception.line)
            .collect();
        self.used.extend(&lines);
        !lines.is_empty()
    }

    fn report(&mut self, entry: &Entry, text: &Text<'_>, place: Range<usize>) {
        let line = text.line + text.text[..place.start].matches('\n').count();
        let written: Vec<&str> = text.text[place].split_whitespace().collect();
        let written = written.join(" ");
        let what = match text.scope {
            Scope::Identifier => format!("the name `{written}`"),
            Scope::Doc => format!("“{written}” in documentation"),
            Scope::Comment => format!("“{written}” in a comment"),
            Scope::Literal => format!("“{written}” in a text"),
            Scope::Test => format!("“{written}” in the name of a test"),
            Scope::File => format!("the file name `{written}`"),
        };
        let message = format!("{what}; write instead: {}", entry.standard);
        self.found
            .push(Diagnostic::new(RULE, text.path, line, message));
    }
}

/// The name of a file without its ending; of a `mod.rs`, the folder's.
fn file_name(path: &str) -> &str {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.rsplit('/').next().unwrap_or(path)
}

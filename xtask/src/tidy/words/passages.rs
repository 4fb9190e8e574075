//! Finds what people read in a file: doc comments, other comments, string literals, pages.

use proc_macro2::{Span, TokenStream, TokenTree};

use super::super::files::SourceFile;
use super::list::Scope;

/// A piece of text and where it starts.
pub(super) struct Passage {
    /// `Doc`, `Comment` or `Literal`.
    pub(super) scope: Scope,
    /// The line of its first character.
    pub(super) line: usize,
    /// The text, line by line as in the file; marks of comments, code and escapes are blanked.
    pub(super) text: String,
}

/// Lists the passages of a file; string literals of tests are left out.
pub(super) fn passages(
    file: &SourceFile,
    test_lines: &[std::ops::RangeInclusive<usize>],
) -> Vec<Passage> {
    if file.is_rust() {
        let mut found = match &file.tokens {
            Some(tokens) => rust(&file.text, tokens),
            None => Vec::new(),
        };
        found.retain(|passage| {
            passage.scope != Scope::Literal
                || !test_lines.iter().any(|lines| lines.contains(&passage.line))
        });
        found
    } else {
        let text = if file.path.ends_with(".md") {
            without_code(&file.text)
        } else {
            file.text.replace(['#', '\'', '"'], " ")
        };
        vec![Passage {
            scope: Scope::Doc,
            line: 1,
            text,
        }]
    }
}

fn rust(source: &str, tokens: &TokenStream) -> Vec<Passage> {
    let mut scanner = Scanner {
        source,
        end: 0,
        line: 1,
        found: Vec::new(),
    };
    scanner.stream(tokens.clone());
    let rest = source.len();
    scanner.gap(rest);
    for passage in &mut scanner.found {
        if passage.scope != Scope::Literal {
            passage.text = without_code(&passage.text);
        }
    }
    scanner.found
}

/// Goes through tokens in order; what stands between them is white space and comments.
struct Scanner<'s> {
    source: &'s str,
    /// Where the last token ended.
    end: usize,
    /// The line of that place.
    line: usize,
    found: Vec<Passage>,
}

impl Scanner<'_> {
    fn stream(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    self.token(group.span_open());
                    self.stream(group.stream());
                    self.token(group.span_close());
                }
                TokenTree::Literal(literal) => self.literal(literal.span()),
                other => self.token(other.span()),
            }
        }
    }

    fn token(&mut self, span: Span) {
        let range = span.byte_range();
        self.gap(range.start);
        let Some(text) = self.source.get(self.end.max(range.start)..range.end) else {
            return;
        };
        // The tokens of a doc comment all have the comment's place.
        if text.starts_with("//") || text.starts_with("/*") {
            self.comment(Scope::Doc, text);
        }
        self.advance(range.end);
    }

    fn literal(&mut self, span: Span) {
        let range = span.byte_range();
        self.gap(range.start);
        let Some(text) = self.source.get(self.end.max(range.start)..range.end) else {
            return;
        };
        if text.trim_start_matches(['b', 'c']).starts_with(['"', 'r']) {
            self.found.push(Passage {
                scope: Scope::Literal,
                line: self.line,
                text: without_escapes(text),
            });
        }
        self.advance(range.end);
    }

    /// Reads the comments up to a place.
    fn gap(&mut self, end: usize) {
        while self.end < end {
            let rest = &self.source[self.end..end];
            let Some(start) = rest.find('/') else {
                break;
            };
            self.advance(self.end + start);
            let rest = &self.source[self.end..end];
            let length = if rest.starts_with("/*") {
                block_length(rest)
            } else {
                rest.find('\n').unwrap_or(rest.len())
            };
            self.comment(Scope::Comment, &rest[..length]);
            self.advance(self.end + length);
        }
        self.advance(end);
    }

    fn advance(&mut self, end: usize) {
        if let Some(text) = self.source.get(self.end..end) {
            self.line += text.bytes().filter(|byte| *byte == b'\n').count();
            self.end = end;
        }
    }

    /// Adds a comment; one that follows another of its kind on the next line continues it.
    fn comment(&mut self, scope: Scope, text: &str) {
        let text = text
            .trim_start_matches(['/', '!', '*'])
            .trim_end_matches(['/', '*']);
        if let Some(last) = self.found.last_mut()
            && last.scope == scope
            && last.line + last.text.matches('\n').count() + 1 == self.line
        {
            last.text.push('\n');
            last.text.push_str(text);
        } else {
            self.found.push(Passage {
                scope,
                line: self.line,
                text: text.to_owned(),
            });
        }
    }
}

fn block_length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// Blanks escapes, so that `\nand` is the word `and`.
fn without_escapes(literal: &str) -> String {
    if literal.trim_start_matches(['b', 'c']).starts_with('r') {
        return literal.to_owned();
    }
    let mut out = String::with_capacity(literal.len());
    let mut characters = literal.chars();
    while let Some(character) = characters.next() {
        if character == '\\' {
            out.push(' ');
            match characters.next() {
                Some('\n') => out.push('\n'),
                _ => out.push(' '),
            }
        } else {
            out.push(character);
        }
    }
    out
}

/// Blanks what is code in Markdown: spans, fenced blocks except their comments, and the targets of links.
fn without_code(text: &str) -> String {
    let mut out = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.split('\n') {
        let trimmed = line.trim_start();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| trimmed.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => {
                fence = Some(mark);
                out.push(String::new());
            }
            (Some(open), Some(mark)) if open == mark => {
                fence = None;
                out.push(String::new());
            }
            (Some(_), _) => out.push(
                line.split_once("//")
                    .map_or("", |(_, comment)| comment)
                    .to_owned(),
            ),
            (None, None) => out.push(line.to_owned()),
        }
    }
    without_link_targets(&without_spans(&out.join("\n")))
}

/// Keeps the backquotes, so that the words around a span are not in a row.
fn without_spans(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..]
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        let (before, span) = rest.split_at(start);
        out.push_str(before);
        let mark = &span[..ticks];
        // A span may run over a line break, but not over an empty line.
        match span[ticks..]
            .find(mark)
            .filter(|end| !span[ticks..ticks + end].contains("\n\n"))
        {
            Some(end) => {
                out.push_str(mark);
                out.extend(span[ticks..ticks + end].chars().filter(|c| *c == '\n'));
                out.push_str(mark);
                rest = &span[ticks + end + ticks..];
            }
            None => {
                out.push_str(mark);
                rest = &span[ticks..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn without_link_targets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("](") {
        let (before, link) = rest.split_at(start + 2);
        out.push_str(before);
        let end = link.find([')', '\n']).unwrap_or(link.len());
        rest = &link[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, text: &str) -> Vec<(Scope, usize, String)> {
        let file = SourceFile::new(path, text.to_owned());
        passages(&file, &[])
            .into_iter()
            .map(|passage| (passage.scope, passage.line, passage.text))
            .collect()
    }

    #[test]
    fn comments_docs_and_literals_are_told_apart() {
        let found = of(
            "src/a.rs",
            "//! One\n//! two.\n\n// three\nfn f() { // four\n    g(\"five\\nsix\"); /* seven\n /* 7 */ */ 'x'; b\"8\";\n}\n/// nine\nfn h() {}\n// ten",
        );
        let expected = [
            (Scope::Doc, 1, " One\n two."),
            (Scope::Comment, 4, " three\n four"),
            (Scope::Literal, 6, "\"five  six\""),
            (Scope::Comment, 6, " seven\n /* 7 */ "),
            (Scope::Literal, 7, "b\"8\""),
            (Scope::Doc, 9, " nine"),
            (Scope::Comment, 11, " ten"),
        ];
        let expected: Vec<_> = expected
            .map(|(scope, line, text)| (scope, line, text.to_owned()))
            .into();
        assert_eq!(found, expected);
    }

    #[test]
    fn literal_with_a_slash_is_not_a_comment() {
        let found = of(
            "src/a.rs",
            "const A: &str = \"https://x\"; const B: u8 = 4 / 2;",
        );
        assert_eq!(found, [(Scope::Literal, 1, "\"https://x\"".to_owned())]);
    }

    #[test]
    fn code_in_markdown_is_blanked_but_for_its_comments() {
        let found = of(
            "docs/a.md",
            "A `b c` d [e](f)\n```rust\ng // h\n```\n~~~\n``` i\n~~~\nj ` k\n",
        );
        let text = "A `` d [e]()\n\n h\n\n\n\n\nj ` k\n";
        assert_eq!(found, [(Scope::Doc, 1, text.to_owned())]);
    }

    #[test]
    fn code_span_may_run_over_a_line_break() {
        let found = of("src/a.rs", "/// a `b\n/// c` d\nfn f() {}");
        assert_eq!(found, [(Scope::Doc, 1, " a `\n` d".to_owned())]);
    }
}

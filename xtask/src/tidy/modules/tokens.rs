//! Finds paths in tokens that are not parsed: macro calls, macro rules and attributes.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path in code, segment by segment.
pub(super) type Segments = Vec<String>;

/// A path as tokens show it.
pub(super) struct TokenPath {
    /// Its segments; the first may be `crate`, `$crate`, `self` or `super`.
    pub(super) segments: Segments,
    /// The line it starts on.
    pub(super) line: usize,
}

/// Lists all identifiers.
pub(super) fn idents(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => found.push(ident.to_string()),
            TokenTree::Group(group) => found.extend(idents(&group.stream())),
            _ => {}
        }
    }
    found
}

/// Lists the identifiers that a `quote!` interpolates; the rest of its tokens are code for somewhere else.
pub(super) fn interpolated(tokens: &TokenStream) -> Vec<TokenPath> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => found.extend(interpolated(&group.stream())),
            TokenTree::Ident(ident) if is_punct(&tokens, at.wrapping_sub(1), '#') => {
                found.push(TokenPath {
                    segments: vec![ident.to_string()],
                    line: ident.span().start().line,
                });
            }
            _ => {}
        }
    }
    found
}

/// Lists what looks like a path: identifiers joined by `::`, and single ones that are not a field, method or macro variable.
///
/// A group after `::` continues the path, as in a `use` inside a macro.
pub(super) fn paths(tokens: &TokenStream) -> Vec<TokenPath> {
    let mut found = Vec::new();
    collect(
        &tokens.clone().into_iter().collect::<Vec<_>>(),
        &[],
        &mut found,
    );
    found
}

fn collect(tokens: &[TokenTree], prefix: &[String], found: &mut Vec<TokenPath>) {
    let mut at = 0;
    while at < tokens.len() {
        let start = at;
        at += 1;
        match &tokens[start] {
            TokenTree::Group(group) => collect(&inner(group), prefix, found),
            TokenTree::Ident(ident) if ident == "as" && !prefix.is_empty() => at += 1,
            TokenTree::Ident(ident) => {
                let is_variable = is_punct(tokens, start.wrapping_sub(1), '$');
                let first = if is_variable && ident == "crate" {
                    "$crate".to_owned()
                } else {
                    ident.to_string()
                };
                let is_path = !is_variable || first == "$crate";
                let mut segments = [prefix, &[first]].concat();
                let mut is_whole = true;
                while is_punct(tokens, at, ':') && is_punct(tokens, at + 1, ':') {
                    match tokens.get(at + 2) {
                        Some(TokenTree::Ident(next)) => segments.push(next.to_string()),
                        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                            collect(&inner(group), &segments, found);
                            is_whole = false;
                        }
                        _ => break,
                    }
                    at += 3;
                }
                if is_path && is_whole && !follows_another(tokens, start) {
                    let line = ident.span().start().line;
                    found.push(TokenPath { segments, line });
                }
            }
            _ => {}
        }
    }
}

fn inner(group: &proc_macro2::Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// Tells whether the identifier at `at` is a field, a method, a lifetime, or the rest of a path that starts elsewhere.
fn follows_another(tokens: &[TokenTree], at: usize) -> bool {
    let before = |distance: usize, character| {
        at.checked_sub(distance)
            .is_some_and(|at| is_punct(tokens, at, character))
    };
    (before(1, '.') && !before(2, '.')) || before(1, '\'') || (before(1, ':') && before(2, ':'))
}

fn is_punct(tokens: &[TokenTree], at: usize, character: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tokens: TokenStream = text.parse().unwrap();
        paths(&tokens)
            .into_iter()
            .map(|path| path.segments.join("::"))
            .collect()
    }

    #[test]
    fn paths_finds_joined_and_single_identifiers() {
        assert_eq!(
            found("a::b(C { d: $e }, $crate::f::G::<h>::new())"),
            ["a::b", "C", "d", "$crate::f::G", "h"]
        );
    }

    #[test]
    fn paths_leaves_out_fields_methods_lifetimes_and_other_crates() {
        assert_eq!(found("x.y().z::<T>() + ::http::Y"), ["x", "T"]);
        assert_eq!(found("&'a T"), ["T"]);
        assert_eq!(found("0..LAST"), ["LAST"]);
    }

    #[test]
    fn interpolated_finds_only_what_follows_a_hash() {
        let tokens: TokenStream = "super::x::#name { #(#fields: y),* }".parse().unwrap();
        let names: Vec<String> = interpolated(&tokens)
            .into_iter()
            .map(|path| path.segments.join("::"))
            .collect();
        assert_eq!(names, ["name", "fields"]);
    }

    #[test]
    fn paths_follows_the_groups_of_a_use() {
        assert_eq!(
            found("use crate::a::{self, B as C, d::{E}};"),
            ["use", "crate::a::self", "crate::a::B", "crate::a::d::E"]
        );
    }
}

//! Unused code is removed, not allowed file by file or crate by crate.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::{AttrStyle, Meta};

use super::super::diagnostic::Diagnostic;
use super::super::files::Files;

/// Reports `#![allow(dead_code)]` and `#![expect(dead_code)]`, conditional ones too; test support may have them.
pub(in super::super) fn check(files: &Files) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for file in files.rust().filter(|file| !file.is_test()) {
        for attribute in file.parsed().iter().flat_map(|syntax| &syntax.attrs) {
            if let (AttrStyle::Inner(_), Meta::List(list)) = (&attribute.style, &attribute.meta)
                && ["allow", "expect", "cfg_attr"]
                    .iter()
                    .any(|name| list.path.is_ident(name))
                && mentions_dead_code(&list.tokens)
            {
                let line = attribute.span().start().line;
                let message = "`dead_code` is allowed for the whole file; remove what is unused, \
                               or put `#[cfg(…)]` on it";
                found.push(Diagnostic::new("dead_code", &file.path, line, message));
            }
        }
    }
    found
}

fn mentions_dead_code(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "dead_code",
        TokenTree::Group(group) => mentions_dead_code(&group.stream()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_code_is_not_allowed_for_a_whole_file() {
        let files = Files::from_texts(&[
            ("src/a.rs", "#![allow(dead_code)]"),
            (
                "src/b.rs",
                "#![deny(missing_docs)]\n#![cfg_attr(not(feature = \"x\"), allow(dead_code))]",
            ),
            ("src/c.rs", "#[allow(dead_code)]\nfn f() {}"),
            ("tests/common/mod.rs", "#![allow(dead_code)]"),
        ]);
        let found: Vec<(String, usize)> = check(&files)
            .into_iter()
            .map(|found| (found.path, found.line))
            .collect();
        assert_eq!(
            found,
            [("src/a.rs".to_owned(), 1), ("src/b.rs".to_owned(), 2)]
        );
    }
}

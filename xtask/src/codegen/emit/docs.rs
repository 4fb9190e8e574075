//! Documentation text that rustdoc takes without a warning, whatever a vendor wrote.

use proc_macro2::TokenStream;
use quote::quote;

/// `#[doc]` attributes, one a line.
pub(super) fn attributes(text: &str) -> TokenStream {
    let lines = clean(text).into_iter().map(|line| {
        if line.is_empty() {
            line
        } else {
            format!(" {line}")
        }
    });
    let lines: Vec<String> = lines.collect();
    quote!(#(#[doc = #lines])*)
}

/// The text in lines: nothing that reads as a code block to test, a link to resolve, or HTML.
pub(super) fn clean(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let text: String = text
        .chars()
        .filter(|c| !c.is_control() || *c == '\n' || *c == '\t')
        .collect();
    for line in text.lines() {
        let line = line.trim();
        // Fences would be compiled as Rust; what is inside them reads well enough as text.
        if line.starts_with("```") || line.starts_with("~~~") {
            continue;
        }
        // Headings and rules of a vendor's page do not belong into ours.
        let line = line.trim_start_matches('#').trim();
        let ruled = line.len() > 2 && line.chars().all(|c| matches!(c, '-' | '=' | '*' | '_'));
        if line.is_empty() || ruled {
            if lines.last().is_some_and(|l| !l.is_empty()) {
                lines.push(String::new());
            }
            continue;
        }
        lines.push(escape(line));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn escape(line: &str) -> String {
    // An odd backtick opens code that never ends.
    let code_is_closed = line.matches('`').count().is_multiple_of(2);
    let mut out = String::with_capacity(line.len() + 8);
    let mut in_code = false;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let taken = c.len_utf8();
        match c {
            '`' if code_is_closed => {
                in_code = !in_code;
                out.push('`');
            }
            '`' => out.push('\''),
            _ if in_code => out.push(c),
            '[' | ']' | '<' => {
                out.push('\\');
                out.push(c);
            }
            '\\' => out.push_str("\\\\"),
            'h' if rest.starts_with("http://") || rest.starts_with("https://") => {
                let end = rest
                    .find(|c: char| c.is_whitespace() || "<>()[]{}\"'`|\\*".contains(c))
                    .unwrap_or(rest.len());
                let url = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?']);
                let bare = url
                    .strip_prefix("https://")
                    .or_else(|| url.strip_prefix("http://"))
                    .unwrap_or_default();
                if bare.is_empty() {
                    out.push_str("http\\:");
                    rest = &rest[if rest.starts_with("https") { 6 } else { 5 }..];
                    continue;
                }
                out.push('<');
                out.push_str(url);
                out.push('>');
                rest = &rest[url.len()..];
                continue;
            }
            _ => out.push(c),
        }
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reads_as_link_html_or_code_to_test() {
        assert_eq!(
            clean(
                "# Users\n\n```json\n{\"a\": [1]}\n```\n    indented <b>x</b> see [docs](https://e.org/a_b).\n`a[0]` odd ` tick"
            ),
            [
                "Users",
                "",
                "{\"a\": \\[1\\]}",
                "indented \\<b>x\\</b> see \\[docs\\](<https://e.org/a_b>).",
                "'a\\[0\\]' odd ' tick"
            ]
        );
        assert_eq!(clean("code `Vec<T>` stays"), ["code `Vec<T>` stays"]);
        assert!(clean(" \n\n").is_empty());
    }
}

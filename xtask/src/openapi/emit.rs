//! Writes a document as YAML: block style, two spaces, one spelling for every value, so that a file changes only where its
//! content does.

use std::fmt::Write as _;

use serde_json::Value;

/// Writes `value` as YAML that [`super::parse`] reads back to the same value.
#[must_use]
pub fn yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write(&mut out, value, 0),
        Value::Array(items) if !items.is_empty() => write(&mut out, value, 0),
        _ => {
            inline(&mut out, value);
            out.push('\n');
        }
    }
    out
}

fn write(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let mut name = String::new();
                if is_plain(key, false) && !key.contains(':') {
                    name.push_str(key);
                } else {
                    quote(&mut name, key);
                }
                pad(out, indent);
                // YAML reads no further than 1024 characters for the colon of a key, unless a question mark announces it.
                if name.len() > 1000 {
                    let _ = writeln!(out, "? {name}");
                    pad(out, indent);
                } else {
                    out.push_str(&name);
                }
                out.push(':');
                child(out, value, indent);
            }
        }
        Value::Array(items) => {
            for item in items {
                pad(out, indent);
                out.push('-');
                item_of_array(out, item, indent);
            }
        }
        _ => {}
    }
}

fn child(out: &mut String, value: &Value, indent: usize) {
    if let Some(line) = one_line(value) {
        let _ = writeln!(out, " {line}");
    } else {
        out.push('\n');
        // The items of an array are not indented below their key, as in most handwritten documents.
        write(
            out,
            value,
            if value.is_array() { indent } else { indent + 2 },
        );
    }
}

fn item_of_array(out: &mut String, value: &Value, indent: usize) {
    if let Some(line) = one_line(value) {
        let _ = writeln!(out, " {line}");
        return;
    }
    // The first line of a nested collection shares the line of the dash.
    let mut nested = String::new();
    write(&mut nested, value, indent + 2);
    let _ = write!(out, " {}", nested.trim_start_matches(' '));
}

/// Writes a value on one line: scalars, empty collections and short lists of scalars.
fn one_line(value: &Value) -> Option<String> {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => return None,
        Value::Array(items) if !items.is_empty() => {
            if items.iter().any(|item| item.is_object() || item.is_array()) {
                return None;
            }
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                match item {
                    Value::String(text) => string(&mut out, text, true),
                    other => inline(&mut out, other),
                }
            }
            out.push(']');
            if out.len() > 100 {
                return None;
            }
        }
        other => inline(&mut out, other),
    }
    Some(out)
}

fn inline(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => {
            let _ = write!(out, "{n}");
        }
        Value::String(text) => string(out, text, false),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

/// Writes text plain where YAML reads it back as the same text (in flow collections too when `flow`), else quoted as in JSON.
fn string(out: &mut String, text: &str, flow: bool) {
    if is_plain(text, flow) {
        out.push_str(text);
    } else {
        quote(out, text);
    }
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Control characters and the line breaks and marks that YAML treats specially.
            c if c.is_control()
                || matches!(
                    c,
                    '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
                ) =>
            {
                let _ = if (c as u32) < 0x100 {
                    write!(out, "\\x{:02X}", c as u32)
                } else {
                    write!(out, "\\u{:04X}", c as u32)
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn is_plain(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let starts_well = first.is_ascii_alphabetic() || matches!(first, '/' | '$' | '_' | '(');
    let body = text.chars().all(|c| {
        c.is_ascii_alphanumeric()
            || " /$_-.()@+*;='#:<>\"`~?|&%!".contains(c)
            || (!flow && "{}[],".contains(c))
    });
    let splits = text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':')
        || text.ends_with(' ')
        || (flow && text.contains(':'));
    let reserved = text.len() <= 5
        && matches!(
            text.to_ascii_lowercase().as_str(),
            "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    // `[a -]` is plain by the book, and refused by some readers all the same.
    let ends_well = !flow || text.ends_with(|c: char| c.is_ascii_alphanumeric());
    starts_well && ends_well && body && !splits && !reserved
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::openapi::{Limits, parse};
    use serde_json::json;

    #[test]
    fn yaml_reads_back_the_same() {
        let value = json!({
            "openapi": "3.0.3",
            "paths": {"/a/{b}": {"get": {"tags": ["x: y", "- z", "#", ""], "security": [{}, {"a": []}], "parameters": [
                {"name": "b", "in": "path", "required": true, "schema": {"enum": ["null", "1", "1.0", "true", "~", "yes"]}},
                {"name": "c"}
            ]}}},
            "strings": {"multi": "a\nb\r\n", "tab": "\t", "quote": "\"'\\", "uni": "é\u{2028}\u{0007}", "key: odd": 1, "": 2, "<<": 3},
            "dashes": ["a -", "a?", "b-", "-"], "numbers": [0, -1, 1.5, 1e300, 18_446_744_073_709_551_615_u64],
            "nested": [[1, [2, {"a": []}]], {}, [], null, false, {"x": {"y": {}}}]
        });
        let text = yaml(&value);
        let (again, notes) = parse(&text, Limits::default()).unwrap();
        assert_eq!(again, value, "{text}");
        assert!(notes.is_empty());
        assert_eq!(yaml(&again), text);
    }

    #[test]
    fn yaml_keys_of_any_length_read_back() {
        for length in [900, 1000, 1020, 1024, 1025, 5000] {
            for key in [
                "k".repeat(length),
                "\u{1f}".repeat(length),
                "é".repeat(length),
            ] {
                for inner in [
                    json!(1),
                    json!({"a": [1, {"b": 2}]}),
                    json!([{"a": 1}, [2]]),
                    json!({}),
                ] {
                    let value =
                        json!({"x": {key.clone(): inner, "y": 1}, "z": [{key.clone(): inner}]});
                    let text = yaml(&value);
                    assert_eq!(parse(&text, Limits::default()).unwrap().0, value, "{text}");
                }
            }
        }
    }

    #[test]
    fn yaml_looks_like_a_handwritten_file() {
        let value = json!({"paths": {"/me": {"get": {"parameters": [{"name": "a", "in": "query"}], "tags": ["Users"]}}}});
        assert_eq!(
            yaml(&value),
            "paths:\n  /me:\n    get:\n      parameters:\n      - name: a\n        in: query\n      tags: [Users]\n"
        );
    }
}

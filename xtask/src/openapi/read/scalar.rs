//! Converts plain YAML scalars to JSON values, by the core schema of YAML 1.2.

use serde_json::{Number, Value};

/// Returns the value of a plain scalar, and a note when it had to change.
pub(super) fn resolve(text: &str) -> (Value, Option<String>) {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return (Value::Null, None),
        "true" | "True" | "TRUE" => return (Value::Bool(true), None),
        "false" | "False" | "FALSE" => return (Value::Bool(false), None),
        _ => {}
    }
    let first = text.as_bytes().first().copied().unwrap_or(b'a');
    if !first.is_ascii_digit() && !matches!(first, b'+' | b'-' | b'.') {
        return (Value::String(text.to_owned()), None);
    }
    number(text).unwrap_or_else(|| (Value::String(text.to_owned()), None))
}

fn number(text: &str) -> Option<(Value, Option<String>)> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16)
            .ok()
            .map(|n| (n.into(), None));
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8)
            .ok()
            .map(|n| (n.into(), None));
    }
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !body.is_empty() && body.bytes().all(|b| b.is_ascii_digit()) {
        let unsigned = text.strip_prefix('+').unwrap_or(text);
        if let Ok(n) = unsigned.parse::<u64>() {
            return Some((n.into(), None));
        }
        if let Ok(n) = unsigned.parse::<i64>() {
            return Some((n.into(), None));
        }
        return Some(float(text, true));
    }
    is_float(body).then(|| float(text, false))
}

/// Tells whether text is `[0-9]+ ( . [0-9]* )? ( e [-+]? [0-9]+ )?`, or the same with digits only behind the point.
fn is_float(body: &str) -> bool {
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|e| {
        e.strip_prefix(['+', '-'])
            .map_or(!e.is_empty() && digits(e), |d| !d.is_empty() && digits(d))
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}

/// Parses a number; one beyond what JSON numbers hold becomes the nearest one, as a limit or an example is no reason to refuse a document.
fn float(text: &str, integer: bool) -> (Value, Option<String>) {
    let parsed = text.parse::<f64>().unwrap_or(f64::MAX);
    let clamped = parsed.clamp(f64::MIN, f64::MAX);
    let lossy = integer || clamped.to_bits() != parsed.to_bits();
    let note = lossy.then(|| {
        format!(
            "the number {} is outside 64 bits: the nearest floating-point number is used",
            short(text)
        )
    });
    (
        Number::from_f64(clamped).map_or(Value::Null, Value::Number),
        note,
    )
}

fn short(text: &str) -> String {
    if text.len() > 40 {
        format!("{}…", &text[..40])
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn resolve_follows_the_core_schema() {
        let table = [
            ("", json!(null)),
            ("~", json!(null)),
            ("yes", json!("yes")),
            ("on", json!("on")),
            ("True", json!(true)),
            ("12", json!(12)),
            ("-12", json!(-12)),
            ("+3", json!(3)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
            ("-", json!("-")),
            (".", json!(".")),
            ("1.2.3", json!("1.2.3")),
            ("2023-11-01", json!("2023-11-01")),
            ("1e", json!("1e")),
            ("12px", json!("12px")),
            ("18446744073709551615", json!(u64::MAX)),
            (".inf", json!(".inf")),
        ];
        for (text, expected) in table {
            assert_eq!(resolve(text), (expected, None), "{text:?}");
        }
    }

    #[test]
    fn resolve_rounds_numbers_beyond_64_bits() {
        let (value, note) = resolve("18446744073709551616");
        assert_eq!(value, json!(18_446_744_073_709_551_616.0));
        assert!(note.is_some());
        let (value, note) = resolve("-1e999");
        assert_eq!(value, json!(f64::MIN));
        assert!(note.is_some());
    }
}

//! Secrets removed from recorded requests, by the names of their headers and fields.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use crate::engine::wire::parse_query;

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";

/// Returns a header's value without credentials.
pub(crate) fn redacted_header(name: &str, value: &str) -> String {
    match name {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {REDACTED}"),
            None => REDACTED.to_owned(),
        },
        "cookie" => value
            .split(';')
            .map(|pair| match pair.trim().split_once('=') {
                Some((name, _)) => format!("{name}={REDACTED}"),
                None => REDACTED.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("; "),
        "x-signature" | "confirm" => REDACTED.to_owned(),
        _ => value.to_owned(),
    }
}

/// Whether a field of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    const WHOLE: [&str; 8] = [
        "key",
        "pin",
        "code",
        "secret",
        "otp",
        "jwt",
        "codeoauth",
        "cookie",
    ];
    const PARTS: [&str; 8] = [
        "password",
        "accesskey",
        "clientsecret",
        "serializedprofile",
        "apikey",
        "privatekey",
        "accesstoken",
        "codeverifier",
    ];
    WHOLE.contains(&name.as_str())
        || name.ends_with("token")
        || PARTS.iter().any(|part| name.contains(part))
}

/// Returns the pairs of a query or a form with secrets redacted.
pub(crate) fn redacted_pairs(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs
        .into_iter()
        .map(|(name, value)| {
            let value = if is_secret(&name) {
                REDACTED.to_owned()
            } else {
                value
            };
            (name, value)
        })
        .collect()
}

/// Returns a body as text with secrets redacted.
pub(crate) fn redacted_body(headers: &HeaderMap, body: &Bytes) -> String {
    if body.is_empty() {
        return String::new();
    }
    let kind = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        redact(&mut value);
        return value.to_string();
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        return redacted_pairs(parse_query(&String::from_utf8_lossy(body)))
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("&");
    }
    // Anything else might hold a secret where it would not be found.
    format!("[{} bytes]", body.len())
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if is_secret(name) && !value.is_null() {
                    *value = Value::String(REDACTED.to_owned());
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_redacted_out_of_headers_and_bodies() {
        assert_eq!(
            redacted_header("authorization", "Bearer sk-abc"),
            "Bearer [redacted]"
        );
        assert_eq!(
            redacted_header("cookie", "id0=abc; a=b"),
            "id0=[redacted]; a=[redacted]"
        );
        let body = Bytes::from_static(
            br#"{"email":"a@b.c","newPassword":"x","deep":[{"clientSecret":"y"}]}"#,
        );
        let text = redacted_body(&HeaderMap::new(), &body);
        assert!(text.contains("a@b.c"));
        assert!(!text.contains("\"x\"") && !text.contains("\"y\""), "{text}");
    }
}

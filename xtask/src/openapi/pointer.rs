//! JSON pointers (RFC 6901): how every report names a place in a document.

use serde_json::Value;

/// `pointer` with one more reference token, escaped.
#[must_use]
pub fn push(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", escape(token))
}

/// One reference token as it is written in a pointer.
#[must_use]
pub fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// A written reference token as it was before escaping.
#[must_use]
pub fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// The schema name of a `$ref` such as `#/components/schemas/User`.
#[must_use]
pub fn schema_name(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("#/components/schemas/")?;
    (!name.contains('/')).then(|| unescape(name))
}

/// What `$ref` of this object points to inside `document`, percent escapes included; `None` when it is no local reference or
/// points nowhere.
#[must_use]
pub fn resolve<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    document
        .pointer(pointer)
        .or_else(|| document.pointer(&percent_decode(pointer)))
}

/// Fragments are URI text, so a name with braces or spaces may arrive percent-encoded.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let decoded = (bytes[i] == b'%')
            .then(|| bytes.get(i + 1..i + 3))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        out.push(decoded.unwrap_or(bytes[i]));
        i += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_survive_escaping() {
        for token in ["/v1/users/{id}", "a~b", "~1", "plain"] {
            assert_eq!(unescape(&escape(token)), token);
        }
        assert_eq!(push("/paths", "/me"), "/paths/~1me");
    }

    #[test]
    fn references_resolve_with_and_without_percent_escapes() {
        let document = json!({"paths": {"/a/{b}": {"get": 1}}});
        assert_eq!(resolve(&document, "#/paths/~1a~1{b}/get"), Some(&json!(1)));
        assert_eq!(
            resolve(&document, "#/paths/~1a~1%7Bb%7D/get"),
            Some(&json!(1))
        );
        assert_eq!(resolve(&document, "other.yaml#/paths"), None);
    }
}

//! Classifies media types by how a client reads and writes them.

use serde_json::Value;

/// How a body is read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Media {
    Json,
    Form,
    Multipart,
    Text,
    Bytes,
}

/// Returns the media type without parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    media_type
        .split([';', ','])
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Tells how a body of this media type and schema is sent.
pub(super) fn classify(media_type: &str, schema: Option<&Value>) -> Media {
    let essence = essence(media_type);
    let subtype = essence.rsplit('/').next().unwrap_or_default();
    let binary = schema.is_some_and(|s| s.get("format").and_then(Value::as_str) == Some("binary"));
    let shaped = schema.is_some_and(|s| {
        ["$ref", "properties", "items", "allOf", "oneOf", "anyOf"]
            .iter()
            .any(|k| s.get(*k).is_some())
            || matches!(
                s.get("type").and_then(Value::as_str),
                Some("object" | "array" | "boolean" | "integer" | "number")
            )
    });
    if subtype == "json-seq" || subtype == "x-ndjson" || subtype == "ndjson" || subtype == "jsonl" {
        return Media::Bytes;
    }
    if subtype == "json" || subtype.ends_with("+json") {
        return if binary { Media::Bytes } else { Media::Json };
    }
    match essence.as_str() {
        "application/x-www-form-urlencoded" => Media::Form,
        "multipart/form-data" => Media::Multipart,
        // A wildcard with a shape is JSON in all but name.
        "*/*" | "application/*" | "" if shaped && !binary => Media::Json,
        "text/event-stream" => Media::Bytes,
        _ if essence.starts_with("text/") => Media::Text,
        "application/jwt"
        | "application/x-pem-file"
        | "application/yaml"
        | "application/x-yaml" => Media::Text,
        _ => Media::Bytes,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn classify_tells_media_types_apart() {
        let shaped = json!({"$ref": "#/components/schemas/A"});
        let binary = json!({"type": "string", "format": "binary"});
        for (media_type, schema, expected) in [
            ("application/json; charset=utf-8", None, Media::Json),
            ("application/scim+json", None, Media::Json),
            (
                "application/merge-patch+json;okta-version=1.0.0",
                None,
                Media::Json,
            ),
            ("application/json, okta-version=1.0.0", None, Media::Json),
            ("application/json", Some(&binary), Media::Bytes),
            ("*/*", Some(&shaped), Media::Json),
            ("*/*", None, Media::Bytes),
            ("text/html", None, Media::Text),
            ("application/xml", Some(&shaped), Media::Bytes),
            ("application/x-ndjson", Some(&shaped), Media::Bytes),
            ("multipart/form-data", Some(&shaped), Media::Multipart),
        ] {
            assert_eq!(classify(media_type, schema), expected, "{media_type}");
        }
    }
}

//! Checks that a document is OpenAPI 3.

use serde_json::Value;

use super::error::{Error, Result};

/// Refuses a document that is not OpenAPI 3.
///
/// # Errors
/// When `openapi` is missing or names another major version.
pub fn check_version(document: &Value) -> Result<()> {
    if let Some(version) = document.get("swagger") {
        return Err(Error::new(format!(
            "/swagger: a Swagger {} document; convert it to OpenAPI 3 first",
            text(version)
        )));
    }
    let Some(version) = document.get("openapi") else {
        return Err(Error::new(
            "/openapi: the field is missing, so this is not an OpenAPI document",
        ));
    };
    let version = text(version);
    if version != "3" && !version.starts_with("3.") {
        return Err(Error::new(format!(
            "/openapi: OpenAPI {version} is not supported; OpenAPI 3 is"
        )));
    }
    Ok(())
}

/// Returns a version as text; JSON documents may write it as a number.
fn text(version: &Value) -> String {
    version
        .as_str()
        .map_or_else(|| version.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn check_version_accepts_any_openapi_3_and_names_what_it_refuses() {
        for version in [
            json!("3.0.3"),
            json!("3.1"),
            json!("3.2.0"),
            json!(3.1),
            json!(3),
        ] {
            assert!(check_version(&json!({"openapi": version})).is_ok());
        }
        for (document, expected) in [
            (json!({"swagger": "2.0"}), "Swagger 2.0"),
            (json!({"a": 1}), "not an OpenAPI document"),
            (
                json!({"openapi": "4.0.0"}),
                "OpenAPI 4.0.0 is not supported",
            ),
            (json!({"openapi": "30"}), "OpenAPI 30 is not supported"),
        ] {
            let message = check_version(&document).unwrap_err().to_string();
            assert!(
                message.starts_with('/') && message.contains(expected),
                "{message}"
            );
        }
    }
}

//! Marks strings that must never be printed: they become the transport's secret type.
//!
//! A secret is recognized by the overlay (`x-idweave-secret`), by `format: password`, by `writeOnly`, or by its name. Where
//! the id of an object is a secret, such as that of an invite, the addresses beside it contain it.

use heck::ToSnakeCase;
use serde_json::{Map, Value};

use super::context::Context;
use crate::openapi::operations::each_operation;
use crate::openapi::schemas::{every_schema, schema_roots};

pub(super) const NAME: &str = "secrets";

/// Tells whether a field of this name holds a secret.
///
/// Names of secrets are distinguished from names about them: `token` but not `token_type`, `token_count` or `csrf_token_name`.
fn names_a_secret(name: &str) -> bool {
    let name = name.to_snake_case();
    let last = name.rsplit('_').next().unwrap_or_default();
    matches!(
        last,
        "password" | "passwd" | "passphrase" | "secret" | "token" | "otp" | "totp" | "jwt"
    ) || [
        "access_key",
        "api_key",
        "apikey",
        "secret_key",
        "private_key",
        "encryption_key",
        "signing_key",
        "password_hash",
        "code_verifier",
    ]
    .iter()
    .any(|suffix| name == *suffix || name.ends_with(&format!("_{suffix}")))
        || matches!(
            name.as_str(),
            "credential" | "session_id_token" | "recovery_codes" | "backup_codes"
        )
}

/// Tells whether a field of this name holds a cursor, which looks like a token and may be shown in logs.
fn names_a_cursor(name: &str) -> bool {
    let name = name.to_snake_case();
    ["page", "next", "continuation", "previous", "sync", "cursor"]
        .iter()
        .any(|w| name.split('_').any(|part| part == *w))
}

/// Tells whether a property is an id that must be kept secret.
fn is_secret_id(name: &str, property: &Value) -> bool {
    let name = name.to_snake_case();
    (name == "id" || name.ends_with("_id"))
        && property.get("x-idweave-secret") == Some(&Value::Bool(true))
}

/// Tells whether a field of this name holds an address of the web.
fn names_an_address(name: &str) -> bool {
    let name = name.to_snake_case();
    let last = name.rsplit('_').next().unwrap_or_default();
    matches!(last, "uri" | "url" | "href" | "link")
}

fn is_plain_string(map: &Map<String, Value>) -> bool {
    map.get("type").and_then(Value::as_str) == Some("string") && !map.contains_key("enum")
}

fn mark(map: &mut Map<String, Value>) -> bool {
    if is_plain_string(map) && map.get("x-idweave-secret") != Some(&Value::Bool(false)) {
        return map.insert("x-idweave-secret".into(), true.into()).is_none();
    }
    false
}

pub(super) fn run(context: &mut Context) {
    let Context { document, report } = context;
    every_schema(document, &mut |schema, at, operation| {
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        let own = map.get("format").and_then(Value::as_str) == Some("password")
            || map.get("writeOnly") == Some(&Value::Bool(true));
        if own && mark(map) {
            report.change(NAME, operation, at, "a secret string");
        }
        if map.get("format").and_then(Value::as_str) == Some("password") {
            map.shift_remove("format");
        }
        let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) else {
            return;
        };
        let here = at.name("properties");
        for (name, property) in properties.iter_mut() {
            if !names_a_secret(name) || names_a_cursor(name) {
                continue;
            }
            let Some(property) = property.as_object_mut() else {
                continue;
            };
            let items = property.get_mut("items").and_then(Value::as_object_mut);
            let marked = match items {
                Some(items) => mark(items),
                None => mark(property),
            };
            if marked {
                report.change(NAME, operation, here.name(name), "a secret, by its name");
            }
        }
        if !properties
            .iter()
            .any(|(name, property)| is_secret_id(name, property))
        {
            return;
        }
        for (name, property) in properties.iter_mut() {
            let property = property.as_object_mut();
            if names_an_address(name) && property.is_some_and(mark) {
                let what = "a secret: an address beside a secret id contains it";
                report.change(NAME, operation, here.name(name), what);
            }
        }
    });
    // Parameters have their names beside the schema; in paths they are part of URLs and cannot be kept secret.
    let mut secret = Vec::new();
    each_operation(document, |operation, at| {
        let parameters = operation
            .get_mut("parameters")
            .and_then(Value::as_array_mut);
        for (index, parameter) in parameters.into_iter().flatten().enumerate() {
            let wire = parameter
                .pointer("/x-idweave-parameter/wire")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let place = parameter.get("in").and_then(Value::as_str);
            if place != Some("path") && names_a_secret(wire) && !names_a_cursor(wire) {
                secret.push(format!("{}/parameters/{index}/schema", at.pointer()));
            }
        }
    });
    schema_roots(document, &mut |schema, at, operation| {
        let pointer = at.to_string();
        if secret.contains(&pointer) && schema.as_object_mut().is_some_and(mark) {
            report.change(NAME, operation, pointer, "a secret, by its name");
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::codegen::passes::context::testing::run_pass;

    #[test]
    fn secrets_are_recognized_by_name_format_and_direction() {
        let context = run_pass(
            json!({"components": {"schemas": {"A": {"properties": {
                "newPassword": {"type": "string"}, "clientSecret": {"type": "string"}, "tokenType": {"type": "string"},
                "next_page_token": {"type": "string"}, "pin": {"type": "string", "format": "password"},
                "x": {"type": "string", "writeOnly": true}, "backup_codes": {"type": "array", "items": {"type": "string"}},
                "accessToken": {"type": "object"}, "token": {"type": "string", "x-idweave-secret": false}}}}}}),
            run,
        );
        let secret = |name: &str| {
            context.at(&format!(
                "/components/schemas/A/properties/{name}/x-idweave-secret"
            )) == true
        };
        assert!(secret("newPassword") && secret("clientSecret") && secret("pin") && secret("x"));
        assert!(
            !secret("tokenType")
                && !secret("next_page_token")
                && !secret("accessToken")
                && !secret("token")
        );
        assert_eq!(
            context.at("/components/schemas/A/properties/backup_codes/items/x-idweave-secret"),
            true
        );
    }

    #[test]
    fn addresses_beside_a_secret_id_are_secret() {
        let text = || json!({"type": "string"});
        let context = run_pass(
            json!({"components": {"schemas": {
                "Invite": {"properties": {
                    "inviteId": {"type": "string", "x-idweave-secret": true}, "requestUri": text(), "name": text(), "url": text(),
                    "pageUrl": {"type": "string", "x-idweave-secret": false}}},
                "Client": {"properties": {"clientId": text(), "clientSecret": text(), "tokenUrl": text()}}}}}),
            run,
        );
        let secret = |at: &str| {
            let at = at.replace('.', "/properties/");
            context.at(&format!("/components/schemas/{at}/x-idweave-secret")) == true
        };
        assert!(secret("Invite.requestUri") && secret("Invite.url"));
        assert!(!secret("Invite.name") && !secret("Invite.pageUrl"));
        assert!(secret("Client.clientSecret") && !secret("Client.tokenUrl"));
    }

    #[test]
    fn secret_parameters_are_marked_unless_in_the_path() {
        let parameter = |place: &str| json!({"name": "token", "in": place, "schema": {"type": "string"}, "x-idweave-parameter": {"wire": "token"}});
        let context = run_pass(
            json!({"paths": {"/x": {"get": {"parameters": [parameter("path"), parameter("query")]}}}}),
            run,
        );
        assert!(
            context
                .at("/paths/~1x/get/parameters/0/schema/x-idweave-secret")
                .is_null()
        );
        assert_eq!(
            context.at("/paths/~1x/get/parameters/1/schema/x-idweave-secret"),
            true
        );
    }
}

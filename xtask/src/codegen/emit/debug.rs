//! `Debug` of generated structs: keeps personal data out of logs.
//!
//! Secrets have a type that hides itself. Names, addresses and the like are ordinary strings, so the struct that holds
//! them hides them: by the field's name, or as the overlay says with `x-idweave-personal`. JSON of no known shape may hold
//! anything, so it is not shown either.

use heck::ToSnakeCase;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::Ident;

/// One field as `Debug` shows it.
pub(super) struct Field {
    pub(super) ident: Ident,
    pub(super) wire: String,
    pub(super) optional: bool,
    pub(super) schema: Value,
}

/// Returns the derive of `Debug` or, where fields are hidden, the impl that takes its place.
pub(super) fn of(ident: &Ident, fields: &[Field]) -> (TokenStream, TokenStream) {
    // A bare `name` may be anything's; beside a way to reach somebody it is a person's.
    let person = fields.iter().any(|field| reaches_a_person(&field.wire));
    let hidden = |field: &Field| match field
        .schema
        .get("x-idweave-personal")
        .and_then(Value::as_bool)
    {
        Some(true) => Some("[personal]"),
        Some(false) => None,
        None if is_untyped(&field.schema) => Some(UNTYPED),
        None => {
            let names_a_person = is_personal(&field.wire)
                || person && field.wire == "name"
                || names_somebody(&field.wire) && is_name(&field.schema);
            (is_plain(&field.schema) && names_a_person).then_some("[personal]")
        }
    };
    if fields.iter().all(|field| hidden(field).is_none()) {
        return (quote!(Debug,), TokenStream::new());
    }
    let shown = fields.iter().map(|field| {
        let name = &field.ident;
        let label = name.to_string();
        let label = label.trim_start_matches("r#");
        match (hidden(field), field.optional) {
            (None, _) => quote!(.field(#label, &self.#name)),
            (Some(text), true) => {
                quote!(.field(#label, &self.#name.as_ref().map(|_| format_args!(#text))))
            }
            (Some(text), false) => quote!(.field(#label, &format_args!(#text))),
        }
    });
    let label = ident.to_string();
    let block = quote! {
        impl std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(#label) #(#shown)* .finish()
            }
        }
    };
    (TokenStream::new(), block)
}

/// What stands in place of JSON of no known shape.
pub(super) const UNTYPED: &str = "[json]";

/// Whether any JSON may stand here, or an object with any fields, or a list of such.
fn is_untyped(schema: &Value) -> bool {
    let has = |key: &str| schema.get(key).is_some();
    if [
        "$ref",
        "oneOf",
        "anyOf",
        "allOf",
        "enum",
        "x-idweave-integers",
    ]
    .into_iter()
    .any(has)
    {
        return false;
    }
    match schema.get("type").and_then(Value::as_str) {
        None => true,
        Some("array") => schema.get("items").is_none_or(is_untyped),
        Some("object") => {
            let properties = schema.get("properties").and_then(Value::as_object);
            properties.is_none_or(serde_json::Map::is_empty)
                && schema
                    .get("additionalProperties")
                    .is_none_or(|values| values.is_boolean() || is_untyped(values))
        }
        Some(_) => false,
    }
}

/// Whether a field has somebody's name, address or id.
fn names_somebody(wire: &str) -> bool {
    let name = wire.to_snake_case();
    [
        "created_by",
        "modified_by",
        "updated_by",
        "invited_by",
        "owner",
        "author",
    ]
    .iter()
    .any(|somebody| name == *somebody || name.ends_with(&format!("_{somebody}")))
}

/// Whether a value can be a name or an address: a text that the schema does not call an id.
fn is_name(schema: &Value) -> bool {
    let has = |key: &str, value: &str| schema.get(key).and_then(Value::as_str) == Some(value);
    has("type", "string") && !has("format", "uuid")
}

/// Objects hide their own fields; only what is a value by itself is hidden as a whole.
fn is_plain(schema: &Value) -> bool {
    if schema.get("$ref").is_some() || schema.get("x-idweave-secret") == Some(&Value::Bool(true)) {
        return false;
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") | None => false,
        Some("array") => schema.get("items").is_some_and(is_plain),
        Some(_) => true,
    }
}

fn reaches_a_person(wire: &str) -> bool {
    let name = wire.to_snake_case();
    [
        "email",
        "e_mail",
        "email_address",
        "phone",
        "phone_number",
        "mobile_phone",
        "mobile",
    ]
    .iter()
    .any(|contact| name == *contact || name.ends_with(&format!("_{contact}")))
}

fn is_personal(wire: &str) -> bool {
    let name = wire.to_snake_case();
    // Flags and counts about a person's data are not personal data.
    if ["is_", "has_", "send_", "require_", "verify_", "allow_"]
        .iter()
        .any(|start| name.starts_with(start))
    {
        return false;
    }
    reaches_a_person(wire)
        || [
            "first_name",
            "last_name",
            "middle_name",
            "full_name",
            "given_name",
            "family_name",
            "display_name",
            "nick_name",
            "nickname",
            "user_name",
            "username",
            "maiden_name",
            "owner_name",
            "birth_date",
            "birthdate",
            "birthday",
            "date_of_birth",
            "gender",
            "sex",
            "address",
            "street",
            "house_number",
            "postal_code",
            "zip",
            "zip_code",
            "ip",
            "ip_addr",
            "ip_address",
            "user_agent",
            "location",
            "picture",
            "avatar",
            "photo",
            "notes",
            // A service's sentence for people names people.
            "message",
        ]
        .iter()
        .any(|personal| name == *personal || name.ends_with(&format!("_{personal}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use expect_test::expect;
    use serde_json::json;

    use super::*;

    fn field(wire: &str, schema: Value) -> Field {
        Field {
            ident: quote::format_ident!("{}", wire.to_snake_case()),
            wire: wire.to_owned(),
            optional: true,
            schema,
        }
    }

    /// Returns the impl as it is printed; nothing where `Debug` is derived.
    fn debug_impl(fields: &[Field]) -> String {
        let (_, block) = of(&quote::format_ident!("Thing"), fields);
        prettyplease::unparse(&syn::parse2(block).unwrap())
    }

    #[test]
    fn debug_hides_an_address_and_shows_an_id() {
        let mut email = field("eMail", json!({"type": "string"}));
        let id = field("id", json!({"type": "string"}));
        email.optional = false;
        let second = field("secondEmail", json!({"type": "string"}));
        expect![[r#"
            impl std::fmt::Debug for Thing {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct("Thing")
                        .field("e_mail", &format_args!("[personal]"))
                        .field("id", &self.id)
                        .field(
                            "second_email",
                            &self.second_email.as_ref().map(|_| format_args!("[personal]")),
                        )
                        .finish()
                }
            }
        "#]]
        .assert_eq(&debug_impl(&[email, id, second]));
    }

    #[test]
    fn debug_hides_a_name_only_beside_contact_data() {
        let name = || field("name", json!({"type": "string"}));
        assert_eq!(debug_impl(&[name()]), "");
        let phone = field("phone", json!({"type": "string"}));
        expect![[r#"
            impl std::fmt::Debug for Thing {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct("Thing")
                        .field("name", &self.name.as_ref().map(|_| format_args!("[personal]")))
                        .field("phone", &self.phone.as_ref().map(|_| format_args!("[personal]")))
                        .finish()
                }
            }
        "#]]
        .assert_eq(&debug_impl(&[name(), phone]));
    }

    #[test]
    fn debug_follows_the_overlay_against_the_name() {
        let shown = json!({"type": "string", "x-idweave-personal": false});
        assert_eq!(debug_impl(&[field("location", shown)]), "");
        let hidden = json!({"type": "string", "x-idweave-personal": true});
        expect![[r#"
            impl std::fmt::Debug for Thing {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.debug_struct("Thing")
                        .field("title", &self.title.as_ref().map(|_| format_args!("[personal]")))
                        .finish()
                }
            }
        "#]]
        .assert_eq(&debug_impl(&[field("title", hidden)]));
    }

    #[test]
    fn debug_hides_json_of_no_known_shape() {
        for schema in [
            json!({}),
            json!({"type": "object"}),
            json!({"type": "object", "additionalProperties": {}}),
            json!({"type": "array", "items": {}}),
            json!({"type": "array", "items": {"type": "object", "additionalProperties": true}}),
        ] {
            let shown = debug_impl(&[field("data", schema.clone())]);
            assert!(shown.contains("[json]"), "{schema}");
        }
        for schema in [
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            json!({"type": "array", "items": {"$ref": "#/components/schemas/A"}}),
            json!({"oneOf": []}),
        ] {
            assert_eq!(debug_impl(&[field("data", schema)]), "");
        }
    }

    #[test]
    fn debug_hides_who_made_something_unless_it_is_an_id() {
        for name in ["createdBy", "modified_by", "owner", "message"] {
            let shown = debug_impl(&[field(name, json!({"type": "string"}))]);
            assert!(shown.contains("[personal]"), "{name}");
        }
        let id = json!({"type": "string", "format": "uuid"});
        let owner = json!({"$ref": "#/components/schemas/User"});
        let flag = json!({"type": "boolean"});
        assert_eq!(debug_impl(&[field("isOwner", flag)]), "");
        assert_eq!(
            debug_impl(&[field("createdBy", id), field("owner", owner)]),
            ""
        );
    }

    #[test]
    fn debug_shows_flags_and_objects() {
        let address = json!({"$ref": "#/components/schemas/Address"});
        for shown in [
            field("sendEmail", json!({"type": "boolean"})),
            field("address", address),
        ] {
            assert_eq!(debug_impl(&[shown]), "");
        }
    }
}

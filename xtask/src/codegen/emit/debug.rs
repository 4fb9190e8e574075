//! `Debug` of generated structs: keeps personal data out of logs.
//!
//! Secrets have a type that hides itself. Names, addresses and the like are ordinary strings, so the struct that holds
//! them hides them: by the field's name, or as the overlay says with `x-idweave-personal`.

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
        Some(says) => says,
        None => {
            is_plain(&field.schema) && (is_personal(&field.wire) || person && field.wire == "name")
        }
    };
    if !fields.iter().any(hidden) {
        return (quote!(Debug,), TokenStream::new());
    }
    let shown = fields.iter().map(|field| {
        let name = &field.ident;
        let label = name.to_string();
        let label = label.trim_start_matches("r#");
        match (hidden(field), field.optional) {
            (false, _) => quote!(.field(#label, &self.#name)),
            (true, true) => {
                quote!(.field(#label, &self.#name.as_ref().map(|_| format_args!("[personal]"))))
            }
            (true, false) => quote!(.field(#label, &format_args!("[personal]"))),
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

//! Enums that keep new values; [`super::types`] calls here for each.

use heck::ToPascalCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::docs;
use super::rust::ident;

/// Names the values of an enum: unique, valid, and none of our own.
fn variants(values: &[String]) -> Vec<Ident> {
    let mut used = std::collections::HashSet::from(["Other".to_owned()]);
    values
        .iter()
        .map(|value| {
            let spaced: String = value
                .chars()
                .map(|c| match c {
                    c if c.is_ascii_alphanumeric() => c.to_string(),
                    '+' => "-plus-".into(),
                    '*' => "-any-".into(),
                    '%' => "-percent-".into(),
                    '<' => "-less-".into(),
                    '>' => "-greater-".into(),
                    '=' => "-equal-".into(),
                    '!' => "-not-".into(),
                    _ => "-".into(),
                })
                .collect();
            // A leading minus distinguishes `-created` from `created`.
            let descending = value.starts_with('-') && value.len() > 1;
            let mut base = spaced.to_pascal_case();
            if descending {
                base = format!("Minus{base}");
            }
            if base.is_empty() {
                base = if value.is_empty() {
                    "Empty".into()
                } else {
                    "Value".into()
                };
            }
            if base.starts_with(|c: char| c.is_ascii_digit()) {
                base = format!("N{base}");
            }
            if base == "Self" {
                base = "SelfValue".into();
            }
            let mut name = base.clone();
            let mut count = 2;
            while !used.insert(name.clone()) {
                name = format!("{base}{count}");
                count += 1;
            }
            format_ident!("{name}")
        })
        .collect()
}

/// Writes an open enum: a value that is not listed is kept.
pub(super) fn string_enum(name: &str, doc: &TokenStream, values: &[String]) -> TokenStream {
    let name = ident(name);
    let variants = variants(values);
    let docs = values.iter().map(|v| {
        let word: String = v.chars().filter(|c| !c.is_control() && *c != '`').collect();
        docs::attributes(&if word.trim().is_empty() {
            "The empty string.".into()
        } else {
            format!("`{word}`")
        })
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #(#docs #variants,)*
            /// A value that the OpenAPI document does not list.
            Other(String),
        }

        impl #name {
            /// Returns the value as sent on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    #(Self::#variants => #values,)*
                    Self::Other(value) => value,
                }
            }
        }

        impl From<&str> for #name {
            fn from(value: &str) -> Self {
                match value {
                    #(#values => Self::#variants,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl From<String> for #name {
            fn from(value: String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl std::fmt::Display for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for #name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for #name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }
    }
}

/// Writes a newtype with a named constant for each listed value.
pub(super) fn integers(
    name: &str,
    doc: &TokenStream,
    schema: &Value,
    values: &[(String, i64)],
) -> TokenStream {
    let name = ident(name);
    let narrow = schema.get("format").and_then(Value::as_str) == Some("int32")
        && values.iter().all(|(_, v)| i32::try_from(*v).is_ok());
    let number = if narrow { quote!(i32) } else { quote!(i64) };
    let constants = values.iter().map(|(label, value)| {
        let ident = ident(label);
        let doc = docs::attributes(&format!("`{value}`"));
        let value = proc_macro2::Literal::i64_unsuffixed(*value);
        quote!(#doc pub const #ident: Self = Self(#value);)
    });
    quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
        #[serde(transparent)]
        pub struct #name(
            /// The number as sent on the wire.
            pub #number
        );

        impl #name {
            #(#constants)*
        }

        impl From<#number> for #name {
            fn from(value: #number) -> Self {
                Self(value)
            }
        }

        impl std::fmt::Display for #name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_values_equal_after_casing_differ() {
        let values = [
            "desc", "DESC", "-desc", "", "+", "2fa", "Other", "self", "中",
        ]
        .map(str::to_owned);
        let names: Vec<String> = variants(&values).iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            [
                "Desc",
                "Desc2",
                "MinusDesc",
                "Empty",
                "Plus",
                "N2fa",
                "Other2",
                "SelfValue",
                "Value"
            ]
        );
    }
}

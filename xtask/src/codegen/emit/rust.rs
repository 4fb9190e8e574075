//! Rust identifiers, the Rust types of schemas, and files that are always the same.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use syn::visit_mut::{self, VisitMut};

use crate::openapi::reference::referenced_schema;

/// Makes an identifier; keywords get an underscore, as the generator does it.
pub(super) fn ident(name: &str) -> Ident {
    if is_keyword(name) {
        format_ident!("{name}_")
    } else {
        Ident::new(name, Span::call_site())
    }
}

/// Tells whether a word cannot be an identifier.
pub(super) fn is_keyword(name: &str) -> bool {
    syn::parse_str::<Ident>(name).is_err()
}

/// Returns the Rust type of a normalised schema; `types` is where named ones are.
pub(super) fn type_of(schema: &Value, types: &TokenStream) -> TokenStream {
    if let Some(name) = referenced_schema(schema) {
        let name = ident(&name);
        return quote!(#types #name);
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") if schema.get("x-idweave-secret") == Some(&Value::Bool(true)) => {
            quote!(idweave_transport::Secret)
        }
        Some("string") => quote!(String),
        Some("boolean") => quote!(bool),
        Some("integer") if schema.get("format").and_then(Value::as_str) == Some("int32") => {
            quote!(i32)
        }
        Some("integer") => quote!(i64),
        Some("number") => quote!(f64),
        Some("array") => {
            let item = type_of(schema.get("items").unwrap_or(&Value::Null), types);
            quote!(Vec<#item>)
        }
        Some("object") => match schema
            .get("additionalProperties")
            .filter(|v| v.as_object().is_some_and(|m| !m.is_empty()))
        {
            Some(values) => {
                let value = type_of(values, types);
                quote!(std::collections::BTreeMap<String, #value>)
            }
            None => quote!(serde_json::Map<String, serde_json::Value>),
        },
        _ => quote!(serde_json::Value),
    }
}

/// Tells whether strings of this schema, alone or in a list or map, are secret.
pub(super) fn is_secret(schema: &Value) -> bool {
    schema.get("x-idweave-secret") == Some(&Value::Bool(true))
        || ["items", "additionalProperties"]
            .iter()
            .filter_map(|k| schema.get(*k))
            .any(is_secret)
}

/// Writes the generator's long paths the short way.
pub(super) struct Shorten {
    /// Whether `String` is a secret here, but for the keys of maps.
    pub(super) secret: bool,
}

impl VisitMut for Shorten {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let map = matches!(
            names.as_slice(),
            ["std", "collections", "BTreeMap"] | ["serde_json", "Map"]
        );
        if map && self.secret {
            // The key is not visited.
            for segment in &mut path.segments {
                if let syn::PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    let last = arguments.args.len().saturating_sub(1);
                    for (index, argument) in arguments.args.iter_mut().enumerate() {
                        let mut inner = Self {
                            secret: self.secret && index == last,
                        };
                        inner.visit_generic_argument_mut(argument);
                    }
                }
            }
        } else {
            visit_mut::visit_path_mut(self, path);
        }
        let short = match names.as_slice() {
            ["std", "option", "Option"] | ["std", "vec", "Vec"] | ["std", "boxed", "Box"] => true,
            ["std", "string", "String"] | ["String"] => {
                if self.secret {
                    *path = syn::parse_quote!(idweave_transport::Secret);
                    return;
                }
                true
            }
            _ => false,
        };
        if short && let Some(last) = path.segments.pop() {
            path.segments.clear();
            path.segments.push(last);
        }
        path.leading_colon = None;
    }

    fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
        reference.lifetime = None;
        visit_mut::visit_type_reference_mut(self, reference);
        if self.secret
            && let syn::Type::Path(inner) = &*reference.elem
            && inner.path.is_ident("str")
        {
            *reference.elem = syn::parse_quote!(idweave_transport::Secret);
        }
    }
}

/// Writes `mod.rs`.
pub(super) fn mod_file(unions: bool) -> TokenStream {
    let unions = unions.then(|| {
        quote! {
            #[rustfmt::skip]
            mod union;
        }
    });
    quote! {
        #[allow(clippy::all)]
        #[rustfmt::skip]
        pub(crate) mod client;
        #[allow(clippy::all, clippy::expect_used, clippy::unwrap_used)]
        #[cfg(feature = "mock")]
        #[rustfmt::skip]
        pub mod mock;
        #[rustfmt::skip]
        pub mod operations;
        #[allow(clippy::all)]
        #[rustfmt::skip]
        pub mod types;
        #unions
    }
}

/// Puts a blank line between items.
pub(super) fn blank_lines_between_items(code: &str) -> String {
    let mut out = String::with_capacity(code.len() + code.len() / 32);
    let mut before = "";
    for line in code.lines() {
        let word = line.trim_start();
        let indent = line.len() - word.len();
        let same = indent == before.len() - before.trim_start().len();
        // Items are at the margin, in an impl or trait, or in a module inside the file.
        let item = indent <= 8 && indent % 4 == 0;
        let ended = before.trim() == "}"
            || before.ends_with("{}")
            || (indent == 0 && before.ends_with(';'));
        let starts = !word.starts_with(['}', ')', ']']) && !word.is_empty();
        let imports = ["use ", "mod ", "pub use "]
            .iter()
            .any(|k| word.starts_with(k) && before.trim_start().starts_with(k));
        let opens = [
            "///", "#[", "pub ", "impl", "fn ", "async ", "mod ", "const ",
        ]
        .iter()
        .any(|k| word.starts_with(k));
        if item && same && ended && starts && opens && !imports {
            out.push('\n');
        }
        out.push_str(line);
        out.push('\n');
        before = line;
    }
    out
}

/// `union.rs`: the one thing that unions share.
pub(super) const UNION: &str = r#"//! Ranks the alternatives of a union by how well they fit a JSON value.

use serde_json::Value;

/// What the values of one alternative look like.
pub(super) struct Shape {
    /// Kind of JSON value.
    pub(super) kind: &'static str,
    /// Required fields.
    pub(super) required: &'static [&'static str],
    /// All documented fields.
    pub(super) known: &'static [&'static str],
    /// Fields with fixed values, and these values.
    pub(super) tags: &'static [(&'static str, &'static [&'static str])],
}

/// The indexes of the alternatives that may fit, best first.
pub(super) fn rank(value: &Value, shapes: &[Shape]) -> Vec<usize> {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let mut fits: Vec<(i64, usize, usize)> = Vec::new();
    for (index, shape) in shapes.iter().enumerate() {
        if shape.kind != "any" && shape.kind != kind {
            continue;
        }
        let mut score = 0;
        if let Value::Object(map) = value {
            for (field, values) in shape.tags {
                match map.get(*field).and_then(Value::as_str) {
                    Some(tag) if values.contains(&tag) => score += 1_000_000,
                    Some(_) => score -= 1_000_000,
                    None => {}
                }
            }
            score -= 1_000 * shape.required.iter().filter(|f| !map.contains_key(**f)).count() as i64;
            score += shape.known.iter().filter(|f| map.contains_key(**f)).count() as i64;
        }
        fits.push((-score, shape.known.len(), index));
    }
    fits.sort_unstable();
    fits.into_iter().map(|(_, _, index)| index).collect()
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(ty: &syn::Type) -> String {
        quote!(#ty).to_string().replace(", >", ">")
    }

    #[test]
    fn shorten_keeps_the_keys_of_maps_of_secrets() {
        let mut ty: syn::Type = syn::parse_quote!(
            ::std::option::Option<
                ::std::collections::BTreeMap<
                    ::std::string::String,
                    ::std::vec::Vec<::std::string::String>,
                >,
            >
        );
        Shorten { secret: true }.visit_type_mut(&mut ty);
        let expected: syn::Type = syn::parse_quote!(
            Option<std::collections::BTreeMap<String, Vec<idweave_transport::Secret>>>
        );
        assert_eq!(flat(&ty), flat(&expected));
        let mut ty: syn::Type = syn::parse_quote!(Option<&'a str>);
        Shorten { secret: true }.visit_type_mut(&mut ty);
        assert_eq!(
            quote!(#ty).to_string(),
            quote!(Option<&idweave_transport::Secret>).to_string()
        );
    }
}

//! Unions, whose alternatives `union.rs` of the client ranks; [`super::types`] calls here for each.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::debug::UNTYPED;
use super::docs;
use super::rust::{ident, is_secret, type_of};
use super::shared::Shared;
use crate::codegen::plan::{Type, described};
use crate::openapi::reference::referenced_schema;

/// One alternative of a union.
struct Alternative {
    variant: Ident,
    ty: TokenStream,
    boxed: bool,
    shape: TokenStream,
    doc: String,
}

/// Writes an enum that reads the alternative which fits best, and keeps a value that fits none.
pub(super) fn union(
    shared: &Shared<'_>,
    name: &str,
    doc: &TokenStream,
    schema: &Value,
) -> TokenStream {
    let list = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut used = std::collections::HashSet::from(["Other".to_owned()]);
    let alternatives: Vec<Alternative> = list
        .iter()
        .map(|alternative| {
            let reference = referenced_schema(alternative);
            let base = match &reference {
                // The union's own name in front of each alternative is redundant.
                Some(target) => match target
                    .strip_prefix(name)
                    .filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
                {
                    Some(rest) => rest.to_owned(),
                    None => target.clone(),
                },
                None => primitive(alternative).to_owned(),
            };
            let base = if base == "Self" {
                "SelfValue".to_owned()
            } else {
                base
            };
            let mut variant = base.clone();
            let mut count = 2;
            while !used.insert(variant.clone()) {
                variant = format!("{base}{count}");
                count += 1;
            }
            let boxed = reference
                .as_ref()
                .is_some_and(|t| shared.needs_box.contains(&(name.to_owned(), t.clone())));
            Alternative {
                variant: ident(&variant),
                ty: type_of(alternative, &TokenStream::new()),
                boxed,
                shape: shape(shared, schema, alternative, reference.as_deref()),
                doc: match described("", alternative) {
                    text if text.is_empty() => {
                        format!("`{}`.", reference.as_deref().unwrap_or(&base))
                    }
                    text => text,
                },
            }
        })
        .collect();
    let name_ident = ident(name);
    let variants = alternatives.iter().map(|a| {
        let (variant, ty, doc) = (&a.variant, &a.ty, docs::attributes(&a.doc));
        if a.boxed {
            quote!(#doc #variant(Box<#ty>))
        } else {
            quote!(#doc #variant(#ty))
        }
    });
    let shapes = alternatives.iter().map(|a| &a.shape);
    let arms = alternatives.iter().enumerate().map(|(index, a)| {
        let variant = &a.variant;
        let index = proc_macro2::Literal::usize_unsuffixed(index);
        quote!(#index => serde_json::from_value(value.clone()).map(Self::#variant))
    });
    let mut seen = std::collections::HashSet::new();
    let from = alternatives
        .iter()
        .filter(|a| seen.insert(a.ty.to_string()))
        .map(|a| {
            let (variant, ty) = (&a.variant, &a.ty);
            let value = if a.boxed {
                quote!(Box::new(value))
            } else {
                quote!(value)
            };
            quote! {
                impl From<#ty> for #name_ident {
                    fn from(value: #ty) -> Self {
                        Self::#variant(#value)
                    }
                }
            }
        });
    let scalar = list.iter().all(|a| is_scalar(shared, a)).then(|| {
        let variants = alternatives.iter().map(|a| &a.variant);
        let variants: Vec<_> = variants.collect();
        quote! {
            impl std::fmt::Display for #name_ident {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    match self {
                        #(Self::#variants(value) => value.fmt(f),)*
                        Self::Other(value) => value.fmt(f),
                    }
                }
            }
        }
    });
    let shown = alternatives.iter().map(|a| {
        let (variant, label) = (&a.variant, a.variant.to_string());
        quote!(Self::#variant(value) => f.debug_tuple(#label).field(value).finish())
    });
    let untyped = format!("Other({UNTYPED})");
    quote! {
        #doc
        #[derive(Clone, serde::Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #name_ident {
            #(#variants,)*
            /// A value that matches none of the alternatives.
            Other(serde_json::Value),
        }

        impl std::fmt::Debug for #name_ident {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    #(#shown,)*
                    Self::Other(_) => f.write_str(#untyped),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for #name_ident {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const SHAPES: &[union::Shape] = &[#(#shapes),*];
                let value = <serde_json::Value as serde::Deserialize>::deserialize(deserializer)?;
                for index in union::rank(&value, SHAPES) {
                    let read: Result<Self, serde_json::Error> = match index {
                        #(#arms,)*
                        _ => continue,
                    };
                    if let Ok(read) = read {
                        return Ok(read);
                    }
                }
                Ok(Self::Other(value))
            }
        }

        #(#from)*
        #scalar
    }
}

fn is_scalar(shared: &Shared<'_>, schema: &Value) -> bool {
    match referenced_schema(schema) {
        Some(name) => match shared.types.get(&name) {
            Some(Type::Enum(_) | Type::Integers(_)) => true,
            Some(Type::Union) => {
                let list = shared.schema(&name).get("oneOf").and_then(Value::as_array);
                list.is_some_and(|l| l.iter().all(|a| is_scalar(shared, a)))
            }
            _ => false,
        },
        None => {
            matches!(
                schema.get("type").and_then(Value::as_str),
                Some("string" | "integer" | "number" | "boolean")
            ) && !is_secret(schema)
        }
    }
}

fn primitive(schema: &Value) -> &'static str {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "Text",
        Some("integer") => "Integer",
        Some("number") => "Number",
        Some("boolean") => "Boolean",
        Some("array") => "List",
        Some("object") => "Map",
        _ => "Any",
    }
}

/// Writes the `Shape` of an alternative.
fn shape(
    shared: &Shared<'_>,
    union: &Value,
    alternative: &Value,
    reference: Option<&str>,
) -> TokenStream {
    let target = reference.map_or(alternative, |name| shared.schema(name));
    let kind = match reference.and_then(|name| shared.types.get(name)) {
        Some(Type::Struct) => "object",
        Some(Type::Enum(_)) => "string",
        Some(Type::Integers(_)) => "number",
        Some(Type::Union) => "any",
        Some(Type::Newtype) | None => match target.get("type").and_then(Value::as_str) {
            Some("integer") => "number",
            Some("string") => "string",
            Some("number") => "number",
            Some("boolean") => "boolean",
            Some("array") => "array",
            Some("object") => "object",
            _ => "any",
        },
    };
    let list = |key: &str| -> Vec<String> {
        let list = target
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let properties = target.get("properties").and_then(Value::as_object);
    let wire = |key: &String, value: &Value| {
        value
            .get("x-idweave-wire")
            .and_then(Value::as_str)
            .unwrap_or(key)
            .to_owned()
    };
    let known: Vec<String> = properties
        .into_iter()
        .flatten()
        .map(|(k, v)| wire(k, v))
        .collect();
    let required: Vec<String> = list("x-idweave-required")
        .into_iter()
        .filter(|r| known.contains(r))
        .collect();
    let mut tags: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in properties.into_iter().flatten() {
        if let Some(constant) = value.get("x-idweave-const").and_then(Value::as_str) {
            tags.push((wire(key, value), vec![constant.to_owned()]));
        } else if let Some(Type::Enum(values)) =
            referenced_schema(value).and_then(|n| shared.types.get(&n))
            && values.len() == 1
        {
            tags.push((wire(key, value), values.clone()));
        }
    }
    if let (Some(discriminator), Some(name)) = (union.get("discriminator"), reference)
        && let Some(property) = discriminator.get("propertyName").and_then(Value::as_str)
    {
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        let mut values: Vec<String> = mapping
            .into_iter()
            .flatten()
            .filter(|(_, target)| target.as_str() == Some(name))
            .map(|(value, _)| value.clone())
            .collect();
        if values.is_empty() && mapping.is_none() {
            values.push(name.to_owned());
        }
        if !values.is_empty() && !tags.iter().any(|(p, _)| p == property) {
            tags.push((property.to_owned(), values));
        }
    }
    let tags = tags
        .iter()
        .map(|(property, values)| quote!((#property, &[#(#values),*])));
    quote!(union::Shape { kind: #kind, required: &[#(#required),*], known: &[#(#known),*], tags: &[#(#tags),*] })
}

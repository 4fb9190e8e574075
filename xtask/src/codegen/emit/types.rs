//! `types.rs`: the generator's structs with our attributes; [`enums`] and [`unions`] write what it does not see.

use std::collections::HashMap;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use serde_json::Value;
use syn::visit_mut::VisitMut;

use super::rust::{self, Shorten, ident, is_secret};
use super::shared::Shared;
use super::{debug, docs, enums, unions};
use crate::codegen::plan::{Type, described};
use crate::openapi::{Error, Result};

/// Writes every type, sorted by name.
pub(super) fn items(shared: &Shared<'_>) -> Result<Vec<(String, TokenStream)>> {
    let mut structs: HashMap<String, &syn::ItemStruct> = HashMap::new();
    let mut impls: HashMap<String, Vec<&syn::ItemImpl>> = HashMap::new();
    let module = shared.input.file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let (_, made) = module.ok_or_else(|| Error::new("the generator wrote no module of types"))?;
    for item in made {
        match item {
            syn::Item::Struct(item) => drop(structs.insert(item.ident.to_string(), item)),
            syn::Item::Impl(item) => {
                if let syn::Type::Path(path) = &*item.self_ty
                    && let Some(segment) = path.path.segments.last()
                {
                    impls
                        .entry(segment.ident.to_string())
                        .or_default()
                        .push(item);
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    for (name, kind) in &shared.types {
        let schema = shared.schema(name);
        let doc = docs::attributes(&type_doc(name, schema, kind));
        let tokens = match kind {
            Type::Enum(values) => enums::string_enum(name, &doc, values),
            Type::Integers(values) => enums::integers(name, &doc, schema, values),
            Type::Union => unions::union(shared, name, &doc, schema),
            Type::Newtype => newtype(
                name,
                &doc,
                structs.get(name).copied(),
                impls.get(name).map_or(&[], Vec::as_slice),
            )?,
            Type::Struct => {
                let item = structs.get(name).ok_or_else(|| {
                    format!("/components/schemas/{name}: the generator wrote no struct for it")
                })?;
                object(name, &doc, schema, item)?
            }
        };
        out.push((name.clone(), tokens));
    }
    Ok(out)
}

/// Describes what all types of a client have in common, once instead of on each.
pub(super) fn about(name: &str) -> String {
    format!(
        "Request and response types of {name}.\n\n\
         `Debug` redacts secrets and personal data. Enumerations keep values that the OpenAPI document does not list."
    )
}

fn type_doc(name: &str, schema: &Value, kind: &Type) -> String {
    let text = described("", schema);
    if !text.is_empty() {
        return text;
    }
    match kind {
        Type::Struct => format!("The `{name}` object."),
        Type::Enum(_) | Type::Integers(_) => format!("The `{name}` enumeration."),
        Type::Union => format!("One of the alternatives of `{name}`."),
        Type::Newtype => format!("The `{name}` value."),
    }
}

/// Writes the generator's struct with fields documented, serialised and typed as the passes decided.
fn object(
    name: &str,
    doc: &TokenStream,
    schema: &Value,
    item: &syn::ItemStruct,
) -> Result<TokenStream> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut fields: Vec<TokenStream> = Vec::new();
    let mut required: Vec<(Ident, syn::Type)> = Vec::new();
    let mut optional: Vec<Ident> = Vec::new();
    let mut shown: Vec<debug::Field> = Vec::new();
    for field in &item.fields {
        let Some(ident) = field.ident.clone() else {
            continue;
        };
        let serde = serde_words(&field.attrs);
        let mut ty = field.ty.clone();
        if serde.iter().any(|(k, _)| k == "flatten") {
            Shorten { secret: false }.visit_type_mut(&mut ty);
            fields.push(quote! {
                /// Fields that the OpenAPI document does not name.
                #[serde(flatten)]
                pub #ident: #ty
            });
            shown.push(debug::Field {
                ident: ident.clone(),
                wire: ident.to_string(),
                optional: false,
                schema: Value::Null,
            });
            optional.push(ident);
            continue;
        }
        let renamed = serde
            .iter()
            .find(|(k, _)| k == "rename")
            .map(|(_, v)| v.clone());
        let key = renamed.unwrap_or_else(|| ident.to_string());
        let property = properties
            .and_then(|p| p.get(&key))
            .ok_or_else(|| format!("/components/schemas/{name}: the generator's field {ident} is not one of the properties"))?;
        Shorten {
            secret: is_secret(property),
        }
        .visit_type_mut(&mut ty);
        let wire = property
            .get("x-idweave-wire")
            .and_then(Value::as_str)
            .unwrap_or(&key);
        let mut words: Vec<TokenStream> = Vec::new();
        if ident != wire {
            words.push(quote!(rename = #wire));
        }
        let is_option = last_is(&ty, "Option");
        let patched = property.get("x-idweave-patch") == Some(&Value::Bool(true));
        shown.push(debug::Field {
            ident: ident.clone(),
            wire: wire.to_owned(),
            optional: is_option && !patched,
            schema: property.clone(),
        });
        if patched {
            let inner = generic(&ty).unwrap_or(ty);
            ty = syn::parse_quote!(idweave_transport::Patch<#inner>);
            words.push(quote!(default));
            words.push(quote!(
                skip_serializing_if = "idweave_transport::Patch::is_absent"
            ));
            optional.push(ident.clone());
        } else if is_option {
            if property.get("x-idweave-written") != Some(&Value::Bool(true)) {
                words.push(quote!(skip_serializing_if = "Option::is_none"));
            }
            optional.push(ident.clone());
        } else {
            required.push((ident.clone(), ty.clone()));
        }
        let attribute = (!words.is_empty()).then(|| quote!(#[serde(#(#words),*)]));
        let mut text = described("", property);
        if text.is_empty() {
            text = format!("The `{}` field.", wire.replace('`', "'"));
        }
        let doc = docs::attributes(&text);
        fields.push(quote!(#doc #attribute pub #ident: #ty));
    }
    let ident = ident(name);
    let default = required.is_empty().then(|| quote!(Default,));
    let sent = schema.get("x-idweave-sent") == Some(&Value::Bool(true));
    let new = (sent && !required.is_empty() && !optional.is_empty())
        .then(|| constructor(&ident, &required, &optional));
    let (derived, debug) = debug::of(&ident, &shown);
    Ok(quote! {
        #doc
        #[derive(Clone, #derived #default serde::Deserialize, serde::Serialize)]
        pub struct #ident {
            #(#fields),*
        }
        #new
        #debug
    })
}

/// Writes `new`, which takes the required fields.
fn constructor(ident: &Ident, required: &[(Ident, syn::Type)], optional: &[Ident]) -> TokenStream {
    let arguments = required.iter().map(|(name, ty)| {
        if is_path(ty, "String") || is_path(ty, "Secret") {
            quote!(#name: impl Into<#ty>)
        } else {
            quote!(#name: #ty)
        }
    });
    let given = required.iter().map(|(name, ty)| {
        if is_path(ty, "String") || is_path(ty, "Secret") {
            quote!(#name: #name.into())
        } else {
            quote!(#name)
        }
    });
    quote! {
        impl #ident {
            /// Creates a value with the required fields. The optional fields are unset and not sent.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#given,)* #(#optional: Default::default()),* }
            }
        }
    }
}

fn is_path(ty: &syn::Type, name: &str) -> bool {
    matches!(ty, syn::Type::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == name && s.arguments.is_none()))
}

fn last_is(ty: &syn::Type, name: &str) -> bool {
    matches!(ty, syn::Type::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == name))
}

fn generic(ty: &syn::Type) -> Option<syn::Type> {
    let syn::Type::Path(path) = ty else {
        return None;
    };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
    else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(ty) if last_is_option(path) => Some(ty.clone()),
        _ => None,
    }
}

fn last_is_option(path: &syn::TypePath) -> bool {
    path.path
        .segments
        .last()
        .is_some_and(|s| s.ident == "Option")
}

/// Lists the arguments of `#[serde(…)]` with their string values.
fn serde_words(attributes: &[syn::Attribute]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("serde")) {
        let _ = attribute.parse_nested_meta(|meta| {
            let key = meta.path.to_token_stream().to_string();
            let value = match meta.value().and_then(|v| v.parse::<syn::LitStr>()) {
                Ok(text) => text.value(),
                Err(_) => String::new(),
            };
            out.push((key, value));
            Ok(())
        });
    }
    out
}

/// Writes the generator's newtype of a list or map that holds itself.
fn newtype(
    name: &str,
    doc: &TokenStream,
    item: Option<&syn::ItemStruct>,
    impls: &[&syn::ItemImpl],
) -> Result<TokenStream> {
    let item = item
        .ok_or_else(|| format!("/components/schemas/{name}: the generator wrote no type for it"))?;
    let mut field = item
        .fields
        .iter()
        .next()
        .map(|f| f.ty.clone())
        .ok_or_else(|| format!("{name}: no field"))?;
    Shorten { secret: false }.visit_type_mut(&mut field);
    let mut kept: Vec<syn::ItemImpl> = impls
        .iter()
        .filter(|i| {
            i.trait_.as_ref().is_some_and(|(path, _)| {
                path.segments
                    .last()
                    .is_some_and(|s| s.ident == "Deref" || s.ident == "From")
            })
        })
        .map(|i| (*i).clone())
        .collect();
    for block in &mut kept {
        block.attrs.clear();
        Shorten { secret: false }.visit_item_impl_mut(block);
    }
    let name = ident(name);
    Ok(quote! {
        #doc
        #[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
        #[serde(transparent)]
        pub struct #name(
            /// The inner value.
            pub #field
        );
        #(#kept)*
    })
}

/// Writes a file with types; in a split module the others are in reach through `super`.
pub(super) fn file(items: &[TokenStream], split: bool) -> TokenStream {
    let text: String = items.iter().map(ToString::to_string).collect();
    let unions = text.contains("union :: Shape").then(|| {
        if split {
            quote!(
                use super::super::union;
            )
        } else {
            quote!(
                use super::union;
            )
        }
    });
    let others = split.then(|| {
        quote! {
            #[allow(unused_imports)]
            use super::*;
        }
    });
    quote! {
        #unions
        #others
        #(#items)*
    }
}

/// Writes `types/mod.rs`.
pub(super) fn root(modules: &[String]) -> TokenStream {
    let modules: Vec<Ident> = modules.iter().map(|m| rust::ident(m)).collect();
    quote! {
        #(
            #[rustfmt::skip]
            mod #modules;
        )*

        #(pub use self::#modules::*;)*
    }
}

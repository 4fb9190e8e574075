//! `types.rs`: the generator's structs with our attributes, and the enums and unions it does not see.

use std::collections::HashMap;

use heck::ToPascalCase;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::visit_mut::VisitMut;

use super::rust::{self, Shorten, ident, is_secret, type_of};
use super::{Shared, debug, docs};
use crate::codegen::plan::{Type, described};
use crate::codegen::walk::schema_name;

/// Every type with its name, sorted by it.
pub(super) fn items(shared: &Shared<'_>) -> Result<Vec<(String, TokenStream)>, String> {
    let mut structs: HashMap<String, &syn::ItemStruct> = HashMap::new();
    let mut impls: HashMap<String, Vec<&syn::ItemImpl>> = HashMap::new();
    let module = shared.input.file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "types" => module.content.as_ref(),
        _ => None,
    });
    let (_, made) = module.ok_or("the generator made no module of types")?;
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
            Type::Enum(values) => string_enum(name, &doc, values),
            Type::Integers(values) => integers(name, &doc, schema, values),
            Type::Union => union(shared, name, &doc, schema),
            Type::Newtype => newtype(
                name,
                &doc,
                structs.get(name).copied(),
                impls.get(name).map_or(&[], Vec::as_slice),
            )?,
            Type::Struct => {
                let item = structs.get(name).ok_or_else(|| {
                    format!("/components/schemas/{name}: the generator made no struct of it")
                })?;
                object(name, &doc, schema, item)?
            }
        };
        out.push((name.clone(), tokens));
    }
    Ok(out)
}

fn type_doc(name: &str, schema: &Value, kind: &Type) -> String {
    let text = described("", schema);
    if !text.is_empty() {
        return text;
    }
    match kind {
        Type::Struct => format!("The object `{name}`."),
        Type::Enum(_) => format!("One of the words of `{name}`; a new one is kept as it is."),
        Type::Integers(_) => format!("A number of `{name}`; a new one is kept as it is."),
        Type::Union => format!("One of the alternatives of `{name}`."),
        Type::Newtype => format!("The value `{name}`."),
    }
}

/// The generator's struct with fields documented, serialised and typed as the passes decided.
fn object(
    name: &str,
    doc: &TokenStream,
    schema: &Value,
    item: &syn::ItemStruct,
) -> Result<TokenStream, String> {
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
                /// Fields that the interface document does not name.
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
            .ok_or_else(|| format!("/components/schemas/{name}: the generator's field {ident} is none of the properties"))?;
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
            text = format!("`{}`.", wire.replace('`', "'"));
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

/// `new` with what must be there.
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
            /// With the fields that must be there; the others are left out until they are set.
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

/// The words inside `#[serde(…)]` with their string values.
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

/// The generator's newtype of a list or map that holds itself.
fn newtype(
    name: &str,
    doc: &TokenStream,
    item: Option<&syn::ItemStruct>,
    impls: &[&syn::ItemImpl],
) -> Result<TokenStream, String> {
    let item = item
        .ok_or_else(|| format!("/components/schemas/{name}: the generator made no type of it"))?;
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
            /// What it holds.
            pub #field
        );
        #(#kept)*
    })
}

/// Names for the values of an enum: unique, valid, none of ours.
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
            // A leading minus tells `-created` from `created`.
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

fn string_enum(name: &str, doc: &TokenStream, values: &[String]) -> TokenStream {
    let name = ident(name);
    let variants = variants(values);
    let docs = values.iter().map(|v| {
        let word: String = v.chars().filter(|c| !c.is_control() && *c != '`').collect();
        docs::attributes(&if word.trim().is_empty() {
            "The empty word.".into()
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
            /// A value the interface document does not list.
            Other(String),
        }

        impl #name {
            /// The value as it is on the wire.
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

fn integers(
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
            /// The number on the wire.
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

/// One alternative of a union.
struct Alternative {
    variant: Ident,
    ty: TokenStream,
    boxed: bool,
    shape: TokenStream,
    doc: String,
}

fn union(shared: &Shared<'_>, name: &str, doc: &TokenStream, schema: &Value) -> TokenStream {
    let list = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut used = std::collections::HashSet::from(["Other".to_owned()]);
    let alternatives: Vec<Alternative> = list
        .iter()
        .map(|alternative| {
            let reference = alternative
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(schema_name);
            let base = match &reference {
                // The union's own name in front of each alternative says nothing.
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
                .is_some_and(|t| shared.boxed.contains(&(name.to_owned(), t.clone())));
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
    quote! {
        #doc
        #[derive(Clone, Debug, serde::Serialize)]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #name_ident {
            #(#variants,)*
            /// A value that is none of the alternatives.
            Other(serde_json::Value),
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
    match schema
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(schema_name)
    {
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

/// The `Shape` of an alternative.
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
        } else if let Some(Type::Enum(values)) = value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(schema_name)
            .and_then(|n| shared.types.get(&n))
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

/// A file with types; in a split module the others are in reach through `super`.
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

/// `types/mod.rs`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_equal_after_casing_are_told_apart() {
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

//! `client.rs`: the generator's signatures with our own bodies.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::visit_mut::VisitMut;

use super::rust::{self, Shorten, is_secret};
use super::shared::Shared;
use super::{docs, operations};
use crate::codegen::plan::{Operation, Parameter, described};
use crate::openapi::{Error, Result};

/// One method, ready to be written.
#[derive(Clone)]
pub(super) struct Method {
    /// Its name.
    pub(super) name: String,
    /// Doc, signature and body.
    pub(super) tokens: TokenStream,
    /// Type of each parameter as given in the query or path, by its name in the plan.
    pub(super) arguments: Vec<(Ident, syn::Type)>,
    /// Type of the body.
    pub(super) body: Option<syn::Type>,
    /// Type of the value.
    pub(super) value: TokenStream,
    /// The end of the call, which sends it and reads the response.
    pub(super) finish: TokenStream,
}

/// Writes a method for every operation of the plan, with the signature the generator made.
pub(super) fn methods(shared: &Shared<'_>) -> Result<Vec<Method>> {
    let mut signatures = std::collections::HashMap::new();
    for item in &shared.input.file.items {
        let syn::Item::Impl(block) = item else {
            continue;
        };
        if block.trait_.is_some() {
            continue;
        }
        for item in &block.items {
            if let syn::ImplItem::Fn(method) = item {
                signatures.insert(method.sig.ident.to_string(), &method.sig);
            }
        }
    }
    shared
        .operations
        .iter()
        .map(|operation| {
            let name = rust::ident(&operation.name).to_string();
            let signature = signatures.get(&name).ok_or_else(|| {
                format!("{}: the generator wrote no method {name}", operation.report)
            })?;
            method(operation, signature)
        })
        .collect()
}

fn method(operation: &Operation, signature: &syn::Signature) -> Result<Method> {
    let mut types: Vec<(Ident, syn::Type)> = Vec::new();
    for input in &signature.inputs {
        let syn::FnArg::Typed(argument) = input else {
            continue;
        };
        let syn::Pat::Ident(pattern) = &*argument.pat else {
            return Err(Error::new(format!(
                "{}: an argument without a name",
                operation.report
            )));
        };
        types.push((pattern.ident.clone(), (*argument.ty).clone()));
    }
    let mut arguments = Vec::new();
    let mut ordered: Vec<&Parameter> = operation.parameters.iter().collect();
    // Path first, as in the template; then query and headers in the document's order, which its readers know
    // (the generator sorts them by name). The sort is stable.
    let position = |p: &Parameter| {
        let in_template = (p.place == "path").then(|| {
            types.iter().position(|(i, _)| {
                i.to_string().trim_end_matches('_') == p.name.trim_end_matches('_')
            })
        });
        (
            ["path", "query", "header"]
                .iter()
                .position(|place| *place == p.place),
            in_template,
        )
    };
    ordered.sort_by_key(|p| position(p));
    let mut chain = TokenStream::new();
    for parameter in ordered {
        let found = types.iter().find(|(i, _)| {
            i.to_string().trim_end_matches('_') == parameter.name.trim_end_matches('_')
        });
        let (ident, ty) = found
            .ok_or_else(|| format!("{}: no argument for {}", operation.report, parameter.wire))?
            .clone();
        let mut ty = ty;
        Shorten {
            secret: is_secret(&parameter.schema),
        }
        .visit_type_mut(&mut ty);
        vecs_to_slices(&mut ty);
        chain.extend(parameter_call(parameter, &ident, &ty));
        arguments.push((ident, ty));
    }
    for (name, value) in &operation.fixed_query {
        chain.extend(quote!(.query(#name, #value)));
    }
    let body = body(operation, &types, &mut chain)?;
    let (value, finish) = response(operation, signature)?;
    let docs = docs::attributes(&documentation(operation, &arguments, body.is_some()));
    let name = rust::ident(&operation.name);
    let constant = operations::constant(operation);
    let mut inputs: Vec<TokenStream> = arguments.iter().map(|(i, t)| quote!(#i: #t)).collect();
    inputs.extend(body.iter().map(|t| quote!(body: #t)));
    let tokens = quote! {
        #docs
        pub async fn #name(&self, #(#inputs),*) -> Result<ResponseValue<#value>, Error> {
            self.session.call(&operations::#constant) #chain #finish.await
        }
    };
    Ok(Method {
        name: operation.name.clone(),
        tokens,
        arguments,
        body,
        value,
        finish,
    })
}

/// Turns `&Vec<T>` into `&[T]`.
fn vecs_to_slices(ty: &mut syn::Type) {
    struct Slices;
    impl VisitMut for Slices {
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            let syn::Type::Path(path) = &*reference.elem else {
                return;
            };
            let Some(segment) = path.path.segments.last().filter(|s| s.ident == "Vec") else {
                return;
            };
            let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                return;
            };
            let inner = arguments.args.to_token_stream();
            if let Ok(slice) = syn::parse2(quote!([#inner])) {
                *reference.elem = slice;
            }
        }
    }
    Slices.visit_type_mut(ty);
}

/// Writes the call that adds one parameter to the request.
fn parameter_call(parameter: &Parameter, ident: &Ident, ty: &syn::Type) -> TokenStream {
    let wire = &parameter.wire;
    // What is already a reference is passed as it is.
    let value = if matches!(ty, syn::Type::Reference(_)) {
        quote!(#ident)
    } else {
        quote!(&#ident)
    };
    match (
        parameter.place.as_str(),
        parameter.style.as_str(),
        parameter.shape.as_str(),
    ) {
        ("path", ..) => quote!(.path(#wire, #ident)),
        ("header", ..) => quote!(.header(#wire, #value)),
        (_, "json", _) => quote!(.query_json(#wire, #value)),
        (_, "deepObject", "object") => {
            quote!(.query_object(#wire, #value, ObjectStyle::DeepObject))
        }
        (_, _, "object") => quote!(.query_object(#wire, #value, ObjectStyle::Form)),
        (_, "spaceDelimited", "list") if !parameter.explode => {
            quote!(.query_joined(#wire, #value, ' '))
        }
        (_, "pipeDelimited", "list") if !parameter.explode => {
            quote!(.query_joined(#wire, #value, '|'))
        }
        (_, "form", "list") if !parameter.explode => quote!(.query_joined(#wire, #value, ',')),
        _ => quote!(.query(#wire, #value)),
    }
}

fn body(
    operation: &Operation,
    types: &[(Ident, syn::Type)],
    chain: &mut TokenStream,
) -> Result<Option<syn::Type>> {
    let Some(plan) = &operation.body else {
        return Ok(None);
    };
    let ty: syn::Type = match plan.kind.as_str() {
        "multipart" => syn::parse_quote!(idweave_transport::Multipart),
        "text" => syn::parse_quote!(String),
        "bytes" => syn::parse_quote!(idweave_transport::Bytes),
        _ => {
            let found = types.iter().find(|(i, _)| i == "body");
            let (_, ty) =
                found.ok_or_else(|| format!("{}: no argument for the body", operation.report))?;
            let mut ty = ty.clone();
            Shorten {
                secret: is_secret(&plan.schema),
            }
            .visit_type_mut(&mut ty);
            vecs_to_slices(&mut ty);
            ty
        }
    };
    let call = match plan.kind.as_str() {
        "multipart" => "multipart_body",
        "text" | "bytes" => "raw_body",
        "form" => "form_body",
        _ => "json_body",
    };
    let by_value = matches!(call, "multipart_body" | "raw_body");
    if plan.optional {
        let call = format_ident!("{call}_opt");
        let value = if by_value || matches!(ty, syn::Type::Reference(_)) {
            quote!(body)
        } else {
            quote!(body.as_ref())
        };
        chain.extend(quote!(.#call(#value)));
        return Ok(Some(syn::parse_quote!(Option<#ty>)));
    }
    let call = format_ident!("{call}");
    let value = if by_value || matches!(ty, syn::Type::Reference(_)) {
        quote!(body)
    } else {
        quote!(&body)
    };
    chain.extend(quote!(.#call(#value)));
    Ok(Some(ty))
}

fn response(
    operation: &Operation,
    signature: &syn::Signature,
) -> Result<(TokenStream, TokenStream)> {
    let response = &operation.response;
    Ok(match response.kind.as_str() {
        "text" => (quote!(String), quote!(.text())),
        "bytes" => (quote!(idweave_transport::Bytes), quote!(.bytes())),
        "json" | "json_or_empty" => {
            let mut value = generated_value(signature).ok_or_else(|| {
                format!(
                    "{}: the generator's return type does not have the expected form",
                    operation.report
                )
            })?;
            Shorten {
                secret: is_secret(&response.schema),
            }
            .visit_type_mut(&mut value);
            let optional = matches!(&value, syn::Type::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == "Option"));
            if response.kind == "json_or_empty" {
                let value = match optional {
                    true => quote!(#value),
                    false => quote!(Option<#value>),
                };
                // A null body counts as an absent body.
                let finish = if optional {
                    quote!(.json())
                } else {
                    quote!(.json_or_empty())
                };
                (value, finish)
            } else if response.schema.get("nullable") == Some(&Value::Bool(true)) && !optional {
                (quote!(Option<#value>), quote!(.json()))
            } else {
                (quote!(#value), quote!(.json()))
            }
        }
        _ => (quote!(()), quote!(.empty())),
    })
}

/// Returns `T` of `Result<ResponseValue<T>, _>`.
fn generated_value(signature: &syn::Signature) -> Option<syn::Type> {
    fn first(ty: &syn::Type) -> Option<syn::Type> {
        let syn::Type::Path(path) = ty else {
            return None;
        };
        let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments
        else {
            return None;
        };
        arguments.args.iter().find_map(|a| match a {
            syn::GenericArgument::Type(ty) => Some(ty.clone()),
            _ => None,
        })
    }
    let syn::ReturnType::Type(_, ty) = &signature.output else {
        return None;
    };
    first(&first(ty)?)
}

fn documentation(operation: &Operation, arguments: &[(Ident, syn::Type)], body: bool) -> String {
    let mut text = String::new();
    let call = format!(
        "`{} {}`, operation `{}`.",
        operation.method,
        operation.path,
        operation.id.replace('`', "'")
    );
    if operation.doc.is_empty() {
        text.push_str(&call);
    } else {
        text.push_str(&operation.doc);
        text.push_str("\n\n");
        text.push_str(&call);
    }
    if operation.deprecated {
        text.push_str("\n\nDeprecated by the vendor.");
    }
    let mut lines: Vec<String> = Vec::new();
    for (ident, _) in arguments {
        let parameter = operation
            .parameters
            .iter()
            .find(|p| p.name.trim_end_matches('_') == ident.to_string().trim_end_matches('_'));
        let Some(parameter) = parameter else { continue };
        let one_line: Vec<&str> = parameter.doc.split_whitespace().collect();
        let one_line = one_line.join(" ");
        let wire = if ident == parameter.wire.as_str() {
            String::new()
        } else {
            format!(" (`{}`)", parameter.wire.replace('`', "'"))
        };
        let place = &parameter.place;
        lines.push(match one_line.is_empty() {
            true => format!("- `{ident}`{wire}: {place} parameter."),
            false => format!("- `{ident}`{wire}: {one_line}"),
        });
    }
    if let (true, Some(plan)) = (body, &operation.body) {
        let doc: Vec<&str> = plan.doc.split_whitespace().collect();
        let media_type = plan.content_type.as_deref().unwrap_or("application/json");
        let doc = if doc.is_empty() {
            described("", &plan.schema)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        } else {
            doc.join(" ")
        };
        let doc = if doc.is_empty() {
            String::new()
        } else {
            format!(" {doc}")
        };
        lines.push(format!(
            "- `body`: request body, `{media_type}`{}.{doc}",
            if plan.optional { ", optional" } else { "" }
        ));
        for part in &plan.parts {
            let name = part["name"].as_str().unwrap_or_default().replace('`', "'");
            let kind = if part["file"] == true { "file" } else { "text" };
            let required = if part["required"] == true {
                ", required"
            } else {
                ""
            };
            let about: Vec<&str> = part["description"]
                .as_str()
                .unwrap_or_default()
                .split_whitespace()
                .collect();
            let about = about.join(" ");
            lines.push(format!(
                "- part `{name}` of `body`: {kind}{required}.{}",
                if about.is_empty() {
                    String::new()
                } else {
                    format!(" {about}")
                }
            ));
        }
    }
    if !lines.is_empty() {
        text.push_str("\n\nArguments:\n\n");
        text.push_str(&lines.join("\n"));
    }
    text
}

/// Writes a file with methods; in a split client the struct is in `mod.rs`.
pub(super) fn file(methods: &[Method], module: Option<&str>, about: &str) -> TokenStream {
    let code: Vec<&TokenStream> = methods.iter().map(|m| &m.tokens).collect();
    let text = quote!(#(#code)*).to_string();
    let style = text
        .contains("ObjectStyle ::")
        .then(|| quote!(ObjectStyle,));
    let types = text.contains("types ::").then(|| quote!(types,));
    let block = (!methods.is_empty()).then(|| quote!(impl Client { #(#code)* }));
    if module.is_some() {
        return quote! {
            use idweave_transport::{Error, #style ResponseValue};

            use super::Client;
            use super::super::{operations, #types};

            #block
        };
    }
    let client = client(about);
    let calls = (!methods.is_empty()).then(|| {
        quote! {
            use idweave_transport::{Error, #style ResponseValue, Session};

            use super::{operations, #types};
        }
    });
    let bare = methods.is_empty().then(|| {
        quote!(
            use idweave_transport::Session;
        )
    });
    quote! {
        #calls
        #bare

        #client
        #block
    }
}

/// Writes `client/mod.rs`.
pub(super) fn root(modules: &[String], about: &str) -> TokenStream {
    let client = client(about);
    let modules = modules.iter().map(|m| rust::ident(m));
    quote! {
        use idweave_transport::Session;

        #(
            #[rustfmt::skip]
            mod #modules;
        )*

        #client
    }
}

fn client(about: &str) -> TokenStream {
    let about = match about.trim() {
        "" => TokenStream::new(),
        about => {
            let about = docs::attributes(about);
            quote!(#about #[doc = ""])
        }
    };
    quote! {
        /// A client with one method per operation; all requests go through one session.
        ///
        #about
        /// Cloning is cheap; clones share the session.
        ///
        /// # Errors
        ///
        /// Each method returns an [`Error`](idweave_transport::Error) when the call fails. A response with any status
        /// other than 2xx is an `Error` that keeps status, headers and body. `Display` and `Debug` of an `Error` show
        /// the status, but never headers or body.
        #[derive(Clone, Debug)]
        pub struct Client {
            session: Session,
        }

        impl From<Session> for Client {
            fn from(session: Session) -> Self {
                Self { session }
            }
        }

        impl Client {
            /// Returns the session that sends all requests of this client.
            pub fn session(&self) -> &Session {
                &self.session
            }
        }
    }
}

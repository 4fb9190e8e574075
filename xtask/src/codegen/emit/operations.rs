//! `operations.rs`: one `static` per operation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs;
use super::shared::Shared;
use crate::codegen::plan::{Operation, Scheme};

/// Names the static of an operation.
pub(super) fn constant(operation: &Operation) -> proc_macro2::Ident {
    format_ident!("{}", operation.name.to_uppercase())
}

pub(super) fn file(shared: &Shared<'_>) -> TokenStream {
    let statics = shared.operations.iter().map(one);
    let all: Vec<_> = shared.operations.iter().map(constant).collect();
    let schemes = shared
        .operations
        .iter()
        .any(|o| o.security.iter().any(|c| !c.is_empty()));
    let scheme = schemes.then(|| quote!(, Scheme));
    let method = (!all.is_empty()).then(|| quote!(Method,));
    quote! {
        use idweave_transport::{#method Operation #scheme};

        /// All operations, in the order of the OpenAPI document.
        pub static ALL: &[&Operation] = &[#(&#all),*];

        #(#statics)*
    }
}

fn one(operation: &Operation) -> TokenStream {
    let name = constant(operation);
    let (id, path) = (&operation.id, &operation.path);
    let method = format_ident!("{}", operation.method);
    let mut text = format!(
        "`{} {}`, operation `{}`.",
        operation.method,
        operation.path,
        operation.id.replace('`', "'")
    );
    if let Some(server) = &operation.server {
        text.push_str(&format!(
            "\n\nThe document names the server {server} for it; requests go to the base URL of the client."
        ));
    }
    let doc = docs::attributes(&text);
    let mut chain = quote!(Operation::new(#id, Method::#method, #path));
    if !operation.security.is_empty() {
        let combinations = operation.security.iter().map(|combination| {
            let schemes = combination.iter().map(|scheme| match scheme {
                Scheme::Basic => quote!(Scheme::Basic),
                Scheme::Bearer => quote!(Scheme::Bearer),
                Scheme::Header(name) => quote!(Scheme::Header(#name)),
                Scheme::Query(name) => quote!(Scheme::Query(#name)),
                Scheme::Cookie(name) => quote!(Scheme::Cookie(#name)),
            });
            quote!(&[#(#schemes),*])
        });
        chain = quote!(#chain.with_security(&[#(#combinations),*]));
    }
    if let Some(idempotent) = operation.idempotent {
        chain = quote!(#chain.with_idempotent(#idempotent));
    }
    if let Some(accept) = &operation.response.accept {
        chain = quote!(#chain.with_accept(#accept));
    }
    if let Some(content_type) = operation
        .body
        .as_ref()
        .and_then(|b| b.content_type.as_ref())
    {
        chain = quote!(#chain.with_content_type(#content_type));
    }
    quote!(#doc pub static #name: Operation = #chain;)
}

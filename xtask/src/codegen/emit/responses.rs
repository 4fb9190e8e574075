//! `tests/generated/responses.rs`: a table of all operations, for tests that look at the response of each.
//!
//! What a method of the client returns is known to the compiler only. The table makes a list of it, so that a test covers
//! an operation from the day it is generated.

use proc_macro2::TokenStream;
use quote::quote;

use super::client::Method;
use super::operations;
use super::shared::Shared;

pub(super) fn about(name: &str) -> String {
    format!(
        "//! How the response of each operation of {name} is read. The module above has the crate's `operations` and `types`, and `Show` and `show`.\n"
    )
}

pub(super) fn file(shared: &Shared<'_>, methods: &[Method]) -> TokenStream {
    let entries = shared
        .operations
        .iter()
        .zip(methods)
        .map(|(operation, method)| {
            let constant = operations::constant(operation);
            let (value, finish) = (&method.value, &method.finish);
            quote!((&operations::#constant, |call| Box::pin(show::<#value>(call #finish))))
        });
    let entries: Vec<TokenStream> = entries.collect();
    let text: String = entries.iter().map(ToString::to_string).collect();
    let types = text.contains("types ::").then(|| quote!(types,));
    quote! {
        use idweave_transport::Operation;
        use super::{Show, operations, show, #types};

        /// Every operation, in the order of the document, and how its response is read.
        pub static ALL: &[(&Operation, Show)] = &[#(#entries),*];
    }
}

//! `mock.rs`: typed `When` and `Then` over httpmock, in the form of progenitor's own mocks.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::client::Method;
use super::shared::Shared;
use super::{docs, rust};
use crate::codegen::naming::pascal_case;
use crate::codegen::plan::{Operation, Parameter};

/// Writes `When` and `Then` of some operations, for a file below `mock/operations/`.
pub(super) fn module_file(shared: &Shared<'_>, methods: &[Method]) -> TokenStream {
    let wrappers: Vec<TokenStream> = wrappers(shared, methods);
    let text: String = wrappers.iter().map(ToString::to_string).collect();
    let types = text.contains("types ::").then(|| {
        quote!(
            use super::super::super::types;
        )
    });
    let joins = text.contains("joined (").then(|| {
        quote!(
            use super::joined;
        )
    });
    let segments = text.contains("segment (").then(|| {
        quote!(
            use super::segment;
        )
    });
    quote! {
        #joins
        #segments
        #types
        #(#wrappers)*
    }
}

fn wrappers(shared: &Shared<'_>, methods: &[Method]) -> Vec<TokenStream> {
    let operation = |m: &Method| shared.operations.iter().find(|o| o.name == m.name);
    methods
        .iter()
        .filter_map(|m| Some(wrapper(operation(m)?, m)))
        .collect()
}

/// Writes `mock.rs`, or `mock/mod.rs` where the operations are in `modules`.
pub(super) fn file(shared: &Shared<'_>, methods: &[Method], modules: &[String]) -> TokenStream {
    if methods.is_empty() {
        return TokenStream::new();
    }
    let pairs: Vec<(&Operation, &Method)> = shared.operations.iter().zip(methods).collect();
    let wrappers: Vec<TokenStream> = wrappers(shared, methods);
    let text: String = wrappers.iter().map(ToString::to_string).collect();
    let wrappers = if modules.is_empty() {
        wrappers
    } else {
        Vec::new()
    };
    let types = (modules.is_empty() && text.contains("types ::")).then(|| {
        quote!(
            use super::super::types;
        )
    });
    let modules: Vec<_> = modules.iter().map(|m| rust::ident(m)).collect();
    let joins = text.contains("joined (").then(|| {
        quote! {
            /// Formats a value as it appears in a URL or header.
            fn joined<T: serde::Serialize + ?Sized>(value: &T) -> String {
                fn word(value: &serde_json::Value) -> String {
                    match value {
                        serde_json::Value::String(text) => text.clone(),
                        serde_json::Value::Array(list) => list.iter().map(word).collect::<Vec<_>>().join(","),
                        other => other.to_string(),
                    }
                }
                serde_json::to_value(value).map(|value| word(&value)).unwrap_or_default()
            }
        }
    });
    let segments = text.contains("segment (").then(|| {
        quote! {
            /// A pattern that matches one path segment literally, percent-encoded or not.
            fn segment(value: impl std::fmt::Display) -> String {
                let mut out = String::new();
                for byte in value.to_string().bytes() {
                    match byte {
                        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'~' => out.push(char::from(byte)),
                        b'-' | b'.' => out.extend(['\\', char::from(byte)]),
                        _ => {
                            let plain = if byte.is_ascii() && !byte.is_ascii_control() { format!("|\\x{byte:02X}") } else { String::new() };
                            out.push_str(&format!("(?:%{byte:02X}{plain})"));
                        }
                    }
                }
                out
            }
        }
    });
    let declared = pairs
        .iter()
        .map(|(operation, _)| signature(operation, &quote!(;)));
    let defined = pairs.iter().map(|(operation, _)| {
        let (when, then) = names(operation);
        signature(operation, &quote!({
            self.mock(|when, then| config(operations::#when::new(when), operations::#then::new(then)))
        }))
    });
    let declared: Vec<_> = pairs
        .iter()
        .zip(declared)
        .map(|((operation, _), tokens)| {
            let doc =
                docs::attributes(&format!("Mocks `{} {}`.", operation.method, operation.path));
            quote!(#doc #tokens)
        })
        .collect();
    quote! {
        /// `When` (request) and `Then` (response) types of each operation. For what they do not cover, `into_inner()` returns httpmock's own.
        pub mod operations {
            #types
            #(
                #[rustfmt::skip]
                mod #modules;
            )*

            #(pub use self::#modules::*;)*

            #joins
            #segments
            #(#wrappers)*
        }

        /// Adds one method per operation to a mock server. The client's base URL must be the server's URL without a path.
        pub trait MockServerExt {
            #(#declared)*
        }

        impl MockServerExt for httpmock::MockServer {
            #(#defined)*
        }
    }
}

fn names(operation: &Operation) -> (proc_macro2::Ident, proc_macro2::Ident) {
    let base = pascal_case(&operation.name);
    (format_ident!("{base}When"), format_ident!("{base}Then"))
}

fn signature(operation: &Operation, end: &TokenStream) -> TokenStream {
    let name = rust::ident(&operation.name);
    let (when, then) = names(operation);
    quote! {
        fn #name<F>(&self, config: F) -> httpmock::Mock<'_>
        where
            F: FnOnce(operations::#when, operations::#then)
        #end
    }
}

/// Writes a path template as a pattern; `{}` where `parameter` goes, any segment elsewhere.
fn pattern(path: &str, parameter: Option<&str>) -> String {
    let mut out = String::from("^");
    let mut rest = path;
    while let Some((before, inside)) = rest.split_once('{') {
        out.push_str(&literal(before, parameter.is_some()));
        let (name, after) = inside.split_once('}').unwrap_or((inside, ""));
        out.push_str(if parameter == Some(name) {
            "{}"
        } else {
            "[^/]*"
        });
        rest = after;
    }
    out.push_str(&literal(rest, parameter.is_some()));
    out.push('$');
    out
}

fn literal(text: &str, formatted: bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '{' | '}' if formatted => out.extend(['\\', c, c]),
            c if c.is_ascii_alphanumeric()
                || matches!(
                    c,
                    '/' | '_' | '-' | '@' | '~' | '%' | ':' | ',' | '=' | '!' | '\'' | ';'
                ) =>
            {
                out.push(c)
            }
            c if c.is_ascii() => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

fn wrapper(operation: &Operation, method: &Method) -> TokenStream {
    let (when, then) = names(operation);
    let about = format!("`{} {}`", operation.method, operation.path);
    let when_doc = docs::attributes(&format!("Matches requests to {about}."));
    let then_doc = docs::attributes(&format!("Builds responses of {about}."));
    let verb = &operation.method;
    let path = pattern(&operation.path, None);
    let mut taken: Vec<String> = vec!["new".into(), "into_inner".into(), "body".into()];
    let parameters = method.arguments.iter().filter_map(|(ident, ty)| {
        let parameter = operation
            .parameters
            .iter()
            .find(|p| p.name.trim_end_matches('_') == ident.to_string().trim_end_matches('_'))?;
        let mut name = ident.to_string();
        while taken.contains(&name) {
            name.push('_');
        }
        taken.push(name.clone());
        let absent = format!("no_{}", name.trim_end_matches('_'));
        let absent = (!method.arguments.iter().any(|(i, _)| *i == absent.as_str()))
            .then(|| format_ident!("{absent}"));
        Some(matcher(
            operation,
            parameter,
            &rust::ident(&name),
            absent,
            ty,
        ))
    });
    let parameters: Vec<TokenStream> = parameters.collect();
    let json = operation.body.as_ref().is_some_and(|b| b.kind == "json");
    let body = method.body.as_ref().filter(|_| json).map(|ty| {
        let inner = optional(ty).unwrap_or(ty);
        let value = if matches!(inner, syn::Type::Reference(_)) {
            quote!(value)
        } else {
            quote!(&value)
        };
        quote! {
            /// Requires this JSON body.
            pub fn body(self, value: #inner) -> Self {
                Self(self.0.json_body_obj(#value))
            }
        }
    });
    let responses = responses(operation, method);
    quote! {
        #when_doc
        pub struct #when(httpmock::When);

        impl #when {
            /// Matches all requests to this operation.
            pub fn new(inner: httpmock::When) -> Self {
                Self(inner.method(#verb).path_matches(#path))
            }

            /// Returns the underlying `httpmock::When`.
            pub fn into_inner(self) -> httpmock::When {
                self.0
            }

            #(#parameters)*
            #body
        }

        #then_doc
        pub struct #then(httpmock::Then);

        impl #then {
            /// Builds a response of this operation.
            pub fn new(inner: httpmock::Then) -> Self {
                Self(inner)
            }

            /// Returns the underlying `httpmock::Then`.
            pub fn into_inner(self) -> httpmock::Then {
                self.0
            }

            #responses

            /// Responds with any status and body, such as an error.
            pub fn status(self, status: u16, body: impl AsRef<[u8]>) -> Self {
                Self(self.0.status(status).body(body))
            }
        }
    }
}

/// Returns the type inside an `Option`.
fn optional(ty: &syn::Type) -> Option<&syn::Type> {
    let syn::Type::Path(path) = ty else {
        return None;
    };
    let segment = path.path.segments.last().filter(|s| s.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|a| match a {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn matcher(
    operation: &Operation,
    parameter: &Parameter,
    name: &proc_macro2::Ident,
    absent: Option<proc_macro2::Ident>,
    ty: &syn::Type,
) -> TokenStream {
    let wire = &parameter.wire;
    let doc = docs::attributes(&format!(
        "Requires this value of the {} parameter `{}`.",
        parameter.place,
        wire.replace('`', "'")
    ));
    let inner = optional(ty).unwrap_or(ty);
    let reference = if matches!(inner, syn::Type::Reference(_)) {
        quote!(value)
    } else {
        quote!(&value)
    };
    let matcher = match (parameter.place.as_str(), parameter.shape.as_str()) {
        ("path", _) => {
            let pattern = pattern(&operation.path, Some(wire));
            quote!(Self(
                self.0
                    .path_matches(format!(#pattern, segment(value)).as_str())
            ))
        }
        ("header", _) => quote!(Self(self.0.header(#wire, joined(#reference)))),
        (_, "list") if parameter.explode => quote! {
            Self(value.iter().fold(self.0, |when, value| when.query_param(#wire, joined(value))))
        },
        // Several parameters on the wire, or JSON: left to httpmock's own matchers.
        (_, "object") => return TokenStream::new(),
        _ => quote!(Self(self.0.query_param(#wire, joined(#reference)))),
    };
    let absent = absent.filter(|_| optional(ty).is_some() && parameter.shape != "object");
    let missing = absent.map(|name| {
        let doc = docs::attributes(&format!(
            "Requires the {} parameter `{}` to be absent.",
            parameter.place,
            wire.replace('`', "'")
        ));
        let matcher = if parameter.place == "header" {
            quote!(header_missing)
        } else {
            quote!(query_param_missing)
        };
        quote!(#doc pub fn #name(self) -> Self { Self(self.0.#matcher(#wire)) })
    });
    quote! {
        #doc
        pub fn #name(self, value: #inner) -> Self {
            #matcher
        }
        #missing
    }
}

fn responses(operation: &Operation, method: &Method) -> TokenStream {
    let response = &operation.response;
    let value = &method.value;
    let status = response.success.first().copied().unwrap_or(200);
    let status = proc_macro2::Literal::u16_unsuffixed(status);
    let media_type = response
        .accept
        .as_deref()
        .and_then(|a| a.split(',').next())
        .filter(|a| !a.contains('*'));
    match response.kind.as_str() {
        "json" | "json_or_empty" => {
            let media_type = media_type.unwrap_or("application/json");
            quote! {
                /// Responds with the documented success and this value.
                pub fn success(self, value: &#value) -> Self {
                    Self(self.0.status(#status).header("content-type", #media_type).json_body_obj(value))
                }
            }
        }
        "text" | "bytes" => {
            let media_type = media_type.unwrap_or(if response.kind == "text" {
                "text/plain"
            } else {
                "application/octet-stream"
            });
            quote! {
                /// Responds with the documented success and this content.
                pub fn success(self, value: impl AsRef<[u8]>) -> Self {
                    Self(self.0.status(#status).header("content-type", #media_type).body(value))
                }
            }
        }
        _ => quote! {
            /// Responds with the documented success, without a body.
            pub fn success(self) -> Self {
                Self(self.0.status(#status))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_escapes_special_characters_of_a_template() {
        assert_eq!(pattern("/a.b/{id}/c", None), "^/a\\.b/[^/]*/c$");
        assert_eq!(pattern("/a/{id}:go/{x}", Some("x")), "^/a/[^/]*:go/{}$");
    }
}

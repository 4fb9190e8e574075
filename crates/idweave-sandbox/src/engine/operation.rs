//! The operations of a service, as tables of id, method, path and handler.

use http::Method;

use crate::engine::wire::{Reply, Request};

/// Carries out an operation and returns the response, an error response included.
pub(crate) type Handler<S> = fn(&mut S, &Request) -> Reply;

/// One operation an emulator implements.
pub(crate) struct Operation<S: 'static> {
    /// The vendor's operation id; empty for a web page, which no API document lists.
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    pub(crate) template: &'static str,
    pub(crate) run: Handler<S>,
}

/// Declares a table of operations: `"id" METHOD "/path/{name}" => handler;`
macro_rules! operations {
    ($state:ty; $($id:literal $method:ident $template:literal => $run:expr;)*) => {
        pub(crate) fn operations() -> Vec<$crate::engine::operation::Operation<$state>> {
            vec![$($crate::engine::operation::Operation {
                id: $id,
                method: http::Method::$method,
                template: $template,
                run: |state, request| $crate::engine::operation::into_reply($run(state, request)),
            }),*]
        }
    };
}
pub(crate) use operations;

/// Returns the response of a handler, whether it succeeded or not.
pub(crate) fn into_reply<E: Into<Reply>>(result: Result<Reply, E>) -> Reply {
    result.unwrap_or_else(Into::into)
}

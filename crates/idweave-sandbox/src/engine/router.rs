//! The operations of a service, as tables, and the axum router made from them.

use std::sync::Arc;

use axum::extract::{RawPathParams, Request as HttpRequest};
use axum::response::Response;
use axum::routing::{MethodFilter, any, on};
use http::Method;

use crate::engine::server::{Emulator, Service, Target, answer_desk, answer_service};
use crate::engine::wire::{Reply, Request};

/// What answers an operation; refusals are replies like any other.
pub(crate) type Handler<S> = fn(&mut S, &Request) -> Reply;

/// One operation an emulator answers.
pub(crate) struct Operation<S: 'static> {
    /// The vendor's operation id; empty for a web page that is no part of the API.
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    pub(crate) template: &'static str,
    pub(crate) run: Handler<S>,
}

/// Writes a table of operations: `"id" METHOD "/path/{name}" => handler;`
macro_rules! operations {
    ($state:ty; $($id:literal $method:ident $template:literal => $run:expr;)*) => {
        pub(crate) fn operations() -> Vec<$crate::engine::router::Operation<$state>> {
            vec![$($crate::engine::router::Operation {
                id: $id,
                method: http::Method::$method,
                template: $template,
                run: |state, request| $crate::engine::router::flatten($run(state, request)),
            }),*]
        }
    };
}
pub(crate) use operations;

/// A handler's `Result` as the reply it is either way.
pub(crate) fn flatten<E: Into<Reply>>(answer: Result<Reply, E>) -> Reply {
    answer.unwrap_or_else(Into::into)
}

/// All operations of a service, the sandbox's own desk, and what is said where there is neither.
pub(crate) fn router<S: Service>(emulator: &Arc<Emulator<S>>) -> axum::Router {
    let mut router = axum::Router::new();
    for (at, operation) in emulator.operations.iter().enumerate() {
        let Ok(filter) = MethodFilter::try_from(operation.method.clone()) else {
            continue;
        };
        let own = emulator.clone();
        let handler = move |params: RawPathParams, request: HttpRequest| {
            let params = params
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            answer_service(own, Target::Operation(at, params), request)
        };
        router = router.route(operation.template, on(filter, handler));
    }
    let (nothing, other_method, world) =
        (emulator.clone(), emulator.clone(), emulator.world.clone());
    router
        .route(
            "/_sandbox/{*path}",
            any(move |request: HttpRequest| answer_desk(world, request)),
        )
        .fallback(move |request: HttpRequest| answer_service(nothing, Target::Nothing, request))
        .method_not_allowed_fallback(move |request: HttpRequest| {
            answer_service(other_method, Target::OtherMethods, request)
        })
}

/// When the connection of an answer is reset; the connection sees the mark.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reset {
    /// Instead of the answer.
    AtOnce,
    /// Where the answer's body is cut off.
    AtTheCut,
}

impl Reset {
    pub(crate) fn mark(self, mut response: Response) -> Response {
        response.extensions_mut().insert(self);
        response
    }
}

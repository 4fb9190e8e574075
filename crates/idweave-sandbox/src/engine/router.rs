//! The axum router of a service: its operations, the control API, and the errors for the rest.

use std::sync::Arc;

use axum::extract::{RawPathParams, Request as HttpRequest};
use axum::response::Response;
use axum::routing::{MethodFilter, any, on};
use http::StatusCode;

use crate::engine::delivery::{Delivery, reset, response};
use crate::engine::emulator::{CallResult, Emulator, RouteMatch, Service};
use crate::engine::env::Env;
use crate::engine::server::Origin;
use crate::engine::wire::{Reply, Request, parse_query};

/// The largest request body a service reads.
const MAX_BODY_BYTES: usize = 32 << 20;

/// The paths of the control API.
pub(crate) const CONTROL_PATHS: &str = "/_sandbox/{*path}";

/// Routes all operations of a service, the control API, and what is neither.
pub(crate) fn router<S: Service>(emulator: &Arc<Emulator<S>>) -> axum::Router {
    let mut router = axum::Router::new();
    for (at, operation) in emulator.operations.iter().enumerate() {
        let Ok(filter) = MethodFilter::try_from(operation.method.clone()) else {
            continue;
        };
        let emulator = emulator.clone();
        let handler = move |params: RawPathParams, request: HttpRequest| {
            let params = params
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            respond(emulator, RouteMatch::Operation(at, params), request)
        };
        router = router.route(operation.template, on(filter, handler));
    }
    let (unknown_path, other_method, env) =
        (emulator.clone(), emulator.clone(), emulator.env.clone());
    router
        .route(
            CONTROL_PATHS,
            any(move |request: HttpRequest| respond_control(env, request)),
        )
        .fallback(move |request: HttpRequest| respond(unknown_path, RouteMatch::Nothing, request))
        .method_not_allowed_fallback(move |request: HttpRequest| {
            respond(other_method, RouteMatch::OtherMethods, request)
        })
}

/// Reads the whole request; a body that is too large is an error.
async fn read(env: &Env, request: HttpRequest) -> Result<Request, Reply> {
    let (parts, body) = request.into_parts();
    let Some(Origin { base_url, peer }) = parts.extensions.get::<Origin>().cloned() else {
        return Err(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    };
    let body = axum::body::to_bytes(body, MAX_BODY_BYTES).await;
    let body = body.map_err(|_| Reply::empty(StatusCode::PAYLOAD_TOO_LARGE))?;
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    Ok(Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parse_query(&raw_query),
        raw_query,
        headers: parts.headers,
        body,
        params: Vec::new(),
        now: env.clock.now(),
        base_url,
        peer: peer.ip(),
        page_shift: 0,
        credential: None.into(),
    })
}

/// Responds as a service, with whatever fault the call meets.
async fn respond<S: Service>(
    emulator: Arc<Emulator<S>>,
    route: RouteMatch,
    request: HttpRequest,
) -> Response {
    let request = match read(&emulator.env, request).await {
        Ok(request) => request,
        Err(reply) => return response(reply, Delivery::Whole),
    };
    let (result, delay) = emulator.handle(route, request);
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    match result {
        CallResult::Reply(reply, delivery) => response(reply, delivery),
        CallResult::Stall => std::future::pending().await,
        CallResult::Reset => reset(),
    }
}

/// Responds as the control API.
pub(crate) async fn respond_control(env: Arc<Env>, request: HttpRequest) -> Response {
    let reply = match (read(&env, request).await, env.control()) {
        (Ok(request), Some(control)) => control.respond(&request),
        (Err(reply), _) => reply,
        (_, None) => Reply::empty(StatusCode::SERVICE_UNAVAILABLE),
    };
    response(reply, Delivery::Whole)
}

//! The page for people, on a listener of its own: three files, and the desk they talk to.

use std::sync::Arc;

use axum::extract::Request as HttpRequest;
use axum::routing::{any, get};
use bytes::Bytes;
use http::StatusCode;

use crate::engine::env::World;
use crate::engine::server::{Delivery, answer_desk, response};
use crate::engine::wire::Reply;

/// What the page consists of: path, media type, text.
const FILES: [(&str, &str, &str); 3] = [
    (
        "/",
        "text/html; charset=utf-8",
        include_str!("page/index.html"),
    ),
    (
        "/style.css",
        "text/css; charset=utf-8",
        include_str!("page/style.css"),
    ),
    (
        "/script.js",
        "text/javascript; charset=utf-8",
        include_str!("page/script.js"),
    ),
];

/// The page loads nothing from anywhere and talks to nobody but its own listener.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, and the desk beside it.
pub(crate) fn router(world: Arc<World>) -> axum::Router {
    let mut router = axum::Router::new();
    for (path, kind, text) in FILES {
        router = router.route(path, get(move || file(kind, text)));
    }
    router.route(
        "/_sandbox/{*path}",
        any(move |request: HttpRequest| answer_desk(world, request)),
    )
}

async fn file(kind: &'static str, text: &'static str) -> axum::response::Response {
    let reply = Reply::typed(StatusCode::OK, kind, Bytes::from_static(text.as_bytes()))
        .with_header("content-security-policy", POLICY)
        .with_header("cache-control", "no-store")
        .with_header("x-content-type-options", "nosniff");
    response(reply, Delivery::Whole)
}

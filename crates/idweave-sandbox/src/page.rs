//! The web page, on a listener of its own: three files, and the control API beside them.

use std::sync::Arc;

use axum::extract::Request as HttpRequest;
use axum::routing::{any, get};
use bytes::Bytes;
use http::StatusCode;
use http::header::HOST;

use crate::engine::delivery::{Delivery, response};
use crate::engine::env::Env;
use crate::engine::host::has_loopback_name;
use crate::engine::router::{CONTROL_PATHS, respond_control};
use crate::engine::wire::Reply;

/// The files of the page: path, media type, content.
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

/// The page loads nothing from elsewhere and connects to its own listener only.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Routes the files of the page and the control API.
pub(crate) fn router(env: Arc<Env>) -> axum::Router {
    let mut router = axum::Router::new();
    for (path, media_type, content) in FILES {
        router = router.route(path, get(move |request| file(request, media_type, content)));
    }
    router.route(
        CONTROL_PATHS,
        any(move |request: HttpRequest| respond_control(env, request)),
    )
}

async fn file(
    request: HttpRequest,
    media_type: &'static str,
    content: &'static str,
) -> axum::response::Response {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    if !host.is_some_and(has_loopback_name) {
        let text = "the page is reachable as 127.0.0.1 or localhost only";
        let reply = Reply::typed(StatusCode::FORBIDDEN, "text/plain; charset=utf-8", text);
        return response(reply, Delivery::Whole);
    }
    let content = Bytes::from_static(content.as_bytes());
    let reply = Reply::typed(StatusCode::OK, media_type, content)
        .with_header("content-security-policy", CONTENT_SECURITY_POLICY)
        .with_header("cache-control", "no-store")
        .with_header("x-content-type-options", "nosniff");
    response(reply, Delivery::Whole)
}

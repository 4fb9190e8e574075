//! The page for people, on a listener of its own: one HTML file that talks to the desk.

use std::sync::Arc;

use axum::extract::Request as HttpRequest;
use axum::routing::{any, get};
use http::StatusCode;

use crate::server::{Delivery, answer_desk, response};
use crate::wire::Reply;
use crate::world::World;

const HTML: &str = include_str!("page.html");

/// The page loads nothing from anywhere and talks to nobody but its own listener.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";

/// The page, and the desk beside it.
pub(crate) fn router(world: Arc<World>) -> axum::Router {
    axum::Router::new().route("/", get(page)).route(
        "/_sandbox/{*path}",
        any(move |request: HttpRequest| answer_desk(world, request)),
    )
}

async fn page() -> axum::response::Response {
    let reply = Reply::html(StatusCode::OK, HTML)
        .with_header("content-security-policy", POLICY)
        .with_header("cache-control", "no-store");
    response(reply, Delivery::Whole)
}

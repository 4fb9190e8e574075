//! The page for people, on a listener of its own: one HTML file that talks to the desk.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};

use crate::server::{Answerer, Ending};
use crate::wire::{Reply, Request};
use crate::world::World;

/// Serves the page and the desk beside it.
pub(crate) struct Page {
    world: Arc<World>,
}

impl Page {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self { world }
    }
}

const HTML: &str = include_str!("page.html");

impl Answerer for Page {
    fn answer(&self, request: Request) -> (Ending, Option<Duration>) {
        let reply = match (&request.method, request.path.as_str()) {
            (&Method::GET, "/") => Reply::html(StatusCode::OK, HTML)
                .with_header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'")
                .with_header("cache-control", "no-store"),
            _ => self.world.desk().and_then(|desk| desk.answer(&request)).unwrap_or_else(|| Reply::empty(StatusCode::NOT_FOUND)),
        };
        (Ending::Reply(reply, false), None)
    }

    fn now(&self) -> jiff::Timestamp {
        self.world.clock.now()
    }
}

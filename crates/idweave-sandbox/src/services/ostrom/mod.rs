//! Ostrom: client credentials on a host of their own, USER and PARTNER clients, consent links.

mod auth;
mod contracts;
mod error;
mod model;
mod prices;
mod seed;
mod series;
mod state;
mod users;
mod validate;
mod webhooks;

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::engine::emulator::Service;
use crate::engine::env::Env;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

pub(crate) use seed::access;
pub(crate) use state::Ostrom;

impl Service for Ostrom {
    const NAME: &'static str = "ostrom";

    fn new(env: Arc<Env>) -> Self {
        Self::seeded(env)
    }

    fn operations() -> Vec<Operation<Self>> {
        let tables = [
            auth::operations(),
            users::operations(),
            contracts::operations(),
            prices::operations(),
            webhooks::operations(),
        ];
        tables.into_iter().flatten().collect()
    }

    fn error(status: StatusCode, request: &Request) -> Reply {
        if request.path == "/oauth2/token"
            && status != StatusCode::TOO_MANY_REQUESTS
            && status.is_client_error()
        {
            return error::token_error(status, "invalid_request", "The token request was refused.");
        }
        error::error(
            status,
            status.canonical_reason().unwrap_or("The request failed"),
        )
    }

    /// Applies the rate limit, which does not cover the consent page.
    fn before_handler(&mut self, request: &Request) -> Option<Reply> {
        if request.path == "/link" {
            return None;
        }
        let limit = self.rate_limit();
        let window = self.rate_window(request);
        if window.used >= limit {
            return Some(error::error(
                StatusCode::TOO_MANY_REQUESTS,
                "The limit of requests per minute has been reached.",
            ));
        }
        window.used += 1;
        None
    }

    /// Adds the headers of the rate limit.
    fn after_handler(&mut self, request: &Request, reply: &mut Reply) {
        if request.path == "/link" {
            return;
        }
        let limit = self.rate_limit();
        let window = *self.rate_window(request);
        let elapsed = request.now.duration_since(window.start).as_secs();
        let remaining = limit.saturating_sub(window.used);
        for (name, value) in [
            ("x-ratelimit-limit", i64::from(limit)),
            ("x-ratelimit-remaining", i64::from(remaining)),
            ("x-ratelimit-reset", 60 - elapsed.clamp(0, 59)),
        ] {
            reply.headers.insert(name, value.into());
        }
    }

    fn snapshot(&mut self) -> Value {
        self.describe()
    }
}

//! ONLYOFFICE DocSpace: an envelope around every response, omitted nulls, API keys with scopes,
//! login tokens, confirm links, and users with types and states.

mod account_links;
mod auth;
mod envelope;
mod error;
mod groups;
mod invitations;
mod jobs;
mod keys;
mod model;
mod oauth;
mod people;
mod portal;
mod seed;
mod sessions;
mod state;

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::engine::emulator::Service;
use crate::engine::env::Env;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

pub(crate) use seed::access;
pub(crate) use state::DocSpace;

impl Service for DocSpace {
    const NAME: &'static str = "docspace";

    fn new(env: Arc<Env>) -> Self {
        Self::seeded(env)
    }

    fn operations() -> Vec<Operation<Self>> {
        let tables = [
            sessions::login::operations(),
            sessions::connections::operations(),
            portal::operations(),
            invitations::links::operations(),
            account_links::operations(),
            people::profiles::operations(),
            people::members::operations(),
            people::self_service::operations(),
            people::search::operations(),
            people::status::operations(),
            people::photos::operations(),
            jobs::operations(),
            groups::operations(),
            keys::operations(),
            oauth::signature::operations(),
            oauth::flow::operations(),
            oauth::clients::operations(),
        ];
        tables.into_iter().flatten().collect()
    }

    fn error(status: StatusCode, _: &Request) -> Reply {
        match status {
            // The router and the gateway respond without a body of their own.
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Reply::empty(status),
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => Reply::html(
                status,
                format!("<html><body><h1>{status}</h1></body></html>"),
            ),
            _ => error::error(
                status,
                status.canonical_reason().unwrap_or("The request failed"),
                None,
            ),
        }
    }

    fn complete_due(&mut self, now: jiff::Timestamp) {
        self.complete_jobs(now);
    }

    fn snapshot(&mut self) -> Value {
        self.describe()
    }
}

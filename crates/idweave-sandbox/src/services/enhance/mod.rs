//! Enhance: a tree of organisations, logins per realm, members by invite, cookie sessions, tokens.

mod auth;
mod error;
mod invites;
mod logins;
mod members;
mod model;
mod orgs;
mod page;
mod policy;
mod preferences;
mod recovery;
mod seed;
mod sessions;
mod state;
mod tokens;
mod two_factor;
mod validate;

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::engine::emulator::Service;
use crate::engine::env::Env;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

pub(crate) use seed::access;
pub(crate) use state::Enhance;

impl Service for Enhance {
    const NAME: &'static str = "enhance";

    fn new(env: Arc<Env>) -> Self {
        Self::seeded(env)
    }

    fn operations() -> Vec<Operation<Self>> {
        let tables = [
            invites::operations(),
            sessions::operations(),
            two_factor::operations(),
            recovery::operations(),
            logins::operations(),
            preferences::operations(),
            members::operations(),
            orgs::operations(),
            tokens::operations(),
            policy::operations(),
        ];
        tables.into_iter().flatten().collect()
    }

    fn error(status: StatusCode, _: &Request) -> Reply {
        let code = match status.as_u16() {
            404 => "not_found",
            405 => "method_not_allowed",
            429 => "too_many_requests",
            400..=499 => "invalid_request",
            _ => "internal_error",
        };
        error::error(status, code, status.canonical_reason())
    }

    fn snapshot(&mut self) -> Value {
        self.describe()
    }
}

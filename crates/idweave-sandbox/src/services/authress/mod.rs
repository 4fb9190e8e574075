//! Authress: service clients with EdDSA access keys, `application/links+json`, cursor pages, and
//! changes that complete after they were accepted.

mod accounts;
mod auth;
mod clients;
mod collection;
mod directory;
mod error;
mod grants;
mod groups;
mod invites;
mod login;
mod model;
mod page;
mod permissions;
mod preconditions;
mod records;
mod requests;
mod resources;
mod roles;
mod seed;
mod state;
mod tenants;
mod users;
mod validate;

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::engine::emulator::Service;
use crate::engine::env::Env;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

pub(crate) use seed::access;
pub(crate) use state::Authress;

impl Service for Authress {
    const NAME: &'static str = "authress";

    fn new(env: Arc<Env>) -> Self {
        Self::seeded(env)
    }

    fn operations() -> Vec<Operation<Self>> {
        let tables = [
            users::operations(),
            permissions::operations(),
            groups::operations(),
            roles::operations(),
            resources::operations(),
            records::operations(),
            invites::operations(),
            requests::operations(),
            accounts::operations(),
            clients::operations(),
            tenants::operations(),
            directory::operations(),
            login::operations(),
        ];
        tables.into_iter().flatten().collect()
    }

    fn error(status: StatusCode, _: &Request) -> Reply {
        let code = match status.as_u16() {
            404 => "NotFound",
            405 => "MethodNotAllowed",
            429 => "TooManyRequests",
            400..=499 => "InvalidRequest",
            _ => "InternalServerError",
        };
        error::error(
            status,
            code,
            status.canonical_reason().unwrap_or("The request failed"),
        )
    }

    fn complete_due(&mut self, now: jiff::Timestamp) {
        self.complete_pending(now);
    }

    fn snapshot(&mut self) -> Value {
        self.describe()
    }
}

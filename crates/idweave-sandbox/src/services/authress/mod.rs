//! Authress: service clients with EdDSA access keys, `application/links+json`, cursor pages, and
//! changes that finish after they were accepted.

mod accounts;
mod auth;
mod clients;
mod directory;
mod groups;
mod login;
mod page;
mod permissions;
mod records;
mod requests;
mod resources;
mod state;
mod users;
mod validate;

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::data::fields::Violation;
use crate::engine::emulator::Service;
use crate::engine::env::Env;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

pub(crate) use state::{Authress, access};

/// The only media type the service answers with.
const MEDIA_TYPE: &str = "application/links+json";

impl Service for Authress {
    const NAME: &'static str = "authress";

    fn new(env: Arc<Env>) -> Self {
        state::seed(env)
    }

    fn operations() -> Vec<Operation<Self>> {
        let mut all = users::operations();
        all.extend(permissions::operations());
        all.extend(groups::operations());
        all.extend(resources::operations());
        all.extend(records::operations());
        all.extend(requests::operations());
        all.extend(accounts::operations());
        all.extend(clients::operations());
        all.extend(directory::operations());
        all.extend(login::operations());
        all
    }

    fn error(status: StatusCode, _: &Request) -> Reply {
        let code = match status.as_u16() {
            404 => "NotFound",
            405 => "MethodNotAllowed",
            429 => "TooManyRequests",
            400..=499 => "InvalidRequest",
            _ => "InternalServerError",
        };
        error(
            status,
            code,
            status.canonical_reason().unwrap_or("The request failed"),
        )
    }

    fn complete_due(&mut self, now: jiff::Timestamp) {
        self.finish_pending(now);
    }

    fn snapshot(&mut self) -> Value {
        self.describe()
    }
}

/// A refusal in Authress' form.
#[derive(Debug)]
pub(crate) struct Refused(Reply);

impl From<Refused> for Reply {
    fn from(refused: Refused) -> Self {
        refused.0
    }
}

impl From<Violation> for Refused {
    fn from(violation: Violation) -> Self {
        bad_request(format!("{} {}", violation.field, violation.reason))
    }
}

pub(crate) type Answer = Result<Reply, Refused>;

/// `{title, errorCode}`.
fn error(status: StatusCode, code: &str, title: &str) -> Reply {
    Reply::json(status, &json!({"title": title, "errorCode": code}))
}

fn bad_request(title: impl AsRef<str>) -> Refused {
    Refused(error(
        StatusCode::BAD_REQUEST,
        "InvalidRequest",
        title.as_ref(),
    ))
}

fn not_found() -> Refused {
    Refused(error(
        StatusCode::NOT_FOUND,
        "NotFound",
        "There is no such resource, or no access to it.",
    ))
}

fn forbidden() -> Refused {
    Refused(error(
        StatusCode::FORBIDDEN,
        "Forbidden",
        "The caller lacks the permission for this.",
    ))
}

fn conflict(title: &str) -> Refused {
    Refused(error(StatusCode::CONFLICT, "ResourceAlreadyExists", title))
}

fn reply<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Answer {
    Ok(Reply::json_as(status, MEDIA_TYPE, value))
}

fn ok(value: &Value) -> Answer {
    reply(StatusCode::OK, value)
}

fn created(value: &Value) -> Answer {
    reply(StatusCode::CREATED, value)
}

fn empty(status: StatusCode) -> Answer {
    Ok(Reply::empty(status))
}

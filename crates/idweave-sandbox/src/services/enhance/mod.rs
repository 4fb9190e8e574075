//! Enhance: a tree of organisations, logins per realm, members by invite, cookie sessions, tokens.

mod auth;
mod invites;
mod logins;
mod members;
mod model;
mod orgs;
mod policy;
mod sessions;
mod state;
mod tokens;

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};

use crate::data::fields::Violation;
use crate::engine::emulator::Service;
use crate::engine::env::Env;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

pub(crate) use state::{Enhance, access};

impl Service for Enhance {
    const NAME: &'static str = "enhance";

    fn new(env: Arc<Env>) -> Self {
        state::seed(env)
    }

    fn operations() -> Vec<Operation<Self>> {
        let mut all = invites::operations();
        all.extend(sessions::operations());
        all.extend(logins::operations());
        all.extend(members::operations());
        all.extend(orgs::operations());
        all.extend(tokens::operations());
        all.extend(policy::operations());
        all
    }

    fn error(status: StatusCode, _: &Request) -> Reply {
        let code = match status.as_u16() {
            404 => "not_found",
            405 => "method_not_allowed",
            429 => "too_many_requests",
            400..=499 => "invalid_request",
            _ => "internal_error",
        };
        error(status, code, status.canonical_reason())
    }

    fn snapshot(&mut self) -> Value {
        self.describe()
    }
}

/// A refusal in Enhance's form.
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

/// `{code, message?}`.
fn error(status: StatusCode, code: &str, message: Option<&str>) -> Reply {
    match message {
        Some(message) => Reply::json(status, &json!({"code": code, "message": message})),
        None => Reply::json(status, &json!({"code": code})),
    }
}

fn bad_request(message: impl AsRef<str>) -> Refused {
    Refused(error(
        StatusCode::BAD_REQUEST,
        "invalid_input",
        Some(message.as_ref()),
    ))
}

fn not_found() -> Refused {
    Refused(error(StatusCode::NOT_FOUND, "not_found", None))
}

fn unauthorized() -> Refused {
    Refused(error(StatusCode::FORBIDDEN, "unauthorized", None))
}

fn conflict(message: &str) -> Refused {
    Refused(error(StatusCode::CONFLICT, "already_exists", Some(message)))
}

fn ok(value: &Value) -> Answer {
    Ok(Reply::json(StatusCode::OK, value))
}

fn created(value: &Value) -> Answer {
    Ok(Reply::json(StatusCode::CREATED, value))
}

fn no_content() -> Answer {
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn done() -> Answer {
    Ok(Reply::empty(StatusCode::OK))
}

/// Sort key of one entry.
pub(crate) type SortKey<'a, T> = &'a dyn Fn(&T) -> String;

/// A listing's page: `{items, total}` by offset and limit, sorted when it is asked for.
fn listing<T>(
    request: &Request,
    sorts: &[(&str, SortKey<'_, T>)],
    mut positions: Arc<Vec<usize>>,
    get: &dyn Fn(usize) -> Option<T>,
    show: &dyn Fn(&T) -> Value,
) -> Answer {
    let number = |name: &str| match request.query(name).text() {
        None => Ok(None),
        Some(text) => text
            .parse::<usize>()
            .map(Some)
            .map_err(|_| bad_request(format!("{name} must be a whole number"))),
    };
    let limit = number("limit")?.unwrap_or(DEFAULT_LIMIT).min(LARGEST_LIMIT);
    let mut offset = number("offset")?.unwrap_or(0);
    match request.page_shift {
        -1 => offset = offset.saturating_sub(limit),
        1 => offset = offset.saturating_add(limit),
        _ => {}
    }
    if let Some(by) = request.query("sortBy").text() {
        let Some((_, key)) = sorts.iter().find(|(name, _)| *name == by) else {
            return Err(bad_request("sortBy is not one of its values"));
        };
        Arc::make_mut(&mut positions)
            .sort_by_cached_key(|position| get(*position).map(|entry| key(&entry)));
    }
    match request.query("sortOrder").text() {
        None | Some("asc") => {}
        Some("desc") => Arc::make_mut(&mut positions).reverse(),
        Some(_) => return Err(bad_request("sortOrder must be asc or desc")),
    }
    let items: Vec<Value> = positions
        .iter()
        .skip(offset)
        .take(limit)
        .filter_map(|position| Some(show(&get(*position)?)))
        .collect();
    ok(&json!({"items": items, "total": positions.len()}))
}

/// No default and no largest page are documented; these keep an answer within reason.
const DEFAULT_LIMIT: usize = 100;
const LARGEST_LIMIT: usize = 10_000;

//! ONLYOFFICE DocSpace: an envelope around every answer, omitted nulls, API keys with scopes,
//! login tokens, link-confirmed calls, and people with types and states.

mod account_links;
mod auth;
mod envelope;
mod groups;
mod invitations;
mod jobs;
mod keys;
mod model;
mod oauth;
mod people;
mod portal;
mod sessions;
mod state;

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::data::fields::Violation;
use crate::engine::emulator::Service;
use crate::engine::env::Env;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

use envelope::{error, invalid};
pub(crate) use state::{DocSpace, access};

impl Service for DocSpace {
    const NAME: &'static str = "docspace";

    fn new(env: Arc<Env>) -> Self {
        state::seed(env)
    }

    fn operations() -> Vec<Operation<Self>> {
        let mut all = sessions::login::operations();
        all.extend(portal::operations());
        all.extend(invitations::links::operations());
        all.extend(account_links::operations());
        all.extend(people::profiles::operations());
        all.extend(people::members::operations());
        all.extend(people::self_service::operations());
        all.extend(people::search::operations());
        all.extend(people::status::operations());
        all.extend(jobs::operations());
        all.extend(people::photos::operations());
        all.extend(groups::operations());
        all.extend(keys::operations());
        all.extend(sessions::connections::operations());
        all.extend(oauth::flow::operations());
        all.extend(oauth::clients::operations());
        all
    }

    fn error(status: StatusCode, _: &Request) -> Reply {
        match status {
            // The router and the gateway answer these without a body.
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Reply::empty(status),
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => Reply::html(
                status,
                format!("<html><body><h1>{status}</h1></body></html>"),
            ),
            _ => error(
                status,
                status.canonical_reason().unwrap_or("The request failed"),
                None,
            ),
        }
    }

    fn complete_due(&mut self, now: jiff::Timestamp) {
        self.finish_tasks(now);
    }

    fn snapshot(&mut self) -> Value {
        self.describe()
    }
}

/// A refusal in DocSpace's form.
#[derive(Debug)]
pub(crate) struct Refused(Reply);

impl From<Refused> for Reply {
    fn from(refused: Refused) -> Self {
        refused.0
    }
}

impl From<Violation> for Refused {
    fn from(violation: Violation) -> Self {
        Self(invalid(&violation.field, &violation.reason))
    }
}

pub(crate) type Answer = Result<Reply, Refused>;

/// A bad argument.
pub(crate) fn bad_argument(message: &str) -> Refused {
    Refused(error(
        StatusCode::BAD_REQUEST,
        message,
        Some("System.ArgumentException"),
    ))
}

/// Not allowed: the message is the same whatever was wrong.
pub(crate) fn denied() -> Refused {
    Refused(error(
        StatusCode::FORBIDDEN,
        "Access denied",
        Some("System.Security.SecurityException"),
    ))
}

/// Not possible now: 403 as well, with the real message.
pub(crate) fn impossible(message: &str) -> Refused {
    Refused(error(
        StatusCode::FORBIDDEN,
        message,
        Some("System.InvalidOperationException"),
    ))
}

/// The plan does not pay for more.
pub(crate) fn unpaid(message: &str) -> Refused {
    Refused(error(
        StatusCode::PAYMENT_REQUIRED,
        message,
        Some("ASC.Core.Billing.BillingException"),
    ))
}

pub(crate) fn not_found(message: &str) -> Refused {
    Refused(error(
        StatusCode::NOT_FOUND,
        message,
        Some("ASC.Common.Web.ItemNotFoundException"),
    ))
}

pub(crate) fn failed(message: &str) -> Refused {
    Refused(error(
        StatusCode::INTERNAL_SERVER_ERROR,
        message,
        Some("System.Exception"),
    ))
}

//! ONLYOFFICE DocSpace: an envelope around every answer, omitted nulls, API keys with scopes,
//! login tokens, link-confirmed calls, and people with types and states.

mod apikeys;
mod auth;
mod authentication;
mod confirm;
mod envelope;
mod groups;
mod invitations;
mod members;
mod oauth;
mod oauth_clients;
mod people;
mod photos;
mod portal;
mod profiles;
mod search;
mod security;
mod selfservice;
mod state;
mod status;
mod tasks;
mod thirdparty;

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::fields::Violation;
use crate::route::Operation;
use crate::server::Service;
use crate::wire::{Reply, Request};
use crate::world::World;

use envelope::{error, invalid};
pub(crate) use state::{DocSpace, seeded};

impl Service for DocSpace {
    const NAME: &'static str = "docspace";

    fn seed(world: Arc<World>) -> Self {
        state::seed(world)
    }

    fn operations() -> Vec<Operation<Self>> {
        let mut all = authentication::operations();
        all.extend(portal::operations());
        all.extend(invitations::operations());
        all.extend(thirdparty::operations());
        all.extend(profiles::operations());
        all.extend(members::operations());
        all.extend(selfservice::operations());
        all.extend(search::operations());
        all.extend(status::operations());
        all.extend(tasks::operations());
        all.extend(photos::operations());
        all.extend(groups::operations());
        all.extend(apikeys::operations());
        all.extend(security::operations());
        all.extend(oauth::operations());
        all.extend(oauth_clients::operations());
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

    fn settle(&mut self, now: jiff::Timestamp) {
        self.finish_tasks(now);
    }

    fn snapshot(&mut self) -> Value {
        self.describe()
    }
}

/// A refusal in DocSpace's form.
#[derive(Debug)]
struct Refused(Reply);

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

type Answer = Result<Reply, Refused>;

/// A bad argument.
fn bad_argument(message: &str) -> Refused {
    Refused(error(
        StatusCode::BAD_REQUEST,
        message,
        Some("System.ArgumentException"),
    ))
}

/// Not allowed: the message is the same whatever was wrong.
fn denied() -> Refused {
    Refused(error(
        StatusCode::FORBIDDEN,
        "Access denied",
        Some("System.Security.SecurityException"),
    ))
}

/// Not possible now: 403 as well, with the real message.
fn impossible(message: &str) -> Refused {
    Refused(error(
        StatusCode::FORBIDDEN,
        message,
        Some("System.InvalidOperationException"),
    ))
}

/// The plan does not pay for more.
fn unpaid(message: &str) -> Refused {
    Refused(error(
        StatusCode::PAYMENT_REQUIRED,
        message,
        Some("ASC.Core.Billing.BillingException"),
    ))
}

fn not_found(message: &str) -> Refused {
    Refused(error(
        StatusCode::NOT_FOUND,
        message,
        Some("ASC.Common.Web.ItemNotFoundException"),
    ))
}

fn failed(message: &str) -> Refused {
    Refused(error(
        StatusCode::INTERNAL_SERVER_ERROR,
        message,
        Some("System.Exception"),
    ))
}

//! Ostrom: client credentials on an auth host of its own, USER and PARTNER clients, consent links.

mod auth;
mod contracts;
mod users;
mod webhooks;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::access::{ClientPair, OstromAccess};
use crate::data::fields::Violation;
use crate::data::ids::IdGenerator;
use crate::engine::emulator::Service;
use crate::engine::env::Env;
use crate::engine::operation::Operation;
use crate::engine::wire::{Reply, Request};

/// Which half of the API a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Partner,
}

#[derive(Debug)]
pub(crate) struct Client {
    pair: ClientPair,
    role: Role,
}

#[derive(Debug)]
pub(crate) struct Token {
    client: usize,
    expires: Timestamp,
}

/// A customer a partner has asked to link.
#[derive(Clone, Debug)]
pub(crate) struct Linked {
    consented: bool,
    language: String,
    redirect_url: String,
    scopes: Vec<String>,
    link_id: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    url: String,
    secret: String,
    deliveries: u64,
}

/// A rate window of one minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    start: Timestamp,
    used: u32,
}

/// The state of the Ostrom emulator.
pub(crate) struct Ostrom {
    env: Arc<Env>,
    clients: Vec<Client>,
    tokens: HashMap<String, Token>,
    linked: BTreeMap<String, Linked>,
    webhooks: BTreeMap<u64, Webhook>,
    next_webhook: u64,
    windows: HashMap<String, Window>,
    ids: IdGenerator,
}

/// The documented limit, in force in a strict sandbox; generous otherwise, so that a test suite
/// is not slowed down by it.
const PER_MINUTE_STRICT: u32 = 50;
const PER_MINUTE: u32 = 6_000;

/// The partner's id of a user who has consented from the start.
const CONSENTED_USER: &str = "customer-1001";

/// Returns the base URLs and credentials of the seeded API.
pub(crate) fn access(env: &Env) -> OstromAccess {
    let [user, partner] = seeded_clients(env);
    OstromAccess {
        base_url: env.base_urls.ostrom.to_string(),
        auth_url: env.base_urls.ostrom_auth.to_string(),
        user,
        partner,
        external_user_id: CONSENTED_USER.to_owned(),
    }
}

/// The seeded clients: one of role USER, one of role PARTNER.
fn seeded_clients(env: &Env) -> [ClientPair; 2] {
    ["user", "partner"].map(|role| ClientPair {
        client_id: env.seed.hex(&format!("ostrom/{role}/id"))[..32].to_owned(),
        client_secret: env.seed.text(&format!("ostrom/{role}/secret"), 40),
    })
}

impl Service for Ostrom {
    const NAME: &'static str = "ostrom";

    fn new(env: Arc<Env>) -> Self {
        let [user, partner] = seeded_clients(&env);
        let clients = vec![
            Client {
                pair: user,
                role: Role::User,
            },
            Client {
                pair: partner,
                role: Role::Partner,
            },
        ];
        let consented = Linked {
            consented: true,
            language: "de-DE".to_owned(),
            redirect_url: "http://127.0.0.1/linked".to_owned(),
            scopes: vec![
                "order:read:data".to_owned(),
                "contract:read:data".to_owned(),
            ],
            link_id: env.seed.text("ostrom/link", 40),
        };
        Self {
            ids: IdGenerator::new(&env.seed, "ostrom"),
            clients,
            tokens: HashMap::new(),
            linked: BTreeMap::from([(CONSENTED_USER.to_owned(), consented)]),
            webhooks: BTreeMap::new(),
            next_webhook: 1001,
            windows: HashMap::new(),
            env,
        }
    }

    fn operations() -> Vec<Operation<Self>> {
        let mut all = auth::operations();
        all.extend(users::operations());
        all.extend(contracts::operations());
        all.extend(webhooks::operations());
        all
    }

    fn error(status: StatusCode, request: &Request) -> Reply {
        if request.path == "/oauth2/token"
            && status != StatusCode::TOO_MANY_REQUESTS
            && status.is_client_error()
        {
            return auth::token_error(status, "invalid_request", "The token request was refused.");
        }
        error(
            status,
            status.canonical_reason().unwrap_or("The request failed"),
        )
    }

    fn before_handler(&mut self, request: &Request) -> Option<Reply> {
        if request.path == "/link" {
            return None;
        }
        let limit = self.limit();
        let window = self.window(request);
        if window.used >= limit {
            return Some(error(
                StatusCode::TOO_MANY_REQUESTS,
                "The limit of requests per minute has been reached.",
            ));
        }
        window.used += 1;
        None
    }

    fn after_handler(&mut self, request: &Request, reply: &mut Reply) {
        if request.path == "/link" {
            return;
        }
        let limit = self.limit();
        let window = *self.window(request);
        let left = 60
            - request
                .now
                .duration_since(window.start)
                .as_secs()
                .clamp(0, 59);
        for (name, value) in [
            ("x-ratelimit-limit", i64::from(limit)),
            (
                "x-ratelimit-remaining",
                i64::from(limit.saturating_sub(window.used)),
            ),
            ("x-ratelimit-reset", left),
        ] {
            reply.headers.insert(name, value.into());
        }
    }

    fn snapshot(&mut self) -> Value {
        json!({
            "links": self.linked.iter().map(|(id, link)| json!({
                "externalUserId": id,
                "consented": link.consented,
                "language": link.language,
                "redirectUrl": link.redirect_url,
                "scopes": link.scopes,
            })).collect::<Vec<_>>(),
            "webhooks": self.webhooks.iter().map(|(id, hook)| json!({
                "id": id, "url": hook.url, "deliveries": hook.deliveries,
            })).collect::<Vec<_>>(),
            "tokens": self.tokens.len(),
        })
    }
}

impl Ostrom {
    fn limit(&self) -> u32 {
        let default = if self.env.options.strict {
            PER_MINUTE_STRICT
        } else {
            PER_MINUTE
        };
        self.env
            .options
            .ostrom_requests_per_minute
            .unwrap_or(default)
    }

    /// The rate window of whoever asks: a client when it is known, else the peer's address.
    fn window(&mut self, request: &Request) -> &mut Window {
        let key = match (request.bearer(), request.basic()) {
            (Some(token), _) => self
                .tokens
                .get(token)
                .map(|token| self.clients[token.client].pair.client_id.clone()),
            (None, Some((id, _))) => self
                .clients
                .iter()
                .any(|client| client.pair.client_id == id)
                .then_some(id),
            (None, None) => None,
        };
        let key = key.unwrap_or_else(|| request.peer.to_string());
        let window = self.windows.entry(key).or_insert(Window {
            start: request.now,
            used: 0,
        });
        if request.now.duration_since(window.start).as_secs() >= 60 {
            *window = Window {
                start: request.now,
                used: 0,
            };
        }
        window
    }
}

/// A refusal in Ostrom's form.
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

/// `{type, detail}`, the kind following from the status.
fn error(status: StatusCode, detail: &str) -> Reply {
    let kind = match status.as_u16() {
        400 | 405 | 422 => "bad_request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not_found",
        429 => "too_many_requests",
        _ => "internal_server_error",
    };
    Reply::json(status, &json!({"type": kind, "detail": detail}))
}

fn bad_request(detail: impl AsRef<str>) -> Refused {
    Refused(error(StatusCode::BAD_REQUEST, detail.as_ref()))
}

fn not_found(detail: impl AsRef<str>) -> Refused {
    Refused(error(StatusCode::NOT_FOUND, detail.as_ref()))
}

fn ok(value: &Value) -> Answer {
    Ok(Reply::json(StatusCode::OK, value))
}

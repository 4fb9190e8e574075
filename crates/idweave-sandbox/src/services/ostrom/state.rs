//! The state of the API, and its rate windows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Value, json};

use super::model::{Client, LinkedCustomer, RateWindow, Token, Webhook};
use super::seed;
use crate::data::ids::IdGenerator;
use crate::engine::env::Env;
use crate::engine::wire::Request;

/// The documented limit, which applies in a strict sandbox; generous otherwise, so that it does not
/// slow down a test suite.
const STRICT_REQUESTS_PER_MINUTE: u32 = 50;
const REQUESTS_PER_MINUTE: u32 = 6_000;

/// The state of the Ostrom emulator.
pub(crate) struct Ostrom {
    pub(crate) env: Arc<Env>,
    pub(crate) ids: IdGenerator,
    pub(crate) clients: Vec<Client>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) customers: BTreeMap<String, LinkedCustomer>,
    pub(crate) webhooks: BTreeMap<u64, Webhook>,
    pub(crate) next_webhook: u64,
    /// Rate windows by client id, or by address for an unknown client.
    windows: HashMap<String, RateWindow>,
}

impl Ostrom {
    pub(crate) fn seeded(env: Arc<Env>) -> Self {
        Self {
            ids: IdGenerator::new(&env.seed, "ostrom"),
            clients: seed::clients(&env.seed),
            tokens: HashMap::new(),
            customers: seed::customers(&env.seed),
            webhooks: BTreeMap::new(),
            next_webhook: 1001,
            windows: HashMap::new(),
            env,
        }
    }

    /// Returns how many requests a client may make in a minute.
    pub(crate) fn rate_limit(&self) -> u32 {
        let default = if self.env.options.strict {
            STRICT_REQUESTS_PER_MINUTE
        } else {
            REQUESTS_PER_MINUTE
        };
        let configured = self.env.options.ostrom_requests_per_minute;
        configured.unwrap_or(default)
    }

    /// Returns the rate window of the sender: a client when it is known, else the peer's address.
    pub(crate) fn rate_window(&mut self, request: &Request) -> &mut RateWindow {
        let client = match (request.bearer(), request.basic()) {
            (Some(token), _) => {
                let token = self.tokens.get(token);
                token.map(|token| self.clients[token.client].pair.client_id.clone())
            }
            (None, Some((id, _))) => {
                let mut clients = self.clients.iter();
                clients
                    .any(|client| client.pair.client_id == id)
                    .then_some(id)
            }
            (None, None) => None,
        };
        let key = client.unwrap_or_else(|| request.peer.to_string());
        let fresh = RateWindow {
            start: request.now,
            used: 0,
        };
        let window = self.windows.entry(key).or_insert(fresh);
        if request.now.duration_since(window.start).as_secs() >= 60 {
            *window = fresh;
        }
        window
    }

    /// Records what the customer decides on the consent page; returns where they are sent then, if a
    /// link was requested.
    pub(crate) fn consent(&mut self, external_id: &str, agree: bool) -> Option<String> {
        let customer = self.customers.get_mut(external_id)?;
        customer.consented = agree;
        let redirect = customer.redirect_url.clone();
        if !agree {
            self.customers.remove(external_id);
        }
        Some(redirect)
    }

    /// Returns the state as JSON.
    pub(crate) fn describe(&self) -> Value {
        json!({
            "links": self.customers.iter().map(|(id, customer)| json!({
                "externalUserId": id,
                "consented": customer.consented,
                "language": customer.language,
                "redirectUrl": customer.redirect_url,
                "scopes": customer.scopes,
            })).collect::<Vec<_>>(),
            "webhooks": self.webhooks.iter().map(|(id, webhook)| json!({
                "id": id, "url": webhook.url, "deliveries": webhook.deliveries,
            })).collect::<Vec<_>>(),
            "tokens": self.tokens.len(),
        })
    }
}

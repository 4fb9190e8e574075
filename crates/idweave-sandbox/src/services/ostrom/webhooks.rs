//! Webhooks of a partner; a test delivery is signed and put into the outbox instead of being sent.

use http::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use super::error::{ApiError, HandlerResult, bad_request, not_found, ok};
use super::model::Webhook;
use super::state::Ostrom;
use super::validate::url;
use crate::data::seed::hex;
use crate::engine::wire::{Reply, Request};

crate::engine::operation::operations! { Ostrom;
    "createWebhook" POST "/webhooks" => create;
    "getWebhooks" GET "/webhooks" => list;
    "getWebhook" GET "/webhooks/{id}" => get;
    "deleteWebhook" DELETE "/webhooks/{id}" => delete;
    "testWebhook" POST "/webhooks/{id}/test" => test;
}

impl Ostrom {
    fn show_webhook(&self, id: u64) -> Value {
        let url = self.webhooks.get(&id).map(|webhook| webhook.url.as_str());
        let client = &self.clients[1].pair.client_id;
        // Ids are strings on the wire, whatever the document says.
        json!({"id": id.to_string(), "clientApplicationId": client, "url": url})
    }

    fn path_webhook(&self, request: &Request) -> Result<u64, ApiError> {
        self.require_partner(request)?;
        let id = request
            .param("id")
            .parse::<u64>()
            .map_err(|_| bad_request("id must be a number"))?;
        if self.webhooks.contains_key(&id) {
            Ok(id)
        } else {
            Err(not_found("There is no such webhook."))
        }
    }
}

fn create(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require_partner(request)?;
    let body = request.json()?;
    let webhook = Webhook {
        url: url(&body, "url")?,
        secret: body.text("secret", 1, 255)?.to_owned(),
        deliveries: 0,
    };
    let id = state.next_webhook;
    state.next_webhook += 1;
    state.webhooks.insert(id, webhook);
    ok(&state.show_webhook(id))
}

fn list(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require_partner(request)?;
    let ids = state.webhooks.keys();
    let data: Vec<Value> = ids.map(|id| state.show_webhook(*id)).collect();
    ok(&json!({"data": data}))
}

fn get(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let id = state.path_webhook(request)?;
    ok(&state.show_webhook(id))
}

fn delete(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let id = state.path_webhook(request)?;
    let shown = state.show_webhook(id);
    state.webhooks.remove(&id);
    Ok(Reply::json(StatusCode::OK, &shown))
}

fn test(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let id = state.path_webhook(request)?;
    if let Some(webhook) = state.webhooks.get_mut(&id) {
        webhook.deliveries += 1;
        let body = json!({"type": "test", "webhookId": id.to_string()}).to_string();
        let key = hmac::Key::new(
            hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            webhook.secret.as_bytes(),
        );
        let signature = hex(hmac::sign(&key, body.as_bytes()).as_ref());
        let text = format!("X-Ostrom-Signature: sha1={signature}\n{body}");
        let url = &webhook.url;
        let links = vec![url.clone()];
        state
            .env
            .mail("ostrom", "webhook", url, "POST", links, text);
    }
    ok(&state.show_webhook(id))
}

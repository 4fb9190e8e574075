//! Webhooks of a partner; a test delivery is signed and put in the outbox instead of being sent.

use http::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use super::{Answer, Ostrom, Refused, Role, Webhook, bad_request, not_found, ok};
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
    fn webhook(&self, id: u64) -> Value {
        let url = self.webhooks.get(&id).map(|hook| hook.url.as_str());
        // Ids are strings on the wire, whatever the document says.
        json!({"id": id.to_string(), "clientApplicationId": self.clients[1].pair.client_id, "url": url})
    }

    fn webhook_id(&self, request: &Request) -> Result<u64, Refused> {
        self.authorize(request, Some(Role::Partner))?;
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

fn create(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, Some(Role::Partner))?;
    let body = request.json()?;
    let url = body.text("url", 1, 2_048)?.to_owned();
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(bad_request("url must be a URL"));
    }
    let secret = body.text("secret", 1, 255)?.to_owned();
    let id = state.next_webhook;
    state.next_webhook += 1;
    state.webhooks.insert(
        id,
        Webhook {
            url,
            secret,
            deliveries: 0,
        },
    );
    ok(&state.webhook(id))
}

fn list(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, Some(Role::Partner))?;
    let data: Vec<Value> = state.webhooks.keys().map(|id| state.webhook(*id)).collect();
    ok(&json!({"data": data}))
}

fn get(state: &mut Ostrom, request: &Request) -> Answer {
    let id = state.webhook_id(request)?;
    ok(&state.webhook(id))
}

fn delete(state: &mut Ostrom, request: &Request) -> Answer {
    let id = state.webhook_id(request)?;
    let was = state.webhook(id);
    state.webhooks.remove(&id);
    Ok(Reply::json(StatusCode::OK, &was))
}

fn test(state: &mut Ostrom, request: &Request) -> Answer {
    let id = state.webhook_id(request)?;
    if let Some(hook) = state.webhooks.get_mut(&id) {
        hook.deliveries += 1;
        let body = json!({"type": "test", "webhookId": id.to_string()}).to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, hook.secret.as_bytes());
        let signature = hex(hmac::sign(&key, body.as_bytes()).as_ref());
        let text = format!("X-Ostrom-Signature: sha1={signature}\n{body}");
        let url = hook.url.clone();
        state
            .env
            .mail("ostrom", "webhook", &url, "POST", vec![url.clone()], text);
    }
    ok(&state.webhook(id))
}

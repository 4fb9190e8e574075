//! Service clients and their access keys.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use super::collection::{Collection, delete, get, list};
use super::error::{ApiError, HandlerResult, bad_request, created, empty, not_found, ok};
use super::model::{AccessKey, ServiceClient, Show as _};
use super::state::Authress;
use super::validate::{rate_limits, tags};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "getClients" GET "/v1/clients" => list::<Clients>;
    "createClient" POST "/v1/clients" => create;
    "getClient" GET "/v1/clients/{clientId}" => get::<Clients>;
    "updateClient" PUT "/v1/clients/{clientId}" => update;
    "deleteClient" DELETE "/v1/clients/{clientId}" => delete::<Clients>;
    "requestAccessKey" POST "/v1/clients/{clientId}/access-keys" => request_key;
    "deleteAccessKey" DELETE "/v1/clients/{clientId}/access-keys/{keyId}" => delete_key;
}

struct Clients;

impl Collection for Clients {
    type Item = ServiceClient;
    const ID: &'static str = "clientId";
    const ITEMS: &'static str = "clients";
    const MAX_PAGE: usize = 20;

    fn items(state: &mut Authress) -> &mut BTreeMap<String, ServiceClient> {
        &mut state.clients
    }
}

/// Sets the fields a caller may set.
fn apply(value: &mut Value, body: &Fields) -> Result<(), ApiError> {
    if let Some(name) = body.text_opt("name", 1, 128)? {
        value["name"] = json!(name);
    }
    if let Some(options) = body.object_opt("options")? {
        let flag = |name: &str| options.flag_opt(name).map(Option::unwrap_or_default);
        value["options"] = json!({
            "grantUserPermissionsAccess": flag("grantUserPermissionsAccess")?,
            "grantTokenGeneration": flag("grantTokenGeneration")?,
        });
    }
    let tags = tags(body)?;
    if !tags.is_null() {
        value["tags"] = tags;
    }
    if let Some(limits) = rate_limits(body)? {
        value["rateLimits"] = limits;
    }
    Ok(())
}

fn create(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let body = request.json()?;
    let id = format!("sc_{}", state.ids.text(16));
    let mut value = json!({
        "clientId": id,
        "createdTime": rfc3339(request.now),
        "options": {"grantUserPermissionsAccess": false, "grantTokenGeneration": false},
    });
    apply(&mut value, &body)?;
    let client = ServiceClient {
        value,
        keys: Vec::new(),
        admin: false,
    };
    let response = created(&client.show());
    state.clients.insert(id, client);
    response
}

fn update(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let client = state
        .clients
        .get_mut(request.param(Clients::ID))
        .ok_or_else(not_found)?;
    apply(&mut client.value, &request.json()?)?;
    ok(&client.show())
}

fn request_key(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let client_id = request.param(Clients::ID);
    if !state.clients.contains_key(client_id) {
        return Err(not_found());
    }
    let body = request.json_or_empty()?;
    let id = state.ids.text(4);
    let mut shown =
        json!({"keyId": id, "clientId": client_id, "generationDate": rfc3339(request.now)});
    let public_key = body
        .text_opt("publicKey", 0, 256)?
        .filter(|text| !text.is_empty());
    let key = match public_key {
        Some(text) => {
            shown["publicKey"] = json!(text);
            let public = decode_public_key(text);
            let public = public.ok_or_else(|| bad_request("publicKey must be an Ed25519 key"))?;
            AccessKey {
                id,
                public,
                secret: String::new(),
                generated: request.now,
                raw: None,
            }
        }
        None => {
            let secret = state.ids.bytes();
            let key = AccessKey::from_secret(client_id, &state.account, id, &secret, request.now);
            let (key, raw) = key.ok_or_else(|| bad_request("no key could be made"))?;
            state.env.seed.keep_secret(raw.as_str());
            state.env.seed.keep_secret(key.secret.as_str());
            shown["accessKey"] = json!(raw);
            shown["clientSecret"] = json!(key.secret);
            key
        }
    };
    if let Some(client) = state.clients.get_mut(client_id) {
        client.keys.push(key);
    }
    created(&shown)
}

/// Decodes the 32 bytes of a public key given as SPKI (RFC 8410), with or without PEM armour, or raw.
fn decode_public_key(text: &str) -> Option<Vec<u8>> {
    let body: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = STANDARD.decode(body.trim()).ok()?;
    match der.len() {
        32 => Some(der),
        44 => Some(der[12..].to_vec()),
        _ => None,
    }
}

fn delete_key(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let client = state
        .clients
        .get_mut(request.param(Clients::ID))
        .ok_or_else(not_found)?;
    let before = client.keys.len();
    client.keys.retain(|key| key.id != request.param("keyId"));
    if client.keys.len() == before {
        Err(not_found())
    } else {
        empty(StatusCode::NO_CONTENT)
    }
}

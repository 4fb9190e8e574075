//! Service clients and their access keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use super::groups::tags;
use super::page::shelf_page;
use super::state::{AccessKey, Authress, ServiceClient, access_key};
use super::{Answer, Refused, bad_request, created, empty, not_found, ok};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "getClients" GET "/v1/clients" => list;
    "createClient" POST "/v1/clients" => create;
    "getClient" GET "/v1/clients/{clientId}" => get;
    "updateClient" PUT "/v1/clients/{clientId}" => update;
    "deleteClient" DELETE "/v1/clients/{clientId}" => delete;
    "requestAccessKey" POST "/v1/clients/{clientId}/access-keys" => request_key;
    "deleteAccessKey" DELETE "/v1/clients/{clientId}/access-keys/{keyId}" => delete_key;
}

fn show(client: &ServiceClient) -> Value {
    let mut value = client.value.clone();
    let keys: Vec<Value> = client
        .keys
        .iter()
        .map(|key| json!({"keyId": key.id, "clientId": value["clientId"], "generationDate": rfc3339(key.generated)}))
        .collect();
    value["verificationKeys"] = json!(keys);
    value
}

/// Takes over what a caller may set.
fn apply(value: &mut Value, body: &Fields) -> Result<(), Refused> {
    if let Some(name) = body.text_opt("name", 1, 128)? {
        value["name"] = json!(name);
    }
    if let Some(options) = body.value("options") {
        let options = Fields::from_value(options, "options")?;
        value["options"] = json!({
            "grantUserPermissionsAccess": options.flag_opt("grantUserPermissionsAccess")?.unwrap_or(false),
            "grantTokenGeneration": options.flag_opt("grantTokenGeneration")?.unwrap_or(false),
        });
    }
    let tags = tags(body)?;
    if !tags.is_null() {
        value["tags"] = tags;
    }
    if let Some(limits) = super::validate::rate_limits(body)? {
        value["rateLimits"] = limits;
    }
    Ok(())
}

fn list(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let shown: std::collections::BTreeMap<String, Value> = state
        .clients
        .iter()
        .map(|(id, client)| (id.clone(), show(client)))
        .collect();
    shelf_page(request, "clients", 20, shown.iter())
}

fn create(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json()?;
    let id = format!("sc_{}", state.ids.text(16));
    let mut value = json!({
        "clientId": id, "createdTime": rfc3339(request.now),
        "options": {"grantUserPermissionsAccess": false, "grantTokenGeneration": false},
    });
    apply(&mut value, &body)?;
    let client = ServiceClient {
        value,
        keys: Vec::new(),
        admin: false,
    };
    let shown = show(&client);
    state.clients.insert(id, client);
    created(&shown)
}

fn get(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    ok(&show(
        state
            .clients
            .get(request.param("clientId"))
            .ok_or_else(not_found)?,
    ))
}

fn update(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let client = state
        .clients
        .get_mut(request.param("clientId"))
        .ok_or_else(not_found)?;
    apply(&mut client.value, &request.json()?)?;
    ok(&show(client))
}

fn delete(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    state
        .clients
        .remove(request.param("clientId"))
        .ok_or_else(not_found)?;
    empty(StatusCode::NO_CONTENT)
}

fn request_key(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let client_id = request.param("clientId").to_owned();
    if !state.clients.contains_key(&client_id) {
        return Err(not_found());
    }
    let body = request.json_or_empty()?;
    let id = state.ids.text(4);
    let mut answer =
        json!({"keyId": id, "clientId": client_id, "generationDate": rfc3339(request.now)});
    let key = match body
        .text_opt("publicKey", 0, 256)?
        .filter(|text| !text.is_empty())
    {
        Some(text) => {
            answer["publicKey"] = json!(text);
            let public =
                public_key(text).ok_or_else(|| bad_request("publicKey must be an Ed25519 key"))?;
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
            let made = access_key(&client_id, &state.account, id, &secret, request.now);
            let (key, raw) = made.ok_or_else(|| bad_request("no key could be made"))?;
            answer["accessKey"] = json!(raw);
            answer["clientSecret"] = json!(key.secret);
            key
        }
    };
    if let Some(client) = state.clients.get_mut(&client_id) {
        client.keys.push(key);
    }
    created(&answer)
}

/// The 32 bytes of a public key given as SPKI (RFC 8410), with or without PEM armour, or raw.
fn public_key(text: &str) -> Option<Vec<u8>> {
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

fn delete_key(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let client = state
        .clients
        .get_mut(request.param("clientId"))
        .ok_or_else(not_found)?;
    let before = client.keys.len();
    client.keys.retain(|key| key.id != request.param("keyId"));
    if client.keys.len() == before {
        Err(not_found())
    } else {
        empty(StatusCode::NO_CONTENT)
    }
}

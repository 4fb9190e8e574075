//! API keys: the whole key is shown once, then only its end.

use std::time::Duration;

use serde_json::{Value, json};

use super::auth::Principal;
use super::envelope::{invalid_field, one, streamed};
use super::model::{Kind, api_time};
use super::state::{ApiKey, DocSpace};
use super::{Answer, Refused, bad_argument, denied, not_found};
use crate::data::fields::Fields;
use crate::data::ids::is_uuid;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { DocSpace;
    "getApiKeys" GET "/api/2.0/keys" => all;
    "createApiKey" POST "/api/2.0/keys" => create;
    "getAllPermissions" GET "/api/2.0/keys/permissions" => permissions;
    "getApiKey" GET "/api/2.0/keys/@self" => own;
    "updateApiKey" PUT "/api/2.0/keys/{keyId}" => update;
    "deleteApiKey" DELETE "/api/2.0/keys/{keyId}" => delete;
}

/// Everything a key may be given.
const PERMISSIONS: [&str; 11] = [
    "accounts:read",
    "accounts:write",
    "accounts.self:read",
    "accounts.self:write",
    "rooms:read",
    "rooms:write",
    "files:read",
    "files:write",
    "*:read",
    "*:write",
    "*",
];

fn show(state: &DocSpace, key: &ApiKey, whole: bool) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "key": whole.then_some(&key.key),
        "keyPostfix": key.key.get(key.key.len().saturating_sub(4)..),
        "permissions": key.permissions,
        "lastUsed": key.used.map(api_time),
        "createOn": api_time(key.created),
        "createBy": state.show(key.owner),
        "expiresAt": key.expires.map(api_time),
        "isActive": key.active,
    })
}

fn all(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let visible = |key: &&ApiKey| principal.user.is_admin() || key.owner == principal.position;
    let items = state
        .keys
        .iter()
        .filter(visible)
        .map(|key| show(state, key, false))
        .collect();
    streamed(request, items)
}

fn wanted_permissions(body: &Fields) -> Result<Option<Vec<String>>, Refused> {
    let wanted = body.texts_opt("permissions")?;
    if wanted
        .iter()
        .flatten()
        .any(|own| !PERMISSIONS.contains(&own.as_str()))
    {
        return Err(bad_argument("permissions"));
    }
    Ok(wanted)
}

fn create(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { position, user, .. } = state.require(request)?;
    if user.kind == Kind::Guest {
        return Err(denied());
    }
    let body = request.json()?;
    let name = body.text("name", 1, 30)?.to_owned();
    let permissions = wanted_permissions(&body)?.unwrap_or_default();
    let days = body
        .integer_opt("expiresInDays", 1, 365)?
        .and_then(|days| u64::try_from(days).ok());
    let key = ApiKey {
        id: state.ids.uuid(),
        name,
        key: format!("sk-{}", state.ids.hex()),
        permissions,
        owner: position,
        created: request.now,
        used: None,
        expires: days.map(|days| later(request.now, Duration::from_secs(days * 86_400))),
        active: true,
    };
    let shown = show(state, &key, true);
    state.keys.push(key);
    one(request, shown)
}

fn permissions(state: &mut DocSpace, request: &Request) -> Answer {
    state.require(request)?;
    streamed(request, PERMISSIONS.iter().map(|own| json!(own)).collect())
}

fn own(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let key = state
        .keys
        .iter()
        .find(|key| Some(&key.id) == principal.key.as_ref());
    let key = key.ok_or_else(|| not_found("The request carries no API key"))?;
    one(request, show(state, key, false))
}

impl DocSpace {
    /// The key of the path, if the caller may change it: her own, and not expired.
    fn own_key(&mut self, request: &Request) -> Result<Option<usize>, Refused> {
        let principal = self.require(request)?;
        let id = request.param("keyId").to_ascii_lowercase();
        if !is_uuid(&id) {
            return Err(invalid_field("keyId", "must be a GUID"));
        }
        Ok(self.keys.iter().position(|key| {
            key.id == id
                && key.owner == principal.position
                && key.expires.is_none_or(|expires| expires > request.now)
        }))
    }
}

fn update(state: &mut DocSpace, request: &Request) -> Answer {
    let Some(at) = state.own_key(request)? else {
        return one(request, json!(false));
    };
    let body = request.json()?;
    let name = body
        .text_opt("name", 0, 30)?
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    let (permissions, active) = (wanted_permissions(&body)?, body.flag_opt("isActive")?);
    let key = &mut state.keys[at];
    key.name = name.unwrap_or_else(|| key.name.clone());
    key.permissions = permissions.unwrap_or_else(|| key.permissions.clone());
    key.active = active.unwrap_or(key.active);
    one(request, json!(true))
}

fn delete(state: &mut DocSpace, request: &Request) -> Answer {
    let Some(at) = state.own_key(request)? else {
        return one(request, json!(false));
    };
    state.keys.remove(at);
    one(request, json!(true))
}

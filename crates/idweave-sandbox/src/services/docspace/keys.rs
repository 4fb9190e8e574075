//! API keys: the whole key is shown once, then only its end.

use std::time::Duration;

use serde_json::{Value, json};

use super::auth::Principal;
use super::envelope::{ok, ok_streamed};
use super::error::{ApiError, HandlerResult, bad_argument, denied, not_found};
use super::model::{ApiKey, UserType, api_time};
use super::state::DocSpace;
use crate::data::fields::Fields;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { DocSpace;
    "getApiKeys" GET "/api/2.0/keys" => all;
    "createApiKey" POST "/api/2.0/keys" => create;
    "getAllPermissions" GET "/api/2.0/keys/permissions" => permissions;
    "getApiKey" GET "/api/2.0/keys/@self" => current;
    "updateApiKey" PUT "/api/2.0/keys/{keyId}" => update;
    "deleteApiKey" DELETE "/api/2.0/keys/{keyId}" => delete;
}

/// All permissions that a key can have.
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

/// Returns a key as the API shows it; whole only when it is created.
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

fn all(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let visible = |key: &&ApiKey| principal.user.is_admin() || key.owner == principal.position;
    let items = state
        .keys
        .iter()
        .filter(visible)
        .map(|key| show(state, key, false))
        .collect();
    ok_streamed(request, items)
}

fn read_permissions(body: &Fields) -> Result<Option<Vec<String>>, ApiError> {
    let permissions = body.texts_opt("permissions")?;
    let is_known = |permission: &String| PERMISSIONS.contains(&permission.as_str());
    if !permissions.iter().flatten().all(is_known) {
        return Err(bad_argument("permissions"));
    }
    Ok(permissions)
}

fn create(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { position, user, .. } = state.require(request)?;
    if user.user_type == UserType::Guest {
        return Err(denied());
    }
    let body = request.json()?;
    let name = body.text("name", 1, 30)?.to_owned();
    let permissions = read_permissions(&body)?.unwrap_or_default();
    let days = body
        .integer_opt("expiresInDays", 1, 365)?
        .and_then(|days| u64::try_from(days).ok());
    let key = ApiKey {
        id: state.ids.uuid(),
        name,
        key: format!("sk-{}", state.ids.secret_hex()),
        permissions,
        owner: position,
        created: request.now,
        used: None,
        expires: days.map(|days| later(request.now, Duration::from_secs(days * 86_400))),
        active: true,
    };
    let shown = show(state, &key, true);
    state.keys.push(key);
    ok(request, shown)
}

fn permissions(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require(request)?;
    ok_streamed(
        request,
        PERMISSIONS.iter().map(|name| json!(name)).collect(),
    )
}

fn current(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let key = state
        .keys
        .iter()
        .find(|key| Some(&key.id) == principal.key.as_ref());
    let key = key.ok_or_else(|| not_found("The request carries no API key"))?;
    ok(request, show(state, key, false))
}

impl DocSpace {
    /// Finds the key of the path, if it belongs to the caller and has not expired.
    fn path_key(&mut self, request: &Request) -> Result<Option<usize>, ApiError> {
        let principal = self.require(request)?;
        let id = request.guid("keyId")?;
        Ok(self.keys.iter().position(|key| {
            key.id == id
                && key.owner == principal.position
                && key.expires.is_none_or(|expires| expires > request.now)
        }))
    }
}

fn update(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Some(at) = state.path_key(request)? else {
        return ok(request, json!(false));
    };
    let body = request.json()?;
    let name = body
        .text_opt("name", 0, 30)?
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    let (permissions, active) = (read_permissions(&body)?, body.flag_opt("isActive")?);
    let key = &mut state.keys[at];
    key.name = name.unwrap_or_else(|| key.name.clone());
    key.permissions = permissions.unwrap_or_else(|| key.permissions.clone());
    key.active = active.unwrap_or(key.active);
    ok(request, json!(true))
}

fn delete(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Some(at) = state.path_key(request)? else {
        return ok(request, json!(false));
    };
    state.keys.remove(at);
    ok(request, json!(true))
}

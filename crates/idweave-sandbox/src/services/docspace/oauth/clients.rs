//! OAuth2 clients of the portal: managed with a signature, shown without their secret.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::error::{ApiError, HandlerResult, bad_request, problem};
use super::flow::{SCOPES, client_info};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Reply, Request};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "createClient" POST "/api/2.0/clients" => create;
    "getClients" GET "/api/2.0/clients" => list;
    "deleteUserClients" DELETE "/api/2.0/clients" => |state, request| delete_all(state, request, false);
    "deleteTenantClients" DELETE "/api/2.0/clients/tenant" => |state, request| delete_all(state, request, true);
    "getClientsInfo" GET "/api/2.0/clients/info" => list_info;
    "getConsents" GET "/api/2.0/clients/consents" => consents;
    "getClient" GET "/api/2.0/clients/{clientId}" => get;
    "updateClient" PUT "/api/2.0/clients/{clientId}" => update;
    "deleteClient" DELETE "/api/2.0/clients/{clientId}" => delete;
    "regenerateSecret" PATCH "/api/2.0/clients/{clientId}/regenerate" => regenerate;
    "changeActivation" PATCH "/api/2.0/clients/{clientId}/activation" => activate;
    "revokeUserClient" DELETE "/api/2.0/clients/{clientId}/revoke" => revoke;
    "getPublicClientInfo" GET "/api/2.0/clients/{clientId}/public/info" => public_info;
    "getClientInfo" GET "/api/2.0/clients/{clientId}/info" => info;
}

/// Reads the body, which must say that it is JSON.
fn json_body(request: &Request) -> Result<Fields, ApiError> {
    if !request.is_json() {
        return Err(problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body must be JSON",
        ));
    }
    Ok(request.json()?)
}

/// Requires the signature of an admin.
fn require_admin(state: &DocSpace, request: &Request) -> Result<usize, ApiError> {
    let position = state.signer(request)?;
    let user = state.users.get(position);
    if user.is_some_and(|user| user.is_admin()) {
        Ok(position)
    } else {
        Err(problem(
            StatusCode::FORBIDDEN,
            "Clients are managed by admins",
        ))
    }
}

/// Sets the fields that create and update share.
fn apply(
    client: &mut Map<String, Value>,
    body: &Fields,
    min_name_length: usize,
) -> Result<(), ApiError> {
    for (name, min, max) in [
        ("name", min_name_length, 256),
        ("description", 0, 255),
        ("logo", 1, 1 << 20),
    ] {
        if let Some(text) = body.text_opt(name, min, max)? {
            client.insert(name.to_owned(), json!(text));
        }
    }
    for name in [
        "website_url",
        "terms_url",
        "policy_url",
        "logout_redirect_uri",
    ] {
        if let Some(url) = body.text_opt(name, 1, 2_048)? {
            if !url.starts_with("http://") && !url.starts_with("https://") {
                return Err(bad_request(&format!("{name} must be a URL")));
            }
            if name == "logout_redirect_uri" {
                client.insert("logout_redirect_uris".to_owned(), json!([url]));
            } else {
                client.insert(name.to_owned(), json!(url));
            }
        }
    }
    for name in ["redirect_uris", "allowed_origins", "scopes"] {
        if let Some(texts) = body.texts_opt(name)? {
            if texts.len() > 12 {
                return Err(bad_request(&format!("{name} must hold at most 12")));
            }
            let is_known = |scope: &String| SCOPES.contains(&scope.as_str());
            if name == "scopes" && !texts.iter().all(is_known) {
                return Err(bad_request("scopes holds an unknown scope"));
            }
            client.insert(name.to_owned(), json!(texts));
        }
    }
    for name in ["is_public", "public"] {
        if let Some(flag) = body.flag_opt(name)? {
            client.insert("is_public".to_owned(), json!(flag));
        }
    }
    if body.flag_opt("allow_pkce")? == Some(true) {
        client.insert(
            "authentication_methods".to_owned(),
            json!(["client_secret_post", "none"]),
        );
    }
    Ok(())
}

/// Sets who changed a client, and when.
fn set_modified(
    state: &DocSpace,
    client: &mut Map<String, Value>,
    position: usize,
    now: Timestamp,
) {
    let email = state
        .users
        .get(position)
        .map(|user| user.email.clone())
        .unwrap_or_default();
    client.insert("modified_on".to_owned(), json!(rfc3339(now)));
    client.insert("modified_by".to_owned(), json!(email));
}

fn create(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let position = require_admin(state, request)?;
    let body = json_body(request)?;
    for name in ["redirect_uris", "allowed_origins"] {
        if body.value(name).is_none() {
            return Err(bad_request(&format!("{name} is required")));
        }
    }
    let id = state.ids.uuid();
    let mut client = Map::from_iter([
        ("client_id".to_owned(), json!(id)),
        ("client_secret".to_owned(), json!(state.ids.secret(43))),
        ("tenant".to_owned(), json!(1)),
        ("enabled".to_owned(), json!(true)),
        ("name".to_owned(), json!("")),
        ("scopes".to_owned(), json!([])),
        (
            "authentication_methods".to_owned(),
            json!(["client_secret_post"]),
        ),
        ("is_public".to_owned(), json!(false)),
    ]);
    apply(&mut client, &body, 3)?;
    set_modified(state, &mut client, position, request.now);
    client.insert("created_on".to_owned(), client["modified_on"].clone());
    client.insert("created_by".to_owned(), client["modified_by"].clone());
    let client = Value::Object(client);
    state.oauth_clients.insert(id, client.clone());
    Ok(Reply::json(StatusCode::CREATED, &client))
}

/// Reads `limit`, which is required, 1 to 50.
fn limit(request: &Request) -> Result<usize, ApiError> {
    let limit = request
        .query("limit")
        .text()
        .and_then(|text| text.parse().ok())
        .filter(|limit| (1..=50).contains(limit));
    limit.ok_or_else(|| bad_request("limit must be between 1 and 50"))
}

/// Responds with a page of clients in the order of their creation, after `last_client_id`.
fn clients_page(state: &DocSpace, request: &Request, show: fn(&Value) -> Value) -> HandlerResult {
    let limit = limit(request)?;
    let mut clients: Vec<&Value> = state.oauth_clients.values().collect();
    clients.sort_by_key(|client| {
        (
            client["created_on"].as_str().unwrap_or_default(),
            client["client_id"].as_str().unwrap_or_default(),
        )
    });
    if let Some(last) = request.query("last_client_id").non_empty().text() {
        let skipped = clients
            .iter()
            .position(|client| client["client_id"] == last)
            .map_or(clients.len(), |at| at + 1);
        clients.drain(..skipped);
    }
    let more = clients.len() > limit;
    clients.truncate(limit);
    let mut page = Map::from_iter([
        (
            "data".to_owned(),
            clients
                .iter()
                .map(|client| show(client))
                .collect::<Vec<_>>()
                .into(),
        ),
        ("limit".to_owned(), json!(limit)),
    ]);
    if let Some(last) = clients.last().filter(|_| more) {
        page.insert("last_client_id".to_owned(), last["client_id"].clone());
        page.insert("last_created_on".to_owned(), last["created_on"].clone());
    }
    Ok(Reply::json(StatusCode::OK, &page))
}

fn without_secret(client: &Value) -> Value {
    let mut client = client.clone();
    if let Some(client) = client.as_object_mut() {
        client.remove("client_secret");
    }
    client
}

fn list(state: &mut DocSpace, request: &Request) -> HandlerResult {
    require_admin(state, request)?;
    clients_page(state, request, without_secret)
}

fn list_info(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.signer(request)?;
    clients_page(state, request, client_info)
}

fn consents(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.signer(request)?;
    let limit = limit(request)?;
    let data: Vec<&Value> = state.consents.iter().take(limit).collect();
    Ok(Reply::json(
        StatusCode::OK,
        &json!({"data": data, "limit": limit}),
    ))
}

impl DocSpace {
    /// Returns the client of the path, with its id.
    fn path_client(&self, request: &Request) -> Result<(String, Value), ApiError> {
        let id = request.param("clientId");
        let client = self.oauth_clients.get(id).cloned();
        client
            .map(|client| (id.to_owned(), client))
            .ok_or_else(|| problem(StatusCode::NOT_FOUND, "There is no such client"))
    }
}

fn get(state: &mut DocSpace, request: &Request) -> HandlerResult {
    require_admin(state, request)?;
    let (_, client) = state.path_client(request)?;
    Ok(Reply::json(StatusCode::OK, &client))
}

/// Responds with 200 and no body, whatever the document says.
fn ok_empty() -> HandlerResult {
    Ok(Reply::empty(StatusCode::OK))
}

fn update(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let position = require_admin(state, request)?;
    let (id, client) = state.path_client(request)?;
    let body = json_body(request)?;
    let Value::Object(mut client) = client else {
        return ok_empty();
    };
    apply(&mut client, &body, 1)?;
    set_modified(state, &mut client, position, request.now);
    state.oauth_clients.insert(id, Value::Object(client));
    ok_empty()
}

fn delete(state: &mut DocSpace, request: &Request) -> HandlerResult {
    require_admin(state, request)?;
    let (id, _) = state.path_client(request)?;
    state.oauth_clients.remove(&id);
    state.oauth_tokens.retain(|_, token| token.client != id);
    state
        .oauth_refresh_tokens
        .retain(|_, token| token.client != id);
    ok_empty()
}

fn delete_all(state: &mut DocSpace, request: &Request, tenant: bool) -> HandlerResult {
    let position = require_admin(state, request)?;
    let email = state
        .users
        .get(position)
        .map(|user| user.email.clone())
        .unwrap_or_default();
    state
        .oauth_clients
        .retain(|_, client| !tenant && client["created_by"] != email.as_str());
    let left: Vec<String> = state.oauth_clients.keys().cloned().collect();
    state
        .oauth_tokens
        .retain(|_, token| left.contains(&token.client));
    state
        .oauth_refresh_tokens
        .retain(|_, token| left.contains(&token.client));
    ok_empty()
}

fn regenerate(state: &mut DocSpace, request: &Request) -> HandlerResult {
    require_admin(state, request)?;
    let (id, _) = state.path_client(request)?;
    let secret = state.ids.secret(43);
    if let Some(client) = state.oauth_clients.get_mut(&id) {
        client["client_secret"] = json!(secret);
    }
    Ok(Reply::json(
        StatusCode::OK,
        &json!({"client_secret": secret}),
    ))
}

fn activate(state: &mut DocSpace, request: &Request) -> HandlerResult {
    require_admin(state, request)?;
    let (id, _) = state.path_client(request)?;
    let enabled = json_body(request)?.flag("status")?;
    if let Some(client) = state.oauth_clients.get_mut(&id) {
        client["enabled"] = json!(enabled);
    }
    ok_empty()
}

fn revoke(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let position = state.signer(request)?;
    let (id, _) = state.path_client(request)?;
    state
        .consents
        .retain(|consent| consent["client"]["client_id"] != id.as_str());
    state
        .oauth_tokens
        .retain(|_, token| token.client != id || token.user != position);
    state
        .oauth_refresh_tokens
        .retain(|_, token| token.client != id || token.user != position);
    ok_empty()
}

fn public_info(state: &mut DocSpace, request: &Request) -> HandlerResult {
    // An unknown client is a bare 400 here.
    match state.path_client(request) {
        Ok((_, client)) => Ok(Reply::json(StatusCode::OK, &client_info(&client))),
        Err(_) => Err(ApiError(Reply::empty(StatusCode::BAD_REQUEST))),
    }
}

fn info(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.signer(request)?;
    public_info(state, request)
}

//! OAuth2 clients of the portal: managed with a signature, shown without their secret.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::data::fields::{Fields, Violation};
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Reply, Request};
use crate::services::docspace::oauth::flow::{SCOPES, client_info, problem};
use crate::services::docspace::state::DocSpace;
use crate::services::docspace::{Answer, Refused};

crate::engine::operation::operations! { DocSpace;
    "createClient" POST "/api/2.0/clients" => create;
    "getClients" GET "/api/2.0/clients" => all;
    "deleteUserClients" DELETE "/api/2.0/clients" => |state, request| delete_all(state, request, false);
    "deleteTenantClients" DELETE "/api/2.0/clients/tenant" => |state, request| delete_all(state, request, true);
    "getClientsInfo" GET "/api/2.0/clients/info" => all_info;
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

fn bad(violation: &Violation) -> Refused {
    problem(
        StatusCode::BAD_REQUEST,
        &format!("{} {}", violation.field, violation.reason),
    )
}

fn bad_url(name: &str) -> Refused {
    problem(StatusCode::BAD_REQUEST, &format!("{name} must be a URL"))
}

fn body(request: &Request) -> Result<Fields, Refused> {
    if !request.is_json() {
        return Err(problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body must be JSON",
        ));
    }
    request.json().map_err(|violation| bad(&violation))
}

/// Those who manage clients: not guests, not plain users.
fn manager(state: &mut DocSpace, request: &Request) -> Result<usize, Refused> {
    let position = state.signer(request)?;
    let may = state
        .users
        .get(position)
        .is_some_and(|user| user.is_admin());
    if may {
        Ok(position)
    } else {
        Err(problem(
            StatusCode::FORBIDDEN,
            "Clients are managed by admins",
        ))
    }
}

/// Checks the fields create and update share and takes them over.
fn apply(client: &mut Map<String, Value>, body: &Fields, least_name: usize) -> Result<(), Refused> {
    let text = |name: &str, least: usize, most: usize| {
        body.text_opt(name, least, most)
            .map_err(|violation| bad(&violation))
    };
    for (name, least, most) in [
        ("name", least_name, 256),
        ("description", 0, 255),
        ("logo", 1, 1 << 20),
    ] {
        if let Some(own) = text(name, least, most)? {
            client.insert(name.to_owned(), json!(own));
        }
    }
    for name in [
        "website_url",
        "terms_url",
        "policy_url",
        "logout_redirect_uri",
    ] {
        if let Some(own) = text(name, 1, 2_048)? {
            if !own.starts_with("http://") && !own.starts_with("https://") {
                return Err(bad_url(name));
            }
            if name == "logout_redirect_uri" {
                client.insert("logout_redirect_uris".to_owned(), json!([own]));
            } else {
                client.insert(name.to_owned(), json!(own));
            }
        }
    }
    for name in ["redirect_uris", "allowed_origins", "scopes"] {
        if let Some(own) = body.texts_opt(name).map_err(|violation| bad(&violation))? {
            if own.len() > 12 {
                return Err(problem(
                    StatusCode::BAD_REQUEST,
                    &format!("{name} must hold at most 12"),
                ));
            }
            if name == "scopes" && own.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
                return Err(problem(
                    StatusCode::BAD_REQUEST,
                    "scopes holds an unknown scope",
                ));
            }
            client.insert(name.to_owned(), json!(own));
        }
    }
    for name in ["is_public", "public"] {
        if let Some(own) = body.flag_opt(name).map_err(|violation| bad(&violation))? {
            client.insert("is_public".to_owned(), json!(own));
        }
    }
    if body
        .flag_opt("allow_pkce")
        .map_err(|violation| bad(&violation))?
        == Some(true)
    {
        client.insert(
            "authentication_methods".to_owned(),
            json!(["client_secret_post", "none"]),
        );
    }
    Ok(())
}

fn stamp(state: &DocSpace, client: &mut Map<String, Value>, position: usize, now: Timestamp) {
    let who = state
        .users
        .get(position)
        .map(|user| user.email.clone())
        .unwrap_or_default();
    client.insert("modified_on".to_owned(), json!(rfc3339(now)));
    client.insert("modified_by".to_owned(), json!(who));
}

fn create(state: &mut DocSpace, request: &Request) -> Answer {
    let position = manager(state, request)?;
    let body = body(request)?;
    for name in ["redirect_uris", "allowed_origins"] {
        if body.value(name).is_none() {
            return Err(problem(
                StatusCode::BAD_REQUEST,
                &format!("{name} is required"),
            ));
        }
    }
    let id = state.ids.uuid();
    let mut client = Map::from_iter([
        ("client_id".to_owned(), json!(id)),
        ("client_secret".to_owned(), json!(state.ids.text(43))),
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
    stamp(state, &mut client, position, request.now);
    client.insert("created_on".to_owned(), client["modified_on"].clone());
    client.insert("created_by".to_owned(), client["modified_by"].clone());
    let client = Value::Object(client);
    state.oauth_clients.insert(id, client.clone());
    Ok(Reply::json(StatusCode::CREATED, &client))
}

/// `limit`, required, 1 to 50.
fn limit(request: &Request) -> Result<usize, Refused> {
    let limit = request
        .query("limit")
        .text()
        .and_then(|text| text.parse().ok())
        .filter(|limit| (1..=50).contains(limit));
    limit.ok_or_else(|| problem(StatusCode::BAD_REQUEST, "limit must be between 1 and 50"))
}

/// A page of clients in the order they were made, after the last one seen.
fn clients_page(state: &DocSpace, request: &Request, show: fn(&Value) -> Value) -> Answer {
    let limit = limit(request)?;
    let mut clients: Vec<&Value> = state.oauth_clients.values().collect();
    clients.sort_by_key(|client| {
        (
            client["created_on"].as_str().unwrap_or_default(),
            client["client_id"].as_str().unwrap_or_default(),
        )
    });
    if let Some(last) = request
        .query("last_client_id")
        .text()
        .filter(|last| !last.is_empty())
    {
        let seen = clients
            .iter()
            .position(|client| client["client_id"] == last)
            .map_or(clients.len(), |at| at + 1);
        clients.drain(..seen);
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

fn all(state: &mut DocSpace, request: &Request) -> Answer {
    manager(state, request)?;
    clients_page(state, request, without_secret)
}

fn all_info(state: &mut DocSpace, request: &Request) -> Answer {
    state.signer(request)?;
    clients_page(state, request, client_info)
}

fn consents(state: &mut DocSpace, request: &Request) -> Answer {
    state.signer(request)?;
    let limit = limit(request)?;
    let data: Vec<&Value> = state.consents.iter().take(limit).collect();
    Ok(Reply::json(
        StatusCode::OK,
        &json!({"data": data, "limit": limit}),
    ))
}

impl DocSpace {
    fn client(&self, request: &Request) -> Result<(String, Value), Refused> {
        let id = request.param("clientId");
        let client = self.oauth_clients.get(id).cloned();
        client
            .map(|client| (id.to_owned(), client))
            .ok_or_else(|| problem(StatusCode::NOT_FOUND, "There is no such client"))
    }
}

fn get(state: &mut DocSpace, request: &Request) -> Answer {
    manager(state, request)?;
    let (_, client) = state.client(request)?;
    Ok(Reply::json(StatusCode::OK, &client))
}

/// 200 and no body, whatever the document says.
fn done() -> Answer {
    Ok(Reply::empty(StatusCode::OK))
}

fn update(state: &mut DocSpace, request: &Request) -> Answer {
    let position = manager(state, request)?;
    let (id, client) = state.client(request)?;
    let body = body(request)?;
    let Value::Object(mut client) = client else {
        return done();
    };
    apply(&mut client, &body, 1)?;
    stamp(state, &mut client, position, request.now);
    state.oauth_clients.insert(id, Value::Object(client));
    done()
}

fn delete(state: &mut DocSpace, request: &Request) -> Answer {
    manager(state, request)?;
    let (id, _) = state.client(request)?;
    state.oauth_clients.remove(&id);
    state.oauth_tokens.retain(|_, token| token.client != id);
    state.oauth_refresh.retain(|_, token| token.client != id);
    done()
}

fn delete_all(state: &mut DocSpace, request: &Request, tenant: bool) -> Answer {
    let position = manager(state, request)?;
    let own = state
        .users
        .get(position)
        .map(|user| user.email.clone())
        .unwrap_or_default();
    state
        .oauth_clients
        .retain(|_, client| !tenant && client["created_by"] != own.as_str());
    let left: Vec<String> = state.oauth_clients.keys().cloned().collect();
    state
        .oauth_tokens
        .retain(|_, token| left.contains(&token.client));
    state
        .oauth_refresh
        .retain(|_, token| left.contains(&token.client));
    done()
}

fn regenerate(state: &mut DocSpace, request: &Request) -> Answer {
    manager(state, request)?;
    let (id, _) = state.client(request)?;
    let secret = state.ids.text(43);
    if let Some(client) = state.oauth_clients.get_mut(&id) {
        client["client_secret"] = json!(secret);
    }
    Ok(Reply::json(
        StatusCode::OK,
        &json!({"client_secret": secret}),
    ))
}

fn activate(state: &mut DocSpace, request: &Request) -> Answer {
    manager(state, request)?;
    let (id, _) = state.client(request)?;
    let enabled = body(request)?
        .flag_opt("status")
        .map_err(|violation| bad(&violation))?;
    let enabled = enabled.ok_or_else(|| problem(StatusCode::BAD_REQUEST, "status is required"))?;
    if let Some(client) = state.oauth_clients.get_mut(&id) {
        client["enabled"] = json!(enabled);
    }
    done()
}

fn revoke(state: &mut DocSpace, request: &Request) -> Answer {
    let position = state.signer(request)?;
    let (id, _) = state.client(request)?;
    state
        .consents
        .retain(|own| own["client"]["client_id"] != id.as_str());
    state
        .oauth_tokens
        .retain(|_, token| token.client != id || token.user != position);
    state
        .oauth_refresh
        .retain(|_, token| token.client != id || token.user != position);
    done()
}

fn public_info(state: &mut DocSpace, request: &Request) -> Answer {
    // A client that is not known is a bare 400 here.
    match state.client(request) {
        Ok((_, client)) => Ok(Reply::json(StatusCode::OK, &client_info(&client))),
        Err(_) => Err(Refused(Reply::empty(StatusCode::BAD_REQUEST))),
    }
}

fn info(state: &mut DocSpace, request: &Request) -> Answer {
    state.signer(request)?;
    public_info(state, request)
}

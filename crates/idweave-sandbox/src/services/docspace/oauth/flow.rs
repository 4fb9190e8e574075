//! Authorization codes, tokens and discovery of the identity server, without an envelope.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::error::{HandlerResult, oauth_error};
use crate::engine::clock::{later, rfc3339};
use crate::engine::wire::{Reply, Request, encode};
use crate::services::docspace::model::{OAuthCode, OAuthToken};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "authorizeOAuth" GET "/oauth2/authorize" => authorize;
    "submitConsent" POST "/oauth2/authorize" => consent;
    "exchangeToken" POST "/oauth2/token" => exchange;
    "handleOptions" OPTIONS "/.well-known/oauth-authorization-server" => options;
    "" GET "/.well-known/oauth-authorization-server" => discovery;
    "" GET "/oauth2/.well-known/openid-configuration" => discovery;
    "getScopes" GET "/api/2.0/scopes" => scopes;
}

/// The scopes that a client may request.
pub(crate) const SCOPES: [&str; 9] = [
    "accounts:read",
    "accounts:write",
    "accounts.self:read",
    "accounts.self:write",
    "rooms:read",
    "rooms:write",
    "files:read",
    "files:write",
    "openid",
];

/// How long an authorization code and an access token are valid.
const CODE_LIFETIME: Duration = Duration::from_secs(60);
const TOKEN_LIFETIME: Duration = Duration::from_secs(3_600);

fn authorize(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.signer(request)?;
    let required = |name| {
        let value = request.query(name).non_empty().text();
        value.ok_or_else(|| oauth_error("invalid_request"))
    };
    let response_type = required("response_type")?;
    let client = required("client_id")?;
    let redirect = required("redirect_uri")?;
    required("scope")?;
    let client = state
        .oauth_clients
        .get(client)
        .filter(|client| client["enabled"] == true)
        .ok_or_else(|| oauth_error("invalid_client"))?;
    let is_known = client["redirect_uris"]
        .as_array()
        .is_some_and(|uris| uris.iter().any(|uri| uri == redirect));
    if !is_known || response_type != "code" {
        return Err(oauth_error("invalid_request"));
    }
    // The consent page would be shown now; submitting it gives the code.
    Ok(Reply::empty(StatusCode::OK))
}

/// Reads a field of a form, multipart or not.
fn form_field(request: &Request, name: &str) -> Option<String> {
    if !request.is_multipart() {
        return request.form_field(name);
    }
    let text = String::from_utf8_lossy(&request.body);
    let (_, after) = text.split_once(&format!("name=\"{name}\""))?;
    let (_, value) = after.split_once("\r\n\r\n")?;
    let end = value.find("\r\n").unwrap_or(value.len());
    Some(value[..end].to_owned())
}

fn consent(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let user = state.signer(request)?;
    let id = form_field(request, "client_id").ok_or_else(|| oauth_error("invalid_request"))?;
    let client = state
        .oauth_clients
        .get(&id)
        .cloned()
        .ok_or_else(|| oauth_error("invalid_client"))?;
    let scope = form_field(request, "scope").unwrap_or_default();
    let scopes: Vec<String> = scope.split_whitespace().map(str::to_owned).collect();
    let allowed = client["scopes"].as_array().cloned().unwrap_or_default();
    let is_allowed = |scope: &String| allowed.iter().any(|other| other == scope.as_str());
    if scopes.is_empty() || !scopes.iter().all(is_allowed) {
        return Err(oauth_error("invalid_scope"));
    }
    let redirect = client["redirect_uris"][0]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let code = state.ids.secret(40);
    let mut location = format!("{redirect}?code={code}");
    if let Some(state) = form_field(request, "state") {
        location = format!("{location}&state={}", encode(&state));
    }
    state
        .consents
        .retain(|consent| consent["client"]["client_id"] != id.as_str());
    state.consents.push(json!({
        "client": client_info(&client),
        "scopes": scopes,
        "modified_at": rfc3339(request.now),
    }));
    state.oauth_codes.insert(
        code,
        OAuthCode {
            client: id,
            redirect,
            user,
            scopes,
            expires: later(request.now, CODE_LIFETIME),
        },
    );
    Ok(Reply::redirect(StatusCode::FOUND, &location))
}

/// Returns what anyone may know of a client.
pub(crate) fn client_info(client: &Value) -> Value {
    let mut info = client.clone();
    if let Some(info) = info.as_object_mut() {
        for secret in [
            "client_secret",
            "tenant",
            "enabled",
            "redirect_uris",
            "allowed_origins",
            "logout_redirect_uris",
        ] {
            info.remove(secret);
        }
    }
    info
}

fn exchange(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let get = |name: &str| request.form_field(name);
    let (id, secret) = match request.basic() {
        Some(pair) => pair,
        None => (
            get("client_id").unwrap_or_default(),
            get("client_secret").unwrap_or_default(),
        ),
    };
    let is_known = state.oauth_clients.get(&id).is_some_and(|client| {
        client["client_secret"] == secret.as_str() && client["enabled"] == true
    });
    if !is_known {
        return Err(oauth_error("invalid_client"));
    }
    request.record_credential("client secret");
    let expires = later(request.now, TOKEN_LIFETIME);
    let token = match get("grant_type").as_deref() {
        Some("authorization_code") => {
            let code = state.oauth_codes.remove(&get("code").unwrap_or_default());
            let is_valid = |code: &OAuthCode| {
                code.client == id
                    && code.expires > request.now
                    && get("redirect_uri").is_none_or(|uri| uri == code.redirect)
            };
            let code = code
                .filter(is_valid)
                .ok_or_else(|| oauth_error("invalid_grant"))?;
            OAuthToken {
                user: code.user,
                scopes: code.scopes,
                expires,
                client: id,
            }
        }
        Some("refresh_token") => {
            let refresh_token = get("refresh_token").unwrap_or_default();
            let old = state
                .oauth_refresh_tokens
                .remove(&refresh_token)
                .filter(|old| old.client == id)
                .ok_or_else(|| oauth_error("invalid_grant"))?;
            OAuthToken { expires, ..old }
        }
        _ => return Err(oauth_error("unsupported_grant_type")),
    };
    let (access, refresh) = (state.ids.secret(43), state.ids.secret(43));
    state.oauth_tokens.insert(access.clone(), token.clone());
    state.oauth_refresh_tokens.insert(refresh.clone(), token);
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFETIME.as_secs(),
            "refresh_token": refresh,
        }),
    ))
}

fn options(_: &mut DocSpace, _: &Request) -> HandlerResult {
    Ok(Reply::json(StatusCode::OK, &json!({})).with_header("allow", "GET, OPTIONS"))
}

fn discovery(_: &mut DocSpace, request: &Request) -> HandlerResult {
    let base_url = &request.base_url;
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "issuer": format!("{base_url}/oauth2"),
            "authorization_endpoint": format!("{base_url}/oauth2/authorize"),
            "token_endpoint": format!("{base_url}/oauth2/token"),
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "response_types_supported": ["code"],
            "scopes_supported": SCOPES,
        }),
    ))
}

fn scopes(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.signer(request)?;
    let all: Vec<_> = SCOPES
        .iter()
        .map(|name| {
            let (group, kind) = name.split_once(':').unwrap_or((name, "openid"));
            json!({"name": name, "group": group, "type": kind})
        })
        .collect();
    Ok(Reply::json(StatusCode::OK, &all))
}

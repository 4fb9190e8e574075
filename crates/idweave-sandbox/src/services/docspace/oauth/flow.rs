//! The portal's identity server: authorization codes, tokens, discovery. No envelope here.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request, encode};
use crate::services::docspace::state::{DocSpace, OAuthCode, OAuthToken};
use crate::services::docspace::{Answer, Refused};

crate::engine::operation::operations! { DocSpace;
    "authorizeOAuth" GET "/oauth2/authorize" => authorize;
    "submitConsent" POST "/oauth2/authorize" => consent;
    "exchangeToken" POST "/oauth2/token" => exchange;
    "handleOptions" OPTIONS "/.well-known/oauth-authorization-server" => options;
    "" GET "/.well-known/oauth-authorization-server" => discovery;
    "" GET "/oauth2/.well-known/openid-configuration" => discovery;
    "getScopes" GET "/api/2.0/scopes" => scopes;
}

/// What a client may ask for.
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

/// RFC 7807, as the identity server writes it.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Refused {
    let title = status.canonical_reason().unwrap_or("Error");
    Refused(Reply::json(
        status,
        &json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail}),
    ))
}

fn oauth_error(code: &str) -> Refused {
    Refused(Reply::json(
        StatusCode::BAD_REQUEST,
        &json!({"error": code}),
    ))
}

impl DocSpace {
    /// The user whose signature came as cookie or header.
    pub(crate) fn signer(&mut self, request: &Request) -> Result<usize, Refused> {
        let token = request
            .header("x-signature")
            .or_else(|| request.cookie("x-signature"));
        let found = token
            .and_then(|token| self.signatures.get(token))
            .filter(|(_, expires)| *expires > request.now);
        let (position, _) = *found.ok_or_else(|| {
            problem(
                StatusCode::FORBIDDEN,
                "The signature is missing or has expired",
            )
        })?;
        request.record_credential("signature");
        Ok(position)
    }
}

fn authorize(state: &mut DocSpace, request: &Request) -> Answer {
    state.signer(request)?;
    for name in ["response_type", "client_id", "redirect_uri", "scope"] {
        if request.query(name).text().is_none_or(str::is_empty) {
            return Err(oauth_error("invalid_request"));
        }
    }
    let client = request
        .query("client_id")
        .text()
        .and_then(|id| state.oauth_clients.get(id));
    let client = client
        .filter(|client| client["enabled"] == true)
        .ok_or_else(|| oauth_error("invalid_client"))?;
    let redirect = request.query("redirect_uri").text().unwrap_or_default();
    let known = client["redirect_uris"]
        .as_array()
        .is_some_and(|all| all.iter().any(|own| own == redirect));
    if !known || request.query("response_type").text() != Some("code") {
        return Err(oauth_error("invalid_request"));
    }
    // The consent page would be shown now; submitting it gives the code.
    Ok(Reply::empty(StatusCode::OK))
}

/// The value of a field of a form, multipart or not.
fn field(request: &Request, name: &str) -> Option<String> {
    if !request.is_multipart() {
        return request
            .form()
            .into_iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value);
    }
    let text = String::from_utf8_lossy(&request.body).into_owned();
    let (_, after) = text.split_once(&format!("name=\"{name}\""))?;
    let (_, value) = after.split_once("\r\n\r\n")?;
    Some(
        value
            .split_once("\r\n")
            .map_or(value, |(value, _)| value)
            .to_owned(),
    )
}

fn consent(state: &mut DocSpace, request: &Request) -> Answer {
    let user = state.signer(request)?;
    let id = field(request, "client_id").ok_or_else(|| oauth_error("invalid_request"))?;
    let client = state
        .oauth_clients
        .get(&id)
        .cloned()
        .ok_or_else(|| oauth_error("invalid_client"))?;
    let scope = field(request, "scope").unwrap_or_default();
    let scopes: Vec<String> = scope.split_whitespace().map(str::to_owned).collect();
    let granted = client["scopes"].as_array().cloned().unwrap_or_default();
    if scopes.is_empty()
        || scopes
            .iter()
            .any(|scope| !granted.iter().any(|own| own == scope.as_str()))
    {
        return Err(oauth_error("invalid_scope"));
    }
    let redirect = client["redirect_uris"][0]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let code = state.ids.text(40);
    let expires = later(request.now, Duration::from_secs(60));
    let mut location = format!("{redirect}?code={code}");
    if let Some(own) = field(request, "state") {
        location = format!("{location}&state={}", encode(&own));
    }
    let at = crate::engine::clock::rfc3339(request.now);
    state
        .consents
        .retain(|own| own["client"]["client_id"] != id.as_str());
    state
        .consents
        .push(json!({"client": client_info(&client), "scopes": scopes, "modified_at": at}));
    state.oauth_codes.insert(
        code,
        OAuthCode {
            client: id,
            redirect,
            user,
            scopes,
            expires,
        },
    );
    Ok(Reply::redirect(StatusCode::FOUND, &location))
}

/// What anyone may know of a client.
pub(crate) fn client_info(client: &serde_json::Value) -> serde_json::Value {
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

fn exchange(state: &mut DocSpace, request: &Request) -> Answer {
    let form = request.form();
    let get = |name: &str| {
        form.iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.clone())
    };
    let (id, secret) = match request.basic() {
        Some(pair) => pair,
        None => (
            get("client_id").unwrap_or_default(),
            get("client_secret").unwrap_or_default(),
        ),
    };
    let known = state.oauth_clients.get(&id).is_some_and(|client| {
        client["client_secret"] == secret.as_str() && client["enabled"] == true
    });
    if !known {
        return Err(oauth_error("invalid_client"));
    }
    request.record_credential("client secret");
    let token = match get("grant_type").as_deref() {
        Some("authorization_code") => {
            let code = state.oauth_codes.remove(&get("code").unwrap_or_default());
            let code = code.filter(|code| code.client == id && code.expires > request.now);
            let code =
                code.filter(|code| get("redirect_uri").is_none_or(|uri| uri == code.redirect));
            let code = code.ok_or_else(|| oauth_error("invalid_grant"))?;
            OAuthToken {
                user: code.user,
                scopes: code.scopes,
                expires: later(request.now, Duration::from_secs(3_600)),
                client: id,
            }
        }
        Some("refresh_token") => {
            let old = state
                .oauth_refresh
                .remove(&get("refresh_token").unwrap_or_default());
            let old = old
                .filter(|old| old.client == id)
                .ok_or_else(|| oauth_error("invalid_grant"))?;
            OAuthToken {
                expires: later(request.now, Duration::from_secs(3_600)),
                ..old
            }
        }
        _ => return Err(oauth_error("unsupported_grant_type")),
    };
    let (access, refresh) = (state.ids.text(43), state.ids.text(43));
    state.oauth_tokens.insert(access.clone(), token.clone());
    state.oauth_refresh.insert(refresh.clone(), token);
    Ok(Reply::json(
        StatusCode::OK,
        &json!({"access_token": access, "token_type": "Bearer", "expires_in": 3_600, "refresh_token": refresh}),
    ))
}

fn options(_: &mut DocSpace, _: &Request) -> Answer {
    Ok(Reply::json(StatusCode::OK, &json!({})).with_header("allow", "GET, OPTIONS"))
}

fn discovery(_: &mut DocSpace, request: &Request) -> Answer {
    let base = &request.base_url;
    Ok(Reply::json(
        StatusCode::OK,
        &json!({
            "issuer": format!("{base}/oauth2"),
            "authorization_endpoint": format!("{base}/oauth2/authorize"),
            "token_endpoint": format!("{base}/oauth2/token"),
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "response_types_supported": ["code"],
            "scopes_supported": SCOPES,
        }),
    ))
}

fn scopes(state: &mut DocSpace, request: &Request) -> Answer {
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

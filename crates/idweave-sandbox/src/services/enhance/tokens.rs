//! Access tokens of an organisation; the whole token is shown once, when it is created.

use serde_json::{Value, json};

use super::auth::ADMINS;
use super::error::{
    ApiError, HandlerResult, bad_request, created, no_content, not_found, ok, ok_empty,
};
use super::model::Token;
use super::seed::website_id;
use super::state::Enhance;
use super::validate::roles_opt;
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Request, without_nulls};

crate::engine::operation::operations! { Enhance;
    "getAccessTokens" GET "/api/orgs/{org_id}/access_tokens" => list;
    "createAccessToken" POST "/api/orgs/{org_id}/access_tokens" => create;
    "updateAccessToken" PATCH "/api/orgs/{org_id}/access_tokens/{token_id}" => update;
    "deleteAccessToken" DELETE "/api/orgs/{org_id}/access_tokens/{token_id}" => delete;
    "getSiteAccessToken" POST "/api/orgs/{org_id}/websites/{website_id}/access-tokens" => for_site;
}

fn show(token: &Token) -> Value {
    without_nulls(json!({
        "id": token.id,
        "firstFive": token.secret.get(..5),
        "roles": token.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
        "tokenExpires": token.expires.map(rfc3339),
        "friendlyName": token.friendly,
        "allowedIps": token.ips,
        "ipRestricted": token.restricted,
    }))
}

/// Sets the fields that a body has.
fn apply(token: &mut Token, body: &Fields) -> Result<(), ApiError> {
    if let Some(roles) = roles_opt(body)? {
        token.roles = roles;
    }
    if let Some(expires) = body.date_time_opt("tokenExpires")? {
        token.expires = Some(expires);
    }
    if let Some(name) = body.text_opt("friendlyName", 0, 255)? {
        token.friendly = Some(name.to_owned());
    }
    if let Some(ips) = body.texts_opt("allowedIps")? {
        if !ips.iter().all(|ip| ip.parse::<std::net::IpAddr>().is_ok()) {
            return Err(bad_request("allowedIps must hold IP addresses"));
        }
        token.ips = ips;
    }
    if let Some(restricted) = body.flag_opt("ipRestricted")? {
        token.restricted = restricted;
    }
    Ok(())
}

fn list(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    ok(&state
        .tokens
        .iter()
        .filter(|token| token.org == org)
        .map(show)
        .collect::<Vec<_>>()
        .into())
}

fn create(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    let body = request.json()?;
    if body.value("roles").is_none() {
        return Err(bad_request("roles is required"));
    }
    let mut token = Token {
        id: state.ids.uuid(),
        org: org.clone(),
        secret: state.ids.secret_hex(),
        roles: Vec::new(),
        expires: None,
        friendly: None,
        ips: Vec::new(),
        restricted: false,
    };
    apply(&mut token, &body)?;
    // Addresses restrict the token by default.
    if body.value("ipRestricted").is_none() {
        token.restricted = !token.ips.is_empty();
    }
    let shown = json!({"id": token.id, "firstFive": token.secret.get(..5), "unencryptedToken": token.secret});
    state.tokens.push(token);
    state.log(
        &org,
        "added",
        "an access token was made".to_owned(),
        request.now,
    );
    created(&shown)
}

impl Enhance {
    /// Finds the token of the path.
    fn path_token(&self, request: &Request) -> Result<usize, ApiError> {
        let (_, org) = self.require(request, ADMINS)?;
        let id = request.param("token_id").to_ascii_lowercase();
        self.tokens
            .iter()
            .position(|token| token.org == org && token.id == id)
            .ok_or_else(not_found)
    }
}

fn update(state: &mut Enhance, request: &Request) -> HandlerResult {
    let at = state.path_token(request)?;
    let body = request.json()?;
    let mut token = state.tokens[at].clone();
    apply(&mut token, &body)?;
    state.tokens[at] = token;
    ok_empty()
}

fn delete(state: &mut Enhance, request: &Request) -> HandlerResult {
    let at = state.path_token(request)?;
    let token = state.tokens.remove(at);
    state.log(
        &token.org,
        "removed",
        "an access token was removed".to_owned(),
        request.now,
    );
    no_content()
}

fn for_site(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require(request, ADMINS)?;
    let site = request.param("website_id").to_ascii_lowercase();
    if site != website_id(&state.env.seed) {
        return Err(not_found());
    }
    ok(&Value::String(state.ids.secret(43)))
}

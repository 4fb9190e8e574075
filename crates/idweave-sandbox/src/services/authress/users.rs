//! Users: listed, read, deleted later. They appear by logging in; no operation creates one.

use http::StatusCode;
use serde_json::{Map, Value};

use super::error::{HandlerResult, bad_request, empty, not_found, ok};
use super::model::PendingChange;
use super::page::{Page, filter, list_response, unknown_cursor};
use super::state::Authress;
use super::validate::is_tenant_id;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "getUsers" GET "/v1/users" => list;
    "getUser" GET "/v1/users/{userId}" => get;
    "deleteUser" DELETE "/v1/users/{userId}" => delete;
    "setUserTokenConfiguration" PUT "/v1/users/{userId}" => configure_tokens;
    "deleteUserToken" DELETE "/v1/users/{userId}/tokens/{tokenId}" => delete_token;
}

const MAX_PAGE: usize = 100;

fn list(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let page = Page::read(request, MAX_PAGE)?;
    let filter = filter(request, true)?;
    let tenant = request.query("tenantId").non_empty().text();
    if tenant.is_some_and(|tenant| !is_tenant_id(tenant)) {
        return Err(bad_request(
            "tenantId must have 1 to 128 letters, digits or -_.:",
        ));
    }
    let start = match &page.start {
        None => 0,
        Some(text) => text.parse().map_err(|_| unknown_cursor())?,
    };
    let mut rest = state.users.iter_from(start).filter(|(_, user)| {
        tenant.is_none_or(|tenant| user.tenant.as_deref() == Some(tenant))
            && filter.as_ref().is_none_or(|filter| user.matches(filter))
    });
    page.skip_for_fault(request, &mut rest);
    let (items, next) = page.take(rest.map(|(position, user)| (position.to_string(), user.show())));
    list_response(request, "users", items, next)
}

fn get(state: &mut Authress, request: &Request) -> HandlerResult {
    let id = request.param("userId");
    state.require_for(request, id)?;
    ok(&state.users.find(id).ok_or_else(not_found)?.show())
}

fn delete(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let position = state.users.position(request.param("userId"));
    let position = position.ok_or_else(not_found)?;
    let is_pending = state.pending.iter().any(
        |(_, change)| matches!(change, PendingChange::DeleteUser(other) if *other == position),
    );
    if !is_pending {
        state.accept(request.now, PendingChange::DeleteUser(position));
    }
    empty(StatusCode::ACCEPTED)
}

fn configure_tokens(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let body = request.json_or_empty()?;
    let mut configuration = Map::new();
    if let Some(claims) = body.object_opt("defaultClaims")? {
        let mut stored = Map::new();
        for name in ["defaultAccessTokenClaims", "defaultUserIdentityClaims"] {
            claims.object_opt(name)?;
            if let Some(value) = claims.value(name) {
                stored.insert(name.to_owned(), value.clone());
            }
        }
        configuration.insert("defaultClaims".to_owned(), Value::Object(stored));
    }
    let user = state.users.find_mut(request.param("userId"));
    user.ok_or_else(not_found)?.token_configuration = Some(Value::Object(configuration));
    empty(StatusCode::OK)
}

/// Revokes a token of the token endpoint, by the id it carries.
fn delete_token(state: &mut Authress, request: &Request) -> HandlerResult {
    let user = request.param("userId");
    state.require_for(request, user)?;
    let token = request.param("tokenId");
    if state.issued.get(token).is_none_or(|owner| *owner != user) {
        return Err(not_found());
    }
    state.issued.remove(token);
    empty(StatusCode::NO_CONTENT)
}

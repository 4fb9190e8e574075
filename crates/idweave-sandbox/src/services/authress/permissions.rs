//! What a user may do: permissions, roles and resources of a user.

use http::StatusCode;
use serde_json::{Value, json};

use super::error::{HandlerResult, empty, not_found, ok};
use super::grants::{allows, covers};
use super::page::{Page, list_body};
use super::state::Authress;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "authorizeUser" GET "/v1/users/{userId}/resources/{resourceUri}/permissions/{permission}" => authorize;
    "getUserPermissionsForResource" GET "/v1/users/{userId}/resources/{resourceUri}/permissions" => permissions;
    "getUserRolesForResource" GET "/v1/users/{userId}/resources/{resourceUri}/roles" => roles;
    "getUserResources" GET "/v1/users/{userId}/resources" => resources;
}

fn authorize(state: &mut Authress, request: &Request) -> HandlerResult {
    let user = request.param("userId");
    state.require_for(request, user)?;
    let requested = request.param("permission");
    let permissions = state.effective_permissions(user, request.param("resourceUri"));
    let allowed = permissions
        .iter()
        .any(|permission| permission["allow"] == true && allows(permission, requested));
    // Not allowed and not found look the same.
    if allowed {
        empty(StatusCode::OK)
    } else {
        Err(not_found())
    }
}

fn permissions(state: &mut Authress, request: &Request) -> HandlerResult {
    let user = request.param("userId");
    state.require_for(request, user)?;
    let permissions = state.effective_permissions(user, request.param("resourceUri"));
    if permissions.is_empty() {
        return Err(not_found());
    }
    ok(&json!({
        "account": {"accountId": state.account},
        "userId": user,
        "permissions": permissions,
    }))
}

fn roles(state: &mut Authress, request: &Request) -> HandlerResult {
    let user = request.param("userId");
    state.require_for(request, user)?;
    let roles = state.roles_on(user, request.param("resourceUri"));
    if roles.is_empty() {
        return Err(not_found());
    }
    let roles: Vec<Value> = roles
        .into_iter()
        .map(|role| json!({"roleId": role}))
        .collect();
    ok(&json!({"userId": user, "roles": roles}))
}

fn resources(state: &mut Authress, request: &Request) -> HandlerResult {
    let user = request.param("userId");
    state.require_for(request, user)?;
    request
        .query("collectionConfiguration")
        .one_of(&["TOP_LEVEL_ONLY", "INCLUDE_NESTED", ""], "is not known")?;
    let page = Page::read(request, 20)?;
    let wanted: Vec<&str> = request
        .query
        .iter()
        .filter(|(name, _)| name == "permissions")
        .flat_map(|(_, value)| value.split(','))
        .filter(|value| !value.is_empty())
        .collect();
    let below = request
        .query("resourceUri")
        .text()
        .filter(|uri| !uri.is_empty() && *uri != "*");
    let mut uris: Vec<String> = state.grants(user).into_iter().map(|(_, uri)| uri).collect();
    uris.sort();
    uris.dedup();
    uris.retain(|uri| {
        let permissions = if wanted.is_empty() {
            Vec::new()
        } else {
            state.effective_permissions(user, uri)
        };
        below.is_none_or(|below| covers(below, uri) || covers(uri, below))
            && wanted.iter().all(|wanted| {
                permissions
                    .iter()
                    .any(|permission| allows(permission, wanted))
            })
    });
    let entries = uris.iter().map(|uri| (uri, json!({"resourceUri": uri})));
    let (items, next) = page.take(page.skip_to_start(entries));
    let mut body = list_body(request, "resources", items, next);
    body.insert("userId".to_owned(), json!(user));
    body.insert("account".to_owned(), json!({"accountId": state.account}));
    ok(&Value::Object(body))
}

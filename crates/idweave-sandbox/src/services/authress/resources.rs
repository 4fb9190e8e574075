//! Resources with permissions of their own, and who has roles on them.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::page::{Page, collection};
use super::permissions::covers;
use super::state::Authress;
use super::{Answer, bad_request, empty, not_found, ok};
use crate::data::fields::Fields;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "getPermissionedResources" GET "/v1/resources" => list;
    "getPermissionedResource" GET "/v1/resources/{resourceUri}" => get;
    "updatePermissionedResource" PUT "/v1/resources/{resourceUri}" => update;
    "getResourceUsers" GET "/v1/resources/{resourceUri}/users" => users;
}

fn list(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    collection(
        request,
        "resources",
        state.resources.values().cloned().collect(),
        None,
    )
}

fn get(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    ok(state
        .resources
        .get(request.param("resourceUri"))
        .ok_or_else(not_found)?)
}

fn update(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let uri = request.param("resourceUri");
    if uri.chars().count() > 512 {
        return Err(bad_request("resourceUri must have at most 512 characters"));
    }
    let body = request.json()?;
    let mut permissions = Vec::new();
    for item in body
        .list_opt("permissions")?
        .ok_or_else(|| bad_request("permissions is required"))?
    {
        let item = Fields::from_value(item, "permissions")?;
        let action = item.text("action", 1, 64)?.to_uppercase();
        if !["CLAIM", "PUBLIC"].contains(&action.as_str()) {
            return Err(bad_request("action must be CLAIM or PUBLIC"));
        }
        let allow = item
            .flag_opt("allow")?
            .ok_or_else(|| bad_request("allow is required"))?;
        permissions.push(json!({"action": action, "allow": allow}));
    }
    if permissions.is_empty() {
        return Err(bad_request("permissions must not be empty"));
    }
    state
        .resources
        .insert(uri.to_owned(), json!({"permissions": permissions}));
    empty(StatusCode::OK)
}

fn users(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let uri = request.param("resourceUri");
    let page = Page::read(request, 20)?;
    let mut named: Vec<String> = Vec::new();
    for value in state.records.values().chain(state.groups.values()) {
        collect_users(value, &mut named);
    }
    named.sort();
    named.dedup();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for user in named {
        let mut roles: Vec<String> = state
            .grants(&user)
            .into_iter()
            .filter(|(_, own)| covers(own, uri))
            .map(|(role, _)| role)
            .collect();
        roles.sort();
        roles.dedup();
        if !roles.is_empty() {
            found.insert(user, roles);
        }
    }
    let mut rest = found
        .iter()
        .skip_while(|(user, _)| page.start.as_ref().is_some_and(|start| *user < start));
    let items: Vec<Value> = rest
        .by_ref()
        .take(page.limit)
        .map(|(user, roles)| json!({"userId": user, "roles": roles.iter().map(|role| json!({"roleId": role})).collect::<Vec<_>>()}))
        .collect();
    let next = rest.next().map(|(user, _)| page.cursor(user));
    collection(request, "users", items, next)
}

fn collect_users(value: &Value, into: &mut Vec<String>) {
    for user in value["users"].as_array().into_iter().flatten() {
        into.extend(user["userId"].as_str().map(str::to_owned));
    }
    for statement in value["statements"].as_array().into_iter().flatten() {
        collect_users(statement, into);
    }
}

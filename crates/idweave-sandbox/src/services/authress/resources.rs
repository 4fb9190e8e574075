//! Resources with permissions of their own, and who has roles on them.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::collection::{Collection, get};
use super::error::{HandlerResult, bad_request, empty};
use super::model::Items;
use super::page::{Page, list_response};
use super::state::Authress;
use super::validate::resource_permissions;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "getPermissionedResources" GET "/v1/resources" => list;
    "getPermissionedResource" GET "/v1/resources/{resourceUri}" => get::<Resources>;
    "updatePermissionedResource" PUT "/v1/resources/{resourceUri}" => update;
    "getResourceUsers" GET "/v1/resources/{resourceUri}/users" => users;
}

struct Resources;

impl Collection for Resources {
    type Item = Value;
    const ID: &'static str = "resourceUri";
    const ITEMS: &'static str = "resources";

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.resources
    }
}

fn list(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let items = state.resources.values().cloned().collect();
    list_response(request, Resources::ITEMS, items, None)
}

fn update(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let uri = request.param(Resources::ID);
    if uri.chars().count() > 512 {
        return Err(bad_request("resourceUri must have at most 512 characters"));
    }
    let permissions = resource_permissions(&request.json()?)?;
    state
        .resources
        .insert(uri.to_owned(), json!({"permissions": permissions}));
    empty(StatusCode::OK)
}

fn users(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let uri = request.param(Resources::ID);
    let page = Page::read(request, 20)?;
    let mut users: Vec<String> = Vec::new();
    for value in state.records.values().chain(state.groups.values()) {
        collect_users(value, &mut users);
    }
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for user in users {
        let roles = state.roles_on(&user, uri);
        if !roles.is_empty() {
            found.insert(user, roles);
        }
    }
    let entries = found.iter().map(|(user, roles)| {
        let roles: Vec<Value> = roles.iter().map(|role| json!({"roleId": role})).collect();
        (user, json!({"userId": user, "roles": roles}))
    });
    let (items, next) = page.take(page.skip_to_start(entries));
    list_response(request, "users", items, next)
}

fn collect_users(value: &Value, into: &mut Vec<String>) {
    for user in value["users"].as_array().into_iter().flatten() {
        into.extend(user["userId"].as_str().map(str::to_owned));
    }
    for statement in value["statements"].as_array().into_iter().flatten() {
        collect_users(statement, into);
    }
}

//! Groups and roles.

use http::StatusCode;
use serde_json::{Value, json};

use super::page::shelf_page;
use super::state::Authress;
use super::{Answer, Refused, bad_request, conflict, created, empty, not_found, ok};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Request, encode};

crate::engine::operation::operations! { Authress;
    "getGroups" GET "/v1/groups" => list;
    "createGroup" POST "/v1/groups" => create;
    "getGroup" GET "/v1/groups/{groupId}" => get;
    "updateGroup" PUT "/v1/groups/{groupId}" => update;
    "deleteGroup" DELETE "/v1/groups/{groupId}" => delete;
    "getRoles" GET "/v1/roles" => list_roles;
    "createRole" POST "/v1/roles" => create_role;
    "getRole" GET "/v1/roles/{roleId}" => get_role;
    "updateRole" PUT "/v1/roles/{roleId}" => update_role;
    "deleteRole" DELETE "/v1/roles/{roleId}" => delete_role;
}

/// Whether an id has the length and the characters its kind allows.
pub(crate) fn fits_id(id: &str, largest: usize, extra: &str) -> bool {
    (1..=largest).contains(&id.chars().count())
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_' || extra.contains(c))
}

/// Reads a list of `{userId}`.
pub(crate) fn users(body: &Fields, name: &str) -> Result<Vec<Value>, Refused> {
    let mut users = Vec::new();
    for item in body.list_opt(name)?.into_iter().flatten() {
        let id = Fields::from_value(item, name)?
            .text("userId", 1, 128)?
            .to_owned();
        users.push(json!({"userId": id}));
    }
    Ok(users)
}

/// Reads `tags`: texts of up to 128 characters by name.
pub(crate) fn tags(body: &Fields) -> Result<Value, Refused> {
    match body.value("tags") {
        None => Ok(Value::Null),
        Some(Value::Object(tags))
            if tags
                .values()
                .all(|tag| tag.as_str().is_some_and(|text| text.chars().count() <= 128)) =>
        {
            Ok(Value::Object(tags.clone()))
        }
        Some(_) => Err(bad_request(
            "tags must hold texts of at most 128 characters",
        )),
    }
}

impl Authress {
    fn group(&self, id: &str, body: &Fields, now: jiff::Timestamp) -> Result<Value, Refused> {
        Ok(crate::engine::wire::without_nulls(json!({
            "groupId": id,
            "name": body.text("name", 1, 128)?,
            "users": users(body, "users")?,
            "admins": users(body, "admins")?,
            "lastUpdated": rfc3339(now),
            "tags": tags(body)?,
            "links": self.href(&format!("/v1/groups/{}", encode(id))),
        })))
    }
}

fn list(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    shelf_page(request, "groups", 20, state.groups.iter())
}

fn create(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json()?;
    let id = match body.text_opt("groupId", 1, 64)? {
        Some(id) if fits_id(id, 64, "") => id.to_owned(),
        Some(_) => return Err(bad_request("groupId holds characters it must not")),
        None => format!("grp_{}", state.ids.text(16)),
    };
    if state.groups.contains_key(&id) {
        return Err(conflict("There is a group with this id."));
    }
    let group = state.group(&id, &body, request.now)?;
    state.groups.insert(id, group.clone());
    created(&group)
}

fn get(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    ok(state
        .groups
        .get(request.param("groupId"))
        .ok_or_else(not_found)?)
}

fn update(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let id = request.param("groupId");
    let current = state.groups.get(id).ok_or_else(not_found)?;
    super::records::unmodified(request, current)?;
    super::records::small_enough(request)?;
    let group = state.group(id, &request.json()?, request.now)?;
    state.groups.insert(id.to_owned(), group.clone());
    ok(&group)
}

fn delete(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    state
        .groups
        .remove(request.param("groupId"))
        .ok_or_else(not_found)?;
    empty(StatusCode::NO_CONTENT)
}

fn role(id: &str, body: &Fields) -> Result<Value, Refused> {
    let mut permissions = Vec::new();
    for item in body
        .list_opt("permissions")?
        .ok_or_else(|| bad_request("permissions is required"))?
    {
        let item = Fields::from_value(item, "permissions")?;
        let flag = |name: &str| {
            item.flag_opt(name)?
                .ok_or_else(|| bad_request(format!("{name} is required")))
        };
        permissions.push(json!({
            "action": super::validate::action(item.text("action", 1, 64)?)?,
            "allow": flag("allow")?, "grant": flag("grant")?, "delegate": flag("delegate")?,
        }));
    }
    Ok(crate::engine::wire::without_nulls(json!({
        "roleId": id,
        "name": body.text("name", 1, 128)?,
        "description": body.text_opt("description", 0, 1_024)?,
        "permissions": permissions,
    })))
}

fn list_roles(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    shelf_page(request, "roles", 100, state.roles.iter())
}

fn create_role(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json()?;
    let id = match body.text_opt("roleId", 1, 64)? {
        Some(id) if fits_id(id, 64, ".:@") => id.to_owned(),
        Some(_) => return Err(bad_request("roleId holds characters it must not")),
        None => format!("ro_{}", state.ids.text(16)),
    };
    if state.roles.contains_key(&id) {
        return Err(conflict("There is a role with this id."));
    }
    let role = role(&id, &body)?;
    state.roles.insert(id, role.clone());
    created(&role)
}

fn get_role(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    ok(state
        .roles
        .get(request.param("roleId"))
        .ok_or_else(not_found)?)
}

fn update_role(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let id = request.param("roleId");
    if !state.roles.contains_key(id) {
        return Err(not_found());
    }
    let role = role(id, &request.json()?)?;
    state.roles.insert(id.to_owned(), role.clone());
    ok(&role)
}

fn delete_role(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    state
        .roles
        .remove(request.param("roleId"))
        .ok_or_else(not_found)?;
    empty(StatusCode::NO_CONTENT)
}

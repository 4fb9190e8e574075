//! Groups of the portal.

use http::StatusCode;
use serde_json::{Value, json};

use super::auth::Principal;
use super::envelope::{ok, ok_list, ok_page};
use super::error::{ApiError, HandlerResult, denied, not_found, user_not_found};
use super::model::Group;
use super::people::list::page_window;
use super::state::DocSpace;
use crate::data::fields::{Fields, guid};
use crate::engine::wire::{Reply, Request};

crate::engine::operation::operations! { DocSpace;
    "getGroups" GET "/api/2.0/group" => all;
    "addGroup" POST "/api/2.0/group" => add;
    "getGroup" GET "/api/2.0/group/{id}" => get;
    "updateGroup" PUT "/api/2.0/group/{id}" => update;
    "deleteGroup" DELETE "/api/2.0/group/{id}" => delete;
    "getGroupByUserId" GET "/api/2.0/group/user/{userid}" => of_user;
    "moveMembersTo" PUT "/api/2.0/group/{fromId}/members/{toId}" => move_members;
    "removeMembersFrom" DELETE "/api/2.0/group/{id}/members" => |state, request| change(state, request, Change::Remove);
    "setMembersTo" POST "/api/2.0/group/{id}/members" => |state, request| change(state, request, Change::Set);
    "addMembersTo" PUT "/api/2.0/group/{id}/members" => |state, request| change(state, request, Change::Add);
    "setGroupManager" PUT "/api/2.0/group/{id}/manager" => set_manager;
}

pub(crate) fn show_group(state: &DocSpace, group: &Group, with_members: bool) -> Value {
    let user = |id: &String| {
        let position = state.users.position(id)?;
        Some(state.show_full(position))
    };
    json!({
        "id": group.id,
        "name": group.name,
        "category": "74b9cbd1-2412-4e79-9f36-7163583e9d3a",
        "isLDAP": false,
        "isSystem": false,
        "manager": group.manager.as_ref().and_then(user),
        "members": with_members.then(|| group.members.iter().filter_map(user).collect::<Vec<_>>()),
        "membersCount": group.members.len(),
    })
}

impl DocSpace {
    /// Reads the id of a group from the path.
    fn path_group(&self, request: &Request, name: &str) -> Result<String, ApiError> {
        let id = request.guid(name)?;
        if self.groups.contains_key(&id) {
            Ok(id)
        } else {
            Err(not_found("The group could not be found"))
        }
    }

    /// Responds with a group.
    fn group_response(&self, request: &Request, id: &str, with_members: bool) -> HandlerResult {
        let group = self.groups.get(id);
        let shown = group.map_or(Value::Null, |group| show_group(self, group, with_members));
        ok(request, shown)
    }

    /// Reads the ids of users that a body lists; unknown ones are skipped.
    fn known_users(&self, body: &Fields, name: &str) -> Result<Vec<String>, ApiError> {
        let mut known = Vec::new();
        for id in body.texts_opt(name)?.unwrap_or_default() {
            let id = guid(name, &id)?;
            if self.users.position(&id).is_some() && !known.contains(&id) {
                known.push(id);
            }
        }
        Ok(known)
    }

    /// Reads a manager, if a body names one; the empty GUID stands for none.
    fn manager(&self, body: &Fields, name: &str) -> Result<Option<String>, ApiError> {
        let Some(text) = body.text_opt(name, 0, 64)?.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let id = guid(name, text)?;
        if id.bytes().all(|byte| byte == b'0' || byte == b'-') {
            return Ok(None);
        }
        if self.users.position(&id).is_some() {
            Ok(Some(id))
        } else {
            Err(user_not_found())
        }
    }
}

fn all(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_staff(request)?;
    let (start, count) = page_window(request)?;
    let user = request.query_any_case("userId").guid()?;
    let by_manager = request.query_any_case("manager").is("true");
    let value = request
        .query_any_case("filterValue")
        .text_or_empty()
        .to_lowercase();
    let mut groups: Vec<&Group> = state
        .groups
        .values()
        .filter(|group| group.name.to_lowercase().contains(&value))
        .filter(|group| {
            user.as_ref().is_none_or(|user| {
                if by_manager {
                    group.manager.as_ref() == Some(user)
                } else {
                    group.members.contains(user)
                }
            })
        })
        .collect();
    groups.sort_by_key(|group| group.name.to_lowercase());
    let order = request
        .query_any_case("sortOrder")
        .text_or_empty()
        .to_lowercase();
    if ["1", "descending"].contains(&order.as_str()) {
        groups.reverse();
    }
    let total = groups.len();
    let items = groups
        .into_iter()
        .skip(start)
        .take(count)
        .map(|group| show_group(state, group, false))
        .collect();
    ok_page(request, items, total)
}

fn add(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    let body = request.json()?;
    let name = body.text("groupName", 1, 128)?.to_owned();
    let manager = state.manager(&body, "groupManager")?;
    let members = state.known_users(&body, "members")?;
    let id = state.ids.uuid();
    let mut group = Group {
        id: id.clone(),
        name,
        manager: manager.clone(),
        members,
    };
    if let Some(manager) = manager {
        group.add(manager);
    }
    state.groups.insert(id.clone(), group);
    state.group_response(request, &id, true)
}

fn get(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require(request)?;
    let id = state.path_group(request, "id")?;
    let with_members = !request.query_any_case("includeMembers").is("false");
    state.group_response(request, &id, with_members)
}

fn update(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    let id = state.path_group(request, "id")?;
    let body = request.json()?;
    let name = body
        .text_opt("groupName", 0, 128)?
        .filter(|name| !name.is_empty());
    let manager = state.manager(&body, "groupManager")?;
    let added = state.known_users(&body, "membersToAdd")?;
    let removed = state.known_users(&body, "membersToRemove")?;
    if let Some(group) = state.groups.get_mut(&id) {
        if let Some(name) = name {
            name.clone_into(&mut group.name);
        }
        group.manager = manager.or(group.manager.take());
        group.members.retain(|member| !removed.contains(member));
        for id in added.into_iter().chain(group.manager.clone()) {
            group.add(id);
        }
    }
    state.group_response(request, &id, true)
}

fn delete(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    let id = state.path_group(request, "id")?;
    state.groups.remove(&id);
    // 204 and no envelope, whatever the document says.
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn of_user(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { user, .. } = state.require(request)?;
    let id = request.guid("userid")?;
    if id != user.id && !user.user_type.is_staff() {
        return Err(denied());
    }
    ok_list(request, state.groups_of(&id))
}

fn move_members(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    let from = state.path_group(request, "fromId")?;
    let to = state.path_group(request, "toId")?;
    let moved = state
        .groups
        .get_mut(&from)
        .map(|group| std::mem::take(&mut group.members))
        .unwrap_or_default();
    if let Some(group) = state.groups.get_mut(&to) {
        for id in moved {
            group.add(id);
        }
    }
    state.group_response(request, &to, true)
}

/// What a list of members does to a group.
#[derive(Clone, Copy)]
enum Change {
    Add,
    Remove,
    Set,
}

fn change(state: &mut DocSpace, request: &Request, change: Change) -> HandlerResult {
    state.require_admin(request)?;
    let id = state.path_group(request, "id")?;
    let members = state.known_users(&request.json()?, "members")?;
    if let Some(group) = state.groups.get_mut(&id) {
        match change {
            Change::Set => group.members = members,
            Change::Remove => group.members.retain(|member| !members.contains(member)),
            Change::Add => members.into_iter().for_each(|id| group.add(id)),
        }
    }
    state.group_response(request, &id, true)
}

fn set_manager(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    let id = state.path_group(request, "id")?;
    let user = request.json()?.guid("userId")?;
    if state.users.position(&user).is_none() {
        return Err(user_not_found());
    }
    if let Some(group) = state.groups.get_mut(&id) {
        group.add(user.clone());
        group.manager = Some(user);
    }
    state.group_response(request, &id, true)
}

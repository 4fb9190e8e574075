//! Groups of the portal.

use serde_json::{Value, json};

use super::auth::Principal;
use super::envelope::{invalid_field, list, one, page};
use super::people::profiles::window;
use super::state::{DocSpace, Group};
use super::{Answer, Refused, denied, not_found};
use crate::data::fields::Fields;
use crate::data::ids::is_uuid;
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

pub(crate) fn show_group(state: &DocSpace, group: &Group, members: bool) -> Value {
    let person = |id: &String| {
        state
            .users
            .position(id)
            .map(|position| state.show_full(position))
    };
    json!({
        "id": group.id,
        "name": group.name,
        "category": "74b9cbd1-2412-4e79-9f36-7163583e9d3a",
        "isLDAP": false,
        "isSystem": false,
        "manager": group.manager.as_ref().and_then(person),
        "members": members.then(|| group.members.iter().filter_map(person).collect::<Vec<_>>()),
        "membersCount": group.members.len(),
    })
}

fn guid(text: &str, name: &str) -> Result<String, Refused> {
    if is_uuid(text) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(invalid_field(name, "must be a GUID"))
    }
}

impl DocSpace {
    fn group_of(&self, request: &Request, name: &str) -> Result<String, Refused> {
        let id = guid(request.param(name), name)?;
        if self.groups.contains_key(&id) {
            Ok(id)
        } else {
            Err(not_found("The group could not be found"))
        }
    }

    fn shown(&self, request: &Request, id: &str, members: bool) -> Answer {
        one(
            request,
            self.groups
                .get(id)
                .map_or(Value::Null, |group| show_group(self, group, members)),
        )
    }

    /// The ids of users a body lists; those the portal does not know are passed over.
    fn known(&self, body: &Fields, name: &str) -> Result<Vec<String>, Refused> {
        let mut known = Vec::new();
        for id in body.texts_opt(name)?.unwrap_or_default() {
            let id = guid(&id, name)?;
            if self.users.position(&id).is_some() && !known.contains(&id) {
                known.push(id);
            }
        }
        Ok(known)
    }
}

fn all(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_staff(request)?;
    let (start, count) = window(request)?;
    let user = match request
        .query_any_case("userId")
        .text()
        .filter(|text| !text.is_empty())
    {
        None => None,
        Some(text) => Some(guid(text, "userId")?),
    };
    let manager = request.query_any_case("manager").text() == Some("true");
    let value = request
        .query_any_case("filterValue")
        .text()
        .unwrap_or_default()
        .to_lowercase();
    let mut groups: Vec<&Group> = state
        .groups
        .values()
        .filter(|group| group.name.to_lowercase().contains(&value))
        .filter(|group| {
            user.as_ref().is_none_or(|user| {
                if manager {
                    group.manager.as_ref() == Some(user)
                } else {
                    group.members.contains(user)
                }
            })
        })
        .collect();
    groups.sort_by_key(|group| group.name.to_lowercase());
    if ["1", "descending"].contains(
        &request
            .query_any_case("sortOrder")
            .text()
            .unwrap_or_default()
            .to_lowercase()
            .as_str(),
    ) {
        groups.reverse();
    }
    let total = groups.len();
    page(
        request,
        groups
            .into_iter()
            .skip(start)
            .take(count)
            .map(|group| show_group(state, group, false))
            .collect(),
        total,
    )
}

fn add(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let body = request.json()?;
    let name = body.text("groupName", 1, 128)?.to_owned();
    let manager = manager(state, &body, "groupManager")?;
    let mut members = state.known(&body, "members")?;
    if let Some(manager) = &manager
        && !members.contains(manager)
    {
        members.push(manager.clone());
    }
    let id = state.ids.uuid();
    state.groups.insert(
        id.clone(),
        Group {
            id: id.clone(),
            name,
            manager,
            members,
        },
    );
    state.shown(request, &id, true)
}

/// Reads a manager, if one is named; the empty GUID is nobody.
fn manager(state: &DocSpace, body: &Fields, name: &str) -> Result<Option<String>, Refused> {
    let Some(text) = body.text_opt(name, 0, 64)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let id = guid(text, name)?;
    if id.bytes().all(|byte| byte == b'0' || byte == b'-') {
        return Ok(None);
    }
    if state.users.position(&id).is_some() {
        Ok(Some(id))
    } else {
        Err(not_found("The user could not be found"))
    }
}

fn get(state: &mut DocSpace, request: &Request) -> Answer {
    state.require(request)?;
    let id = state.group_of(request, "id")?;
    let members = request.query_any_case("includeMembers").text() != Some("false");
    state.shown(request, &id, members)
}

fn update(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let id = state.group_of(request, "id")?;
    let body = request.json()?;
    let name = body
        .text_opt("groupName", 0, 128)?
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    let manager = manager(state, &body, "groupManager")?;
    let (adds, removes) = (
        state.known(&body, "membersToAdd")?,
        state.known(&body, "membersToRemove")?,
    );
    if let Some(group) = state.groups.get_mut(&id) {
        group.name = name.unwrap_or_else(|| group.name.clone());
        group.manager = manager.or(group.manager.take());
        group.members.retain(|own| !removes.contains(own));
        for id in adds.into_iter().chain(group.manager.clone()) {
            if !group.members.contains(&id) {
                group.members.push(id);
            }
        }
    }
    state.shown(request, &id, true)
}

fn delete(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let id = state.group_of(request, "id")?;
    state.groups.remove(&id);
    // 204 and no envelope, whatever the document says.
    Ok(Reply::empty(http::StatusCode::NO_CONTENT))
}

fn of_user(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { user, .. } = state.require(request)?;
    let id = guid(request.param("userid"), "userid")?;
    if id != user.id
        && matches!(
            user.kind,
            super::model::Kind::User | super::model::Kind::Guest
        )
    {
        return Err(denied());
    }
    let groups = state
        .groups
        .values()
        .filter(|group| group.members.contains(&id));
    let items = groups
        .map(|group| {
            let manager = group
                .manager
                .as_ref()
                .and_then(|id| state.users.find(id))
                .map(|user| user.user_name.clone());
            json!({"id": group.id, "name": group.name, "manager": manager, "isSystem": false})
        })
        .collect();
    list(request, items)
}

fn move_members(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let (from, to) = (
        state.group_of(request, "fromId")?,
        state.group_of(request, "toId")?,
    );
    let moved = state
        .groups
        .get_mut(&from)
        .map(|group| std::mem::take(&mut group.members))
        .unwrap_or_default();
    if let Some(group) = state.groups.get_mut(&to) {
        for id in moved {
            if !group.members.contains(&id) {
                group.members.push(id);
            }
        }
    }
    state.shown(request, &to, true)
}

#[derive(Clone, Copy)]
enum Change {
    Add,
    Remove,
    Set,
}

fn change(state: &mut DocSpace, request: &Request, change: Change) -> Answer {
    state.require_admin(request)?;
    let id = state.group_of(request, "id")?;
    let members = state.known(&request.json()?, "members")?;
    if let Some(group) = state.groups.get_mut(&id) {
        match change {
            Change::Set => group.members = members,
            Change::Remove => group.members.retain(|own| !members.contains(own)),
            Change::Add => {
                for id in members {
                    if !group.members.contains(&id) {
                        group.members.push(id);
                    }
                }
            }
        }
    }
    state.shown(request, &id, true)
}

fn set_manager(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let id = state.group_of(request, "id")?;
    let user = guid(request.json()?.text("userId", 1, 64)?, "userId")?;
    if state.users.position(&user).is_none() {
        return Err(not_found("The user could not be found"));
    }
    if let Some(group) = state.groups.get_mut(&id) {
        if !group.members.contains(&user) {
            group.members.push(user.clone());
        }
        group.manager = Some(user);
    }
    state.shown(request, &id, true)
}

//! Members of an organisation and its owner.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::auth::{ADMINS, MEMBERS};
use super::invites::roles;
use super::model::{MemberRecord, Role};
use super::state::{Enhance, OneTime};
use super::{
    Answer, Refused, bad_request, conflict, created, done, error, listing, no_content, not_found,
    ok,
};
use crate::data::ids::is_uuid;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Enhance;
    "getMembers" GET "/api/orgs/{org_id}/members" => list;
    "createMember" POST "/api/orgs/{org_id}/members" => create;
    "getMember" GET "/api/orgs/{org_id}/members/{member_id}" => get;
    "updateMember" PUT "/api/orgs/{org_id}/members/{member_id}" => update;
    "deleteMember" DELETE "/api/orgs/{org_id}/members/{member_id}" => delete;
    "getOrgMemberLogin" GET "/api/orgs/{org_id}/members/{member_id}/sso" => sso;
    "updateOwner" PUT "/api/orgs/{org_id}/owner" => update_owner;
    "deleteOwner" DELETE "/api/orgs/{org_id}/owner" => delete_owner;
}

impl Enhance {
    fn show_member(&self, member: &MemberRecord) -> Value {
        self.logins
            .find(&member.login_id)
            .map_or(Value::Null, |login| member.show(&login))
    }

    /// The path's member, if it belongs to the path's organisation.
    fn member(&self, org: &str, id: &str) -> Result<usize, Refused> {
        if !is_uuid(id) {
            return Err(bad_request("the member's id must be a UUID"));
        }
        self.members
            .position(&id.to_ascii_lowercase())
            .filter(|position| {
                self.members
                    .get(*position)
                    .is_some_and(|member| member.org == org)
            })
            .ok_or_else(not_found)
    }
}

fn list(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, MEMBERS)?;
    let role = match request.query("role").text() {
        None => None,
        Some(name) => Some(Role::parse(name).ok_or_else(|| bad_request("role is not known"))?),
    };
    let site = request.query("siteAccess").text();
    if site.is_some_and(|site| !is_uuid(site)) {
        return Err(bad_request("siteAccess must be a website id"));
    }
    let mut positions = state.listed_members(&org);
    if role.is_some() || site.is_some() {
        Arc::make_mut(&mut positions).retain(|position| {
            state.members.get(*position).is_some_and(|member| {
                role.is_none_or(|role| member.is(role))
                    && site.is_none_or(|site| member.sites.iter().any(|own| own == site))
            })
        });
    }
    listing(
        request,
        &[
            ("status", &|member: &MemberRecord| {
                u8::from(!member.active).to_string()
            }),
            ("joinedAt", &|member: &MemberRecord| {
                format!("{:020}", member.joined.as_second())
            }),
        ],
        positions,
        &|position| {
            state
                .members
                .get(position)
                .map(std::borrow::Cow::into_owned)
        },
        &|member| state.show_member(member),
    )
}

fn create(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, ADMINS)?;
    let body = request.json()?;
    let login_id = body.text("loginId", 1, 64)?.to_ascii_lowercase();
    if !is_uuid(&login_id) {
        return Err(bad_request("loginId must be a UUID"));
    }
    let roles = roles(&body)?.ok_or_else(|| bad_request("roles is required"))?;
    let login = state
        .logins
        .find(&login_id)
        .ok_or_else(not_found)?
        .into_owned();
    if state.membership(&login.id, &org).is_some() {
        return Err(conflict("This login is a member already."));
    }
    if roles.contains(&Role::Owner) && state.owner_of(&org).is_some() {
        return Err(conflict("This organisation has an owner."));
    }
    let id = state.ids.uuid();
    let member = MemberRecord {
        id: id.clone(),
        login_id: login.id,
        org: org.clone(),
        active: true,
        roles,
        sites: Vec::new(),
        notifications: Vec::new(),
        joined: request.now,
    };
    state.join(member);
    state.log(
        &org,
        "added",
        format!("{} became a member", login.email),
        request.now,
    );
    created(&json!({"id": id}))
}

fn get(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, MEMBERS)?;
    let position = state.member(&org, request.param("member_id"))?;
    let member = state.members.get(position).ok_or_else(not_found)?;
    ok(&state.show_member(&member))
}

fn update(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, ADMINS)?;
    let position = state.member(&org, request.param("member_id"))?;
    let body = request.json()?;
    let roles = roles(&body)?;
    let sites = body.texts_opt("siteAccesses")?.unwrap_or_default();
    if !sites.iter().all(|site| is_uuid(site)) {
        return Err(bad_request("siteAccesses must hold website ids"));
    }
    let notifications = body.texts_opt("notifications")?.unwrap_or_default();
    let member = state.members.get_mut(position).ok_or_else(not_found)?;
    // PUT overwrites: what is not sent back is gone. A member without a role cannot be.
    if let Some(roles) = roles {
        member.roles = roles;
    }
    member.sites = sites;
    member.notifications = notifications;
    done()
}

fn delete(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, ADMINS)?;
    let position = state.member(&org, request.param("member_id"))?;
    let member = state
        .members
        .get(position)
        .ok_or_else(not_found)?
        .into_owned();
    if member.is(Role::Owner) && member.active {
        return Err(Refused(error(
            StatusCode::FORBIDDEN,
            "owner_cannot_be_removed",
            None,
        )));
    }
    state.members.remove(position);
    state.invites.retain(|_, invite| invite.member != position);
    let email = state
        .logins
        .find(&member.login_id)
        .map(|login| login.email.clone())
        .unwrap_or_default();
    state.log(&org, "removed", format!("{email} left"), request.now);
    no_content()
}

fn sso(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, ADMINS)?;
    let position = state.member(&org, request.param("member_id"))?;
    let member = state
        .members
        .get(position)
        .filter(|member| member.active)
        .ok_or_else(not_found)?
        .into_owned();
    let login = state
        .logins
        .position(&member.login_id)
        .ok_or_else(not_found)?;
    let otp = state.ids.uuid();
    state.one_time_logins.insert(
        otp.clone(),
        OneTime {
            login,
            expires: later(request.now, Duration::from_secs(60)),
        },
    );
    created(&Value::String(format!(
        "{}/login/sessions/sso?otp={otp}",
        request.base_url
    )))
}

fn update_owner(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, &[Role::Owner, Role::SuperAdmin])?;
    let body = request.json()?;
    let position = state.member(&org, body.text("memberId", 1, 64)?)?;
    demote_owner(state, &org);
    if let Some(member) = state.members.get_mut(position) {
        member.roles.retain(|role| *role != Role::Owner);
        member.roles.insert(0, Role::Owner);
    }
    done()
}

fn delete_owner(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, &[Role::Owner, Role::SuperAdmin])?;
    if !demote_owner(state, &org) {
        return Err(not_found());
    }
    no_content()
}

/// The old owner becomes SuperAdmin.
fn demote_owner(state: &mut Enhance, org: &str) -> bool {
    let Some(owner) = state
        .owner_of(org)
        .and_then(|position| state.members.get_mut(position))
    else {
        return false;
    };
    owner
        .roles
        .retain(|role| *role != Role::Owner && *role != Role::SuperAdmin);
    owner.roles.insert(0, Role::SuperAdmin);
    true
}

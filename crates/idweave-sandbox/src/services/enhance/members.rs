//! Members of an organisation, and its owner.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::auth::{ADMINS, MEMBERS};
use super::error::{
    ApiError, HandlerResult, bad_request, conflict, created, forbidden, no_content, not_found, ok,
    ok_empty,
};
use super::model::{MemberRecord, OneTime, Role};
use super::page::list_page;
use super::state::Enhance;
use super::validate::{roles, roles_opt, sites};
use crate::data::fields::uuid;
use crate::data::ids::is_uuid;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Enhance;
    "getMembers" GET "/api/orgs/{org_id}/members" => list;
    "createMember" POST "/api/orgs/{org_id}/members" => create;
    "getMember" GET "/api/orgs/{org_id}/members/{member_id}" => get;
    "updateMember" PUT "/api/orgs/{org_id}/members/{member_id}" => update;
    "deleteMember" DELETE "/api/orgs/{org_id}/members/{member_id}" => delete;
    "getOrgMemberLogin" GET "/api/orgs/{org_id}/members/{member_id}/sso" => one_time_login;
    "updateOwner" PUT "/api/orgs/{org_id}/owner" => update_owner;
    "deleteOwner" DELETE "/api/orgs/{org_id}/owner" => delete_owner;
}

/// How long a one-time login is valid.
const ONE_TIME_LOGIN_LIFETIME: Duration = Duration::from_secs(60);

impl Enhance {
    fn show_member(&self, member: &MemberRecord) -> Value {
        self.logins
            .find(&member.login_id)
            .map_or(Value::Null, |login| member.show(&login))
    }

    /// Finds a member by id, if they belong to the organisation.
    fn member_of(&self, org: &str, id: &str) -> Result<(usize, MemberRecord), ApiError> {
        let id = uuid("the member's id", id)?;
        let position = self.members.position(&id).ok_or_else(not_found)?;
        let member = self.members.get(position).map(Cow::into_owned);
        member
            .filter(|member| member.org == org)
            .map(|member| (position, member))
            .ok_or_else(not_found)
    }

    fn path_member(&self, request: &Request, org: &str) -> Result<(usize, MemberRecord), ApiError> {
        self.member_of(org, request.param("member_id"))
    }

    /// Makes the owner of an organisation a SuperAdmin; returns false if there is no owner.
    fn demote_owner(&mut self, org: &str) -> bool {
        let owner = self
            .owner_of(org)
            .and_then(|position| self.members.get_mut(position));
        let Some(owner) = owner else {
            return false;
        };
        owner
            .roles
            .retain(|role| *role != Role::Owner && *role != Role::SuperAdmin);
        owner.roles.insert(0, Role::SuperAdmin);
        true
    }
}

fn list(state: &mut Enhance, request: &Request) -> HandlerResult {
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
                role.is_none_or(|role| member.has_role(role))
                    && site.is_none_or(|site| member.sites.iter().any(|other| other == site))
            })
        });
    }
    list_page(
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
        &|position| state.members.get(position).map(Cow::into_owned),
        &|member| state.show_member(member),
    )
}

fn create(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    let body = request.json()?;
    let login_id = uuid("loginId", body.text("loginId", 1, 64)?)?;
    let roles = roles(&body)?;
    let login = state.logins.find(&login_id).map(Cow::into_owned);
    let login = login.ok_or_else(not_found)?;
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
    let message = format!("{} became a member", login.email);
    state.log(&org, "added", message, request.now);
    created(&json!({"id": id}))
}

fn get(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, MEMBERS)?;
    let (_, member) = state.path_member(request, &org)?;
    ok(&state.show_member(&member))
}

fn update(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    let (position, _) = state.path_member(request, &org)?;
    let body = request.json()?;
    let roles = roles_opt(&body)?;
    let sites = sites(&body)?;
    let notifications = body.texts_opt("notifications")?.unwrap_or_default();
    let member = state.members.get_mut(position).ok_or_else(not_found)?;
    // PUT overwrites: what is left out is removed. Only the roles stay, as a member needs one.
    if let Some(roles) = roles {
        member.roles = roles;
    }
    member.sites = sites;
    member.notifications = notifications;
    ok_empty()
}

fn delete(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    let (position, member) = state.path_member(request, &org)?;
    if member.has_role(Role::Owner) && member.active {
        return Err(forbidden("owner_cannot_be_removed"));
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

fn one_time_login(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    let (_, member) = state.path_member(request, &org)?;
    if !member.active {
        return Err(not_found());
    }
    let login = state.logins.position(&member.login_id);
    let login = login.ok_or_else(not_found)?;
    let otp = state.ids.secret_uuid();
    let expires = later(request.now, ONE_TIME_LOGIN_LIFETIME);
    let entry = OneTime { login, expires };
    state.one_time_logins.insert(otp.clone(), entry);
    let url = format!("{}/login/sessions/sso?otp={otp}", request.base_url);
    created(&Value::String(url))
}

fn update_owner(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    let body = request.json()?;
    let (position, _) = state.member_of(&org, body.text("memberId", 1, 64)?)?;
    state.demote_owner(&org);
    if let Some(member) = state.members.get_mut(position) {
        member.roles.retain(|role| *role != Role::Owner);
        member.roles.insert(0, Role::Owner);
    }
    ok_empty()
}

fn delete_owner(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    if !state.demote_owner(&org) {
        return Err(not_found());
    }
    no_content()
}

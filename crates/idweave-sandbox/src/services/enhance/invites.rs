//! Invites: created by e-mail address, validated and accepted by the key in the invite's URL.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::auth::{ADMINS, Principal};
use super::error::{
    ApiError, HandlerResult, bad_request, conflict, created, invalid_credentials, not_found, ok,
    unauthorized,
};
use super::model::{Invite, LoginRecord, MemberRecord, Password};
use super::state::Enhance;
use super::validate::{email, locale, roles, sites};
use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request, encode};

crate::engine::operation::operations! { Enhance;
    "createInvite" POST "/api/orgs/{org_id}/invites" => create;
    "acceptInvite" POST "/api/invites/{invite_id}" => accept;
    "validateInvite" POST "/api/invites/{invite_id}/validate" => validate;
    "" GET "/invites/{invite_id}" => page;
}

/// How long an invite is valid.
const LIFETIME: Duration = Duration::from_secs(10 * 86_400);

fn create(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, ADMINS)?;
    let body = request.json()?;
    let email = email(&body)?;
    let name = body.text("name", 1, 255)?.to_owned();
    let roles = roles(&body)?;
    let sites = sites(&body)?;
    let notifications = body.texts_opt("notifications")?.unwrap_or_default();
    let send = body.flag_opt("sendEmail")?.unwrap_or(true);

    let realm = state.realm(&org);
    let login = match state.login_in(&realm, &email) {
        Some(position) => position,
        None => {
            // A new person: the login stays pending until the invite is accepted.
            let (id, password) = (state.ids.uuid(), Password::None);
            let login = LoginRecord::new(id, realm, email.clone(), name, password, request.now);
            state.logins.push(login)
        }
    };
    let login_id = state.login(login).map(|login| login.id).unwrap_or_default();
    let member = match state.membership(&login_id, &org) {
        Some(position) => {
            let member = state.members.get_mut(position).ok_or_else(not_found)?;
            if member.active {
                return Err(conflict("This person is a member already."));
            }
            // Invited again: this replaces the previous offer and its link.
            member.roles = roles;
            member.sites = sites;
            member.notifications = notifications;
            state.invites.retain(|_, invite| invite.member != position);
            position
        }
        None => {
            let member = MemberRecord {
                id: state.ids.uuid(),
                login_id,
                org: org.clone(),
                active: false,
                roles,
                sites,
                notifications,
                joined: request.now,
            };
            state.join(member)
        }
    };
    let key = state.ids.secret_uuid();
    let expires = later(request.now, LIFETIME);
    state
        .invites
        .insert(key.clone(), Invite { member, expires });
    state.log(&org, "added", format!("{email} was invited"), request.now);
    let url = format!(
        "{}/invites/{key}?email={}",
        request.base_url,
        encode(&email).replace("%40", "@")
    );
    if send {
        let org_name = state.org_name(&org);
        state.env.mail(
            "enhance",
            "invite",
            &email,
            &format!("Invitation to {org_name}"),
            vec![url.clone()],
            format!("Join {org_name}: {url}"),
        );
    }
    created(&Value::String(url))
}

/// A pending member with their login, and the positions of both.
struct Invited {
    position: usize,
    member: MemberRecord,
    login_position: usize,
    login: LoginRecord,
}

impl Enhance {
    /// Finds the pending member of the key in the path, unless the invite has expired.
    fn invited(&self, request: &Request) -> Option<Invited> {
        let key = request.param("invite_id").to_ascii_lowercase();
        let invite = self.invites.get(&key)?;
        if invite.expires <= request.now {
            return None;
        }
        let member = self
            .members
            .get(invite.member)
            .filter(|member| !member.active)?
            .into_owned();
        let login_position = self.logins.position(&member.login_id)?;
        Some(Invited {
            position: invite.member,
            member,
            login_position,
            login: self.login(login_position)?,
        })
    }

    /// Checks the password of the body, or sets it for a login that has none.
    fn check_or_set_password(
        &mut self,
        request: &Request,
        invited: &Invited,
    ) -> Result<(), ApiError> {
        let body = request.json_or_empty()?;
        if !email(&body)?.eq_ignore_ascii_case(&invited.login.email) {
            return Err(invalid_credentials());
        }
        let password = body.text_opt("password", 1, 1_024)?;
        let locale = locale(&body)?;
        match (&invited.login.password, password) {
            (Password::None, None) => Err(bad_request("password is required")),
            (Password::None, Some(given)) => {
                if let Some(login) = self.logins.get_mut(invited.login_position) {
                    login.password = Password::Plain(given.to_owned());
                    login.password_changed = Some(request.now);
                    login.locale = locale.unwrap_or_else(|| login.locale.clone());
                }
                Ok(())
            }
            (known, Some(given)) if known.matches(given, &self.env.seed) => Ok(()),
            (Password::Seeded(_) | Password::Plain(_), _) => Err(invalid_credentials()),
        }
    }
}

fn validate(state: &mut Enhance, request: &Request) -> HandlerResult {
    let Some(Invited { member, login, .. }) = state.invited(request) else {
        return ok(&json!({"isValid": false}));
    };
    ok(&json!({
        "isValid": true,
        "loginId": login.id,
        "orgId": member.org,
        "orgName": state.org_name(&member.org),
        // One role, though an invite has a list.
        "role": member.roles.first().map_or("", |role| role.name()),
    }))
}

fn accept(state: &mut Enhance, request: &Request) -> HandlerResult {
    let invited = state.invited(request);
    let principal = state.principal(request);
    let invited = invited.ok_or_else(not_found)?;
    match principal {
        Ok(Principal::Login { position, .. }) if position == invited.login_position => {}
        Ok(Principal::Login { .. }) => return Err(unauthorized()),
        Ok(Principal::Token(_)) | Err(_) => state.check_or_set_password(request, &invited)?,
    }
    if let Some(member) = state.members.get_mut(invited.position) {
        member.active = true;
        member.joined = request.now;
    }
    let key = request.param("invite_id").to_ascii_lowercase();
    state.invites.remove(&key);
    let message = format!("{} joined", invited.login.email);
    state.log(&invited.member.org, "added", message, request.now);
    let session = state.open_session(request, invited.login_position, false);
    Ok(state.with_session_cookie(&session, Reply::empty(StatusCode::OK)))
}

/// Stands for the page that the link in the mail leads to.
fn page(_: &mut Enhance, _: &Request) -> HandlerResult {
    Ok(Reply::html(
        StatusCode::OK,
        "<!doctype html><title>Invitation</title><h1>You are invited</h1>",
    ))
}

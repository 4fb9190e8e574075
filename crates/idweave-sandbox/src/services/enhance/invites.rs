//! Invites: created by e-mail, validated and accepted by the key in the invite's URL.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::auth::ADMINS;
use super::model::{AuthMethod, LoginRecord, MemberRecord, Password, Role};
use super::state::{Enhance, INVITE_DAYS, Invite};
use super::{Answer, Refused, bad_request, conflict, created, error, not_found, ok, unauthorized};
use crate::data::fields::{Fields, is_email};
use crate::data::ids::is_uuid;
use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request, encode};

crate::engine::operation::operations! { Enhance;
    "createInvite" POST "/api/orgs/{org_id}/invites" => create;
    "acceptInvite" POST "/api/invites/{invite_id}" => accept;
    "validateInvite" POST "/api/invites/{invite_id}/validate" => validate;
    "" GET "/invites/{invite_id}" => page;
}

/// Reads `roles`, which may not be empty.
pub(crate) fn roles(body: &Fields) -> Result<Option<Vec<Role>>, Refused> {
    let Some(names) = body.texts_opt("roles")? else {
        return Ok(None);
    };
    let roles: Option<Vec<Role>> = names.iter().map(|name| Role::parse(name)).collect();
    match roles {
        Some(roles) if !roles.is_empty() => Ok(Some(roles)),
        Some(_) => Err(bad_request("roles must not be empty")),
        None => Err(bad_request("roles holds an unknown role")),
    }
}

/// Reads a required e-mail address.
pub(crate) fn email(body: &Fields) -> Result<String, Refused> {
    let email = body.text("email", 1, 255)?;
    if is_email(email) {
        Ok(email.to_owned())
    } else {
        Err(bad_request("email must be an e-mail address"))
    }
}

/// Reads a locale: a BCP 47 tag.
pub(crate) fn locale(body: &Fields) -> Result<Option<String>, Refused> {
    let Some(tag) = body.text_opt("locale", 1, 20)? else {
        return Ok(None);
    };
    let mut parts = tag.split('-');
    let language = parts.next().is_some_and(|part| {
        (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    let rest = parts.all(|part| {
        (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if language && rest {
        Ok(Some(tag.to_owned()))
    } else {
        Err(bad_request("locale is not known"))
    }
}

fn create(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, ADMINS)?;
    let body = request.json()?;
    let email = email(&body)?;
    let name = body.text("name", 1, 255)?.to_owned();
    let roles = roles(&body)?.ok_or_else(|| bad_request("roles is required"))?;
    let sites = body.texts_opt("siteAccesses")?.unwrap_or_default();
    if !sites.iter().all(|site| is_uuid(site)) {
        return Err(bad_request("siteAccesses must hold website ids"));
    }
    let notifications = body.texts_opt("notifications")?.unwrap_or_default();
    let send = body.flag_opt("sendEmail")?.unwrap_or(true);

    let realm = state.realm(&org);
    let login = match state.login_in(&realm, &email) {
        Some(position) => position,
        None => {
            // A new person: the login stays pending until the invite is accepted.
            let login = LoginRecord {
                id: state.ids.uuid(),
                realm,
                email: email.clone(),
                name,
                password: Password::None,
                method: AuthMethod::Basic,
                otp_secret: None,
                locale: "en".to_owned(),
                registered: request.now,
                password_changed: None,
                avatar: None,
                preferences: None,
            };
            state.logins.push(login)
        }
    };
    let login_id = state.login(login).map(|login| login.id).unwrap_or_default();
    let member = match state.membership(&login_id, &org) {
        Some(position) => {
            let Some(member) = state.members.get_mut(position) else {
                return Err(not_found());
            };
            if member.active {
                return Err(conflict("This person is a member already."));
            }
            // Invited again: what was offered before no longer holds, and neither does its link.
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
    let key = state.ids.uuid();
    let expires = later(request.now, Duration::from_secs(INVITE_DAYS * 86_400));
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
        let org_name = state
            .orgs
            .get(&org)
            .map(|org| org.name.clone())
            .unwrap_or_default();
        let text = format!("Join {org_name}: {url}");
        state.env.mail(
            "enhance",
            "invite",
            &email,
            &format!("Invitation to {org_name}"),
            vec![url.clone()],
            text,
        );
    }
    created(&Value::String(url))
}

impl Enhance {
    /// The pending member an invite key stands for.
    fn invited(&self, request: &Request) -> Option<(usize, MemberRecord, usize, LoginRecord)> {
        let invite = self
            .invites
            .get(&request.param("invite_id").to_ascii_lowercase())?;
        if invite.expires <= request.now {
            return None;
        }
        let member = self
            .members
            .get(invite.member)
            .filter(|member| !member.active)?
            .into_owned();
        let position = self.logins.position(&member.login_id)?;
        let login = self.login(position)?;
        Some((invite.member, member, position, login))
    }
}

fn validate(state: &mut Enhance, request: &Request) -> Answer {
    let Some((_, member, _, login)) = state.invited(request) else {
        return ok(&json!({"isValid": false}));
    };
    let org = state.orgs.get(&member.org);
    ok(&json!({
        "isValid": true,
        "loginId": login.id,
        "orgId": member.org,
        "orgName": org.map(|org| org.name.as_str()).unwrap_or_default(),
        // One role, though an invite has a list.
        "role": member.roles.first().map_or("", |role| role.name()),
    }))
}

fn accept(state: &mut Enhance, request: &Request) -> Answer {
    let invited = state.invited(request);
    let session = state
        .principal(request)
        .ok()
        .and_then(|principal| match principal {
            super::auth::Principal::Login { position, .. } => Some(position),
            super::auth::Principal::Token(_) => None,
        });
    let Some((member, record, login, login_record)) = invited else {
        return Err(not_found());
    };
    match session {
        Some(position) if position == login => {}
        Some(_) => return Err(unauthorized()),
        None => {
            let body = request.json_or_empty()?;
            if !email(&body)?.eq_ignore_ascii_case(&login_record.email) {
                return Err(wrong_credentials());
            }
            let password = body.text_opt("password", 1, 1_024)?;
            let locale = locale(&body)?;
            match (&login_record.password, password) {
                (Password::None, None) => return Err(bad_request("password is required")),
                (known, Some(given)) if known.is(given, &state.env.seed) => {}
                (Password::Seeded(_) | Password::Own(_), _) => return Err(wrong_credentials()),
                (Password::None, Some(given)) => {
                    let given = given.to_owned();
                    if let Some(login) = state.logins.get_mut(login) {
                        login.password = Password::Own(given);
                        login.password_changed = Some(request.now);
                        login.locale = locale.unwrap_or_else(|| login.locale.clone());
                    }
                }
            }
        }
    }
    if let Some(member) = state.members.get_mut(member) {
        member.active = true;
        member.joined = request.now;
    }
    state
        .invites
        .remove(&request.param("invite_id").to_ascii_lowercase());
    state.log(
        &record.org,
        "added",
        format!("{} joined", login_record.email),
        request.now,
    );
    Ok(state.open_session(request, login, false, Reply::empty(StatusCode::OK)))
}

pub(crate) fn wrong_credentials() -> Refused {
    Refused(error(StatusCode::UNAUTHORIZED, "invalid_credentials", None))
}

/// Where the link in the mail leads: the control panel, which is no part of the API.
fn page(_: &mut Enhance, _: &Request) -> Answer {
    Ok(Reply::html(
        StatusCode::OK,
        "<!doctype html><title>Invitation</title><h1>You are invited</h1>",
    ))
}

//! Logins: the caller's, a realm's, a customer's; and their avatars.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::auth::{ADMINS, OPERATORS};
use super::error::{
    ApiError, HandlerResult, conflict, created, forbidden, invalid_credentials, no_content,
    not_found, ok, ok_empty, unauthorized,
};
use super::model::{AuthMethod, LoginRecord, Password};
use super::page::list_page;
use super::state::Enhance;
use super::validate::{auth_method_opt, avatar, email, locale};
use crate::data::fields::uuid;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Enhance;
    "getLogin" GET "/api/login" => get;
    "updateLoginInfo" PATCH "/api/login" => update;
    "getLoginMemberships" GET "/api/login/memberships" => memberships;
    "setLoginAvatar" PUT "/api/login/avatar" => set_avatar;
    "deleteLoginAvatar" DELETE "/api/login/avatar" => delete_avatar;
    "createLogin" POST "/api/logins" => create;
    "getLogins" GET "/api/logins" => list;
    "getOrgLogins" GET "/api/orgs/{org_id}/logins" => of_org;
    "getCustomerLogins" GET "/api/v2/orgs/{org_id}/customers/logins" => of_customers;
    "setCustomerLoginPassword" PUT "/api/v2/logins/{login_id}/password" => set_password;
}

fn get(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (position, _) = state.session_login(request)?;
    ok(&state.login(position).ok_or_else(not_found)?.show())
}

fn update(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (position, session) = state.session_login(request)?;
    let login = state.login(position).ok_or_else(not_found)?;
    let body = request.json()?;
    let name = body.text_opt("name", 1, 255)?.map(str::to_owned);
    let new_email = if body.value("email").is_some() {
        Some(email(&body)?)
    } else {
        None
    };
    let password = body.text_opt("password", 1, 1_024)?.map(str::to_owned);
    let locale = locale(&body)?;
    let method = auth_method_opt(&body)?;
    if new_email.is_some() || password.is_some() {
        let current = body.text_opt("currentPassword", 0, 1_024)?;
        let current = current.ok_or_else(|| forbidden("current_password_required"))?;
        if !login.password.matches(current, &state.env.seed) {
            return Err(invalid_credentials());
        }
    }
    if let Some(email) = &new_email
        && state
            .login_in(&login.realm, email)
            .is_some_and(|other| other != position)
    {
        return Err(conflict("This e-mail address is taken."));
    }
    let secret = (method == Some(AuthMethod::Otp)).then(|| state.ids.bytes()[..20].to_vec());
    if let Some(record) = state.logins.get_mut(position) {
        record.name = name.unwrap_or_else(|| record.name.clone());
        record.email = new_email.unwrap_or_else(|| record.email.clone());
        record.locale = locale.unwrap_or_else(|| record.locale.clone());
        if let Some(password) = password {
            record.password = Password::Plain(password);
            record.password_changed = Some(request.now);
        }
        if let Some(secret) = &secret {
            record.otp_secret = Some(secret.clone());
        }
    }
    state.logins.index_email(position);
    let mut result = Map::new();
    if let Some(method) = method.filter(|method| *method != login.method) {
        state.change_method(&session, method, login.method);
        result.insert("verifyPin".to_owned(), json!(true));
        if let Some(secret) = secret {
            let url = format!(
                "otpauth://totp/Enhance:{}?secret={}&issuer=Enhance",
                login.email,
                base32(&secret)
            );
            result.insert("otpUrl".to_owned(), json!(url));
        }
    }
    ok(&Value::Object(result))
}

/// Encodes bytes as RFC 4648 base32 without padding, as authenticator apps read it.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = (buffer << 8 | u32::from(*byte)) & 0xffff;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(ALPHABET[(buffer << (5 - bits) & 31) as usize]));
    }
    out
}

fn memberships(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (position, _) = state.session_login(request)?;
    let login = state.login(position).ok_or_else(not_found)?;
    ok(&state.show_memberships(&login.id))
}

fn set_avatar(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (position, _) = state.session_login(request)?;
    let id = state
        .login(position)
        .map(|login| login.id)
        .unwrap_or_default();
    let path = avatar(request, &id)?;
    if let Some(login) = state.logins.get_mut(position) {
        login.avatar = Some(path);
    }
    ok_empty()
}

fn delete_avatar(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (position, _) = state.session_login(request)?;
    if let Some(login) = state.logins.get_mut(position) {
        login.avatar = None;
    }
    no_content()
}

fn create(state: &mut Enhance, request: &Request) -> HandlerResult {
    let org = request.query("orgId").required()?;
    let (_, org) = match state.require_in(request, org, ADMINS) {
        // An unknown organisation is one without the right to it, not a 404.
        Err(ApiError(reply)) if reply.status == StatusCode::NOT_FOUND => {
            return Err(unauthorized());
        }
        other => other?,
    };
    let body = request.json()?;
    let email = email(&body)?;
    let password = body.text("password", 1, 1_024)?.to_owned();
    let name = body.text("name", 1, 255)?.to_owned();
    let realm = state.realm(&org);
    if state.login_in(&realm, &email).is_some() {
        return Err(conflict(
            "A login with this e-mail address exists in this realm.",
        ));
    }
    let id = state.ids.uuid();
    state.logins.push(LoginRecord::new(
        id.clone(),
        realm,
        email.clone(),
        name,
        Password::Plain(password),
        request.now,
    ));
    let message = format!("the login {email} was made");
    state.log(&org, "added", message, request.now);
    created(&json!({"id": id}))
}

/// Responds with a page of the logins at some positions.
fn logins_page(state: &Enhance, request: &Request, positions: Vec<usize>) -> HandlerResult {
    list_page(
        request,
        &[
            ("email", &|login: &LoginRecord| login.email.clone()),
            ("name", &|login: &LoginRecord| login.name.clone()),
            ("registrationDate", &|login: &LoginRecord| {
                format!("{:020}", login.registered.as_second())
            }),
        ],
        Arc::new(positions),
        &|position| state.login(position),
        &|login| login.show(),
    )
}

fn list(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    let realm = state.request_realm(request)?;
    // The seeded logins all belong to the master organisation's realm.
    let start = if realm == state.master() {
        0
    } else {
        state.env.options.users
    };
    let positions = state
        .logins
        .iter_from(start)
        .filter(|(_, login)| login.realm == realm)
        .map(|(at, _)| at)
        .collect();
    logins_page(state, request, positions)
}

impl Enhance {
    /// Returns the positions of the logins of an organisation's members.
    fn logins_of(&self, org: &str) -> Vec<usize> {
        self.members_of(org)
            .filter_map(|member| self.logins.position(&self.members.get(member)?.login_id))
            .collect()
    }
}

fn of_org(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, OPERATORS)?;
    logins_page(state, request, state.logins_of(&org))
}

fn of_customers(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, OPERATORS)?;
    let customers = state
        .orgs
        .values()
        .filter(|customer| customer.parent.as_deref() == Some(&org));
    let mut positions: Vec<usize> = customers
        .flat_map(|customer| state.logins_of(&customer.id))
        .collect();
    positions.sort_unstable();
    positions.dedup();
    logins_page(state, request, positions)
}

fn set_password(state: &mut Enhance, request: &Request) -> HandlerResult {
    let principal = state.principal(request)?;
    let id = uuid("login_id", request.param("login_id"))?;
    let body = request.json()?;
    let password = body.text("newPassword", 1, 1_024)?.to_owned();
    let position = state.logins.position(&id).ok_or_else(not_found)?;
    let login = state.login(position).ok_or_else(not_found)?;
    let mut orgs: Vec<String> = state
        .memberships(&login.id)
        .into_iter()
        .filter_map(|at| Some(state.members.get(at)?.org.clone()))
        .collect();
    orgs.push(login.realm);
    let is_allowed = orgs.iter().any(|org| {
        let roles = state.roles_in(&principal, org);
        roles.iter().any(|role| ADMINS.contains(role))
    });
    if !is_allowed {
        return Err(unauthorized());
    }
    state.set_password(position, password, request.now);
    ok_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_that_of_rfc_4648() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b"f"), "MY");
    }
}

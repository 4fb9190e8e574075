//! Logins: one's own, a realm's, a customer's; their avatars and preferences.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::auth::{ADMINS, OPERATORS};
use super::invites::{email, locale, wrong_credentials};
use super::model::{AuthMethod, LoginRecord, Password};
use super::state::Enhance;
use super::{
    Answer, Refused, bad_request, conflict, created, done, error, listing, no_content, not_found,
    ok, unauthorized,
};
use crate::data::fields::Fields;
use crate::data::ids::is_uuid;
use crate::engine::wire::{Reply, Request};

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
    "setUiPreferences" POST "/api/logins/ui-preferences" => set_preferences;
    "getUiPreferences" GET "/api/logins/ui-preferences" => get_preferences;
    "updateUiPreferences" PATCH "/api/logins/ui-preferences" => update_preferences;
}

fn get(state: &mut Enhance, request: &Request) -> Answer {
    let (position, _) = state.session_login(request)?;
    ok(&state.login(position).ok_or_else(not_found)?.show())
}

fn update(state: &mut Enhance, request: &Request) -> Answer {
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
    let method = match body.text_opt("authMethod", 1, 16)? {
        None => None,
        Some(name) => {
            Some(AuthMethod::parse(name).ok_or_else(|| bad_request("authMethod is not known"))?)
        }
    };
    if new_email.is_some() || password.is_some() {
        match body.text_opt("currentPassword", 0, 1_024)? {
            None => {
                return Err(Refused(error(
                    StatusCode::FORBIDDEN,
                    "current_password_required",
                    None,
                )));
            }
            Some(given) if !login.password.is(given, &state.env.seed) => {
                return Err(wrong_credentials());
            }
            Some(_) => {}
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
            record.password = Password::Own(password);
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

/// RFC 4648 base32 without padding, the form authenticator apps read.
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

fn memberships(state: &mut Enhance, request: &Request) -> Answer {
    let (position, _) = state.session_login(request)?;
    let login = state.login(position).ok_or_else(not_found)?;
    ok(&state.show_memberships(&login.id))
}

/// Checks a picture upload and says where it is kept.
pub(crate) fn avatar(request: &Request, owner: &str) -> Result<String, Refused> {
    if !request.is_multipart() {
        return Err(bad_request("the body must be multipart/form-data"));
    }
    let has = |needle: &[u8]| {
        request
            .body
            .windows(needle.len())
            .any(|window| window == needle)
    };
    if !has(b"name=\"avatar\"") && !has(b"name=avatar") {
        return Err(bad_request("avatar is required"));
    }
    let kind = if has(b"\x89PNG\r\n\x1a\n") {
        "png"
    } else if has(b"\xff\xd8\xff") {
        "jpg"
    } else {
        return Err(bad_request("avatar must be a png or jpeg"));
    };
    Ok(format!("/avatars/{owner}.{kind}"))
}

fn set_avatar(state: &mut Enhance, request: &Request) -> Answer {
    let (position, _) = state.session_login(request)?;
    let id = state
        .login(position)
        .map(|login| login.id)
        .unwrap_or_default();
    let path = avatar(request, &id)?;
    if let Some(login) = state.logins.get_mut(position) {
        login.avatar = Some(path);
    }
    done()
}

fn delete_avatar(state: &mut Enhance, request: &Request) -> Answer {
    let (position, _) = state.session_login(request)?;
    if let Some(login) = state.logins.get_mut(position) {
        login.avatar = None;
    }
    no_content()
}

fn create(state: &mut Enhance, request: &Request) -> Answer {
    let org = request
        .query("orgId")
        .text()
        .ok_or_else(|| bad_request("orgId is required"))?;
    let (_, org) = match state.require_in(request, org, ADMINS) {
        // No 404 here: an unknown organisation is one without the right to it.
        Err(Refused(reply)) if reply.status == StatusCode::NOT_FOUND => return Err(unauthorized()),
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
    state.logins.push(LoginRecord {
        id: id.clone(),
        realm,
        email: email.clone(),
        name,
        password: Password::Own(password),
        method: AuthMethod::Basic,
        otp_secret: None,
        locale: "en".to_owned(),
        registered: request.now,
        password_changed: None,
        avatar: None,
        preferences: None,
    });
    state.log(
        &org,
        "added",
        format!("the login {email} was made"),
        request.now,
    );
    created(&json!({"id": id}))
}

fn show_list(state: &Enhance, request: &Request, positions: Vec<usize>) -> Answer {
    listing(
        request,
        &[
            ("email", &|login: &LoginRecord| login.email.clone()),
            ("name", &|login: &LoginRecord| login.name.clone()),
            ("registrationDate", &|login: &LoginRecord| {
                format!("{:020}", login.registered.as_second())
            }),
        ],
        std::sync::Arc::new(positions),
        &|position| state.login(position),
        &|login| login.show(),
    )
}

fn list(state: &mut Enhance, request: &Request) -> Answer {
    state.require_master(request, OPERATORS)?;
    let realm = state.realm_of(request)?;
    let seeded = if realm == state.master() {
        0
    } else {
        state.env.options.users
    };
    let positions = state
        .logins
        .iter_from(seeded)
        .filter(|(_, login)| login.realm == realm)
        .map(|(at, _)| at)
        .collect();
    show_list(state, request, positions)
}

impl Enhance {
    fn logins_of(&self, org: &str) -> Vec<usize> {
        self.members_of(org)
            .filter_map(|member| self.logins.position(&self.members.get(member)?.login_id))
            .collect()
    }
}

fn of_org(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, OPERATORS)?;
    show_list(state, request, state.logins_of(&org))
}

fn of_customers(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, OPERATORS)?;
    let customers: Vec<String> = state
        .orgs
        .values()
        .filter(|own| own.parent.as_deref() == Some(&org))
        .map(|own| own.id.clone())
        .collect();
    let mut positions: Vec<usize> = customers
        .iter()
        .flat_map(|customer| state.logins_of(customer))
        .collect();
    positions.sort_unstable();
    positions.dedup();
    show_list(state, request, positions)
}

fn set_password(state: &mut Enhance, request: &Request) -> Answer {
    let principal = state.principal(request)?;
    let id = request.param("login_id");
    if !is_uuid(id) {
        return Err(bad_request("login_id must be a UUID"));
    }
    let password = request.json()?.text("newPassword", 1, 1_024)?.to_owned();
    let position = state
        .logins
        .position(&id.to_ascii_lowercase())
        .ok_or_else(not_found)?;
    let login = state.login(position).ok_or_else(not_found)?;
    let mut orgs: Vec<String> = state
        .memberships(&login.id)
        .into_iter()
        .filter_map(|at| Some(state.members.get(at)?.org.clone()))
        .collect();
    orgs.push(login.realm);
    let allowed = orgs.iter().any(|org| {
        state
            .roles_in(&principal, org)
            .iter()
            .any(|role| ADMINS.contains(role))
    });
    if !allowed {
        return Err(unauthorized());
    }
    state.set_password(position, password, request.now);
    done()
}

const VIEWS: [&str; 2] = ["list", "grid"];

/// Checks the preferences that are there; all but the last are needed to set them first.
fn preferences(body: &Fields, all: bool) -> Result<Map<String, Value>, Refused> {
    let mut given = Map::new();
    for name in ["fileManagerView", "websiteView"] {
        match body.text_opt(name, 1, 16)? {
            Some(view) if VIEWS.contains(&view) => given.insert(name.to_owned(), json!(view)),
            Some(_) => return Err(bad_request(format!("{name} must be list or grid"))),
            None => None,
        };
    }
    for name in [
        "spineOpen",
        "fileManagerEditorFullscreen",
        "onboardingCardDismissed",
    ] {
        if let Some(flag) = body.flag_opt(name)? {
            given.insert(name.to_owned(), json!(flag));
        }
    }
    if let Some(groups) = body.texts_opt("serverGroups")? {
        if !groups.iter().all(|group| is_uuid(group)) {
            return Err(bad_request("serverGroups must hold server ids"));
        }
        given.insert("serverGroups".to_owned(), json!(groups));
    }
    const NEEDED: [&str; 5] = [
        "fileManagerView",
        "websiteView",
        "spineOpen",
        "fileManagerEditorFullscreen",
        "serverGroups",
    ];
    match NEEDED
        .iter()
        .find(|name| all && !given.contains_key(**name))
    {
        Some(name) => Err(bad_request(format!("{name} is required"))),
        None => Ok(given),
    }
}

fn set_preferences(state: &mut Enhance, request: &Request) -> Answer {
    let (position, _) = state.session_login(request)?;
    let mut given = preferences(&request.json()?, true)?;
    let login = state.login(position).ok_or_else(not_found)?;
    if login.preferences.is_some() {
        return Err(conflict("The preferences are set already."));
    }
    given
        .entry("onboardingCardDismissed")
        .or_insert(json!(false));
    given.insert("loginId".to_owned(), json!(login.id));
    if let Some(login) = state.logins.get_mut(position) {
        login.preferences = Some(Value::Object(given));
    }
    Ok(Reply::empty(StatusCode::CREATED))
}

fn get_preferences(state: &mut Enhance, request: &Request) -> Answer {
    let (position, _) = state.session_login(request)?;
    ok(&state
        .login(position)
        .and_then(|login| login.preferences)
        .ok_or_else(not_found)?)
}

fn update_preferences(state: &mut Enhance, request: &Request) -> Answer {
    let (position, _) = state.session_login(request)?;
    let given = preferences(&request.json()?, false)?;
    let login = state.logins.get_mut(position).ok_or_else(not_found)?;
    let Some(Value::Object(own)) = &mut login.preferences else {
        return Err(not_found());
    };
    own.extend(given);
    done()
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

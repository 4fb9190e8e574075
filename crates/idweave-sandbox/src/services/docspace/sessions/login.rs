//! Logging in and out, what the portal offers before that, and its public settings.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::data::fields::Fields;
use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request};
use crate::services::docspace::envelope::{error, nothing, one};
use crate::services::docspace::invitations::confirm::{Confirm, decode_email};
use crate::services::docspace::model::{HASH_ITERATIONS, HASH_SIZE, Kind, UserRecord};
use crate::services::docspace::state::{DocSpace, Session};
use crate::services::docspace::{Answer, Refused, bad_argument, denied, not_found};

crate::engine::operation::operations! { DocSpace;
    "getIsAuthentificated" GET "/api/2.0/authentication" => is_authenticated;
    "authenticateMe" POST "/api/2.0/authentication" => authenticate;
    "authenticateMeFromBodyWithCode" POST "/api/2.0/authentication/{code}" => authenticate_with_code;
    "logout" POST "/api/2.0/authentication/logout" => logout;
    "checkConfirm" POST "/api/2.0/authentication/confirm" => check_confirm;
    "saveMobilePhone" POST "/api/2.0/authentication/setphone" => save_phone;
    "sendSmsCode" POST "/api/2.0/authentication/sendsms" => send_sms;
    "getPortalCapabilities" GET "/api/2.0/capabilities" => capabilities;
    "getPortalSettings" GET "/api/2.0/settings" => settings;
}

/// A login lasts so long unless it is for the browser's session only.
const LIFETIME: Duration = Duration::from_secs(365 * 86_400);
/// So many failures within a minute look like brute force.
const FAILURES: u32 = 10;
/// What a `DateTime` without a value looks like.
const UNSET: &str = "0001-01-01T00:00:00";

fn is_authenticated(state: &mut DocSpace, request: &Request) -> Answer {
    let authenticated = state
        .maybe_principal(request)
        .is_ok_and(|principal| principal.is_some());
    one(request, json!(authenticated))
}

fn wrong() -> Refused {
    Refused(error(
        StatusCode::UNAUTHORIZED,
        "User authentication failed",
        None,
    ))
}

impl DocSpace {
    /// The user these credentials are of; the reasons for refusal look alike.
    fn credentials(
        &mut self,
        request: &Request,
        body: &Fields,
    ) -> Result<(usize, UserRecord), Refused> {
        if let Some(profile) = body.text_opt("serializedProfile", 1, 65_536)? {
            let profile = self.read_profile(profile).ok_or_else(wrong)?;
            let position = self.linked_user(&profile).ok_or_else(wrong)?;
            return self.login_allowed(position);
        }
        let name = body
            .text_opt("userName", 0, 255)?
            .unwrap_or_default()
            .to_owned();
        let (since, failures) = self
            .failures
            .get(&name.to_lowercase())
            .copied()
            .unwrap_or((request.now, 0));
        if failures >= FAILURES && request.now.duration_since(since).as_secs() < 60 {
            return Err(Refused(error(
                StatusCode::FORBIDDEN,
                "Login attempt limit is exceeded",
                None,
            )));
        }
        let position = self.users.position_by_email(&name).filter(|position| {
            let Some(user) = self.users.get(*position) else {
                return false;
            };
            match (body.value("password"), body.value("passwordHash")) {
                (_, Some(Value::String(hash))) => {
                    user.password.is_hash(hash, &self.salt, &self.env.seed)
                }
                (Some(Value::String(password)), _) => {
                    user.password.is(password, &self.salt, &self.env.seed)
                }
                _ => false,
            }
        });
        let Some(position) = position else {
            let fresh = request.now.duration_since(since).as_secs() >= 60;
            let entry = if fresh {
                (request.now, 1)
            } else {
                (since, failures + 1)
            };
            self.failures.insert(name.to_lowercase(), entry);
            return Err(wrong());
        };
        self.failures.remove(&name.to_lowercase());
        self.login_allowed(position)
    }

    fn login_allowed(&self, position: usize) -> Result<(usize, UserRecord), Refused> {
        let user = self.user(position).ok_or_else(wrong)?;
        if user.is_active() {
            Ok((position, user))
        } else {
            Err(denied())
        }
    }

    /// Opens a session and says so, with its cookie.
    pub(crate) fn login_reply(
        &mut self,
        request: &Request,
        position: usize,
        session_only: bool,
    ) -> Answer {
        let now = request.now;
        self.sessions.retain(|_, session| session.expires > now);
        let token = self.ids.text(43);
        self.events += 1;
        let expires = later(
            now,
            if session_only {
                Duration::from_secs(86_400)
            } else {
                LIFETIME
            },
        );
        let session = Session {
            user: position,
            event: self.events,
            created: now,
            expires,
            ip: request.peer.to_string(),
            agent: request.header("user-agent").map(str::to_owned),
        };
        self.sessions.insert(token.clone(), session);
        request.record_credential("password");
        let shown = if session_only {
            UNSET.to_owned()
        } else {
            expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        };
        let reply = one(
            request,
            json!({"token": token, "expires": shown, "sms": false, "tfa": false}),
        )?;
        Ok(reply.with_header(
            "set-cookie",
            &format!("asc_auth_key={token}; path=/; httponly"),
        ))
    }
}

fn authenticate(state: &mut DocSpace, request: &Request) -> Answer {
    let body = request.json_or_empty()?;
    let session_only = body.flag_opt("session")?.unwrap_or(false);
    let (position, user) = state.credentials(request, &body)?;
    if user.two_factor {
        let number = u32::from_be_bytes(state.ids.bytes()[..4].try_into().unwrap_or_default());
        let code = format!("{:06}", number % 1_000_000);
        state.codes.insert(
            position,
            (code.clone(), later(request.now, Duration::from_secs(300))),
        );
        state.env.mail(
            "docspace",
            "pin",
            &user.email,
            "Your code",
            vec![],
            format!("Your code is {code}"),
        );
        let query = state.confirm_query("TfaAuth", &user.id, &user.email, request.now);
        let url = format!("{}/confirm/TfaAuth?{query}", state.base());
        return one(
            request,
            json!({"expires": UNSET, "sms": false, "tfa": true, "confirmUrl": url}),
        );
    }
    state.login_reply(request, position, session_only)
}

fn authenticate_with_code(state: &mut DocSpace, request: &Request) -> Answer {
    let body = request.json_or_empty()?;
    let session_only = body.flag_opt("session")?.unwrap_or(false);
    // Whatever goes wrong here is a 401.
    let (position, _) = state.credentials(request, &body).map_err(|_| wrong())?;
    // The code is read from the body; the one in the path is not used.
    let code = body.text_opt("code", 1, 16)?.unwrap_or_default();
    let right = state
        .codes
        .get(&position)
        .is_some_and(|(own, until)| own == code && *until > request.now);
    if !right {
        return Err(wrong());
    }
    state.codes.remove(&position);
    state.login_reply(request, position, session_only)
}

fn logout(state: &mut DocSpace, request: &Request) -> Answer {
    if let Ok(Some(principal)) = state.maybe_principal(request)
        && let Some(token) = principal.token
    {
        state.sessions.remove(&token);
    }
    let reply = nothing(request)?;
    Ok(reply.with_header(
        "set-cookie",
        "asc_auth_key=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ))
}

/// ValidationResult: 0 fine, 1 invalid, 2 expired.
fn check_confirm(state: &mut DocSpace, request: &Request) -> Answer {
    let body = request.json_or_empty()?;
    let key = body
        .text_opt("key", 0, 1_024)?
        .unwrap_or_default()
        .to_owned();
    let kind = body.text_opt("type", 0, 64)?.unwrap_or_default().to_owned();
    let email = match (
        body.text_opt("email", 0, 255)?,
        body.text_opt("encEmail", 0, 1_024)?,
    ) {
        (Some(email), _) if !email.is_empty() => Some(email.to_owned()),
        (_, Some(encoded)) => decode_email(encoded),
        _ => None,
    };
    let user = body
        .text_opt("uiD", 0, 64)?
        .or(body.text_opt("uid", 0, 64)?)
        .unwrap_or_default()
        .to_ascii_lowercase();
    let result = match kind.as_str() {
        "LinkInvite" | "EmpInvite" => match (
            state.valid_invite(&key, None, request.now),
            state.invites.get(&key),
        ) {
            (Some(_), _) => 0,
            (None, Some(_)) => 2,
            (None, None) => 1,
        },
        _ => {
            let purpose = format!(
                "{kind}/{user}/{}",
                email.clone().unwrap_or_default().to_lowercase()
            );
            if state.key_fits(&key, &purpose, Duration::from_secs(7 * 86_400), request.now) {
                0
            } else if state.key_fits(
                &key,
                &purpose,
                Duration::from_secs(100 * 365 * 86_400),
                request.now,
            ) {
                2
            } else {
                1
            }
        }
    };
    one(
        request,
        json!({"result": result, "email": email, "isAgent": false}),
    )
}

fn save_phone(state: &mut DocSpace, request: &Request) -> Answer {
    let crate::services::docspace::invitations::confirm::Caller::Link(confirm) =
        state.caller(request, &["PhoneActivation"], false)?
    else {
        return Err(denied());
    };
    let position = confirm
        .get("uid")
        .and_then(|id| state.find_user(id))
        .ok_or_else(|| not_found("User not found"))?;
    let phone = request
        .json_or_empty()?
        .text_opt("mobilePhone", 1, 32)?
        .map(str::to_owned);
    let phone = phone.filter(|phone| {
        phone
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+ -()".contains(&byte))
    });
    let phone = phone.ok_or_else(|| bad_argument("The phone number is not valid"))?;
    if let Some(user) = state.users.get_mut(position) {
        user.mobile = Some(phone.clone());
    }
    let noise = format!(
        "*{}",
        phone
            .chars()
            .rev()
            .take(2)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<String>()
    );
    one(
        request,
        json!({"expires": UNSET, "sms": true, "tfa": false, "phoneNoise": noise}),
    )
}

fn send_sms(state: &mut DocSpace, request: &Request) -> Answer {
    let body = request.json_or_empty()?;
    let (position, user) = state.credentials(request, &body)?;
    let Some(phone) = user.mobile else {
        return Err(bad_argument("There is no phone number"));
    };
    let number = u32::from_be_bytes(state.ids.bytes()[..4].try_into().unwrap_or_default());
    let code = format!("{:06}", number % 1_000_000);
    state.codes.insert(
        position,
        (code.clone(), later(request.now, Duration::from_secs(300))),
    );
    state.env.mail(
        "docspace",
        "sms",
        &phone,
        "SMS",
        vec![],
        format!("Your code is {code}"),
    );
    one(
        request,
        json!({"expires": UNSET, "sms": true, "tfa": false, "phoneNoise": format!("*{}", &phone[phone.len().saturating_sub(2)..])}),
    )
}

fn capabilities(state: &mut DocSpace, request: &Request) -> Answer {
    let third_party = state.env.options.docspace_third_party;
    let providers: &[&str] = if third_party {
        &crate::services::docspace::account_links::CONFIGURED
    } else {
        &[]
    };
    one(
        request,
        json!({
            "ldapEnabled": false, "providers": providers, "ssoLabel": "", "oauthEnabled": third_party,
            "ssoUrl": "", "identityServerEnabled": true,
        }),
    )
}

fn settings(state: &mut DocSpace, request: &Request) -> Answer {
    let signed_in = matches!(state.maybe_principal(request), Ok(Some(_)));
    let host = state.base();
    let host = host.trim_start_matches("http://");
    let owner = state.users.get(0).map(|user| user.id.clone());
    let mut value = json!({
        "trustedDomainsType": 0,
        "culture": "en-US",
        "utcOffset": "00:00:00",
        "utcHoursOffset": 0.0,
        "greetingSettings": "Acme",
        "tenantStatus": 0,
        "tenantAlias": "acme",
        "baseDomain": host,
        "standalone": true,
        "cookieSettingsEnabled": false,
        "enabledJoin": false,
        "thirdpartyEnable": state.env.options.docspace_third_party,
        "passwordHash": {"size": HASH_SIZE, "iterations": HASH_ITERATIONS, "salt": state.salt},
        "version": "3.7.2",
    });
    if signed_in {
        value["ownerId"] = json!(owner);
        value["timezone"] = json!("UTC");
    }
    one(request, value)
}

/// What the confirm pages would show; the portal's web client is no part of the sandbox.
pub(crate) fn confirm_page(_: &mut DocSpace, _: &Request) -> Answer {
    Ok(Reply::html(
        StatusCode::OK,
        "<!doctype html><title>DocSpace</title><h1>Confirm</h1>",
    ))
}

impl DocSpace {
    /// The type a link gives, whatever its caller would like.
    pub(crate) fn confirm_of(request: &Request) -> Option<Confirm> {
        Confirm::read(request)
    }
}

/// A room admin, when nothing else was said.
pub(crate) const DEFAULT_KIND: Kind = Kind::RoomAdmin;

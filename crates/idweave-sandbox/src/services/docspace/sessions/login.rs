//! Logging in and out: passwords, external accounts, and codes as a second factor.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::data::fields::Fields;
use crate::engine::clock::later;
use crate::engine::wire::Request;
use crate::services::docspace::envelope::{ok, ok_empty};
use crate::services::docspace::error::{
    ApiError, HandlerResult, bad_argument, denied, error, not_found,
};
use crate::services::docspace::invitations::confirm::{KEY_LIFETIME, decode_email, purpose};
use crate::services::docspace::model::{Session, UserRecord};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "getIsAuthentificated" GET "/api/2.0/authentication" => is_authenticated;
    "authenticateMe" POST "/api/2.0/authentication" => authenticate;
    "authenticateMeFromBodyWithCode" POST "/api/2.0/authentication/{code}" => authenticate_with_code;
    "logout" POST "/api/2.0/authentication/logout" => logout;
    "checkConfirm" POST "/api/2.0/authentication/confirm" => check_confirm;
    "saveMobilePhone" POST "/api/2.0/authentication/setphone" => save_phone;
    "sendSmsCode" POST "/api/2.0/authentication/sendsms" => send_sms;
}

/// How long a login lasts, unless it is for the browser's session only.
const LIFETIME: Duration = Duration::from_secs(365 * 86_400);
const BROWSER_SESSION_LIFETIME: Duration = Duration::from_secs(86_400);
/// How long a code of the second factor is valid.
const CODE_LIFETIME: Duration = Duration::from_secs(300);
/// How many failures within a minute block a user name.
const MAX_FAILURES: u32 = 10;
/// A `DateTime` without a value, as the service writes it.
const UNSET: &str = "0001-01-01T00:00:00";

fn is_authenticated(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let authenticated = matches!(state.principal(request), Ok(Some(_)));
    ok(request, json!(authenticated))
}

fn login_failed() -> ApiError {
    ApiError(error(
        StatusCode::UNAUTHORIZED,
        "User authentication failed",
        None,
    ))
}

impl DocSpace {
    /// Returns the user of the credentials in a body; all reasons for an error look alike.
    fn check_credentials(
        &mut self,
        request: &Request,
        body: &Fields,
    ) -> Result<(usize, UserRecord), ApiError> {
        if let Some(profile) = body.text_opt("serializedProfile", 1, 65_536)? {
            let profile = self.read_profile(profile).ok_or_else(login_failed)?;
            let position = self.linked_user(&profile).ok_or_else(login_failed)?;
            return self.check_active(position);
        }
        let name = body.text_opt("userName", 0, 255)?.unwrap_or_default();
        let (since, failures) = self
            .failures
            .get(&name.to_lowercase())
            .copied()
            .unwrap_or((request.now, 0));
        if failures >= MAX_FAILURES && request.now.duration_since(since).as_secs() < 60 {
            return Err(ApiError(error(
                StatusCode::FORBIDDEN,
                "Login attempt limit is exceeded",
                None,
            )));
        }
        let position = self.users.position_by_email(name).filter(|position| {
            let Some(user) = self.users.get(*position) else {
                return false;
            };
            match (body.value("password"), body.value("passwordHash")) {
                (_, Some(Value::String(hash))) => {
                    user.password.matches_hash(hash, &self.salt, &self.env.seed)
                }
                (Some(Value::String(password)), _) => {
                    user.password.matches(password, &self.salt, &self.env.seed)
                }
                _ => false,
            }
        });
        let Some(position) = position else {
            let entry = if request.now.duration_since(since).as_secs() >= 60 {
                (request.now, 1)
            } else {
                (since, failures + 1)
            };
            self.failures.insert(name.to_lowercase(), entry);
            return Err(login_failed());
        };
        self.failures.remove(&name.to_lowercase());
        self.check_active(position)
    }

    fn check_active(&self, position: usize) -> Result<(usize, UserRecord), ApiError> {
        let user = self.user(position).ok_or_else(login_failed)?;
        if user.is_active() {
            Ok((position, user))
        } else {
            Err(denied())
        }
    }

    /// Opens a session and responds with its token, also as a cookie.
    fn open_session(
        &mut self,
        request: &Request,
        position: usize,
        browser_session: bool,
    ) -> HandlerResult {
        let now = request.now;
        self.sessions.retain(|_, session| session.expires > now);
        let token = self.ids.secret(43);
        self.events += 1;
        let lifetime = if browser_session {
            BROWSER_SESSION_LIFETIME
        } else {
            LIFETIME
        };
        let expires = later(now, lifetime);
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
        let shown = if browser_session {
            UNSET.to_owned()
        } else {
            expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        };
        let reply = ok(
            request,
            json!({"token": token, "expires": shown, "sms": false, "tfa": false}),
        )?;
        Ok(reply.with_header(
            "set-cookie",
            &format!("asc_auth_key={token}; path=/; httponly"),
        ))
    }

    /// Sends a code of the second factor.
    fn send_code(
        &mut self,
        request: &Request,
        position: usize,
        (kind, to, subject): (&'static str, &str, &str),
    ) {
        let code = self.ids.pin();
        let text = format!("Your code is {code}");
        let expires = later(request.now, CODE_LIFETIME);
        self.codes.insert(position, (code, expires));
        self.env.mail("docspace", kind, to, subject, vec![], text);
    }
}

fn authenticate(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let body = request.json_or_empty()?;
    let browser_session = body.flag_opt("session")?.unwrap_or(false);
    let (position, user) = state.check_credentials(request, &body)?;
    if user.two_factor {
        state.send_code(request, position, ("pin", &user.email, "Your code"));
        let query = state.confirm_query("TfaAuth", &user.id, &user.email, request.now);
        let url = format!("{}/confirm/TfaAuth?{query}", state.base_url());
        return ok(
            request,
            json!({"expires": UNSET, "sms": false, "tfa": true, "confirmUrl": url}),
        );
    }
    state.open_session(request, position, browser_session)
}

fn authenticate_with_code(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let body = request.json_or_empty()?;
    let browser_session = body.flag_opt("session")?.unwrap_or(false);
    // Every failure here is a 401.
    let (position, _) = state
        .check_credentials(request, &body)
        .map_err(|_| login_failed())?;
    // The code is read from the body; the one in the path is not used.
    let code = body.text_opt("code", 1, 16)?.unwrap_or_default();
    let is_right = state
        .codes
        .get(&position)
        .is_some_and(|(sent, until)| sent == code && *until > request.now);
    if !is_right {
        return Err(login_failed());
    }
    state.codes.remove(&position);
    state.open_session(request, position, browser_session)
}

fn logout(state: &mut DocSpace, request: &Request) -> HandlerResult {
    if let Ok(Some(principal)) = state.principal(request)
        && let Some(token) = principal.token
    {
        state.sessions.remove(&token);
    }
    let reply = ok_empty(request)?;
    Ok(reply.with_header(
        "set-cookie",
        "asc_auth_key=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ))
}

/// Values of ValidationResult.
const VALID: u8 = 0;
const INVALID: u8 = 1;
const EXPIRED: u8 = 2;

fn check_confirm(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let body = request.json_or_empty()?;
    let key = body.text_opt("key", 0, 1_024)?.unwrap_or_default();
    let link_type = body.text_opt("type", 0, 64)?.unwrap_or_default();
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
    let result = match link_type {
        "LinkInvite" | "EmpInvite" => {
            if state.valid_invite(key, None, request.now).is_some() {
                VALID
            } else if state.invites.contains_key(key) {
                EXPIRED
            } else {
                INVALID
            }
        }
        _ => {
            let purpose = purpose(link_type, &user, email.as_deref().unwrap_or_default());
            let is_valid = |lifetime| state.is_valid_key(key, &purpose, lifetime, request.now);
            if is_valid(KEY_LIFETIME) {
                VALID
            } else if is_valid(Duration::from_secs(100 * 365 * 86_400)) {
                EXPIRED
            } else {
                INVALID
            }
        }
    };
    ok(
        request,
        json!({"result": result, "email": email, "isAgent": false}),
    )
}

fn save_phone(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let link = state.require_link(request, &["PhoneActivation"])?;
    let position = link
        .get("uid")
        .and_then(|id| state.find_user(id))
        .ok_or_else(|| not_found("User not found"))?;
    let body = request.json_or_empty()?;
    let phone = body.text_opt("mobilePhone", 1, 32)?.filter(|phone| {
        phone
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+ -()".contains(&byte))
    });
    let phone = phone.ok_or_else(|| bad_argument("The phone number is not valid"))?;
    if let Some(user) = state.users.get_mut(position) {
        user.mobile = Some(phone.to_owned());
    }
    respond_with_phone(request, phone)
}

fn send_sms(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let body = request.json_or_empty()?;
    let (position, user) = state.check_credentials(request, &body)?;
    let Some(phone) = user.mobile else {
        return Err(bad_argument("There is no phone number"));
    };
    state.send_code(request, position, ("sms", &phone, "SMS"));
    respond_with_phone(request, &phone)
}

/// Responds with the last two digits of a number, which is ASCII.
fn respond_with_phone(request: &Request, phone: &str) -> HandlerResult {
    let noise = format!("*{}", &phone[phone.len().saturating_sub(2)..]);
    ok(
        request,
        json!({"expires": UNSET, "sms": true, "tfa": false, "phoneNoise": noise}),
    )
}

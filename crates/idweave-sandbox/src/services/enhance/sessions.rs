//! Logging in and out, the second factor, password recovery.

use std::time::Duration;

use http::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use super::auth::set_cookie;
use super::invites::{email, wrong_credentials};
use super::model::{AuthMethod, Password, Role};
use super::state::{Enhance, OneTime};
use super::{Answer, Refused, bad_request, done, error, ok};
use crate::data::fields::Fields;
use crate::data::ids::is_uuid;
use crate::engine::clock::{later, rfc3339};
use crate::engine::wire::{Reply, Request};

crate::engine::operation::operations! { Enhance;
    "createSession" POST "/api/login/sessions" => create;
    "getSessions" GET "/api/login/sessions" => list;
    "deleteSessions" DELETE "/api/login/sessions" => delete_all;
    "deleteCurrentSession" DELETE "/api/login/sessions/current" => delete_current;
    "deleteSession" DELETE "/api/login/sessions/{session_id}" => delete;
    "createOtpSession" GET "/api/login/sessions/sso" => create_by_otp;
    "" GET "/login/sessions/sso" => create_by_otp;
    "verify2FA" POST "/api/login/2fa" => verify;
    "resendPin" POST "/api/login/2fa/resend-pin" => resend;
    "startPasswordRecovery" PUT "/api/login/password-recovery" => start_recovery;
    "finishPasswordRecovery" POST "/api/login/password-recovery" => finish_recovery;
    "validatePasswordRecovery" POST "/api/login/password-recovery/validate" => validate_recovery;
}

impl Enhance {
    /// The realm a request is for: `realmId`, or the one the panel's host name stands for.
    pub(crate) fn realm_of(&self, request: &Request) -> Result<String, Refused> {
        match request.query("realmId").text() {
            None => Ok(self.master()),
            Some(id) if !is_uuid(id) => Err(bad_request("realmId must be a UUID")),
            Some(id) => Ok(id.to_ascii_lowercase()),
        }
    }

    pub(crate) fn show_memberships(&self, login_id: &str) -> Value {
        let master = self.master();
        let memberships: Vec<Value> = self
            .memberships(login_id)
            .into_iter()
            .filter_map(|position| self.members.get(position))
            .filter(|member| member.active)
            .map(|member| {
                json!({
                    "memberId": member.id,
                    "orgId": member.org,
                    "orgName": self.orgs.get(&member.org).map(|org| org.name.as_str()).unwrap_or_default(),
                    "isMasterOrg": member.org == master,
                    "roles": member.role_names(),
                    "siteAccessCount": if member.is(Role::SiteAccess) { member.sites.len() } else { 0 },
                })
            })
            .collect();
        json!({"memberships": memberships})
    }

    /// Makes a pin for a session: mailed for `email`, read from the authenticator for `otp`.
    fn send_pin(&mut self, session: &str, method: AuthMethod) {
        let number = u32::from_be_bytes(self.ids.bytes()[..4].try_into().unwrap_or_default());
        let Some(found) = self.sessions.get_mut(session) else {
            return;
        };
        if method != AuthMethod::Email {
            found.pin = None;
            return;
        }
        let pin = format!("{:06}", number % 1_000_000);
        found.pin = Some(pin.clone());
        let login = found.login;
        if let Some(to) = self.login(login).map(|login| login.email) {
            self.env.mail(
                "enhance",
                "pin",
                &to,
                "Your pin",
                vec![],
                format!("Your pin is {pin}"),
            );
        }
    }
}

fn create(state: &mut Enhance, request: &Request) -> Answer {
    let realm = state.realm_of(request)?;
    let body = request.json()?;
    let email = email(&body)?;
    let password = body.text("password", 0, 1_024)?;
    let device = body.text_opt("deviceId", 1, 255)?;
    let login = state.login_in(&realm, &email).filter(|position| {
        state
            .login(*position)
            .is_some_and(|login| login.password.is(password, &state.env.seed))
    });
    let Some(position) = login else {
        *state.failed_logins.entry(email.to_lowercase()).or_default() += 1;
        return Err(wrong_credentials());
    };
    if state.blocked(&email, &request.peer.to_string()) {
        return Err(Refused(error(StatusCode::FORBIDDEN, "login_blocked", None)));
    }
    let Some(login) = state.login(position) else {
        return Err(wrong_credentials());
    };
    request.record_credential("password");
    let remembered = device.is_some_and(|device| {
        state
            .devices
            .get(&(position, device.to_owned()))
            .is_some_and(|until| *until > request.now)
    });
    if login.method == AuthMethod::Basic || remembered {
        let reply = Reply::json(StatusCode::OK, &state.show_memberships(&login.id));
        return Ok(state.open_session(request, position, false, reply));
    }
    let reply = Reply::json(
        StatusCode::CREATED,
        &json!({"authMethod": login.method.name()}),
    );
    let reply = state.open_session(request, position, true, reply);
    let newest = state
        .sessions
        .iter()
        .filter(|(_, session)| session.login == position && session.partial);
    let id = newest
        .max_by_key(|(_, session)| session.created)
        .map(|(id, _)| id.clone());
    if let Some(id) = id {
        state.send_pin(&id, login.method);
    }
    Ok(reply)
}

fn list(state: &mut Enhance, request: &Request) -> Answer {
    let (login, _) = state.session_login(request)?;
    let mut sessions: Vec<_> = state
        .sessions
        .iter()
        .filter(|(_, session)| session.login == login && session.expires > request.now)
        .collect();
    sessions.sort_by_key(|(id, session)| (session.created, (*id).clone()));
    let items: Vec<Value> = sessions
        .into_iter()
        .map(|(id, session)| {
            crate::engine::wire::without_nulls(json!({
                "id": id,
                "createdAt": rfc3339(session.created),
                "userAgent": session.agent,
                "ipAddr": session.ip,
            }))
        })
        .collect();
    ok(&json!({"items": items}))
}

fn delete_all(state: &mut Enhance, request: &Request) -> Answer {
    let (login, _) = state.session_login(request)?;
    state.sessions.retain(|_, session| session.login != login);
    Ok(set_cookie(Reply::empty(StatusCode::OK), ""))
}

fn delete_current(state: &mut Enhance, request: &Request) -> Answer {
    let (_, session) = state.session_login(request)?;
    state.sessions.remove(&session);
    Ok(set_cookie(Reply::empty(StatusCode::OK), ""))
}

fn delete(state: &mut Enhance, request: &Request) -> Answer {
    let (login, current) = state.session_login(request)?;
    let id = request.param("session_id").to_ascii_lowercase();
    // Someone else's session is as good as none.
    if state
        .sessions
        .get(&id)
        .is_some_and(|session| session.login == login)
    {
        state.sessions.remove(&id);
    }
    let reply = Reply::empty(StatusCode::OK);
    Ok(if id == current {
        set_cookie(reply, "")
    } else {
        state.renew_cookie(&current, reply)
    })
}

fn create_by_otp(state: &mut Enhance, request: &Request) -> Answer {
    let otp = request
        .query("otp")
        .text()
        .ok_or_else(|| bad_request("otp is required"))?;
    if !is_uuid(otp) {
        return Err(bad_request("otp must be a UUID"));
    }
    let found = state
        .one_time_logins
        .remove(&otp.to_ascii_lowercase())
        .filter(|found| found.expires > request.now);
    let Some(OneTime { login, .. }) = found else {
        return Err(wrong_credentials());
    };
    let Some(record) = state.login(login) else {
        return Err(wrong_credentials());
    };
    let reply = Reply::json(StatusCode::OK, &state.show_memberships(&record.id));
    Ok(state.open_session(request, login, false, reply))
}

fn verify(state: &mut Enhance, request: &Request) -> Answer {
    let id = state.cookie_session(request)?;
    let body = request.json()?;
    let method = AuthMethod::parse(body.text("authMethod", 1, 16)?)
        .ok_or_else(|| bad_request("authMethod is not known"))?;
    let pin = body.text("pin", 1, 16)?.to_owned();
    let remember = body
        .value("rememberMe")
        .map(|value| Fields::from_value(value, "rememberMe"))
        .transpose()?;
    let device = match &remember {
        None => None,
        Some(remember) => {
            let device = remember.text("deviceId", 32, 32)?.to_owned();
            let ttl = remember
                .integer_opt("ttl", 3_600, 90 * 86_400)?
                .ok_or_else(|| bad_request("ttl is required"))?;
            Some((device, u64::try_from(ttl).unwrap_or(3_600)))
        }
    };
    let Some(session) = state.sessions.get(&id).cloned() else {
        return Err(wrong_credentials());
    };
    let Some(login) = state.login(session.login) else {
        return Err(wrong_credentials());
    };
    let expected = session
        .pending_method
        .filter(|pending| *pending != AuthMethod::Basic)
        .unwrap_or(login.method);
    let right = method == expected
        && match method {
            AuthMethod::Email => session.pin.as_deref() == Some(pin.as_str()),
            AuthMethod::Otp => login
                .otp_secret
                .as_deref()
                .is_some_and(|secret| totp_fits(secret, &pin, request.now)),
            AuthMethod::Basic => false,
        };
    if !right {
        // The session is gone with its cookie.
        state.sessions.remove(&id);
        let reply = error(StatusCode::UNAUTHORIZED, "invalid_pin", None);
        return Ok(set_cookie(reply, ""));
    }
    if let Some(session) = state.sessions.get_mut(&id) {
        session.partial = false;
        session.pin = None;
        if let Some(method) = session.pending_method.take()
            && let Some(login) = state.logins.get_mut(session.login)
        {
            login.method = method;
        }
    }
    if let Some((device, ttl)) = device {
        state.devices.insert(
            (session.login, device),
            later(request.now, Duration::from_secs(ttl)),
        );
    }
    request.record_credential("session cookie");
    Ok(state.renew_cookie(&id, Reply::empty(StatusCode::OK)))
}

fn resend(state: &mut Enhance, request: &Request) -> Answer {
    let id = state.cookie_session(request)?;
    let body = request.json()?;
    let method = AuthMethod::parse(body.text("authMethod", 1, 16)?)
        .ok_or_else(|| bad_request("authMethod is not known"))?;
    if method != AuthMethod::Email {
        return Err(bad_request("a pin is only sent by e-mail"));
    }
    state.send_pin(&id, method);
    Ok(state.renew_cookie(&id, Reply::empty(StatusCode::OK)))
}

impl Enhance {
    /// Asks for a pin before a login's method changes.
    pub(crate) fn change_method(&mut self, session: &str, method: AuthMethod, current: AuthMethod) {
        if let Some(found) = self.sessions.get_mut(session) {
            found.pending_method = Some(method);
        }
        self.send_pin(
            session,
            if method == AuthMethod::Basic {
                current
            } else {
                method
            },
        );
    }
}

const RECOVERY: Duration = Duration::from_secs(3_600);

fn start_recovery(state: &mut Enhance, request: &Request) -> Answer {
    let realm = state.realm_of(request)?;
    let body = request.json()?;
    let email = email(&body)?;
    // The answer is the same for an unknown address.
    if let Some(login) = state.login_in(&realm, &email) {
        let secret = state.ids.uuid();
        let link = format!("{}/password-recovery?secret={secret}", request.base_url);
        state.recoveries.insert(
            secret,
            OneTime {
                login,
                expires: later(request.now, RECOVERY),
            },
        );
        let text = format!("Choose a new password: {link}");
        state.env.mail(
            "enhance",
            "password-recovery",
            &email,
            "Recover your password",
            vec![link],
            text,
        );
    }
    done()
}

impl Enhance {
    fn recovery(&self, request: &Request) -> Result<(String, usize), Refused> {
        let secret = request
            .query("secret")
            .text()
            .ok_or_else(|| bad_request("secret is required"))?
            .to_ascii_lowercase();
        let found = self
            .recoveries
            .get(&secret)
            .filter(|found| found.expires > request.now);
        found
            .map(|found| (secret.clone(), found.login))
            .ok_or_else(|| bad_request("secret is not known or has expired"))
    }
}

fn finish_recovery(state: &mut Enhance, request: &Request) -> Answer {
    let (secret, login) = state.recovery(request)?;
    let password = request.json()?.text("newPassword", 1, 1_024)?.to_owned();
    state.recoveries.remove(&secret);
    state.set_password(login, password, request.now);
    done()
}

impl Enhance {
    /// Sets a password; every session of the login ends.
    pub(crate) fn set_password(&mut self, position: usize, password: String, now: jiff::Timestamp) {
        if let Some(login) = self.logins.get_mut(position) {
            login.password = Password::Own(password);
            login.password_changed = Some(now);
        }
        self.sessions.retain(|_, session| session.login != position);
    }
}

fn validate_recovery(state: &mut Enhance, request: &Request) -> Answer {
    let (_, login) = state.recovery(request)?;
    let email = state
        .login(login)
        .map(|login| login.email)
        .unwrap_or_default();
    let (local, domain) = email.split_once('@').unwrap_or((email.as_str(), ""));
    let first: String = local.chars().take(1).collect();
    ok(&json!({"obfuscatedEmail": format!("{first}***@{domain}")}))
}

/// Whether a code is the one of RFC 6238 (SHA-1, six digits, 30 seconds), give or take one step.
fn totp_fits(secret: &[u8], code: &str, now: jiff::Timestamp) -> bool {
    let step = now.as_second() / 30;
    (step - 1..=step + 1).any(|step| totp(secret, step) == code)
}

fn totp(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 0x0f);
    let number = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_one_of_rfc_6238() {
        // Appendix B, at 59 s, its last six digits.
        assert_eq!(totp(b"12345678901234567890", 59 / 30), "287082");
    }
}

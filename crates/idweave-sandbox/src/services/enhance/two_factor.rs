//! The second factor: pins by e-mail, and codes of an authenticator app.

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use ring::hmac;

use super::auth::with_cookie;
use super::error::{HandlerResult, bad_request, invalid_credentials, unauthenticated};
use super::model::AuthMethod;
use super::state::Enhance;
use super::validate::auth_method;
use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request};

crate::engine::operation::operations! { Enhance;
    "verify2FA" POST "/api/login/2fa" => verify;
    "resendPin" POST "/api/login/2fa/resend-pin" => resend;
}

impl Enhance {
    /// Creates a pin for a session and mails it; an authenticator app needs none.
    pub(crate) fn send_pin(&mut self, session: &str, method: AuthMethod) {
        let pin = self.ids.pin();
        let Some(found) = self.sessions.get_mut(session) else {
            return;
        };
        if method != AuthMethod::Email {
            found.pin = None;
            return;
        }
        found.pin = Some(pin.clone());
        let login = found.login;
        if let Some(login) = self.login(login) {
            let text = format!("Your pin is {pin}");
            self.env
                .mail("enhance", "pin", &login.email, "Your pin", vec![], text);
        }
    }

    /// Requests a pin before a login's method changes.
    pub(crate) fn change_method(&mut self, session: &str, method: AuthMethod, current: AuthMethod) {
        if let Some(found) = self.sessions.get_mut(session) {
            found.pending_method = Some(method);
        }
        let confirmed_by = if method == AuthMethod::Basic {
            current
        } else {
            method
        };
        self.send_pin(session, confirmed_by);
    }
}

fn verify(state: &mut Enhance, request: &Request) -> HandlerResult {
    let id = state.cookie_session(request)?;
    let body = request.json()?;
    let method = auth_method(&body)?;
    let pin = body.text("pin", 1, 16)?;
    let device = match body.object_opt("rememberMe")? {
        None => None,
        Some(remember) => {
            let device = remember.text("deviceId", 32, 32)?.to_owned();
            let ttl = remember.integer("ttl", 3_600, 90 * 86_400)?;
            Some((device, u64::try_from(ttl).unwrap_or(3_600)))
        }
    };
    let session = state.sessions.get(&id).cloned();
    let session = session.ok_or_else(invalid_credentials)?;
    let login = state.login(session.login).ok_or_else(invalid_credentials)?;
    let expected = session
        .pending_method
        .filter(|pending| *pending != AuthMethod::Basic)
        .unwrap_or(login.method);
    let is_right = method == expected
        && match method {
            AuthMethod::Email => session.pin.as_deref() == Some(pin),
            AuthMethod::Otp => login
                .otp_secret
                .as_deref()
                .is_some_and(|secret| is_valid_totp(secret, pin, request.now)),
            AuthMethod::Basic => false,
        };
    if !is_right {
        // The session ends, and so does its cookie.
        state.sessions.remove(&id);
        return Ok(with_cookie(unauthenticated("invalid_pin").into(), ""));
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
        let until = later(request.now, Duration::from_secs(ttl));
        state.devices.insert((session.login, device), until);
    }
    request.record_credential("session cookie");
    Ok(state.with_session_cookie(&id, Reply::empty(StatusCode::OK)))
}

fn resend(state: &mut Enhance, request: &Request) -> HandlerResult {
    let id = state.cookie_session(request)?;
    let method = auth_method(&request.json()?)?;
    if method != AuthMethod::Email {
        return Err(bad_request("a pin is only sent by e-mail"));
    }
    state.send_pin(&id, method);
    Ok(state.with_session_cookie(&id, Reply::empty(StatusCode::OK)))
}

/// Returns whether a code is that of RFC 6238 (SHA-1, six digits, 30 seconds), plus or minus one step.
fn is_valid_totp(secret: &[u8], code: &str, now: Timestamp) -> bool {
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
    fn totp_is_the_code_of_rfc_6238() {
        // Appendix B, at 59 s, its last six digits.
        assert_eq!(totp(b"12345678901234567890", 59 / 30), "287082");
    }
}

//! Password recovery by a mailed link.

use std::time::Duration;

use serde_json::json;

use super::error::{ApiError, HandlerResult, bad_request, ok, ok_empty};
use super::model::OneTime;
use super::state::Enhance;
use super::validate::email;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Enhance;
    "startPasswordRecovery" PUT "/api/login/password-recovery" => start;
    "finishPasswordRecovery" POST "/api/login/password-recovery" => finish;
    "validatePasswordRecovery" POST "/api/login/password-recovery/validate" => validate;
}

/// How long a recovery link is valid.
const LIFETIME: Duration = Duration::from_secs(3_600);

fn start(state: &mut Enhance, request: &Request) -> HandlerResult {
    let realm = state.request_realm(request)?;
    let email = email(&request.json()?)?;
    // The response is the same for an unknown address.
    if let Some(login) = state.login_in(&realm, &email) {
        let secret = state.ids.secret_uuid();
        let link = format!("{}/password-recovery?secret={secret}", request.base_url);
        let expires = later(request.now, LIFETIME);
        state.recoveries.insert(secret, OneTime { login, expires });
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
    ok_empty()
}

impl Enhance {
    /// Returns the secret of the request and the login it is for.
    fn recovery(&self, request: &Request) -> Result<(String, usize), ApiError> {
        let secret = request.query("secret").required()?.to_ascii_lowercase();
        let found = self
            .recoveries
            .get(&secret)
            .filter(|found| found.expires > request.now)
            .ok_or_else(|| bad_request("secret is not known or has expired"))?;
        Ok((secret, found.login))
    }
}

fn finish(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (secret, login) = state.recovery(request)?;
    let body = request.json()?;
    let password = body.text("newPassword", 1, 1_024)?.to_owned();
    state.recoveries.remove(&secret);
    state.set_password(login, password, request.now);
    ok_empty()
}

fn validate(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, login) = state.recovery(request)?;
    let email = state
        .login(login)
        .map(|login| login.email)
        .unwrap_or_default();
    let (local, domain) = email.split_once('@').unwrap_or((email.as_str(), ""));
    let first: String = local.chars().take(1).collect();
    ok(&json!({"obfuscatedEmail": format!("{first}***@{domain}")}))
}

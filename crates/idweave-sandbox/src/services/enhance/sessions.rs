//! Sessions: logging in and out.

use http::StatusCode;
use serde_json::{Value, json};

use super::auth::with_cookie;
use super::error::{HandlerResult, forbidden, invalid_credentials, ok};
use super::model::{AuthMethod, OneTime};
use super::state::Enhance;
use super::validate::email;
use crate::data::fields::uuid;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Reply, Request, without_nulls};

crate::engine::operation::operations! { Enhance;
    "createSession" POST "/api/login/sessions" => create;
    "getSessions" GET "/api/login/sessions" => list;
    "deleteSessions" DELETE "/api/login/sessions" => delete_all;
    "deleteCurrentSession" DELETE "/api/login/sessions/current" => delete_current;
    "deleteSession" DELETE "/api/login/sessions/{session_id}" => delete;
    "createOtpSession" GET "/api/login/sessions/sso" => create_by_otp;
    "" GET "/login/sessions/sso" => create_by_otp;
}

fn create(state: &mut Enhance, request: &Request) -> HandlerResult {
    let realm = state.request_realm(request)?;
    let body = request.json()?;
    let email = email(&body)?;
    let password = body.text("password", 0, 1_024)?;
    let device = body.text_opt("deviceId", 1, 255)?;
    let found = state.login_in(&realm, &email).and_then(|position| {
        let login = state.login(position)?;
        let is_right = login.password.matches(password, &state.env.seed);
        is_right.then_some((position, login))
    });
    let Some((position, login)) = found else {
        *state.failed_logins.entry(email.to_lowercase()).or_default() += 1;
        return Err(invalid_credentials());
    };
    if state.is_blocked(&email, &request.peer.to_string()) {
        return Err(forbidden("login_blocked"));
    }
    request.record_credential("password");
    let is_remembered = device.is_some_and(|device| {
        let until = state.devices.get(&(position, device.to_owned()));
        until.is_some_and(|until| *until > request.now)
    });
    if login.method == AuthMethod::Basic || is_remembered {
        let reply = Reply::json(StatusCode::OK, &state.show_memberships(&login.id));
        let session = state.open_session(request, position, false);
        return Ok(state.with_session_cookie(&session, reply));
    }
    let reply = Reply::json(
        StatusCode::CREATED,
        &json!({"authMethod": login.method.name()}),
    );
    let session = state.open_session(request, position, true);
    state.send_pin(&session, login.method);
    Ok(state.with_session_cookie(&session, reply))
}

fn list(state: &mut Enhance, request: &Request) -> HandlerResult {
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
            without_nulls(json!({
                "id": id,
                "createdAt": rfc3339(session.created),
                "userAgent": session.agent,
                "ipAddr": session.ip,
            }))
        })
        .collect();
    ok(&json!({"items": items}))
}

fn delete_all(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (login, _) = state.session_login(request)?;
    state.sessions.retain(|_, session| session.login != login);
    Ok(with_cookie(Reply::empty(StatusCode::OK), ""))
}

fn delete_current(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, session) = state.session_login(request)?;
    state.sessions.remove(&session);
    Ok(with_cookie(Reply::empty(StatusCode::OK), ""))
}

fn delete(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (login, current) = state.session_login(request)?;
    let id = request.param("session_id").to_ascii_lowercase();
    // A session of another login is treated as an unknown one.
    let session = state.sessions.get(&id);
    if session.is_some_and(|session| session.login == login) {
        state.sessions.remove(&id);
    }
    let reply = Reply::empty(StatusCode::OK);
    Ok(if id == current {
        with_cookie(reply, "")
    } else {
        state.with_session_cookie(&current, reply)
    })
}

fn create_by_otp(state: &mut Enhance, request: &Request) -> HandlerResult {
    let otp = uuid("otp", request.query("otp").required()?)?;
    let found = state
        .one_time_logins
        .remove(&otp)
        .filter(|found| found.expires > request.now);
    let OneTime { login, .. } = found.ok_or_else(invalid_credentials)?;
    let record = state.login(login).ok_or_else(invalid_credentials)?;
    let reply = Reply::json(StatusCode::OK, &state.show_memberships(&record.id));
    let session = state.open_session(request, login, false);
    Ok(state.with_session_cookie(&session, reply))
}

//! Active connections: the sessions of a user, listed and ended.

use serde_json::{Value, json};

use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::{ok, ok_empty};
use crate::services::docspace::error::{HandlerResult, denied, invalid_field};
use crate::services::docspace::model::{Session, api_time};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "getAllActiveConnections" GET "/api/2.0/security/activeconnections" => list;
    "logOutAllActiveConnectionsChangePassword" PUT "/api/2.0/security/activeconnections/logoutallchangepassword" => end_all_and_change_password;
    "logOutAllActiveConnectionsForUser" PUT "/api/2.0/security/activeconnections/logoutall/{userId}" => end_all_of_user;
    "logOutAllExceptThisConnection" PUT "/api/2.0/security/activeconnections/logoutallexceptthis" => end_others;
    "logOutActiveConnection" PUT "/api/2.0/security/activeconnections/logout/{loginEventId}" => end_one;
}

fn show(state: &DocSpace, session: &Session) -> Value {
    let user = state
        .users
        .get(session.user)
        .map(|user| user.id.clone())
        .unwrap_or_default();
    json!({
        "id": session.event,
        "tenantId": 1,
        "userId": user,
        "mobile": false,
        "ip": session.ip,
        "browser": session.agent,
        "date": api_time(session.created),
        "page": state.base_url(),
    })
}

fn list(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal {
        position, token, ..
    } = state.require(request)?;
    let mut sessions: Vec<&Session> = state
        .sessions
        .values()
        .filter(|session| session.user == position && session.expires > request.now)
        .collect();
    sessions.sort_by_key(|session| std::cmp::Reverse(session.event));
    let current = token
        .and_then(|token| state.sessions.get(&token))
        .map_or(0, |session| session.event);
    let items: Vec<Value> = sessions
        .into_iter()
        .map(|session| show(state, session))
        .collect();
    ok(request, json!({"loginEvent": current, "items": items}))
}

fn end_all_and_change_password(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { position, user, .. } = state.require(request)?;
    state.end_sessions(position);
    let query = state.confirm_query("PasswordChange", &user.id, &user.email, request.now);
    ok(
        request,
        json!(format!(
            "{}/confirm/PasswordChange?{query}",
            state.base_url()
        )),
    )
}

fn end_all_of_user(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let id = request.guid("userId")?;
    let position = state.users.position(&id).ok_or_else(denied)?;
    let user = state.user(position).ok_or_else(denied)?;
    if !principal.may_edit(&user) {
        return Err(denied());
    }
    state.end_sessions(position);
    ok_empty(request)
}

fn end_others(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal {
        position,
        token,
        user,
        ..
    } = state.require(request)?;
    state
        .sessions
        .retain(|other, session| session.user != position || Some(other) == token.as_ref());
    ok(request, json!(user.display_name()))
}

fn end_one(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let event = request
        .param("loginEventId")
        .parse::<u32>()
        .map_err(|_| invalid_field("loginEventId", "must be a number"))?;
    let found = state
        .sessions
        .iter()
        .find(|(_, session)| session.event == event)
        .map(|(token, session)| (token.clone(), session.user));
    let Some((token, owner)) = found else {
        return ok(request, json!(false));
    };
    let user = state.user(owner).ok_or_else(denied)?;
    if !principal.may_edit(&user) {
        return Err(denied());
    }
    state.sessions.remove(&token);
    ok(request, json!(true))
}

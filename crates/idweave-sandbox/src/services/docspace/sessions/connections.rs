//! Active connections, and the signature for managing OAuth2 clients.

use std::time::Duration;

use serde_json::{Value, json};

use crate::data::ids::is_uuid;
use crate::engine::clock::later;
use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::{invalid_field, nothing, one};
use crate::services::docspace::model::api_time;
use crate::services::docspace::state::{DocSpace, Session};
use crate::services::docspace::{Answer, denied};

crate::engine::operation::operations! { DocSpace;
    "generateJwtToken" GET "/api/2.0/security/oauth2/token" => signature;
    "getAllActiveConnections" GET "/api/2.0/security/activeconnections" => all;
    "logOutAllActiveConnectionsChangePassword" PUT "/api/2.0/security/activeconnections/logoutallchangepassword" => out_and_change;
    "logOutAllActiveConnectionsForUser" PUT "/api/2.0/security/activeconnections/logoutall/{userId}" => out_user;
    "logOutAllExceptThisConnection" PUT "/api/2.0/security/activeconnections/logoutallexceptthis" => out_others;
    "logOutActiveConnection" PUT "/api/2.0/security/activeconnections/logout/{loginEventId}" => out_one;
}

fn signature(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { position, .. } = state.require(request)?;
    let now = request.now;
    state.signatures.retain(|_, (_, expires)| *expires > now);
    let token = state.ids.text(43);
    state.signatures.insert(
        token.clone(),
        (position, later(now, Duration::from_secs(3_600))),
    );
    one(request, json!(token))
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
        "page": state.base(),
    })
}

fn all(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal {
        position, token, ..
    } = state.require(request)?;
    let mut sessions: Vec<&Session> = state
        .sessions
        .values()
        .filter(|session| session.user == position && session.expires > request.now)
        .collect();
    sessions.sort_by_key(|session| std::cmp::Reverse(session.event));
    let own = token
        .and_then(|token| state.sessions.get(&token))
        .map_or(0, |session| session.event);
    let items: Vec<Value> = sessions
        .into_iter()
        .map(|session| show(state, session))
        .collect();
    one(request, json!({"loginEvent": own, "items": items}))
}

fn out_and_change(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { position, user, .. } = state.require(request)?;
    state.sessions.retain(|_, session| session.user != position);
    let query = state.confirm_query("PasswordChange", &user.id, &user.email, request.now);
    one(
        request,
        json!(format!("{}/confirm/PasswordChange?{query}", state.base())),
    )
}

fn out_user(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let id = request.param("userId").to_ascii_lowercase();
    if !is_uuid(&id) {
        return Err(invalid_field("userId", "must be a GUID"));
    }
    let position = state.users.position(&id).ok_or_else(denied)?;
    let user = state.user(position).ok_or_else(denied)?;
    if !principal.may_edit(&user) {
        return Err(denied());
    }
    state.sessions.retain(|_, session| session.user != position);
    nothing(request)
}

fn out_others(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal {
        position,
        token,
        user,
        ..
    } = state.require(request)?;
    state
        .sessions
        .retain(|own, session| session.user != position || Some(own) == token.as_ref());
    one(request, json!(user.display_name()))
}

fn out_one(state: &mut DocSpace, request: &Request) -> Answer {
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
        return one(request, json!(false));
    };
    let user = state.user(owner).ok_or_else(denied)?;
    if !principal.may_edit(&user) {
        return Err(denied());
    }
    state.sessions.remove(&token);
    one(request, json!(true))
}

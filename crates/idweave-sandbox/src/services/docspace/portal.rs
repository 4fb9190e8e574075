//! The portal's own operations on users: counting, reading, congratulating.

use serde_json::json;

use super::auth::Principal;
use super::envelope::{invalid_field, nothing, one};
use super::sessions::login::confirm_page;
use super::state::DocSpace;
use super::{Answer, denied, not_found};
use crate::data::ids::is_uuid;
use crate::engine::wire::{Reply, Request};

crate::engine::operation::operations! { DocSpace;
    "getPortalUsersCount" GET "/api/2.0/portal/userscount" => count;
    "getUserById" GET "/api/2.0/portal/users/{userID}" => get;
    "markGiftMessageAsRead" POST "/api/2.0/portal/present/mark" => mark_gift;
    "sendCongratulations" POST "/api/2.0/portal/sendcongratulations" => congratulate;
    "" GET "/s/{code}" => follow;
    "" GET "/confirm/{page}" => confirm_page;
}

/// Ids the portal keeps for itself.
const SYSTEM_USERS: [&str; 2] = [
    "00000000-0000-0000-0000-000000000001",
    "712d9ec3-5d2b-4b13-824f-71f00191dcca",
];

fn count(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    one(request, json!(state.active().len()))
}

fn get(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let id = request.param("userID").to_ascii_lowercase();
    if !is_uuid(&id) {
        return Err(invalid_field("userID", "must be a GUID"));
    }
    if SYSTEM_USERS.contains(&id.as_str()) {
        return Err(not_found("The user could not be found"));
    }
    // Someone unknown is someone one may not see.
    let user = state.users.find(&id).ok_or_else(denied)?;
    if !principal.sees(&user) {
        return Err(denied());
    }
    one(request, user.show_raw())
}

fn mark_gift(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { .. } = state.require(request)?;
    nothing(request)
}

fn congratulate(state: &mut DocSpace, request: &Request) -> Answer {
    let id = request
        .query_any_case("userid")
        .text()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if !is_uuid(&id) {
        return Err(invalid_field("Userid", "is required and must be a GUID"));
    }
    let key = request
        .query_any_case("key")
        .text()
        .filter(|key| !key.is_empty())
        .ok_or_else(|| invalid_field("Key", "is required"))?;
    if !state.congratulations_key_fits(&id, key, request.now) {
        return Err(denied());
    }
    request.record_credential("validation key");
    let user = state.users.find(&id).ok_or_else(denied)?.into_owned();
    let text = format!(
        "Congratulations, {} {}: your portal is ready.",
        user.first, user.last
    );
    let link = state.base();
    state.env.mail(
        "docspace",
        "congratulations",
        &user.email,
        "Your portal is ready",
        vec![link],
        text,
    );
    nothing(request)
}

/// A short link leads to the page it stands for.
fn follow(state: &mut DocSpace, request: &Request) -> Answer {
    match state.short.get(request.param("code")) {
        Some(target) => Ok(Reply::redirect(http::StatusCode::FOUND, target)),
        None => Ok(Reply::html(
            http::StatusCode::NOT_FOUND,
            "<h1>This link is not known</h1>",
        )),
    }
}

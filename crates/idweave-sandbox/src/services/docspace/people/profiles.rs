//! Profiles: listed and read.

use serde_json::json;

use super::list::page_window;
use crate::data::fields::is_email;
use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::{ok, ok_page};
use crate::services::docspace::error::{
    ApiError, HandlerResult, bad_argument, denied, invalid_field, user_not_found,
};
use crate::services::docspace::invitations::confirm::{Caller, decode_email};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "getAllProfiles" GET "/api/2.0/people" => all;
    "getSelfProfile" GET "/api/2.0/people/@self" => self_profile;
    "getProfileByUserId" GET "/api/2.0/people/{userid}" => get;
    "getProfileByEmail" GET "/api/2.0/people/email" => by_email;
    "checkUserExistsByEmail" GET "/api/2.0/people/exists" => exists;
    "getClaims" GET "/api/2.0/people/tokendiagnostics" => claims;
}

fn all(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require(request)?;
    let (start, count) = page_window(request)?;
    let is_plain = ["filterValue", "sortBy", "sortOrder"]
        .iter()
        .all(|name| request.query_any_case(name).text_or_empty().is_empty());
    if is_plain {
        // Straight from the index: a page of a million must not copy the million.
        let active = state.active();
        let total = active.len();
        let positions: Vec<u32> = active.iter().skip(start).take(count).copied().collect();
        let items = positions
            .into_iter()
            .map(|position| state.show_full(position as usize))
            .collect();
        return ok_page(request, items, total);
    }
    let positions = state.active().to_vec();
    state.profiles_page(request, positions)
}

fn self_profile(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal {
        position, token, ..
    } = state.require(request)?;
    let mut value = state.show_full(position);
    if let Some(session) = token.and_then(|token| state.sessions.get(&token)) {
        value["loginEventId"] = json!(session.event);
    }
    ok(request, value)
}

fn claims(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    ok(
        request,
        json!({
            "claims": [{"type": "sub", "value": principal.user.id}],
            "identity": {"isAuthenticated": true},
        }),
    )
}

fn get(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let caller = state.require_link_or_principal(request, &["LinkInvite"])?;
    match caller {
        Caller::Principal(principal) => {
            let (position, user) = state.path_user(request)?;
            if !principal.sees(&user) {
                return Err(denied());
            }
            ok(request, state.show_full(position))
        }
        Caller::Link => {
            // Through an invitation only a reduced profile is shown: no id, no status.
            let user = state
                .find_user(request.param("userid"))
                .and_then(|position| state.user(position))
                .ok_or_else(user_not_found)?;
            let mut value = user.show(&state.base_url());
            value["id"] = json!("00000000-0000-0000-0000-000000000000");
            value["firstName"] = json!(user.first);
            value["lastName"] = json!(user.last);
            value["status"] = json!(0);
            value["activationStatus"] = json!(0);
            ok(request, value)
        }
    }
}

/// Reads the address of a query: plain, or encoded as links carry it.
fn query_email(request: &Request) -> Result<String, ApiError> {
    let email = match request.query_any_case("email").non_empty().text() {
        Some(email) => Some(email.to_owned()),
        None => {
            let encoded = request.query_any_case("encemail").text();
            encoded.and_then(decode_email)
        }
    };
    let email = email.ok_or_else(|| bad_argument("email"))?;
    if is_email(&email) {
        Ok(email)
    } else {
        Err(invalid_field("email", "is not a valid e-mail address"))
    }
}

fn by_email(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let email = query_email(request)?;
    let position = state.users.position_by_email(&email);
    let position = position.ok_or_else(user_not_found)?;
    let user = state.user(position).ok_or_else(denied)?;
    if !principal.sees(&user) {
        return Err(denied());
    }
    ok(request, state.show_full(position))
}

fn exists(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_link_or_principal(request, &["LinkInvite", "GuestShareLink"])?;
    let email = query_email(request)?;
    match state.users.find_by_email(&email) {
        Some(user) => ok(request, json!({"exists": true, "status": user.status})),
        None => ok(request, json!({"exists": false})),
    }
}

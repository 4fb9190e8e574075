//! The portal: its capabilities and public settings, and its own operations on users.

use http::StatusCode;
use serde_json::json;

use super::envelope::{ok, ok_empty};
use super::error::{HandlerResult, denied, invalid_field, not_found};
use super::model::{HASH_ITERATIONS, HASH_SIZE, UserType};
use super::state::DocSpace;
use crate::data::ids::is_uuid;
use crate::engine::wire::{Reply, Request};

crate::engine::operation::operations! { DocSpace;
    "getPortalCapabilities" GET "/api/2.0/capabilities" => capabilities;
    "getPortalSettings" GET "/api/2.0/settings" => settings;
    "getPortalUsersCount" GET "/api/2.0/portal/userscount" => count;
    "getUserById" GET "/api/2.0/portal/users/{userID}" => get;
    "markGiftMessageAsRead" POST "/api/2.0/portal/present/mark" => mark_gift;
    "sendCongratulations" POST "/api/2.0/portal/sendcongratulations" => congratulate;
    "" GET "/s/{code}" => follow_short_link;
    "" GET "/confirm/{page}" => confirm_page;
}

/// The identity providers this portal has keys for.
pub(crate) const PROVIDERS: [&str; 7] = [
    "google",
    "zoom",
    "linkedin",
    "facebook",
    "twitter",
    "microsoft",
    "appleid",
];

/// The type of a user whom neither an invitation nor a request gives one.
pub(crate) const DEFAULT_USER_TYPE: UserType = UserType::RoomAdmin;

/// Ids the portal reserves for itself.
const SYSTEM_USERS: [&str; 2] = [
    "00000000-0000-0000-0000-000000000001",
    "712d9ec3-5d2b-4b13-824f-71f00191dcca",
];

fn capabilities(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let third_party = state.env.options.docspace_third_party;
    let providers: &[&str] = if third_party { &PROVIDERS } else { &[] };
    ok(
        request,
        json!({
            "ldapEnabled": false,
            "providers": providers,
            "ssoLabel": "",
            "oauthEnabled": third_party,
            "ssoUrl": "",
            "identityServerEnabled": true,
        }),
    )
}

fn settings(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let logged_in = matches!(state.principal(request), Ok(Some(_)));
    let base_url = state.base_url();
    let host = base_url.trim_start_matches("http://");
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
    if logged_in {
        value["ownerId"] = json!(owner);
        value["timezone"] = json!("UTC");
    }
    ok(request, value)
}

fn count(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    ok(request, json!(state.active().len()))
}

fn get(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let id = request.guid("userID")?;
    if SYSTEM_USERS.contains(&id.as_str()) {
        return Err(not_found("The user could not be found"));
    }
    // An unknown user is one that the caller may not see.
    let user = state.users.find(&id).ok_or_else(denied)?;
    if !principal.sees(&user) {
        return Err(denied());
    }
    ok(request, user.show_raw())
}

fn mark_gift(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require(request)?;
    ok_empty(request)
}

fn congratulate(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let id = request
        .query_any_case("Userid")
        .text_or_empty()
        .to_ascii_lowercase();
    if !is_uuid(&id) {
        return Err(invalid_field("Userid", "is required and must be a GUID"));
    }
    let key = request.query_any_case("Key").non_empty().required()?;
    if !state.is_valid_congratulations_key(&id, key, request.now) {
        return Err(denied());
    }
    request.record_credential("validation key");
    let user = state.users.find(&id).ok_or_else(denied)?;
    let text = format!(
        "Congratulations, {} {}: your portal is ready.",
        user.first, user.last
    );
    state.env.mail(
        "docspace",
        "congratulations",
        &user.email,
        "Your portal is ready",
        vec![state.base_url()],
        text,
    );
    ok_empty(request)
}

/// Redirects a short link to the page it stands for.
fn follow_short_link(state: &mut DocSpace, request: &Request) -> HandlerResult {
    match state.short_links.get(request.param("code")) {
        Some(target) => Ok(Reply::redirect(StatusCode::FOUND, target)),
        None => Ok(Reply::html(
            StatusCode::NOT_FOUND,
            "<h1>This link is not known</h1>",
        )),
    }
}

/// Stands for the confirm pages of the portal's web client.
fn confirm_page(_: &mut DocSpace, _: &Request) -> HandlerResult {
    Ok(Reply::html(
        StatusCode::OK,
        "<!doctype html><title>DocSpace</title><h1>Confirm</h1>",
    ))
}

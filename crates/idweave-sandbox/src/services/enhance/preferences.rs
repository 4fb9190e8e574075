//! Preferences of the panel's user interface, per login.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::error::{ApiError, HandlerResult, bad_request, conflict, not_found, ok, ok_empty};
use super::state::Enhance;
use crate::data::fields::Fields;
use crate::data::ids::is_uuid;
use crate::engine::wire::{Reply, Request};

crate::engine::operation::operations! { Enhance;
    "setUiPreferences" POST "/api/logins/ui-preferences" => set;
    "getUiPreferences" GET "/api/logins/ui-preferences" => get;
    "updateUiPreferences" PATCH "/api/logins/ui-preferences" => update;
}

const VIEWS: [&str; 2] = ["list", "grid"];

/// The preferences that are required to set them for the first time.
const REQUIRED: [&str; 5] = [
    "fileManagerView",
    "websiteView",
    "spineOpen",
    "fileManagerEditorFullscreen",
    "serverGroups",
];

/// Reads the preferences of a body.
fn read(body: &Fields) -> Result<Map<String, Value>, ApiError> {
    let mut preferences = Map::new();
    for name in ["fileManagerView", "websiteView"] {
        if let Some(view) = body.text_opt(name, 1, 16)? {
            if !VIEWS.contains(&view) {
                return Err(bad_request(format!("{name} must be list or grid")));
            }
            preferences.insert(name.to_owned(), json!(view));
        }
    }
    for name in [
        "spineOpen",
        "fileManagerEditorFullscreen",
        "onboardingCardDismissed",
    ] {
        if let Some(flag) = body.flag_opt(name)? {
            preferences.insert(name.to_owned(), json!(flag));
        }
    }
    if let Some(groups) = body.texts_opt("serverGroups")? {
        if !groups.iter().all(|group| is_uuid(group)) {
            return Err(bad_request("serverGroups must hold server ids"));
        }
        preferences.insert("serverGroups".to_owned(), json!(groups));
    }
    Ok(preferences)
}

fn set(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (position, _) = state.session_login(request)?;
    let mut preferences = read(&request.json()?)?;
    if let Some(name) = REQUIRED
        .iter()
        .find(|name| !preferences.contains_key(**name))
    {
        return Err(bad_request(format!("{name} is required")));
    }
    let login = state.login(position).ok_or_else(not_found)?;
    if login.preferences.is_some() {
        return Err(conflict("The preferences are set already."));
    }
    preferences
        .entry("onboardingCardDismissed")
        .or_insert(json!(false));
    preferences.insert("loginId".to_owned(), json!(login.id));
    if let Some(login) = state.logins.get_mut(position) {
        login.preferences = Some(Value::Object(preferences));
    }
    Ok(Reply::empty(StatusCode::CREATED))
}

fn get(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (position, _) = state.session_login(request)?;
    let preferences = state.login(position).and_then(|login| login.preferences);
    ok(&preferences.ok_or_else(not_found)?)
}

fn update(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (position, _) = state.session_login(request)?;
    let changes = read(&request.json()?)?;
    let login = state.logins.get_mut(position).ok_or_else(not_found)?;
    let Some(Value::Object(preferences)) = &mut login.preferences else {
        return Err(not_found());
    };
    preferences.extend(changes);
    ok_empty()
}

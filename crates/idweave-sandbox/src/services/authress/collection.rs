//! What the account's collections have in common: list, create, get, update and delete.
//!
//! A collection says where its items are stored and what their ids are called; one that can be
//! edited also says how an item follows from a body. Its handlers are then the functions below:
//! `"getGroup" GET "/v1/groups/{groupId}" => get::<Groups>;`

use std::collections::BTreeMap;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::error::{ApiError, HandlerResult, bad_request, conflict, created, empty, not_found, ok};
use super::model::Show;
use super::page::paginate;
use super::state::Authress;
use super::validate::is_valid_id;
use crate::data::fields::Fields;
use crate::engine::wire::Request;

/// A collection of the API, such as `/v1/groups`.
pub(crate) trait Collection {
    type Item: Show;
    /// The path parameter and field of an item's id.
    const ID: &'static str;
    /// The field of a list that holds its items.
    const ITEMS: &'static str;
    /// The largest page of a list, which is also the default.
    const MAX_PAGE: usize = 100;

    fn items(state: &mut Authress) -> &mut BTreeMap<String, Self::Item>;
}

/// A collection whose items follow from the bodies they are created and updated with.
pub(crate) trait Editable: Collection<Item = Value> {
    /// Whether an update reports an invalid body before an unknown id.
    const BODY_BEFORE_ID: bool = false;

    /// Chooses the id of a new item.
    fn new_id(state: &mut Authress, body: &Fields) -> Result<String, ApiError>;

    /// Builds an item from a body.
    fn build(state: &Authress, id: &str, body: &Fields, now: Timestamp) -> Result<Value, ApiError>;

    /// Checks what must hold before an item may be updated.
    fn check_update(_request: &Request, _current: &Value) -> Result<(), ApiError> {
        Ok(())
    }
}

/// Reads the id a caller chose for a new item, or generates one.
pub(crate) fn choose_id(
    state: &mut Authress,
    body: &Fields,
    field: &str,
    max: usize,
    extra: &str,
    prefix: &str,
) -> Result<String, ApiError> {
    match body.text_opt(field, 1, max)? {
        Some(id) if is_valid_id(id, max, extra) => Ok(id.to_owned()),
        Some(_) => Err(bad_request(format!("{field} holds characters it must not"))),
        None => Ok(format!("{prefix}_{}", state.ids.text(16))),
    }
}

/// Returns the id unless it is taken.
pub(crate) fn vacant<C: Collection>(
    state: &mut Authress,
    id: String,
    taken: &str,
) -> Result<String, ApiError> {
    if C::items(state).contains_key(&id) {
        Err(conflict(taken))
    } else {
        Ok(id)
    }
}

pub(crate) fn list<C: Collection>(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    paginate(request, C::ITEMS, C::MAX_PAGE, C::items(state).iter())
}

pub(crate) fn get<C: Collection>(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let item = C::items(state).get(request.param(C::ID));
    ok(&item.ok_or_else(not_found)?.show())
}

pub(crate) fn create<C: Editable>(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let body = request.json()?;
    let id = C::new_id(state, &body)?;
    let value = C::build(state, &id, &body, request.now)?;
    let id = vacant::<C>(state, id, "There is one with this id.")?;
    C::items(state).insert(id, value.clone());
    created(&value)
}

/// Replaces an item; its creation time stays.
pub(crate) fn update<C: Editable>(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let id = request.param(C::ID);
    if !C::BODY_BEFORE_ID {
        let current = C::items(state).get(id).ok_or_else(not_found)?;
        C::check_update(request, current)?;
    }
    let mut value = C::build(state, id, &request.json()?, request.now)?;
    let current = C::items(state).get_mut(id).ok_or_else(not_found)?;
    if let Some(created) = current.get("createdTime") {
        value["createdTime"] = created.clone();
    }
    current.clone_from(&value);
    ok(&value)
}

pub(crate) fn delete<C: Collection>(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    C::items(state)
        .remove(request.param(C::ID))
        .ok_or_else(not_found)?;
    empty(StatusCode::NO_CONTENT)
}

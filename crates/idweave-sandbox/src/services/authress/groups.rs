//! Groups of users.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::collection::{
    Collection, Editable, choose_id, create, delete, get, list, update, vacant,
};
use super::error::ApiError;
use super::model::Items;
use super::preconditions::{check_size, check_unmodified};
use super::state::Authress;
use super::validate::{tags, users};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Request, encode, without_nulls};

crate::engine::operation::operations! { Authress;
    "getGroups" GET "/v1/groups" => list::<Groups>;
    "createGroup" POST "/v1/groups" => create::<Groups>;
    "getGroup" GET "/v1/groups/{groupId}" => get::<Groups>;
    "updateGroup" PUT "/v1/groups/{groupId}" => update::<Groups>;
    "deleteGroup" DELETE "/v1/groups/{groupId}" => delete::<Groups>;
}

struct Groups;

impl Collection for Groups {
    type Item = Value;
    const ID: &'static str = "groupId";
    const ITEMS: &'static str = "groups";
    const MAX_PAGE: usize = 20;

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.groups
    }
}

impl Editable for Groups {
    fn new_id(state: &mut Authress, body: &Fields) -> Result<String, ApiError> {
        let id = choose_id(state, body, Self::ID, 64, "", "grp")?;
        vacant::<Self>(state, id, "There is a group with this id.")
    }

    fn build(state: &Authress, id: &str, body: &Fields, now: Timestamp) -> Result<Value, ApiError> {
        Ok(without_nulls(json!({
            "groupId": id,
            "name": body.text("name", 1, 128)?,
            "users": users(body, "users")?,
            "admins": users(body, "admins")?,
            "lastUpdated": rfc3339(now),
            "tags": tags(body)?,
            "links": state.links(&format!("/v1/groups/{}", encode(id))),
        })))
    }

    fn check_update(request: &Request, current: &Value) -> Result<(), ApiError> {
        check_unmodified(request, current)?;
        check_size(request)
    }
}

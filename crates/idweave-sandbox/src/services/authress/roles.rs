//! Roles: the permissions that records grant.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::collection::{
    Collection, Editable, choose_id, create, delete, get, list, update, vacant,
};
use super::error::ApiError;
use super::model::Items;
use super::state::Authress;
use super::validate::permissions;
use crate::data::fields::Fields;
use crate::engine::wire::without_nulls;

crate::engine::operation::operations! { Authress;
    "getRoles" GET "/v1/roles" => list::<Roles>;
    "createRole" POST "/v1/roles" => create::<Roles>;
    "getRole" GET "/v1/roles/{roleId}" => get::<Roles>;
    "updateRole" PUT "/v1/roles/{roleId}" => update::<Roles>;
    "deleteRole" DELETE "/v1/roles/{roleId}" => delete::<Roles>;
}

struct Roles;

impl Collection for Roles {
    type Item = Value;
    const ID: &'static str = "roleId";
    const ITEMS: &'static str = "roles";

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.roles
    }
}

impl Editable for Roles {
    fn new_id(state: &mut Authress, body: &Fields) -> Result<String, ApiError> {
        let id = choose_id(state, body, Self::ID, 64, ".:@", "ro")?;
        vacant::<Self>(state, id, "There is a role with this id.")
    }

    fn build(_: &Authress, id: &str, body: &Fields, _: Timestamp) -> Result<Value, ApiError> {
        let permissions = permissions(body)?;
        Ok(without_nulls(json!({
            "roleId": id,
            "name": body.text("name", 1, 128)?,
            "description": body.text_opt("description", 0, 1_024)?,
            "permissions": permissions,
        })))
    }
}

//! Tenants: customers of the account, and the users linked to them.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::collection::{Collection, Editable, create, delete, get, update};
use super::error::{ApiError, HandlerResult, bad_request, empty, not_found, ok};
use super::model::Items;
use super::state::Authress;
use super::validate::{domains, durations, is_tenant_id};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Request, without_nulls};

crate::engine::operation::operations! { Authress;
    "getTenants" GET "/v1/tenants" => list;
    "createTenant" POST "/v1/tenants" => create::<Tenants>;
    "getTenant" GET "/v1/tenants/{tenantId}" => get::<Tenants>;
    "updateTenant" PUT "/v1/tenants/{tenantId}" => update::<Tenants>;
    "deleteTenant" DELETE "/v1/tenants/{tenantId}" => delete::<Tenants>;
    "linkTenantUser" PATCH "/v1/tenants/{tenantId}/users" => link_user;
}

struct Tenants;

impl Collection for Tenants {
    type Item = Value;
    const ID: &'static str = "tenantId";
    const ITEMS: &'static str = "tenants";

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.tenants
    }
}

impl Editable for Tenants {
    fn new_id(state: &mut Authress, body: &Fields) -> Result<String, ApiError> {
        match body.text_opt(Self::ID, 1, 128)? {
            Some(id) if is_tenant_id(id) => Ok(id.to_owned()),
            Some(_) => Err(bad_request(
                "tenantId must have 1 to 128 letters, digits or -_.:",
            )),
            None => Ok(format!("ten_{}", state.ids.text(16))),
        }
    }

    fn build(state: &Authress, id: &str, body: &Fields, now: Timestamp) -> Result<Value, ApiError> {
        let mut value = Map::from_iter([
            ("tenantId".to_owned(), json!(id)),
            ("createdTime".to_owned(), json!(rfc3339(now))),
        ]);
        if let Some(lookup) = body.text_opt("tenantLookupIdentifier", 1, 64)? {
            if !is_tenant_id(lookup) {
                return Err(bad_request(
                    "tenantLookupIdentifier holds characters it must not",
                ));
            }
            value.insert("tenantLookupIdentifier".to_owned(), json!(lookup));
        }
        if let Some(data) = body.object_opt("data")? {
            let data = json!({"name": data.text_opt("name", 1, 64)?});
            value.insert("data".to_owned(), data);
        }
        if let Some(connection) = body.object_opt("connection")?
            && let Some(id) = connection.text_opt("connectionId", 1, 64)?
        {
            if !state.connections.contains_key(id) {
                return Err(bad_request("there is no such connection"));
            }
            value.insert("connection".to_owned(), json!({"connectionId": id}));
        }
        if let Some(domains) = domains(body)? {
            value.insert("domains".to_owned(), domains);
        }
        if let Some(configuration) = body.object_opt("tokenConfiguration")? {
            let durations = durations(&configuration)?;
            value.insert("tokenConfiguration".to_owned(), durations);
        }
        Ok(without_nulls(Value::Object(value)))
    }
}

fn list(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    ok(&json!({"tenants": state.tenants.values().collect::<Vec<_>>()}))
}

fn link_user(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let tenant = request.param(Tenants::ID);
    if !state.tenants.contains_key(tenant) {
        return Err(not_found());
    }
    let body = request.json()?;
    let user = state.users.find_mut(body.text("userId", 1, 128)?);
    // One tenant at most: the last one wins.
    user.ok_or_else(not_found)?.tenant = Some(tenant.to_owned());
    empty(StatusCode::NO_CONTENT)
}

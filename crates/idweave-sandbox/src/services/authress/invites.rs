//! Invites: statements and a tenant that whoever accepts them receives.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::collection::{Collection, delete};
use super::error::{ApiError, HandlerResult, bad_request, created, not_found, ok};
use super::model::Items;
use super::seed::CONNECTION;
use super::state::Authress;
use super::validate::statements;
use crate::engine::clock::{later, rfc3339};
use crate::engine::wire::{Request, encode, without_nulls};

crate::engine::operation::operations! { Authress;
    "createInvite" POST "/v1/invites" => create;
    "getInvite" GET "/v1/invites/{inviteId}" => get;
    "deleteInvite" DELETE "/v1/invites/{inviteId}" => delete::<Invites>;
    "respondToInvite" PATCH "/v1/invites/{inviteId}" => accept;
}

/// How long an invite lasts by default.
const LIFETIME: Duration = Duration::from_secs(7 * 86_400);

struct Invites;

impl Collection for Invites {
    type Item = Value;
    const ID: &'static str = "inviteId";
    const ITEMS: &'static str = "invites";

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.invites
    }
}

fn create(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let body = request.json()?;
    let statements = if body.value("statements").is_some() {
        statements(&body)?
    } else {
        Vec::new()
    };
    let tenant = body
        .text_opt("defaultLoginTenantId", 1, 128)?
        .or(body.text_opt("tenantId", 1, 128)?);
    if statements.is_empty() && tenant.is_none() {
        return Err(bad_request("statements is required"));
    }
    if tenant.is_some_and(|tenant| !state.tenants.contains_key(tenant)) {
        return Err(bad_request("there is no such tenant"));
    }
    let expiry = body
        .date_time_opt("expiryTime")?
        .unwrap_or_else(|| later(request.now, LIFETIME));
    let linked = body.text_opt("linkedUserId", 1, 128)?;
    let id = format!("inv_{}", state.ids.secret(24));
    let invite = without_nulls(json!({
        "inviteId": id,
        "statements": statements,
        "defaultLoginTenantId": tenant,
        "tenantId": tenant,
        "linkedUserId": linked,
        "expiryTime": rfc3339(expiry),
        "authenticationRequestUri": format!("{}/login?inviteId={id}", request.base_url),
        "links": state.links(&format!("/v1/invites/{}", encode(&id))),
    }));
    state.invites.insert(id, invite.clone());
    created(&invite)
}

impl Authress {
    /// Returns the invite of the path, unless it has expired.
    fn invite(&self, request: &Request) -> Result<&Value, ApiError> {
        let invite = self
            .invites
            .get(request.param(Invites::ID))
            .ok_or_else(not_found)?;
        let expiry = invite["expiryTime"]
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok());
        if expiry.is_some_and(|expiry| expiry <= request.now) {
            Err(not_found())
        } else {
            Ok(invite)
        }
    }
}

fn get(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    ok(state.invite(request)?)
}

/// The caller accepts: the statements become a record of theirs.
fn accept(state: &mut Authress, request: &Request) -> HandlerResult {
    let principal = state.principal(request)?;
    let invite = state.invite(request)?.clone();
    let user = invite["linkedUserId"]
        .as_str()
        .unwrap_or(&principal.id)
        .to_owned();
    let statements = &invite["statements"];
    if statements.as_array().is_some_and(|list| !list.is_empty()) {
        let users = json!([{"userId": user}]);
        state.grant("Invite", &users, statements, request.now);
    }
    if invite["linkedUserId"].is_string() {
        // A user the account has not seen yet appears with their invite.
        state.add_user(&user, CONNECTION, None, None);
    }
    if let Some(tenant) = invite["defaultLoginTenantId"].as_str()
        && let Some(user) = state.users.find_mut(&user)
    {
        user.tenant = Some(tenant.to_owned());
    }
    state.invites.remove(request.param(Invites::ID));
    ok(&state.show_account())
}

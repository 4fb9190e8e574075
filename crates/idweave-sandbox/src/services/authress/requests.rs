//! Invites, access requests, claims: how someone comes to what she may do.

use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::groups::{tags, users};
use super::page::shelf_page;
use super::records::statements;
use super::state::Authress;
use super::{
    Answer, Refused, bad_request, conflict, created, empty, error, forbidden, not_found, ok,
};
use crate::data::fields::Fields;
use crate::engine::clock::{later, rfc3339};
use crate::engine::wire::{Request, encode};

crate::engine::operation::operations! { Authress;
    "createInvite" POST "/v1/invites" => create_invite;
    "getInvite" GET "/v1/invites/{inviteId}" => get_invite;
    "deleteInvite" DELETE "/v1/invites/{inviteId}" => delete_invite;
    "respondToInvite" PATCH "/v1/invites/{inviteId}" => accept_invite;
    "getRequests" GET "/v1/requests" => list;
    "createRequest" POST "/v1/requests" => create;
    "getRequest" GET "/v1/requests/{requestId}" => get;
    "deleteRequest" DELETE "/v1/requests/{requestId}" => delete;
    "respondToAccessRequest" PATCH "/v1/requests/{requestId}" => respond;
    "createClaim" POST "/v1/claims" => claim;
}

/// How long an invite lasts when nothing else is said, and at most.
const INVITE: Duration = Duration::from_secs(7 * 86_400);

fn create_invite(state: &mut Authress, request: &Request) -> Answer {
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
    let latest = later(request.now, INVITE);
    let expiry = match body.text_opt("expiryTime", 1, 64)? {
        None => latest,
        Some(text) => text
            .parse::<Timestamp>()
            .map_err(|_| bad_request("expiryTime must be a date-time"))?,
    };
    let linked = body.text_opt("linkedUserId", 1, 128)?;
    let id = format!("inv_{}", state.ids.text(24));
    let invite = crate::engine::wire::without_nulls(json!({
        "inviteId": id,
        "statements": statements,
        "defaultLoginTenantId": tenant,
        "tenantId": tenant,
        "linkedUserId": linked,
        "expiryTime": rfc3339(expiry),
        "authenticationRequestUri": format!("{}/login?inviteId={id}", request.base_url),
        "links": state.href(&format!("/v1/invites/{}", encode(&id))),
    }));
    state.invites.insert(id, invite.clone());
    created(&invite)
}

impl Authress {
    fn invite(&self, request: &Request) -> Result<&Value, Refused> {
        let invite = self
            .invites
            .get(request.param("inviteId"))
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

fn get_invite(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    ok(state.invite(request)?)
}

fn delete_invite(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    state
        .invites
        .remove(request.param("inviteId"))
        .ok_or_else(not_found)?;
    empty(StatusCode::NO_CONTENT)
}

/// Whoever asks accepts: the statements become a record of hers.
fn accept_invite(state: &mut Authress, request: &Request) -> Answer {
    let principal = state.principal(request)?;
    let invite = state.invite(request)?.clone();
    let user = invite["linkedUserId"]
        .as_str()
        .unwrap_or(&principal.id)
        .to_owned();
    if invite["statements"]
        .as_array()
        .is_some_and(|statements| !statements.is_empty())
    {
        state.grant(
            "Invite",
            &json!([{"userId": user}]),
            &invite["statements"],
            request.now,
        );
    }
    if invite["linkedUserId"].is_string() {
        // Someone the account had not seen yet appears with her invite.
        state.add_user(&user, "con_acme", None, None);
    }
    if let Some(tenant) = invite["defaultLoginTenantId"].as_str()
        && let Some(user) = state.users.find_mut(&user)
    {
        user.tenant = Some(tenant.to_owned());
    }
    state.invites.remove(request.param("inviteId"));
    ok(&state.show_account())
}

fn list(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let status = request
        .query("status")
        .text()
        .filter(|status| !status.is_empty());
    if status.is_some_and(|status| !["OPEN", "APPROVED", "DENIED"].contains(&status)) {
        return Err(bad_request("status must be OPEN, APPROVED or DENIED"));
    }
    let entries = state
        .requests
        .iter()
        .filter(|(_, own)| status.is_none_or(|status| own["status"] == status));
    shelf_page(request, "requests", 20, entries)
}

fn create(state: &mut Authress, request: &Request) -> Answer {
    state.principal(request)?;
    let body = request.json()?;
    let access = Fields::from_value(
        body.value("access")
            .ok_or_else(|| bad_request("access is required"))?,
        "access",
    )?;
    let users = users(&access, "users")?;
    if users.is_empty() {
        return Err(Refused(error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "UnprocessableRequest",
            "access needs a user",
        )));
    }
    let statements = statements(&access)?;
    let id = format!("req_{}", state.ids.text(16));
    let value = crate::engine::wire::without_nulls(json!({
        "requestId": id,
        "lastUpdated": rfc3339(request.now),
        "status": "OPEN",
        "access": {"users": users, "statements": statements},
        "tags": tags(&body)?,
        "links": state.href(&format!("/v1/requests/{}", encode(&id))),
    }));
    state.requests.insert(id, value.clone());
    created(&value)
}

fn get(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    ok(state
        .requests
        .get(request.param("requestId"))
        .ok_or_else(not_found)?)
}

fn delete(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    state
        .requests
        .remove(request.param("requestId"))
        .ok_or_else(not_found)?;
    empty(StatusCode::NO_CONTENT)
}

fn respond(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json()?;
    let status = body.text("status", 1, 16)?.to_owned();
    if status != "APPROVED" && status != "DENIED" {
        return Err(bad_request("status must be APPROVED or DENIED"));
    }
    let value = state
        .requests
        .get_mut(request.param("requestId"))
        .ok_or_else(not_found)?;
    if value["status"] != "OPEN" {
        return Err(conflict("The request has been answered already."));
    }
    value["status"] = json!(status);
    value["lastUpdated"] = json!(rfc3339(request.now));
    let value = value.clone();
    if status == "APPROVED" {
        state.grant(
            "Access request",
            &value["access"]["users"],
            &value["access"]["statements"],
            request.now,
        );
    }
    ok(&value)
}

/// The first to claim a resource of a claimable collection owns it.
fn claim(state: &mut Authress, request: &Request) -> Answer {
    let principal = state.principal(request)?;
    let body = request.json()?;
    let (collection, resource) = (
        body.text("collectionResource", 1, 128)?,
        body.text("resourceId", 1, 128)?,
    );
    let claimable = state.resources.iter().any(|(uri, value)| {
        super::permissions::covers(uri, collection)
            && value["permissions"].as_array().is_some_and(|all| {
                all.iter()
                    .any(|own| own["action"] == "CLAIM" && own["allow"] == true)
            })
    });
    if !claimable {
        return Err(forbidden());
    }
    let uri = format!("{}/{resource}", collection.trim_end_matches('/'));
    let taken = state.records.values().any(|record| {
        record["status"] != "DELETED"
            && record["name"] == "Claim"
            && record.to_string().contains(&json!(uri).to_string())
    });
    if taken {
        return Err(conflict("This resource has been claimed already."));
    }
    let statements = json!([{"roles": ["Authress:Owner"], "resources": [{"resourceUri": uri}]}]);
    state.grant(
        "Claim",
        &json!([{"userId": principal.id}]),
        &statements,
        request.now,
    );
    created(&json!({}))
}

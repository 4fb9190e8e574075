//! Access requests, and claims of resources.

use http::StatusCode;
use serde_json::{Value, json};

use super::collection::{Collection, delete, get};
use super::error::{
    ApiError, HandlerResult, bad_request, conflict, created, error, forbidden, not_found, ok,
};
use super::grants::covers;
use super::model::Items;
use super::page::paginate;
use super::state::Authress;
use super::validate::{statements, tags, users};
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Request, encode, without_nulls};

crate::engine::operation::operations! { Authress;
    "getRequests" GET "/v1/requests" => list;
    "createRequest" POST "/v1/requests" => create;
    "getRequest" GET "/v1/requests/{requestId}" => get::<Requests>;
    "deleteRequest" DELETE "/v1/requests/{requestId}" => delete::<Requests>;
    "respondToAccessRequest" PATCH "/v1/requests/{requestId}" => respond;
    "createClaim" POST "/v1/claims" => claim;
}

struct Requests;

impl Collection for Requests {
    type Item = Value;
    const ID: &'static str = "requestId";
    const ITEMS: &'static str = "requests";
    const MAX_PAGE: usize = 20;

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.requests
    }
}

fn list(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let status = request.query("status").non_empty().one_of(
        &["OPEN", "APPROVED", "DENIED"],
        "must be OPEN, APPROVED or DENIED",
    )?;
    let entries = state.requests.iter();
    let entries =
        entries.filter(|(_, entry)| status.is_none_or(|status| entry["status"] == status));
    paginate(request, Requests::ITEMS, Requests::MAX_PAGE, entries)
}

fn create(state: &mut Authress, request: &Request) -> HandlerResult {
    state.principal(request)?;
    let body = request.json()?;
    let access = body.object("access")?;
    let users = users(&access, "users")?;
    if users.is_empty() {
        return Err(ApiError(error(
            StatusCode::UNPROCESSABLE_ENTITY,
            "UnprocessableRequest",
            "access needs a user",
        )));
    }
    let statements = statements(&access)?;
    let id = format!("req_{}", state.ids.text(16));
    let value = without_nulls(json!({
        "requestId": id,
        "lastUpdated": rfc3339(request.now),
        "status": "OPEN",
        "access": {"users": users, "statements": statements},
        "tags": tags(&body)?,
        "links": state.links(&format!("/v1/requests/{}", encode(&id))),
    }));
    state.requests.insert(id, value.clone());
    created(&value)
}

fn respond(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let body = request.json()?;
    let status = body.text("status", 1, 16)?;
    if !["APPROVED", "DENIED"].contains(&status) {
        return Err(bad_request("status must be APPROVED or DENIED"));
    }
    let value = state
        .requests
        .get_mut(request.param(Requests::ID))
        .ok_or_else(not_found)?;
    if value["status"] != "OPEN" {
        return Err(conflict("The request has been answered already."));
    }
    value["status"] = json!(status);
    value["lastUpdated"] = json!(rfc3339(request.now));
    let value = value.clone();
    if status == "APPROVED" {
        let access = &value["access"];
        state.grant(
            "Access request",
            &access["users"],
            &access["statements"],
            request.now,
        );
    }
    ok(&value)
}

/// The first to claim a resource of a claimable collection owns it.
fn claim(state: &mut Authress, request: &Request) -> HandlerResult {
    let principal = state.principal(request)?;
    let body = request.json()?;
    let (collection, resource) = (
        body.text("collectionResource", 1, 128)?,
        body.text("resourceId", 1, 128)?,
    );
    let is_claim =
        |permission: &Value| permission["action"] == "CLAIM" && permission["allow"] == true;
    let is_claimable = state.resources.iter().any(|(uri, value)| {
        let permissions = value["permissions"].as_array();
        covers(uri, collection) && permissions.is_some_and(|all| all.iter().any(is_claim))
    });
    if !is_claimable {
        return Err(forbidden());
    }
    let uri = format!("{}/{resource}", collection.trim_end_matches('/'));
    let is_taken = state.records.values().any(|record| {
        record["status"] != "DELETED"
            && record["name"] == "Claim"
            && record.to_string().contains(&json!(uri).to_string())
    });
    if is_taken {
        return Err(conflict("This resource has been claimed already."));
    }
    let users = json!([{"userId": principal.id}]);
    let statements = json!([{"roles": ["Authress:Owner"], "resources": [{"resourceUri": uri}]}]);
    state.grant("Claim", &users, &statements, request.now);
    created(&json!({}))
}

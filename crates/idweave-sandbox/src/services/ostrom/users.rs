//! The customer of the caller, and customers linked by consent.

use http::StatusCode;
use serde_json::json;

use super::error::{HandlerResult, bad_request, not_found, ok};
use super::model::{LinkedCustomer, READ_CONTRACTS, READ_ORDERS};
use super::state::Ostrom;
use super::validate::url;
use crate::engine::wire::{Reply, Request, escape_html};

crate::engine::operation::operations! { Ostrom;
    "getMe" GET "/me" => get_me;
    "linkUser" POST "/users/link" => link_user;
    "disconnectUser" DELETE "/users/{externalUserId}/disconnect" => disconnect_user;
    "" GET "/link" => consent_page;
}

fn get_me(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require_user(request)?;
    ok(&json!({
        "email": "dummy-email@ostrom-api.io",
        "firstName": "Max",
        "lastName": "Mustermann",
        "language": "GERMAN",
    }))
}

fn link_user(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require_partner(request)?;
    let body = request.json()?;
    let external_id = body.text("externalUserId", 1, 255)?.to_owned();
    let language = body.text("language", 1, 16)?.to_owned();
    if !["en-US", "de-DE"].contains(&language.as_str()) {
        return Err(bad_request("language must be one of en-US, de-DE"));
    }
    let redirect_url = url(&body, "redirectUrl")?;
    let scopes = body.texts("scopes")?;
    let is_known = |scope: &String| [READ_ORDERS, READ_CONTRACTS].contains(&scope.as_str());
    if scopes.is_empty() || !scopes.iter().all(is_known) {
        return Err(bad_request(
            "scopes must hold order:read:data or contract:read:data",
        ));
    }
    body.text_opt("referralCode", 1, 255)?;
    let link_id = state.ids.secret(43);
    let link_url = format!("{}/link?id={link_id}", request.base_url);
    // A second request does not revoke a consent.
    let consented = state
        .customers
        .get(&external_id)
        .is_some_and(|customer| customer.consented);
    let customer = LinkedCustomer {
        consented,
        language,
        redirect_url,
        scopes,
        link_id,
    };
    state.customers.insert(external_id, customer);
    ok(&json!({"linkUrl": link_url}))
}

fn disconnect_user(state: &mut Ostrom, request: &Request) -> HandlerResult {
    state.require_partner(request)?;
    match state.customers.remove(request.param("externalUserId")) {
        Some(_) => Ok(Reply::empty(StatusCode::OK)),
        None => Err(not_found("There is no linked user with this id.")),
    }
}

/// Stands for the consent page: opening it is agreeing, `&decision=decline` is not.
fn consent_page(state: &mut Ostrom, request: &Request) -> HandlerResult {
    let link_id = request.query("id").text_or_empty();
    let mut customers = state.customers.iter();
    let found = customers.find(|(_, customer)| customer.link_id == link_id);
    let Some(external_id) = found.map(|(id, _)| id.clone()) else {
        return Ok(Reply::html(
            StatusCode::NOT_FOUND,
            "<h1>This link is not known</h1>",
        ));
    };
    let agree = !request.query("decision").is("decline");
    let redirect = state.consent(&external_id, agree).unwrap_or_default();
    let mut reply = Reply::redirect(StatusCode::SEE_OTHER, &redirect);
    let link = escape_html(&redirect);
    reply.body = format!("<p>Back to <a href=\"{link}\">{link}</a></p>").into();
    Ok(reply.with_header("content-type", "text/html; charset=utf-8"))
}

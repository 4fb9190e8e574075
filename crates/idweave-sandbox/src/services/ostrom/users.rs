//! `/me`, linking by consent, disconnecting.

use http::StatusCode;
use serde_json::json;

use super::{Answer, Linked, Ostrom, Role, bad_request, not_found, ok};
use crate::engine::wire::{Reply, Request, escape_html};

crate::engine::operation::operations! { Ostrom;
    "getMe" GET "/me" => get_me;
    "linkUser" POST "/users/link" => link_user;
    "disconnectUser" DELETE "/users/{externalUserId}/disconnect" => disconnect_user;
    "" GET "/link" => consent_page;
}

const SCOPES: [&str; 2] = ["order:read:data", "contract:read:data"];

fn get_me(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, Some(Role::User))?;
    ok(&json!({
        "email": "dummy-email@ostrom-api.io",
        "firstName": "Max",
        "lastName": "Mustermann",
        "language": "GERMAN",
    }))
}

fn link_user(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, Some(Role::Partner))?;
    let body = request.json()?;
    let external = body.text("externalUserId", 1, 255)?.to_owned();
    let language = body.text("language", 1, 16)?.to_owned();
    if !["en-US", "de-DE"].contains(&language.as_str()) {
        return Err(bad_request("language must be one of en-US, de-DE"));
    }
    let redirect_url = body.text("redirectUrl", 1, 2_048)?.to_owned();
    if !redirect_url.starts_with("http://") && !redirect_url.starts_with("https://") {
        return Err(bad_request("redirectUrl must be a URL"));
    }
    let scopes = body
        .texts_opt("scopes")?
        .ok_or_else(|| bad_request("scopes is required"))?;
    if scopes.is_empty() || scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(bad_request(
            "scopes must hold order:read:data or contract:read:data",
        ));
    }
    body.text_opt("referralCode", 1, 255)?;
    let link_id = state.ids.text(43);
    let link_url = format!("{}/link?id={link_id}", request.base_url);
    // Asking again does not take back a consent that was given.
    let consented = state
        .linked
        .get(&external)
        .is_some_and(|linked| linked.consented);
    state.linked.insert(
        external,
        Linked {
            consented,
            language,
            redirect_url,
            scopes,
            link_id,
        },
    );
    ok(&json!({"linkUrl": link_url}))
}

fn disconnect_user(state: &mut Ostrom, request: &Request) -> Answer {
    state.authorize(request, Some(Role::Partner))?;
    match state.linked.remove(request.param("externalUserId")) {
        Some(_) => Ok(Reply::empty(StatusCode::OK)),
        None => Err(not_found("There is no linked user with this id.")),
    }
}

/// The page the user would see: opening it is agreeing, `&decision=decline` is not.
fn consent_page(state: &mut Ostrom, request: &Request) -> Answer {
    let id = request.query("id").text().unwrap_or_default();
    let Some(external) = state
        .linked
        .iter()
        .find(|(_, linked)| linked.link_id == id)
        .map(|(id, _)| id.clone())
    else {
        return Ok(Reply::html(
            StatusCode::NOT_FOUND,
            "<h1>This link is not known</h1>",
        ));
    };
    let decline = request.query("decision").text() == Some("decline");
    let redirect = state.consent(&external, !decline).unwrap_or_default();
    let text = format!(
        "<p>Back to <a href=\"{0}\">{0}</a></p>",
        escape_html(&redirect)
    );
    let mut reply = Reply::redirect(StatusCode::SEE_OTHER, &redirect);
    reply.body = text.into();
    Ok(reply.with_header("content-type", "text/html; charset=utf-8"))
}

impl Ostrom {
    /// What the customer decides on the consent page; where she is sent then, if she was asked.
    pub(crate) fn consent(&mut self, external: &str, agree: bool) -> Option<String> {
        let linked = self.linked.get_mut(external)?;
        linked.consented = agree;
        let redirect = linked.redirect_url.clone();
        if !agree {
            self.linked.remove(external);
        }
        Some(redirect)
    }
}

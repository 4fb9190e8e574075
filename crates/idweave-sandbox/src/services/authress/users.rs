//! Users: listed, read, deleted later, put into a tenant. They appear by logging in; nothing here
//! makes one.

use http::StatusCode;
use serde_json::{Map, Value};

use super::page::{Page, collection, filter};
use super::state::{Authress, Pending, UserRecord};
use super::{Answer, bad_request, empty, not_found, ok};
use crate::data::fields::Fields;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "getUsers" GET "/v1/users" => list;
    "getUser" GET "/v1/users/{userId}" => get;
    "deleteUser" DELETE "/v1/users/{userId}" => delete;
    "setUserTokenConfiguration" PUT "/v1/users/{userId}" => configure_tokens;
    "deleteUserToken" DELETE "/v1/users/{userId}/tokens/{tokenId}" => delete_token;
    "linkTenantUser" PATCH "/v1/tenants/{tenantId}/users" => link_tenant;
}

const LARGEST_PAGE: usize = 100;

fn list(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let page = Page::read(request, LARGEST_PAGE)?;
    let filter = filter(request, true)?;
    let tenant = request
        .query("tenantId")
        .text()
        .filter(|tenant| !tenant.is_empty());
    if tenant.is_some_and(|tenant| !is_tenant_id(tenant)) {
        return Err(bad_request(
            "tenantId must have 1 to 128 letters, digits or -_.:",
        ));
    }
    let start = match &page.start {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| bad_request("cursor is not one this service has made"))?,
    };
    let mut rest = state.users.iter_from(start).filter(|(_, user)| {
        tenant.is_none_or(|tenant| user.tenant.as_deref() == Some(tenant))
            && filter.as_ref().is_none_or(|filter| user.matches(filter))
    });
    if request.page_shift == 1 {
        for _ in 0..page.limit {
            rest.next();
        }
    }
    let items: Vec<Value> = rest
        .by_ref()
        .take(page.limit)
        .map(|(_, user)| user.show())
        .collect();
    let next = rest
        .next()
        .map(|(position, _)| page.cursor(&position.to_string()));
    drop(rest);
    collection(request, "users", items, next)
}

pub(crate) fn is_tenant_id(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

fn get(state: &mut Authress, request: &Request) -> Answer {
    let id = request.param("userId");
    state.require_for(request, id)?;
    ok(&state.users.find(id).ok_or_else(not_found)?.show())
}

fn delete(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let position = state
        .users
        .position(request.param("userId"))
        .ok_or_else(not_found)?;
    let waiting = state
        .pending
        .iter()
        .any(|(_, change)| matches!(change, Pending::DeleteUser(own) if *own == position));
    if !waiting {
        state.later(request.now, Pending::DeleteUser(position));
    }
    empty(StatusCode::ACCEPTED)
}

fn configure_tokens(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json_or_empty()?;
    let mut configuration = Map::new();
    if let Some(claims) = body.value("defaultClaims") {
        let claims = Fields::from_value(claims, "defaultClaims")?;
        let mut kept = Map::new();
        for name in ["defaultAccessTokenClaims", "defaultUserIdentityClaims"] {
            if let Some(own) = claims.value(name) {
                Fields::from_value(own, name)?;
                kept.insert(name.to_owned(), own.clone());
            }
        }
        configuration.insert("defaultClaims".to_owned(), Value::Object(kept));
    }
    let user = state
        .users
        .find_mut(request.param("userId"))
        .ok_or_else(not_found)?;
    user.token_configuration = Some(Value::Object(configuration));
    empty(StatusCode::OK)
}

fn link_tenant(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let tenant = request.param("tenantId").to_owned();
    if !state.tenants.contains_key(&tenant) {
        return Err(not_found());
    }
    let body = request.json()?;
    let id = body.text("userId", 1, 128)?;
    let user = state.users.find_mut(id).ok_or_else(not_found)?;
    // One tenant at most: the last one wins.
    user.tenant = Some(tenant);
    empty(StatusCode::NO_CONTENT)
}

/// A token ends before it expires: those of the token endpoint, by the id they carry.
fn delete_token(state: &mut Authress, request: &Request) -> Answer {
    let user = request.param("userId").to_owned();
    state.require_for(request, &user)?;
    let issued = state.issued.get(request.param("tokenId"));
    if issued.is_none_or(|owner| *owner != user) {
        return Err(not_found());
    }
    state.issued.remove(request.param("tokenId"));
    empty(StatusCode::NO_CONTENT)
}

impl Authress {
    /// Someone logs in through a connection: known by her id there, or new from now on.
    pub(crate) fn log_in(
        &mut self,
        connection: &str,
        subject: &str,
        email: Option<&str>,
        name: Option<&str>,
    ) -> String {
        let id = format!("{connection}|{subject}");
        self.add_user(&id, connection, email, name);
        id
    }

    pub(crate) fn add_user(
        &mut self,
        id: &str,
        connection: &str,
        email: Option<&str>,
        name: Option<&str>,
    ) {
        if self.users.position(id).is_some() {
            return;
        }
        self.users.push(UserRecord {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            picture: None,
            tenant: None,
            token_configuration: None,
            linked: vec![(connection.to_owned(), id.to_owned())],
        });
    }
}

//! The token endpoint, and which client a bearer token belongs to.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::error::{ApiError, HandlerResult, forbidden, not_found, ok, token_error, unauthorized};
use super::model::{Role, Token};
use super::state::Ostrom;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Ostrom;
    "createOAuth2Token" POST "/oauth2/token" => create_token;
}

/// How long a token is valid: a second less than the hour in the documentation.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3_599);

fn wrong_host() -> ApiError {
    not_found("There is no such path on this host.")
}

fn invalid_client(description: &str) -> ApiError {
    ApiError(token_error(
        StatusCode::UNAUTHORIZED,
        "invalid_client",
        description,
    ))
}

fn create_token(state: &mut Ostrom, request: &Request) -> HandlerResult {
    if request.base_url != state.env.base_urls.ostrom_auth {
        return Err(wrong_host());
    }
    let (id, secret) = request
        .basic()
        .ok_or_else(|| invalid_client("Client authentication by HTTP Basic is missing."))?;
    let client = state
        .clients
        .iter()
        .position(|client| client.pair.client_id == id && client.pair.client_secret == secret)
        .ok_or_else(|| invalid_client("Client authentication failed."))?;
    request.record_credential("client credentials");
    let bad_request = |error, description| {
        let status = StatusCode::BAD_REQUEST;
        Err(ApiError(token_error(status, error, description)))
    };
    match request.form_field("grant_type").as_deref() {
        Some("client_credentials") => {}
        Some(_) => {
            return bad_request(
                "unsupported_grant_type",
                "Only client_credentials is supported.",
            );
        }
        None => {
            return bad_request("invalid_request", "The parameter grant_type is missing.");
        }
    }
    let now = request.now;
    state.tokens.retain(|_, token| token.expires > now);
    let token = state.ids.secret(43);
    let expires = later(now, TOKEN_LIFETIME);
    state
        .tokens
        .insert(token.clone(), Token { client, expires });
    ok(&json!({
        "access_token": token,
        "expires_in": TOKEN_LIFETIME.as_secs(),
        "token_type": "Bearer",
    }))
}

impl Ostrom {
    /// Requires a valid token of a client, which has the role if one is given.
    pub(crate) fn require(&self, request: &Request, role: Option<Role>) -> Result<(), ApiError> {
        if request.base_url != self.env.base_urls.ostrom {
            return Err(wrong_host());
        }
        let token = request
            .bearer()
            .and_then(|token| self.tokens.get(token))
            .filter(|token| token.expires > request.now)
            .ok_or_else(|| unauthorized("The access token is missing, unknown or expired."))?;
        request.record_credential("access token");
        let actual = self.clients[token.client].role;
        if role.is_some_and(|role| role != actual) {
            return Err(forbidden("This client's role may not use this operation."));
        }
        Ok(())
    }

    pub(crate) fn require_user(&self, request: &Request) -> Result<(), ApiError> {
        self.require(request, Some(Role::User))
    }

    pub(crate) fn require_partner(&self, request: &Request) -> Result<(), ApiError> {
        self.require(request, Some(Role::Partner))
    }
}

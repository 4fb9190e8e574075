//! The token endpoint, and who a bearer token belongs to.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::{Answer, Ostrom, Refused, Role, Token, error};
use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request};

crate::engine::operation::operations! { Ostrom;
    "createOAuth2Token" POST "/oauth2/token" => create_token;
}

/// Seconds a token lives; one less than the hour the documentation shows.
const LIFETIME: u64 = 3_599;

/// `{error, error_description}`, the form of the token endpoint alone.
pub(crate) fn token_error(status: StatusCode, error: &str, description: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error": error, "error_description": description}),
    )
}

fn create_token(state: &mut Ostrom, request: &Request) -> Answer {
    if request.base_url != state.env.base_urls.ostrom_auth {
        return Err(Refused(error(
            StatusCode::NOT_FOUND,
            "There is no such path on this host.",
        )));
    }
    let refuse = |status, kind, description| Err(Refused(token_error(status, kind, description)));
    let Some((id, secret)) = request.basic() else {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication by HTTP Basic is missing.",
        );
    };
    let client = state
        .clients
        .iter()
        .position(|client| client.pair.client_id == id && client.pair.client_secret == secret);
    let Some(client) = client else {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Client authentication failed.",
        );
    };
    request.record_credential("client credentials");
    let form = request.form();
    match form
        .iter()
        .find(|(name, _)| name == "grant_type")
        .map(|(_, value)| value.as_str())
    {
        Some("client_credentials") => {}
        Some(_) => {
            return refuse(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "Only client_credentials is supported.",
            );
        }
        None => {
            return refuse(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The parameter grant_type is missing.",
            );
        }
    }
    let now = request.now;
    state.tokens.retain(|_, token| token.expires > now);
    let token = state.ids.text(43);
    let expires = later(now, Duration::from_secs(LIFETIME));
    state
        .tokens
        .insert(token.clone(), Token { client, expires });
    super::ok(&json!({"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}))
}

impl Ostrom {
    /// Lets a request through whose token is alive and belongs to a client of the right role.
    pub(crate) fn authorize(&self, request: &Request, role: Option<Role>) -> Result<(), Refused> {
        if request.base_url != self.env.base_urls.ostrom {
            return Err(Refused(error(
                StatusCode::NOT_FOUND,
                "There is no such path on this host.",
            )));
        }
        let token = request
            .bearer()
            .and_then(|token| self.tokens.get(token))
            .filter(|token| token.expires > request.now);
        let Some(token) = token else {
            return Err(Refused(error(
                StatusCode::UNAUTHORIZED,
                "The access token is missing, unknown or expired.",
            )));
        };
        request.record_credential("access token");
        let own = self.clients[token.client].role;
        if role.is_some_and(|role| role != own) {
            return Err(Refused(error(
                StatusCode::FORBIDDEN,
                "This client's role may not use this operation.",
            )));
        }
        Ok(())
    }
}

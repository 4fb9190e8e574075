//! Logging in: an authorization code with PKCE, and the token endpoint.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde_json::json;

use super::error::{HandlerResult, bad_request, ok, unauthorized};
use super::model::AuthorizationCode;
use super::state::Authress;
use crate::data::fields::Fields;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "login" GET "/" => login;
    "requestToken" POST "/api/authentication/oauth/tokens" => token;
}

fn login(state: &mut Authress, request: &Request) -> HandlerResult {
    let needed = |name| request.query(name).non_empty().required();
    let (client, challenge, _) = (
        needed("client_id")?,
        needed("code_challenge")?,
        needed("redirect_uri")?,
    );
    request
        .query("code_challenge_method")
        .one_of(&["S256"], "must be S256")?;
    if !state.applications.contains_key(client)
        && !state
            .extensions
            .values()
            .any(|extension| extension["client"]["clientId"] == client)
    {
        return Err(unauthorized("The client is not known."));
    }
    let code = state.ids.secret(32);
    let (client, challenge) = (client.to_owned(), challenge.to_owned());
    let expires = later(request.now, Duration::from_secs(60));
    state.codes.insert(
        code.clone(),
        AuthorizationCode {
            client,
            challenge,
            expires,
        },
    );
    ok(&json!({"code": code}))
}

fn token(state: &mut Authress, request: &Request) -> HandlerResult {
    let body = if request.is_json() {
        request.json()?
    } else {
        Fields::from_pairs(request.form())
    };
    let client = body.text("client_id", 1, 128)?.to_owned();
    let subject = match body
        .text_opt("grant_type", 1, 32)?
        .unwrap_or("client_credentials")
    {
        "client_credentials" => {
            let secret = body.text("client_secret", 1, 1_024)?;
            let known = state.clients.get(&client).is_some_and(|client| {
                client.keys.iter().any(|key| {
                    key.raw.as_deref() == Some(secret)
                        || !key.secret.is_empty() && key.secret == secret
                })
            });
            if !known {
                return Err(unauthorized("The client's credentials are not valid."));
            }
            client
        }
        "authorization_code" => {
            let code = body.text("code", 1, 256)?;
            let verifier = body.text("code_verifier", 1, 256)?;
            let code = state
                .codes
                .remove(code)
                .filter(|code| code.expires > request.now && code.client == client);
            let hash = URL_SAFE_NO_PAD
                .encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
            if code.is_none_or(|code| code.challenge != hash) {
                return Err(unauthorized("The code is not valid."));
            }
            // The user who logs in at the sandbox is its first one.
            state
                .users
                .iter_from(0)
                .next()
                .map(|(_, user)| user.id.clone())
                .unwrap_or_default()
        }
        "password" => return Err(unauthorized("Logging in with a password is switched off.")),
        _ => return Err(bad_request("grant_type is not known")),
    };
    request.record_credential("client secret");
    let token = state
        .issue(&subject, request.now)
        .ok_or_else(|| unauthorized("No token could be made."))?;
    ok(&json!({"access_token": token, "token_type": "Bearer", "expires_in": 86_400}))
}

//! Logging in: an authorization code with PKCE, and the token endpoint.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::digest;
use serde_json::json;

use super::state::{Authress, Code};
use super::{Answer, Refused, bad_request, error, ok};
use crate::data::fields::Fields;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "login" GET "/" => login;
    "requestToken" POST "/api/authentication/oauth/tokens" => token;
}

fn refused(title: &str) -> Refused {
    Refused(error(StatusCode::UNAUTHORIZED, "Unauthorized", title))
}

fn login(state: &mut Authress, request: &Request) -> Answer {
    let needed = |name: &str| {
        request
            .query(name)
            .text()
            .filter(|text| !text.is_empty())
            .ok_or_else(|| bad_request(format!("{name} is required")))
    };
    let (client, challenge, _) = (
        needed("client_id")?,
        needed("code_challenge")?,
        needed("redirect_uri")?,
    );
    if request
        .query("code_challenge_method")
        .text()
        .is_some_and(|method| method != "S256")
    {
        return Err(bad_request("code_challenge_method must be S256"));
    }
    if !state.applications.contains_key(client)
        && !state
            .extensions
            .values()
            .any(|own| own["client"]["clientId"] == client)
    {
        return Err(refused("The client is not known."));
    }
    let code = state.ids.text(32);
    let (client, challenge) = (client.to_owned(), challenge.to_owned());
    let expires = later(request.now, Duration::from_secs(60));
    state.codes.insert(
        code.clone(),
        Code {
            client,
            challenge,
            expires,
        },
    );
    ok(&json!({"code": code}))
}

fn token(state: &mut Authress, request: &Request) -> Answer {
    let body = if request.is_json() {
        request.json()?
    } else {
        let form: serde_json::Map<_, _> = request
            .form()
            .into_iter()
            .map(|(name, value)| (name, json!(value)))
            .collect();
        Fields::from_value(&json!(form), "body")?
    };
    let client = body.text("client_id", 1, 128)?.to_owned();
    let subject = match body
        .text_opt("grant_type", 1, 32)?
        .unwrap_or("client_credentials")
    {
        "client_credentials" => {
            let secret = body.text("client_secret", 1, 1_024)?;
            let known = state.clients.get(&client).is_some_and(|own| {
                own.keys.iter().any(|key| {
                    key.raw.as_deref() == Some(secret)
                        || !key.secret.is_empty() && key.secret == secret
                })
            });
            if !known {
                return Err(refused("The client's credentials are not valid."));
            }
            client
        }
        "authorization_code" => {
            let code = body.text("code", 1, 256)?;
            let verifier = body.text("code_verifier", 1, 256)?;
            let own = state
                .codes
                .remove(code)
                .filter(|own| own.expires > request.now && own.client == client);
            let hash = URL_SAFE_NO_PAD
                .encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
            if own.is_none_or(|own| own.challenge != hash) {
                return Err(refused("The code is not valid."));
            }
            // Whoever logs in at the sandbox is its first user.
            state
                .users
                .iter_from(0)
                .next()
                .map(|(_, user)| user.id.clone())
                .unwrap_or_default()
        }
        "password" => return Err(refused("Logging in with a password is switched off.")),
        _ => return Err(bad_request("grant_type is not known")),
    };
    request.record_credential("client secret");
    let token = state
        .issue(&subject, request.now)
        .ok_or_else(|| refused("No token could be made."))?;
    ok(&json!({"access_token": token, "token_type": "Bearer", "expires_in": 86_400}))
}

//! The account, and the identity providers whose tokens it accepts.

use http::StatusCode;
use serde_json::{Value, json};

use super::auth::SIGNING_KEY_ID;
use super::error::{HandlerResult, bad_request, conflict, empty, not_found, ok};
use super::state::Authress;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "getAccounts" GET "/v1/accounts" => list;
    "getAccount" GET "/v1/accounts/{accountId}" => get;
    "getAccountIdentities" GET "/v1/identities" => identities;
    "delegateAuthentication" POST "/v1/identities" => delegate;
    "" GET "/.well-known/openid-configuration" => discovery;
    "" GET "/.well-known/openid-configuration/jwks" => keys;
    "" GET "/v1/clients/{clientId}/.well-known/openid-configuration/jwks" => client_keys;
}

impl Authress {
    pub(crate) fn show_account(&self) -> Value {
        json!({
            "accountId": self.account,
            "createdTime": "2024-01-01T00:00:00.000Z",
            "name": "Acme",
            "company": {"name": "Acme"},
            "links": self.links(&format!("/v1/accounts/{}", self.account)),
        })
    }
}

fn list(state: &mut Authress, request: &Request) -> HandlerResult {
    state.principal(request)?;
    request
        .query("earliestCacheTime")
        .non_empty()
        .parse::<jiff::Timestamp>("must be a date-time")?;
    // An array, whatever the document says.
    ok(&json!({"accounts": [state.show_account()]}))
}

fn get(state: &mut Authress, request: &Request) -> HandlerResult {
    state.principal(request)?;
    if request.param("accountId") != state.account {
        return Err(not_found());
    }
    ok(&state.show_account())
}

fn identities(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    ok(&json!({"identities": state.identities}))
}

fn delegate(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let body = request.json()?;
    let audience = body
        .text_opt("preferredAudience", 0, 1_024)?
        .unwrap_or("*")
        .to_owned();
    let issuer = match (
        body.text_opt("jwt", 1, 8_192)?,
        body.text_opt("issuer", 1, 1_024)?,
    ) {
        (_, Some(issuer)) => issuer.to_owned(),
        (Some(jwt), None) => {
            issuer(jwt).ok_or_else(|| bad_request("jwt is not a token with an issuer"))?
        }
        (None, None) => return Err(bad_request("jwt or issuer is required")),
    };
    let identity = json!({"issuer": issuer, "audience": audience});
    if state.identities.contains(&identity) {
        return Err(conflict("This identity is linked already."));
    }
    state.identities.push(identity);
    empty(StatusCode::CREATED)
}

fn issuer(jwt: &str) -> Option<String> {
    use base64::Engine as _;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(jwt.split('.').nth(1)?)
        .ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Some(claims["iss"].as_str()?.to_owned())
}

fn discovery(_: &mut Authress, request: &Request) -> HandlerResult {
    let base = &request.base_url;
    ok(&json!({
        "issuer": &**base,
        "authorization_endpoint": format!("{base}/"),
        "token_endpoint": format!("{base}/api/authentication/oauth/tokens"),
        "jwks_uri": format!("{base}/.well-known/openid-configuration/jwks"),
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

fn jwk(id: &str, public: &[u8]) -> Value {
    use base64::Engine as _;
    let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(public);
    json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": id, "x": x})
}

fn keys(state: &mut Authress, _: &Request) -> HandlerResult {
    use ring::signature::KeyPair as _;
    let pair = state.signing_key();
    let keys: Vec<Value> = pair
        .iter()
        .map(|pair| jwk(SIGNING_KEY_ID, pair.public_key().as_ref()))
        .collect();
    ok(&json!({"keys": keys}))
}

fn client_keys(state: &mut Authress, request: &Request) -> HandlerResult {
    let client = state
        .clients
        .get(request.param("clientId"))
        .ok_or_else(not_found)?;
    let keys: Vec<Value> = client
        .keys
        .iter()
        .map(|key| jwk(&key.id, &key.public))
        .collect();
    ok(&json!({"keys": keys}))
}

//! Who sends a request: a service client by a JWT it has signed, by its whole access key, or a holder
//! of a token that the account itself has signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde_json::{Value, json};

use super::error::{ApiError, bad_request, forbidden, unauthorized};
use super::state::Authress;
use crate::engine::wire::{Request, encode};

/// The sender of a request: a service client or a user, by id.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) id: String,
    admin: bool,
}

/// The three parts of a JWT, its first two decoded.
struct Jwt<'a> {
    header: Value,
    claims: Value,
    signed: &'a str,
    signature: Vec<u8>,
}

fn parse(token: &str) -> Option<Jwt<'_>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    Some(Jwt {
        header: json(header)?,
        claims: json(claims)?,
        signed,
        signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
    })
}

/// How many seconds from the future a token may come: clocks differ.
const MAX_CLOCK_SKEW: i64 = 60;

impl Authress {
    pub(crate) fn principal(&self, request: &Request) -> Result<Principal, ApiError> {
        let Some(token) = request.bearer() else {
            return Err(unauthorized("The request carries no bearer token."));
        };
        let Some(jwt) = parse(token) else {
            return self.raw_access_key(request, token);
        };
        let issuer = jwt.claims["iss"].as_str().unwrap_or_default();
        if issuer == &*self.env.base_urls.authress {
            return self.account_token(request, &jwt);
        }
        self.client_token(request, &jwt)
    }

    /// Verifies a JWT that a service client has signed with its access key.
    fn client_token(&self, request: &Request, jwt: &Jwt<'_>) -> Result<Principal, ApiError> {
        if jwt.header["alg"] != "EdDSA" {
            return Err(unauthorized("The token's algorithm is not EdDSA."));
        }
        let subject = jwt.claims["sub"].as_str().unwrap_or_default();
        let Some(client) = self.clients.get(subject) else {
            return Err(unauthorized("The token's subject is no service client."));
        };
        let key = client
            .keys
            .iter()
            .find(|key| jwt.header["kid"] == key.id.as_str());
        let Some(key) = key else {
            return Err(unauthorized("The token's key is not known."));
        };
        if UnparsedPublicKey::new(&ED25519, &key.public)
            .verify(jwt.signed.as_bytes(), &jwt.signature)
            .is_err()
        {
            return Err(unauthorized("The token's signature does not fit its key."));
        }
        if !self
            .issuers(subject)
            .iter()
            .any(|issuer| jwt.claims["iss"] == issuer.as_str())
        {
            return Err(unauthorized(
                "The token's issuer is not this client of this account.",
            ));
        }
        let audience = format!("{}.accounts.authress.io", self.account);
        let audiences = &jwt.claims["aud"];
        if *audiences != audience.as_str()
            && !audiences
                .as_array()
                .is_some_and(|all| all.iter().any(|other| other == audience.as_str()))
        {
            return Err(unauthorized("The token's audience is not this account."));
        }
        check_times(jwt, request.now)?;
        request.record_credential("access key JWT");
        Ok(Principal {
            id: subject.to_owned(),
            admin: self.is_admin(subject),
        })
    }

    /// Lists the issuers a client's tokens may name: this domain, or the account's at authress.io.
    fn issuers(&self, client: &str) -> Vec<String> {
        let base = &*self.env.base_urls.authress;
        let host = base.trim_start_matches("http://");
        let localhost = host.replace("127.0.0.1", "localhost");
        let origins = [
            base.to_owned(),
            format!("https://{host}"),
            format!("http://{localhost}"),
            format!("https://{localhost}"),
            format!("https://{}.api.authress.io", self.account),
        ];
        origins
            .iter()
            .map(|origin| format!("{origin}/v1/clients/{}", encode(client)))
            .collect()
    }

    /// Accepts the whole access key as bearer token, as some official SDKs send it; an error in a
    /// strict sandbox.
    fn raw_access_key(&self, request: &Request, token: &str) -> Result<Principal, ApiError> {
        let found = self.clients.iter().find(|(_, client)| {
            client
                .keys
                .iter()
                .any(|key| key.raw.as_deref() == Some(token))
        });
        let Some((id, _)) = found else {
            return Err(unauthorized("The bearer token is not valid."));
        };
        request.record_credential("raw access key");
        if self.env.options.strict {
            return Err(unauthorized(
                "The access key itself was sent: sign a short-lived token with it, its private half must not leave the caller.",
            ));
        }
        Ok(Principal {
            id: id.clone(),
            admin: self.is_admin(id),
        })
    }

    /// Verifies a token that this account has signed: for a user, or for a client by its secret.
    fn account_token(&self, request: &Request, jwt: &Jwt<'_>) -> Result<Principal, ApiError> {
        let Some(pair) = self.signing_key() else {
            return Err(unauthorized("The token cannot be checked."));
        };
        let public = UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref());
        if jwt.header["alg"] != "EdDSA"
            || public
                .verify(jwt.signed.as_bytes(), &jwt.signature)
                .is_err()
        {
            return Err(unauthorized("The token's signature does not fit."));
        }
        check_times(jwt, request.now)?;
        let revoked = jwt.claims["jti"]
            .as_str()
            .is_none_or(|id| !self.issued.contains_key(id));
        if revoked {
            return Err(unauthorized("The token has been revoked."));
        }
        request.record_credential("account JWT");
        let id = jwt.claims["sub"].as_str().unwrap_or_default().to_owned();
        Ok(Principal {
            admin: self.is_admin(&id),
            id,
        })
    }

    pub(crate) fn signing_key(&self) -> Option<Ed25519KeyPair> {
        Ed25519KeyPair::from_seed_unchecked(&self.env.seed.bytes("authress/signing")).ok()
    }

    /// Signs a token of this account, valid for a day.
    pub(crate) fn issue(&mut self, subject: &str, now: Timestamp) -> Option<String> {
        let id = self.ids.text(22);
        self.issued.insert(id.clone(), subject.to_owned());
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": SIGNING_KEY_ID});
        let claims = json!({
            "jti": id, "iss": &*self.env.base_urls.authress, "sub": subject, "aud": format!("{}.accounts.authress.io", self.account),
            "iat": now.as_second(), "exp": now.as_second() + 86_400, "scope": "openid profile email",
        });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.signing_key()?.sign(signed.as_bytes());
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
        self.env.seed.keep_secret(token.as_str());
        Some(token)
    }

    /// Returns whether a principal is seeded as admin, or granted the owner's role in a record.
    fn is_admin(&self, id: &str) -> bool {
        self.clients.get(id).is_some_and(|client| client.admin)
            || self.has_role(id, "Authress:Owner")
    }

    /// Requires a principal that may work on the account.
    pub(crate) fn require(&self, request: &Request) -> Result<Principal, ApiError> {
        let principal = self.principal(request)?;
        if principal.admin {
            Ok(principal)
        } else {
            Err(forbidden())
        }
    }

    /// Requires a principal that is this user, or may read about others.
    pub(crate) fn require_for(&self, request: &Request, user: &str) -> Result<Principal, ApiError> {
        let principal = self.principal(request)?;
        if user.chars().count() > 128 {
            return Err(bad_request("userId must have at most 128 characters"));
        }
        let client = self.clients.get(&principal.id);
        let granted = client
            .is_some_and(|client| client.value["options"]["grantUserPermissionsAccess"] == true);
        if principal.admin || granted || principal.id == user {
            Ok(principal)
        } else {
            Err(forbidden())
        }
    }
}

/// The id of the key this account signs its own tokens with.
pub(crate) const SIGNING_KEY_ID: &str = "sandbox-1";

fn check_times(jwt: &Jwt<'_>, now: Timestamp) -> Result<(), ApiError> {
    let now = now.as_second();
    match jwt.claims["exp"].as_i64() {
        Some(expires) if expires > now => {}
        Some(_) => return Err(unauthorized("The token has expired.")),
        None => return Err(unauthorized("The token has no expiry.")),
    }
    if jwt.claims["nbf"]
        .as_i64()
        .is_some_and(|from| from > now + MAX_CLOCK_SKEW)
    {
        return Err(unauthorized("The token is not valid yet."));
    }
    Ok(())
}

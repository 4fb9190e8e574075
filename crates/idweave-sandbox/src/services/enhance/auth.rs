//! Who sends a request: a login by its session cookie, an organisation by an access token; and which
//! roles they have where.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Value, json};

use super::error::{ApiError, forbidden, not_found, unauthenticated, unauthorized};
use super::model::{LoginRecord, Role, Session};
use super::state::Enhance;
use crate::data::fields::uuid;
use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request};

/// The sender of a request.
#[derive(Clone, Debug)]
pub(crate) enum Principal {
    Login { position: usize, session: String },
    Token(usize),
}

/// The roles that manage an organisation.
pub(crate) const ADMINS: &[Role] = &[Role::Owner, Role::SuperAdmin];
/// The roles that manage the platform.
pub(crate) const OPERATORS: &[Role] = &[Role::Owner, Role::SuperAdmin, Role::Sysadmin];
/// The roles of anyone who belongs to an organisation.
pub(crate) const MEMBERS: &[Role] = &[
    Role::Owner,
    Role::SuperAdmin,
    Role::Business,
    Role::SiteAccess,
    Role::Support,
    Role::Sysadmin,
];

/// How long a session lasts.
const SESSION_LIFETIME: Duration = Duration::from_secs(4 * 3_600);

impl Enhance {
    fn jwt_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.env.seed.bytes("enhance/jwt"))
    }

    /// Signs the session's JWT, as the `id0` cookie carries it.
    fn session_jwt(&self, id: &str, session: &Session, login: &LoginRecord) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({
            "jti": id,
            "sub": login.id,
            "iat": session.created.as_second(),
            "exp": session.expires.as_second(),
            "partial": session.partial,
        });
        let signed = format!(
            "{}.{}",
            part(&json!({"alg": "HS256", "typ": "JWT"})),
            part(&claims)
        );
        let signature = hmac::sign(&self.jwt_key(), signed.as_bytes());
        let jwt = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
        self.env.seed.keep_secret(jwt.as_str());
        jwt
    }

    /// Returns the id of the session that a JWT was signed for.
    fn verified_session(&self, jwt: &str) -> Option<String> {
        let (signed, signature) = jwt.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.jwt_key(), signed.as_bytes(), &signature).ok()?;
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.')?.1).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        Some(claims["jti"].as_str()?.to_owned())
    }

    /// Opens a session of a login and returns its id.
    pub(crate) fn open_session(
        &mut self,
        request: &Request,
        login: usize,
        partial: bool,
    ) -> String {
        let now = request.now;
        self.sessions.retain(|_, session| session.expires > now);
        let id = self.ids.uuid();
        let session = Session {
            login,
            created: now,
            expires: later(now, SESSION_LIFETIME),
            agent: request.header("user-agent").map(str::to_owned),
            ip: request.peer.to_string(),
            partial,
            pin: None,
            pending_method: None,
        };
        self.sessions.insert(id.clone(), session);
        id
    }

    /// Sets the cookie of a session on a reply.
    pub(crate) fn with_session_cookie(&self, id: &str, reply: Reply) -> Reply {
        let jwt = self.sessions.get(id).and_then(|session| {
            let login = self.logins.get(session.login)?;
            Some(self.session_jwt(id, session, &login))
        });
        with_cookie(reply, &jwt.unwrap_or_default())
    }

    /// Returns the session of the cookie, whether or not its pin has been verified.
    pub(crate) fn cookie_session(&self, request: &Request) -> Result<String, ApiError> {
        let Some(jwt) = request.cookie("id0").filter(|jwt| !jwt.is_empty()) else {
            return Err(unauthenticated("no_session_token"));
        };
        let id = self.verified_session(jwt);
        let valid = id.filter(|id| {
            self.sessions
                .get(id)
                .is_some_and(|session| session.expires > request.now)
        });
        valid.ok_or_else(|| unauthenticated("invalid_session_token"))
    }

    /// Identifies the sender by access token or by cookie.
    pub(crate) fn principal(&self, request: &Request) -> Result<Principal, ApiError> {
        if let Some(secret) = request.bearer() {
            let Some(at) = self.tokens.iter().position(|token| token.secret == secret) else {
                // A session's JWT is not an access token: known, but not allowed.
                return match self.verified_session(secret) {
                    Some(_) => Err(unauthorized()),
                    None => Err(unauthenticated("unauthorized")),
                };
            };
            let token = &self.tokens[at];
            if token.expires.is_some_and(|expires| expires <= request.now) {
                return Err(unauthenticated("unauthorized"));
            }
            if token.restricted
                && !token.ips.is_empty()
                && !token.ips.contains(&request.peer.to_string())
            {
                return Err(unauthorized());
            }
            request.record_credential("access token");
            return Ok(Principal::Token(at));
        }
        let session = self.cookie_session(request)?;
        let Some(found) = self.sessions.get(&session).filter(|found| !found.partial) else {
            return Err(unauthenticated("invalid_session_token"));
        };
        request.record_credential("session cookie");
        Ok(Principal::Login {
            position: found.login,
            session,
        })
    }

    /// Requires a login, which access tokens do not have.
    pub(crate) fn session_login(&self, request: &Request) -> Result<(usize, String), ApiError> {
        match self.principal(request)? {
            Principal::Login { position, session } => Ok((position, session)),
            Principal::Token(_) => Err(unauthorized()),
        }
    }

    /// Lists the principal's roles in an organisation, those in its parents included.
    pub(crate) fn roles_in(&self, principal: &Principal, org: &str) -> Vec<Role> {
        let mut roles = Vec::new();
        for id in self.lineage(org) {
            match principal {
                Principal::Token(at) if self.tokens[*at].org == id => {
                    roles.extend(&self.tokens[*at].roles)
                }
                Principal::Token(_) => {}
                Principal::Login { position, .. } => {
                    let member = self.logins.get(*position).and_then(|login| {
                        self.members
                            .get(self.membership(&login.id, &id)?)
                            .filter(|member| member.active)
                    });
                    roles.extend(
                        member
                            .iter()
                            .flat_map(|member| member.roles.iter().copied()),
                    );
                }
            }
        }
        roles
    }

    /// Requires one of the roles in the path's organisation.
    pub(crate) fn require(
        &self,
        request: &Request,
        allowed: &[Role],
    ) -> Result<(Principal, String), ApiError> {
        self.require_in(request, request.param("org_id"), allowed)
    }

    /// Requires one of the roles in an organisation.
    pub(crate) fn require_in(
        &self,
        request: &Request,
        org: &str,
        allowed: &[Role],
    ) -> Result<(Principal, String), ApiError> {
        let principal = self.principal(request)?;
        let org = uuid("the organisation's id", org)?;
        if !self.orgs.contains_key(&org) {
            return Err(not_found());
        }
        if self
            .roles_in(&principal, &org)
            .iter()
            .any(|role| allowed.contains(role))
        {
            Ok((principal, org))
        } else {
            Err(unauthorized())
        }
    }

    /// Requires one of the roles in the master organisation.
    pub(crate) fn require_master(
        &self,
        request: &Request,
        allowed: &[Role],
    ) -> Result<Principal, ApiError> {
        let principal = self.principal(request)?;
        let roles = self.roles_in(&principal, &self.master());
        if roles.is_empty() {
            return Err(forbidden("only_mo_allowed"));
        }
        if roles.iter().any(|role| allowed.contains(role)) {
            Ok(principal)
        } else {
            Err(unauthorized())
        }
    }
}

/// Adds the session cookie; an empty value removes it.
pub(crate) fn with_cookie(reply: Reply, jwt: &str) -> Reply {
    let age = if jwt.is_empty() {
        0
    } else {
        SESSION_LIFETIME.as_secs()
    };
    reply.with_header(
        "set-cookie",
        &format!("id0={jwt}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}"),
    )
}

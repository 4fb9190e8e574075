//! Who asks: a session by cookie, an organisation by access token; and what they may do where.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use super::model::{LoginRecord, Role};
use super::state::{Enhance, SESSION_LIFETIME, Session};
use super::{Refused, error, not_found, unauthorized};
use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request};

/// Who a request comes from.
#[derive(Clone, Debug)]
pub(crate) enum Principal {
    Login { position: usize, session: String },
    Token(usize),
}

/// Those who run an organisation.
pub(crate) const ADMINS: &[Role] = &[Role::Owner, Role::SuperAdmin];
/// Those who run the platform.
pub(crate) const OPERATORS: &[Role] = &[Role::Owner, Role::SuperAdmin, Role::Sysadmin];
/// Anyone who belongs to the organisation.
pub(crate) const MEMBERS: &[Role] = &[
    Role::Owner,
    Role::SuperAdmin,
    Role::Business,
    Role::SiteAccess,
    Role::Support,
    Role::Sysadmin,
];

fn refuse(status: StatusCode, code: &str) -> Refused {
    Refused(error(status, code, None))
}

impl Enhance {
    fn jwt_key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.env.seed.bytes("enhance/jwt"))
    }

    /// The session's JWT, as the `id0` cookie carries it.
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
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    fn session_of(&self, jwt: &str) -> Option<String> {
        let (signed, signature) = jwt.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.jwt_key(), signed.as_bytes(), &signature).ok()?;
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.')?.1).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        Some(claims["jti"].as_str()?.to_owned())
    }

    /// Opens a session and sets its cookie on the reply.
    pub(crate) fn open_session(
        &mut self,
        request: &Request,
        login: usize,
        partial: bool,
        reply: Reply,
    ) -> Reply {
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
        let cookie = self
            .logins
            .get(login)
            .map(|record| self.session_jwt(&id, &session, &record));
        self.sessions.insert(id, session);
        set_cookie(reply, &cookie.unwrap_or_default())
    }

    /// Sets the cookie of a session that stays, after it became whole.
    pub(crate) fn renew_cookie(&self, id: &str, reply: Reply) -> Reply {
        let jwt = self.sessions.get(id).and_then(|session| {
            let login = self.logins.get(session.login)?;
            Some(self.session_jwt(id, session, &login))
        });
        set_cookie(reply, &jwt.unwrap_or_default())
    }

    /// The session the cookie names, whether or not its pin has been given.
    pub(crate) fn cookie_session(&self, request: &Request) -> Result<String, Refused> {
        let Some(jwt) = request.cookie("id0").filter(|jwt| !jwt.is_empty()) else {
            return Err(refuse(StatusCode::UNAUTHORIZED, "no_session_token"));
        };
        let id = self.session_of(jwt);
        let alive = id.filter(|id| {
            self.sessions
                .get(id)
                .is_some_and(|session| session.expires > request.now)
        });
        alive.ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, "invalid_session_token"))
    }

    /// Who asks, by bearer token or by cookie.
    pub(crate) fn principal(&self, request: &Request) -> Result<Principal, Refused> {
        if let Some(secret) = request.bearer() {
            let Some(at) = self.tokens.iter().position(|token| token.secret == secret) else {
                // A session's JWT is no bearer token: known, but not allowed.
                return match self.session_of(secret) {
                    Some(_) => Err(unauthorized()),
                    None => Err(refuse(StatusCode::UNAUTHORIZED, "unauthorized")),
                };
            };
            let token = &self.tokens[at];
            if token.expires.is_some_and(|expires| expires <= request.now) {
                return Err(refuse(StatusCode::UNAUTHORIZED, "unauthorized"));
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
            return Err(refuse(StatusCode::UNAUTHORIZED, "invalid_session_token"));
        };
        request.record_credential("session cookie");
        Ok(Principal::Login {
            position: found.login,
            session,
        })
    }

    /// The login that asks; tokens have none.
    pub(crate) fn session_login(&self, request: &Request) -> Result<(usize, String), Refused> {
        match self.principal(request)? {
            Principal::Login { position, session } => Ok((position, session)),
            Principal::Token(_) => Err(unauthorized()),
        }
    }

    /// The principal's roles in an organisation; those of its parents count below them.
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

    /// Lets a request through whose principal has one of the roles in the path's organisation.
    pub(crate) fn require(
        &self,
        request: &Request,
        allowed: &[Role],
    ) -> Result<(Principal, String), Refused> {
        self.require_in(request, request.param("org_id"), allowed)
    }

    pub(crate) fn require_in(
        &self,
        request: &Request,
        org: &str,
        allowed: &[Role],
    ) -> Result<(Principal, String), Refused> {
        let principal = self.principal(request)?;
        if !crate::data::ids::is_uuid(org) {
            return Err(super::bad_request("the organisation's id must be a UUID"));
        }
        let org = self
            .orgs
            .get(&org.to_ascii_lowercase())
            .ok_or_else(not_found)?
            .id
            .clone();
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

    /// Lets a request through whose principal runs the master organisation.
    pub(crate) fn require_master(
        &self,
        request: &Request,
        allowed: &[Role],
    ) -> Result<Principal, Refused> {
        let principal = self.principal(request)?;
        let roles = self.roles_in(&principal, &self.master());
        if roles.is_empty() {
            return Err(refuse(StatusCode::FORBIDDEN, "only_mo_allowed"));
        }
        if roles.iter().any(|role| allowed.contains(role)) {
            Ok(principal)
        } else {
            Err(unauthorized())
        }
    }
}

/// Adds the session cookie; an empty value takes it away.
pub(crate) fn set_cookie(reply: Reply, jwt: &str) -> Reply {
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

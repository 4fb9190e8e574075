//! Who asks: API key, login token, cookie, Basic, OAuth2 token; and what the credential covers.

use http::{Method, StatusCode};

use super::model::{Kind, UserRecord};
use super::state::DocSpace;
use super::{Refused, denied};
use crate::engine::wire::{Reply, Request};

/// Who a request comes from.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) position: usize,
    pub(crate) user: UserRecord,
    /// The login token, when that is what was sent.
    pub(crate) token: Option<String>,
    /// The API key's id, when that is what was sent.
    pub(crate) key: Option<String>,
    /// None covers everything.
    scopes: Option<Vec<String>>,
}

/// The challenge has no body.
fn challenge() -> Refused {
    Refused(Reply::empty(StatusCode::UNAUTHORIZED))
}

impl DocSpace {
    fn principal_of(&self, position: usize, scopes: Option<Vec<String>>) -> Option<Principal> {
        let user = self.user(position).filter(UserRecord::is_active)?;
        Some(Principal {
            position,
            user,
            token: None,
            key: None,
            scopes,
        })
    }

    /// The caller if credentials were sent; wrong ones are refused.
    pub(crate) fn maybe_principal(
        &mut self,
        request: &Request,
    ) -> Result<Option<Principal>, Refused> {
        if let Some((email, password)) = request.basic() {
            let found = self.users.position_by_email(&email).and_then(|position| {
                let principal = self.principal_of(position, None)?;
                principal
                    .user
                    .password
                    .is(&password, &self.salt, &self.env.seed)
                    .then_some(principal)
            });
            request.record_credential("basic");
            return match found {
                Some(principal) => Ok(Some(principal)),
                None => Err(Refused(
                    Reply::empty(StatusCode::UNAUTHORIZED).with_header("www-authenticate", "Basic"),
                )),
            };
        }
        let token = match (
            request.authorization(),
            request.bearer(),
            request.cookie("asc_auth_key"),
        ) {
            (Some(_), Some(bearer), _) => bearer,
            // The prefix may be left out.
            (Some(raw), None, _) => raw,
            (None, _, Some(cookie)) => cookie,
            (None, _, None) => return Ok(None),
        };
        self.by_token(request, token)
            .map(Some)
            .ok_or_else(challenge)
    }

    fn by_token(&mut self, request: &Request, token: &str) -> Option<Principal> {
        let now = request.now;
        if token.starts_with("sk-") {
            let key = self.keys.iter_mut().find(|key| key.key == token)?;
            if !key.active || key.expires.is_some_and(|expires| expires <= now) {
                return None;
            }
            key.used = Some(now);
            let (id, owner, permissions) = (key.id.clone(), key.owner, key.permissions.clone());
            let everything = permissions.is_empty() || permissions.iter().any(|own| own == "*");
            request.record_credential("api key");
            let mut principal = self.principal_of(owner, (!everything).then_some(permissions))?;
            principal.key = Some(id);
            return Some(principal);
        }
        if let Some(found) = self.oauth_tokens.get(token) {
            if found.expires <= now {
                return None;
            }
            request.record_credential("oauth2 token");
            return self.principal_of(found.user, Some(found.scopes.clone()));
        }
        let session = self
            .sessions
            .get(token)
            .filter(|session| session.expires > now)?;
        request.record_credential(if request.authorization().is_some() {
            "login token"
        } else {
            "login cookie"
        });
        let mut principal = self.principal_of(session.user, None)?;
        principal.token = Some(token.to_owned());
        Some(principal)
    }

    /// The caller, whose credential must cover this call.
    pub(crate) fn require(&mut self, request: &Request) -> Result<Principal, Refused> {
        let principal = self.maybe_principal(request)?.ok_or_else(challenge)?;
        if principal.covers(request) {
            Ok(principal)
        } else {
            Err(denied())
        }
    }

    pub(crate) fn require_admin(&mut self, request: &Request) -> Result<Principal, Refused> {
        let principal = self.require(request)?;
        if principal.user.is_admin() {
            Ok(principal)
        } else {
            Err(denied())
        }
    }

    /// Room admins and above: plain users and guests may not look others up.
    pub(crate) fn require_staff(&mut self, request: &Request) -> Result<Principal, Refused> {
        let principal = self.require(request)?;
        match principal.user.kind {
            Kind::DocSpaceAdmin | Kind::RoomAdmin => Ok(principal),
            _ => Err(denied()),
        }
    }
}

impl Principal {
    fn covers(&self, request: &Request) -> bool {
        let Some(scopes) = &self.scopes else {
            return true;
        };
        let area = request
            .path
            .strip_prefix("/api/2.0")
            .unwrap_or(&request.path);
        let read = request.method == Method::GET;
        let any = |name: &str| {
            scopes.iter().any(|own| {
                *own == format!("{name}:write") || read && *own == format!("{name}:read")
            })
        };
        if area == "/keys/@self" || any("*") {
            return true;
        }
        if area.starts_with("/people/@self") {
            return any("accounts.self") || any("accounts");
        }
        (area.starts_with("/people") || area.starts_with("/group") || area.starts_with("/accounts"))
            && any("accounts")
    }

    /// Whether this caller may see that user's record.
    pub(crate) fn sees(&self, other: &UserRecord) -> bool {
        matches!(self.user.kind, Kind::DocSpaceAdmin | Kind::RoomAdmin)
            || other.id == self.user.id
            || other.is_admin()
            || self.user.kind == Kind::User && other.kind != Kind::Guest
    }

    /// Whether this caller may invite (or make) someone of that type.
    pub(crate) fn may_invite(&self, kind: Kind) -> bool {
        match kind {
            Kind::DocSpaceAdmin => self.user.owner,
            Kind::RoomAdmin => self.user.is_admin(),
            Kind::User => self.user.is_admin() || self.user.kind == Kind::RoomAdmin,
            Kind::All | Kind::Guest => false,
        }
    }

    /// Whether this caller may change that user: herself, or from above.
    pub(crate) fn may_edit(&self, other: &UserRecord) -> bool {
        self.user.id == other.id || self.may_manage(other)
    }

    /// Whether this caller may suspend, remove or retype that user.
    pub(crate) fn may_manage(&self, other: &UserRecord) -> bool {
        !other.owner
            && self.user.id != other.id
            && (self.user.owner || self.user.is_admin() && !other.is_admin())
    }
}

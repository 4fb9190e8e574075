//! Who sends a request: API key, login token, cookie, Basic or OAuth2 token; and what that covers.

use http::{Method, StatusCode};

use super::error::{ApiError, denied, unauthorized};
use super::model::{UserRecord, UserType};
use super::state::DocSpace;
use crate::engine::wire::{Reply, Request};

/// The sender of a request.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) position: usize,
    pub(crate) user: UserRecord,
    /// The login token, when that is what was sent.
    pub(crate) token: Option<String>,
    /// The API key's id, when that is what was sent.
    pub(crate) key: Option<String>,
    /// The scopes of the credential; `None` covers everything.
    scopes: Option<Vec<String>>,
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

    /// Returns the caller if credentials were sent; invalid ones are an error.
    pub(crate) fn principal(&mut self, request: &Request) -> Result<Option<Principal>, ApiError> {
        if let Some((email, password)) = request.basic() {
            let found = self.users.position_by_email(&email).and_then(|position| {
                let principal = self.principal_of(position, None)?;
                principal
                    .user
                    .password
                    .matches(&password, &self.salt, &self.env.seed)
                    .then_some(principal)
            });
            request.record_credential("basic");
            return match found {
                Some(principal) => Ok(Some(principal)),
                None => Err(ApiError(
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
        self.principal_by_token(request, token)
            .map(Some)
            .ok_or_else(unauthorized)
    }

    fn principal_by_token(&mut self, request: &Request, token: &str) -> Option<Principal> {
        let now = request.now;
        if token.starts_with("sk-") {
            let key = self.keys.iter_mut().find(|key| key.key == token)?;
            if !key.active || key.expires.is_some_and(|expires| expires <= now) {
                return None;
            }
            key.used = Some(now);
            let (id, owner, permissions) = (key.id.clone(), key.owner, key.permissions.clone());
            let everything = permissions.is_empty() || permissions.iter().any(|each| each == "*");
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

    /// Requires a caller whose credential covers this call.
    pub(crate) fn require(&mut self, request: &Request) -> Result<Principal, ApiError> {
        let principal = self.principal(request)?.ok_or_else(unauthorized)?;
        if principal.covers(request) {
            Ok(principal)
        } else {
            Err(denied())
        }
    }

    pub(crate) fn require_admin(&mut self, request: &Request) -> Result<Principal, ApiError> {
        let principal = self.require(request)?;
        if principal.user.is_admin() {
            Ok(principal)
        } else {
            Err(denied())
        }
    }

    /// Requires a room admin or above: plain users and guests may not look others up.
    pub(crate) fn require_staff(&mut self, request: &Request) -> Result<Principal, ApiError> {
        let principal = self.require(request)?;
        if principal.user.user_type.is_staff() {
            Ok(principal)
        } else {
            Err(denied())
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
            scopes.iter().any(|scope| {
                *scope == format!("{name}:write") || read && *scope == format!("{name}:read")
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

    /// Returns whether this caller may see that user's record.
    pub(crate) fn sees(&self, other: &UserRecord) -> bool {
        self.user.user_type.is_staff()
            || other.id == self.user.id
            || other.is_admin()
            || self.user.user_type == UserType::User && other.user_type != UserType::Guest
    }

    /// Returns whether this caller may invite (or create) a user of that type.
    pub(crate) fn may_invite(&self, user_type: UserType) -> bool {
        match user_type {
            UserType::DocSpaceAdmin => self.user.owner,
            UserType::RoomAdmin => self.user.is_admin(),
            UserType::User => self.user.is_admin() || self.user.user_type == UserType::RoomAdmin,
            UserType::All | UserType::Guest => false,
        }
    }

    /// Returns whether this caller may change that user: themselves, or as an admin above.
    pub(crate) fn may_edit(&self, other: &UserRecord) -> bool {
        self.user.id == other.id || self.may_manage(other)
    }

    /// Returns whether this caller may suspend, remove or retype that user.
    pub(crate) fn may_manage(&self, other: &UserRecord) -> bool {
        !other.owner
            && self.user.id != other.id
            && (self.user.owner || self.user.is_admin() && !other.is_admin())
    }
}

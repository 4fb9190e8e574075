//! Confirm links: the keys they carry, and the `confirm` header that repeats their query.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::hmac;

use crate::engine::clock::later;
use crate::engine::wire::{Request, encode, parse_query};
use crate::services::docspace::auth::Principal;
use crate::services::docspace::error::{ApiError, denied, unauthorized};
use crate::services::docspace::model::{InviteKey, UserType};
use crate::services::docspace::state::DocSpace;

/// The query of a confirm URL, as the `confirm` header carries it.
#[derive(Clone, Debug)]
pub(crate) struct ConfirmLink {
    pairs: Vec<(String, String)>,
}

impl ConfirmLink {
    /// Reads the `confirm` header, if the request has one.
    pub(crate) fn read(request: &Request) -> Option<Self> {
        let header = request.header("confirm")?;
        let mut link = Self {
            pairs: parse_query(header.trim_start_matches('?')),
        };
        let link_type = link.get("type")?;
        let cookie = format!("asc_confirm_key_{link_type}");
        if link.get("key").is_none()
            && let Some(key) = request.cookie(&cookie)
        {
            link.pairs.push(("key".to_owned(), key.to_owned()));
        }
        Some(link)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(pair, _)| pair.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn link_type(&self) -> &str {
        self.get("type").unwrap_or_default()
    }

    /// Returns whether the link was created for this user.
    pub(crate) fn is_for(&self, id: &str) -> bool {
        self.get("uid")
            .is_some_and(|uid| uid.eq_ignore_ascii_case(id))
    }

    /// Returns the address in the link, plain or encoded.
    pub(crate) fn email(&self) -> Option<String> {
        match self.get("email").filter(|email| !email.is_empty()) {
            Some(email) => Some(email.to_owned()),
            None => decode_email(self.get("encemail")?),
        }
    }

    /// Returns whether the link was created for this address.
    pub(crate) fn is_for_email(&self, email: &str) -> bool {
        self.email()
            .is_some_and(|address| address.eq_ignore_ascii_case(email))
    }
}

/// Decodes an address as links carry it.
pub(crate) fn decode_email(encoded: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?).ok()
}

/// The sender of a call that may run through a confirm link.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    Principal(Box<Principal>),
    Link,
}

/// How long the key of a link is valid.
pub(crate) const KEY_LIFETIME: Duration = Duration::from_secs(7 * 86_400);
const CONGRATULATIONS_LIFETIME: Duration = Duration::from_secs(3_600);

/// Returns the purpose of a user's link, which its key is bound to.
pub(crate) fn purpose(link_type: &str, user: &str, email: &str) -> String {
    format!("{link_type}/{user}/{}", email.to_lowercase())
}

fn congratulations(user: &str) -> String {
    format!("congratulations/{}", user.to_ascii_lowercase())
}

impl DocSpace {
    /// Creates a key for one purpose, which carries its time.
    fn validation_key(&self, purpose: &str, now: Timestamp) -> String {
        let created = now.as_millisecond();
        let key = hmac::Key::new(
            hmac::HMAC_SHA256,
            &self.env.seed.bytes("docspace/validation"),
        );
        let tag = hmac::sign(&key, format!("{created}/{purpose}").as_bytes());
        format!("{created}.{}", URL_SAFE_NO_PAD.encode(&tag.as_ref()[..20]))
    }

    /// Returns whether a key was created for this purpose, no longer ago than its lifetime.
    pub(crate) fn is_valid_key(
        &self,
        key: &str,
        purpose: &str,
        lifetime: Duration,
        now: Timestamp,
    ) -> bool {
        let created = key
            .split_once('.')
            .and_then(|(millis, _)| millis.parse().ok());
        let Some(created) = created.and_then(|at| Timestamp::from_millisecond(at).ok()) else {
            return false;
        };
        self.validation_key(purpose, created) == key
            && later(created, lifetime) > now
            && created <= now
    }

    /// Creates the key that sendCongratulations requires for this user.
    pub(crate) fn congratulations_key(&self, user: &str, now: Timestamp) -> String {
        let key = self.validation_key(&congratulations(user), now);
        self.env.seed.keep_secret(key.as_str());
        key
    }

    pub(crate) fn is_valid_congratulations_key(
        &self,
        user: &str,
        key: &str,
        now: Timestamp,
    ) -> bool {
        self.is_valid_key(key, &congratulations(user), CONGRATULATIONS_LIFETIME, now)
    }

    /// Creates a confirm link for one user (`PasswordChange`, `EmailChange`, …); returns its query.
    pub(crate) fn confirm_query(
        &self,
        link_type: &str,
        user: &str,
        email: &str,
        now: Timestamp,
    ) -> String {
        let key = self.validation_key(&purpose(link_type, user, email), now);
        self.env.seed.keep_secret(key.as_str());
        format!(
            "type={link_type}&key={}&uid={user}&email={}&encemail={}",
            encode(&key),
            encode(email),
            URL_SAFE_NO_PAD.encode(email)
        )
    }

    /// Creates an invitation's key; returns it with the query that the link's page is opened with.
    pub(crate) fn create_invite(
        &mut self,
        user_type: UserType,
        inviter: &str,
        email: Option<&str>,
        link: Option<&str>,
        now: Timestamp,
    ) -> (String, String) {
        let key = match link {
            Some(_) => self.ids.secret(40),
            None => format!("{}.{}", now.as_millisecond(), self.ids.secret(28)),
        };
        let mut query = format!(
            "type=LinkInvite&key={}&uid={inviter}&emplType={}",
            encode(&key),
            user_type as u8
        );
        if let Some(email) = email {
            query = format!("{query}&encemail={}", URL_SAFE_NO_PAD.encode(email));
        }
        let invite = InviteKey {
            user_type,
            inviter: inviter.to_owned(),
            email: email.map(str::to_owned),
            expires: link.is_none().then(|| later(now, KEY_LIFETIME)),
            link: link.map(str::to_owned),
            query: query.clone(),
        };
        self.invites.insert(key.clone(), invite);
        (key, query)
    }

    /// Creates the portal's short form of a confirm page's address.
    pub(crate) fn shorten(&mut self, page: &str, query: &str) -> String {
        let code = self.ids.secret(15);
        let url = format!("{}/s/{code}", self.base_url());
        self.short_links
            .insert(code, format!("{}/confirm/{page}?{query}", self.base_url()));
        url
    }

    /// Returns the invitation of a key, if it is still valid.
    pub(crate) fn valid_invite(
        &self,
        key: &str,
        confirm: Option<&ConfirmLink>,
        now: Timestamp,
    ) -> Option<InviteKey> {
        let invite = self.invites.get(key)?;
        if invite.expires.is_some_and(|expires| expires <= now) {
            return None;
        }
        if let Some(link) = &invite.link {
            let link = self.links.get(link)?;
            let is_used = link.max_uses.is_some_and(|limit| link.uses >= limit);
            if is_used || link.expiration.is_some_and(|at| at <= now) {
                return None;
            }
        }
        // What the link says beside its key is covered by it.
        if let Some(confirm) = confirm {
            let user_type = confirm
                .get("emplType")
                .is_none_or(|text| UserType::parse(text) == Some(invite.user_type));
            let inviter = confirm.get("uid").is_none() || confirm.is_for(&invite.inviter);
            if !user_type || !inviter {
                return None;
            }
        }
        Some(invite.clone())
    }

    /// Counts one use of the link an invitation came by.
    pub(crate) fn count_use(&mut self, invite: &InviteKey) {
        if let Some(link) = invite.link.as_ref().and_then(|id| self.links.get_mut(id)) {
            link.uses += 1;
        }
    }

    /// Requires a valid confirm link of one of these types, or an ordinary credential.
    pub(crate) fn require_link_or_principal(
        &mut self,
        request: &Request,
        link_types: &[&str],
    ) -> Result<Caller, ApiError> {
        match ConfirmLink::read(request) {
            Some(link) => self
                .check_link(request, &link, link_types)
                .map(|()| Caller::Link),
            None => Ok(Caller::Principal(Box::new(self.require(request)?))),
        }
    }

    /// Requires a valid confirm link of one of these types.
    pub(crate) fn require_link(
        &mut self,
        request: &Request,
        link_types: &[&str],
    ) -> Result<ConfirmLink, ApiError> {
        match ConfirmLink::read(request) {
            Some(link) => self.check_link(request, &link, link_types).map(|()| link),
            None => {
                self.require(request)?;
                Err(denied())
            }
        }
    }

    fn check_link(
        &self,
        request: &Request,
        link: &ConfirmLink,
        link_types: &[&str],
    ) -> Result<(), ApiError> {
        if !link_types.contains(&link.link_type()) {
            return Err(unauthorized());
        }
        request.record_credential("confirm link");
        if self.is_valid_link(link, request.now) {
            Ok(())
        } else {
            Err(unauthorized())
        }
    }

    fn is_valid_link(&self, link: &ConfirmLink, now: Timestamp) -> bool {
        let Some(key) = link.get("key") else {
            return false;
        };
        match link.link_type() {
            "LinkInvite" | "EmpInvite" => self.valid_invite(key, Some(link), now).is_some(),
            link_type => {
                let user = link.get("uid").unwrap_or_default().to_ascii_lowercase();
                let email = link.email().unwrap_or_default();
                self.is_valid_key(key, &purpose(link_type, &user, &email), KEY_LIFETIME, now)
            }
        }
    }
}

//! Confirm links: the keys they carry, and the `confirm` header that repeats their query.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use jiff::Timestamp;
use ring::hmac;

use crate::engine::clock::later;
use crate::engine::wire::{Reply, Request, encode, parse_query};
use crate::services::docspace::auth::Principal;
use crate::services::docspace::model::Kind;
use crate::services::docspace::state::DocSpace;
use crate::services::docspace::{Refused, denied};

/// What an invitation's key stands for.
#[derive(Clone, Debug)]
pub(crate) struct InviteKey {
    pub(crate) kind: Kind,
    pub(crate) inviter: String,
    pub(crate) email: Option<String>,
    pub(crate) expires: Option<Timestamp>,
    /// The invitation link it counts against.
    pub(crate) link: Option<String>,
    /// The whole query of the link it belongs to.
    pub(crate) query: String,
}

/// The query part of a confirm URL, as the `confirm` header carries it.
#[derive(Clone, Debug)]
pub(crate) struct Confirm {
    pairs: Vec<(String, String)>,
}

impl Confirm {
    pub(crate) fn read(request: &Request) -> Option<Self> {
        let header = request.header("confirm")?;
        let mut pairs = parse_query(header.trim_start_matches('?'));
        let get = |pairs: &[(String, String)], name: &str| {
            pairs
                .iter()
                .find(|(own, _)| own.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.clone())
        };
        let kind = get(&pairs, "type")?;
        if get(&pairs, "key").is_none()
            && let Some(key) = request.cookie(&format!("asc_confirm_key_{kind}"))
        {
            pairs.push(("key".to_owned(), key.to_owned()));
        }
        Some(Self { pairs })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn kind(&self) -> &str {
        self.get("type").unwrap_or_default()
    }
}

/// Who a call that may run through a confirm link comes from.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    Principal(Box<Principal>),
    /// A link of this type, valid.
    Link(Confirm),
}

const WEEK: Duration = Duration::from_secs(7 * 86_400);
const HOUR: Duration = Duration::from_secs(3_600);

impl DocSpace {
    /// A key for one purpose, with the time it was made.
    pub(crate) fn validation_key(&self, purpose: &str, now: Timestamp) -> String {
        let made = now.as_millisecond();
        let key = hmac::Key::new(
            hmac::HMAC_SHA256,
            &self.env.seed.bytes("docspace/validation"),
        );
        let tag = hmac::sign(&key, format!("{made}/{purpose}").as_bytes());
        format!("{made}.{}", URL_SAFE_NO_PAD.encode(&tag.as_ref()[..20]))
    }

    /// Whether a key was made for this purpose, no longer ago than that.
    pub(crate) fn key_fits(
        &self,
        key: &str,
        purpose: &str,
        valid: Duration,
        now: Timestamp,
    ) -> bool {
        let made = key.split_once('.').and_then(|(made, _)| made.parse().ok());
        let Some(made) = made.and_then(|made| Timestamp::from_millisecond(made).ok()) else {
            return false;
        };
        self.validation_key(purpose, made) == key && later(made, valid) > now && made <= now
    }

    /// The key sendCongratulations wants for this user.
    pub(crate) fn congratulations_key(&self, user: &str, now: Timestamp) -> String {
        self.validation_key(
            &format!("congratulations/{}", user.to_ascii_lowercase()),
            now,
        )
    }

    pub(crate) fn congratulations_key_fits(&self, user: &str, key: &str, now: Timestamp) -> bool {
        self.key_fits(
            key,
            &format!("congratulations/{}", user.to_ascii_lowercase()),
            HOUR,
            now,
        )
    }

    /// A confirm link for one user (`PasswordChange`, `EmailChange`, …) and its whole query.
    pub(crate) fn confirm_query(
        &self,
        kind: &str,
        user: &str,
        email: &str,
        now: Timestamp,
    ) -> String {
        let key = self.validation_key(&format!("{kind}/{user}/{}", email.to_lowercase()), now);
        format!(
            "type={kind}&key={}&uid={user}&email={}&encemail={}",
            encode(&key),
            encode(email),
            URL_SAFE_NO_PAD.encode(email)
        )
    }

    /// Makes an invitation's key; the query is what the link's page is opened with.
    pub(crate) fn make_invite(
        &mut self,
        kind: Kind,
        inviter: &str,
        email: Option<&str>,
        link: Option<&str>,
        now: Timestamp,
    ) -> (String, String) {
        let key = match link {
            Some(_) => self.ids.text(40),
            None => format!("{}.{}", now.as_millisecond(), self.ids.text(28)),
        };
        let mut query = format!(
            "type=LinkInvite&key={}&uid={inviter}&emplType={}",
            encode(&key),
            kind as u8
        );
        if let Some(email) = email {
            query = format!("{query}&encemail={}", URL_SAFE_NO_PAD.encode(email));
        }
        let invite = InviteKey {
            kind,
            inviter: inviter.to_owned(),
            email: email.map(str::to_owned),
            expires: link.is_none().then(|| later(now, WEEK)),
            link: link.map(str::to_owned),
            query: query.clone(),
        };
        self.invites.insert(key.clone(), invite);
        (key, query)
    }

    /// The portal's short form of a confirm page's address.
    pub(crate) fn shorten(&mut self, page: &str, query: &str) -> String {
        let code = self.ids.text(15);
        let url = format!("{}/s/{code}", self.base());
        self.short
            .insert(code, format!("{}/confirm/{page}?{query}", self.base()));
        url
    }

    /// The invitation a key stands for, if it still holds.
    pub(crate) fn valid_invite(
        &self,
        key: &str,
        confirm: Option<&Confirm>,
        now: Timestamp,
    ) -> Option<InviteKey> {
        let invite = self.invites.get(key)?;
        if invite.expires.is_some_and(|expires| expires <= now) {
            return None;
        }
        if let Some(link) = &invite.link {
            let link = self.links.get(link)?;
            let used_up = link.max_uses.is_some_and(|most| link.uses >= most);
            if used_up || link.expiration.is_some_and(|at| at <= now) {
                return None;
            }
        }
        // What the link says beside its key is covered by it.
        if let Some(confirm) = confirm {
            let kind = confirm
                .get("emplType")
                .is_none_or(|own| Kind::parse(own) == Some(invite.kind));
            let inviter = confirm
                .get("uid")
                .is_none_or(|own| own.eq_ignore_ascii_case(&invite.inviter));
            if !kind || !inviter {
                return None;
            }
        }
        Some(invite.clone())
    }

    /// Counts one use of the link an invitation came by.
    pub(crate) fn use_invite(&mut self, invite: &InviteKey) {
        if let Some(link) = invite.link.as_ref().and_then(|id| self.links.get_mut(id)) {
            link.uses += 1;
        }
    }

    /// Runs the confirm scheme: a valid link of one of these types, or (where `Authenticated` is
    /// among the roles) an ordinary credential.
    pub(crate) fn caller(
        &mut self,
        request: &Request,
        kinds: &[&str],
        authenticated: bool,
    ) -> Result<Caller, Refused> {
        if let Some(confirm) = Confirm::read(request) {
            let refused = || Err(Refused(Reply::empty(StatusCode::UNAUTHORIZED)));
            if !kinds.contains(&confirm.kind()) {
                return refused();
            }
            request.record_credential("confirm link");
            return if self.confirm_fits(&confirm, request.now) {
                Ok(Caller::Link(confirm))
            } else {
                refused()
            };
        }
        let principal = self.require(request)?;
        if authenticated {
            Ok(Caller::Principal(Box::new(principal)))
        } else {
            Err(denied())
        }
    }

    fn confirm_fits(&self, confirm: &Confirm, now: Timestamp) -> bool {
        let Some(key) = confirm.get("key") else {
            return false;
        };
        match confirm.kind() {
            "LinkInvite" | "EmpInvite" => self.valid_invite(key, Some(confirm), now).is_some(),
            kind => {
                let user = confirm.get("uid").unwrap_or_default().to_ascii_lowercase();
                let email = confirm_email(confirm).unwrap_or_default();
                self.key_fits(
                    key,
                    &format!("{kind}/{user}/{}", email.to_lowercase()),
                    WEEK,
                    now,
                )
            }
        }
    }
}

/// The address in a confirm link, plain or encoded.
pub(crate) fn confirm_email(confirm: &Confirm) -> Option<String> {
    if let Some(email) = confirm.get("email").filter(|email| !email.is_empty()) {
        return Some(email.to_owned());
    }
    decode_email(confirm.get("encemail")?)
}

pub(crate) fn decode_email(encoded: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?).ok()
}

//! The records of the portal: users in the three forms they are shown in, sessions, keys, groups,
//! invitations, jobs, OAuth2 tokens.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ring::pbkdf2;
use serde_json::{Value, json};

use crate::data::fields::{Checked, Fields, Violation};
use crate::data::seed::{Seed, hex};
use crate::engine::wire::{encode, escape_html};

/// The name that seeded passwords are derived under.
pub(crate) const SERVICE: &str = "docspace";

/// The type of a user (EmployeeType).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserType {
    All = 0,
    RoomAdmin = 1,
    Guest = 2,
    DocSpaceAdmin = 3,
    User = 4,
}

impl UserType {
    const NAMES: [(&'static str, Self); 5] = [
        ("All", Self::All),
        ("RoomAdmin", Self::RoomAdmin),
        ("Guest", Self::Guest),
        ("DocSpaceAdmin", Self::DocSpaceAdmin),
        ("User", Self::User),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, user_type)| *user_type == self)
            .map_or("All", |(name, _)| name)
    }

    /// Parses a name in any case, or a number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(name, user_type)| {
                name.eq_ignore_ascii_case(text) || text.parse() == Ok(*user_type as u8)
            })
            .map(|(_, user_type)| *user_type)
    }

    /// Reads the type that a parameter holds.
    pub(crate) fn from_text(name: &str, text: &str) -> Checked<Self> {
        Self::parse(text).ok_or_else(|| Self::invalid(name))
    }

    /// Reads the type that a body's field holds: a name or a number.
    pub(crate) fn from_field(body: &Fields, name: &str) -> Checked<Self> {
        Self::from_field_opt(body, name)?.ok_or_else(|| Self::invalid(name))
    }

    pub(crate) fn from_field_opt(body: &Fields, name: &str) -> Checked<Option<Self>> {
        let found = match body.value(name) {
            None => return Ok(None),
            Some(Value::String(text)) => Self::parse(text),
            Some(Value::Number(number)) => Self::parse(&number.to_string()),
            Some(_) => None,
        };
        found.map(Some).ok_or_else(|| Self::invalid(name))
    }

    fn invalid(name: &str) -> Violation {
        Violation::new(name, "is not valid")
    }

    /// Returns whether users of this type can own rooms and look others up.
    pub(crate) fn is_staff(self) -> bool {
        matches!(self, Self::DocSpaceAdmin | Self::RoomAdmin)
    }
}

/// States of a user (EmployeeStatus), which are bits of a mask.
pub(crate) const ACTIVE: u8 = 1;
pub(crate) const TERMINATED: u8 = 2;
pub(crate) const PENDING: u8 = 4;

/// The password of a user.
#[derive(Clone, Debug)]
pub(crate) enum Password {
    None,
    /// The seeded one of this index, derived when it is needed.
    Seeded(usize),
    Plain(String),
    /// Lowercase hex of the hash that a client has computed.
    Hash(String),
}

/// A user of the portal.
#[derive(Clone, Debug)]
pub(crate) struct UserRecord {
    pub(crate) id: String,
    pub(crate) user_name: String,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) email: String,
    pub(crate) user_type: UserType,
    pub(crate) owner: bool,
    pub(crate) status: u8,
    pub(crate) activation: u8,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) terminated: Option<Timestamp>,
    pub(crate) created_by: Option<String>,
    pub(crate) culture: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) contacts: Vec<(String, String)>,
    pub(crate) mobile: Option<String>,
    pub(crate) theme: &'static str,
    pub(crate) photo: Option<u64>,
    pub(crate) password: Password,
    pub(crate) quota: Option<i64>,
    pub(crate) two_factor: bool,
    /// Linked external accounts: the user id by provider.
    pub(crate) links: BTreeMap<String, String>,
    pub(crate) spam: bool,
}

/// The parameters every portal publishes for its password hashes.
pub(crate) const HASH_SIZE: usize = 256;
pub(crate) const HASH_ITERATIONS: u32 = 100_000;

/// Returns lowercase hex of PBKDF2-HMAC-SHA256 with the portal's parameters.
fn password_hash(password: &str, salt: &str) -> String {
    let mut out = [0; HASH_SIZE / 8];
    if let Some(iterations) = std::num::NonZeroU32::new(HASH_ITERATIONS) {
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            iterations,
            salt.as_bytes(),
            password.as_bytes(),
            &mut out,
        );
    }
    hex(&out)
}

impl Password {
    pub(crate) fn matches(&self, given: &str, salt: &str, seed: &Seed) -> bool {
        match self {
            Self::None => false,
            Self::Seeded(index) => seed.password(SERVICE, *index) == given,
            Self::Plain(password) => password == given,
            Self::Hash(hash) => *hash == password_hash(given, salt),
        }
    }

    pub(crate) fn matches_hash(&self, given: &str, salt: &str, seed: &Seed) -> bool {
        match self {
            Self::None => false,
            Self::Seeded(index) => given == password_hash(&seed.password(SERVICE, *index), salt),
            Self::Plain(password) => given == password_hash(password, salt),
            Self::Hash(hash) => hash == given,
        }
    }
}

/// Formats a time as the portal does: seven digits of a second, and a zone.
pub(crate) fn api_time(at: Timestamp) -> String {
    format!(
        "{}.{:07}Z",
        at.strftime("%Y-%m-%dT%H:%M:%S"),
        at.subsec_nanosecond() / 100
    )
}

impl UserRecord {
    pub(crate) fn is_active(&self) -> bool {
        self.status == ACTIVE
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.user_type == UserType::DocSpaceAdmin
    }

    pub(crate) fn display_name(&self) -> String {
        let name = format!("{} {}", self.first, self.last);
        let name = if name.trim().is_empty() {
            &self.email
        } else {
            name.trim()
        };
        escape_html(name)
    }

    fn picture(&self, size: &str) -> String {
        match self.photo {
            Some(version) => format!(
                "/storage/userPhotos/root/{}_size_{size}.png?hash={version}",
                self.id
            ),
            None => format!("/static/images/default_user_photo_size_{size}.png?hash=1"),
        }
    }

    pub(crate) fn thumbnails(&self) -> Value {
        json!({
            "original": self.picture("orig"), "retina": self.picture("360-360"), "max": self.picture("200-200"),
            "big": self.picture("82-82"), "medium": self.picture("48-48"), "small": self.picture("32-32"),
        })
    }

    /// Returns the user as EmployeeDto.
    pub(crate) fn show(&self, base: &str) -> Value {
        json!({
            "id": self.id,
            "displayName": self.display_name(),
            "avatar": self.picture("48-48"),
            "avatarOriginal": self.picture("orig"),
            "avatarMax": self.picture("200-200"),
            "avatarMedium": self.picture("48-48"),
            "avatarSmall": self.picture("32-32"),
            "profileUrl": format!("{base}/accounts/people/filter?search={}", encode(&self.email)),
            "hasAvatar": self.photo.is_some(),
            "isAnonim": false,
        })
    }

    /// Returns the user as EmployeeFullDto, without what only the state knows (groups, creator).
    pub(crate) fn show_full(&self, base: &str) -> Value {
        let more = json!({
            "firstName": self.first,
            "lastName": self.last,
            "userName": self.user_name,
            "email": self.email,
            "contacts": (!self.contacts.is_empty()).then(|| self.contacts.iter().map(|(kind, value)| json!({"type": kind, "value": value})).collect::<Vec<_>>()),
            "status": self.status,
            "activationStatus": self.activation,
            "terminated": self.terminated.map(api_time),
            "department": "",
            "location": self.location,
            "notes": self.notes,
            "isAdmin": self.is_admin(),
            "isRoomAdmin": self.user_type == UserType::RoomAdmin,
            "isLDAP": false,
            "isOwner": self.owner,
            "isVisitor": self.user_type == UserType::Guest,
            "isCollaborator": self.user_type == UserType::User,
            "cultureName": self.culture,
            "mobilePhone": self.mobile,
            "mobilePhoneActivationStatus": u8::from(self.mobile.is_some()),
            "isSSO": false,
            "theme": self.theme,
            "quotaLimit": self.quota,
            "usedSpace": 0.0,
            "isCustomQuota": self.quota.map(|_| true),
            "registrationDate": api_time(self.created),
            "hasPersonalFolder": self.user_type != UserType::Guest,
            "tfaAppEnabled": self.two_factor,
        });
        let mut full = self.show(base);
        if let (Value::Object(fields), Value::Object(more)) = (&mut full, more) {
            fields.extend(more);
        }
        full
    }

    /// Returns the user as UserInfo, the raw record of the database.
    pub(crate) fn show_raw(&self) -> Value {
        let plain = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        json!({
            "id": self.id,
            "firstName": self.first,
            "lastName": self.last,
            "userName": self.user_name,
            "status": self.status,
            "activationStatus": self.activation,
            "terminatedDate": self.terminated.map(plain),
            "email": self.email,
            "contacts": (!self.contacts.is_empty()).then(|| self.contacts.iter().flat_map(|(kind, value)| [kind.as_str(), value.as_str()]).collect::<Vec<_>>().join("|")),
            "location": self.location,
            "notes": self.notes,
            "removed": false,
            "lastModified": plain(self.modified),
            "tenantId": 1,
            "isActive": self.activation & 1 == 1,
            "cultureName": self.culture,
            "mobilePhone": self.mobile,
            "mobilePhoneActivationStatus": u8::from(self.mobile.is_some()),
            "ldapQouta": 0,
            "createDate": plain(self.created),
            "createdBy": self.created_by,
            "spam": self.spam,
            "checkActivation": self.activation & 1 == 0,
        })
    }
}

/// The fields of a user to create.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    pub(crate) email: String,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) user_type: UserType,
    pub(crate) status: u8,
    pub(crate) activation: u8,
    pub(crate) created_by: Option<String>,
    pub(crate) culture: Option<String>,
    pub(crate) password: Password,
    pub(crate) location: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) contacts: Vec<(String, String)>,
    pub(crate) spam: bool,
}

impl Default for NewUser {
    fn default() -> Self {
        Self {
            email: String::new(),
            first: String::new(),
            last: String::new(),
            user_type: UserType::User,
            status: ACTIVE,
            activation: 0,
            created_by: None,
            culture: None,
            password: Password::None,
            location: None,
            notes: None,
            contacts: Vec::new(),
            spam: false,
        }
    }
}

/// A login of a user, until it expires or is ended.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) user: usize,
    pub(crate) event: u32,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) ip: String,
    pub(crate) agent: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct ApiKey {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) owner: usize,
    pub(crate) created: Timestamp,
    pub(crate) used: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) active: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) manager: Option<String>,
    pub(crate) members: Vec<String>,
}

impl Group {
    /// Adds a member, unless they belong to the group.
    pub(crate) fn add(&mut self, id: String) {
        if !self.members.contains(&id) {
            self.members.push(id);
        }
    }
}

/// An invitation link as createInvitationLink creates it.
#[derive(Clone, Debug)]
pub(crate) struct InvitationLink {
    pub(crate) id: String,
    pub(crate) user_type: UserType,
    pub(crate) expiration: Option<Timestamp>,
    pub(crate) max_uses: Option<i64>,
    pub(crate) uses: i64,
    pub(crate) key: String,
    pub(crate) url: String,
}

/// An OAuth2 access token of the portal's own identity server.
#[derive(Clone, Debug)]
pub(crate) struct OAuthToken {
    pub(crate) user: usize,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: Timestamp,
    pub(crate) client: String,
}

/// An authorization code, bound to a client and its redirect URI.
#[derive(Clone, Debug)]
pub(crate) struct OAuthCode {
    pub(crate) client: String,
    pub(crate) redirect: String,
    pub(crate) user: usize,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: Timestamp,
}

/// The invitation that a key stands for.
#[derive(Clone, Debug)]
pub(crate) struct InviteKey {
    pub(crate) user_type: UserType,
    pub(crate) inviter: String,
    pub(crate) email: Option<String>,
    pub(crate) expires: Option<Timestamp>,
    /// The invitation link it counts against.
    pub(crate) link: Option<String>,
    /// The whole query of the link it belongs to.
    pub(crate) query: String,
}

/// What happens when a job is done.
#[derive(Clone, Copy, Debug)]
pub(crate) enum JobEffect {
    Nothing,
    DeleteUser,
    SetType(UserType),
}

/// A background job of one user; the newest of each kind is stored.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) started: Timestamp,
    pub(crate) due: Timestamp,
    pub(crate) effect: JobEffect,
    pub(crate) done: bool,
    pub(crate) cancelled: bool,
}

impl Job {
    pub(crate) fn is_running(&self) -> bool {
        !self.done && !self.cancelled
    }

    /// Returns the job's progress.
    pub(crate) fn show(&self, now: Timestamp) -> Value {
        let whole = self.due.duration_since(self.started).as_millis().max(1);
        let percentage = (now.duration_since(self.started).as_millis() * 100 / whole).clamp(0, 99);
        // DistributedTaskStatus: 1 running, 2 completed, 3 cancelled.
        let (percentage, completed, status) = match (self.done, self.cancelled) {
            (true, _) => (100, true, 2),
            (_, true) => (percentage, true, 3),
            _ => (percentage, false, 1),
        };
        json!({
            "id": self.id,
            "error": "",
            "percentage": percentage as i64,
            "isCompleted": completed,
            "status": status,
        })
    }
}

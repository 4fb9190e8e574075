//! People: their types, states and the three shapes they are shown in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ring::pbkdf2;
use serde_json::{Value, json};

use crate::data::population::FromSeed;
use crate::data::seed::{Seed, hex};
use crate::engine::wire::escape_html;

/// What kind of user someone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    All = 0,
    RoomAdmin = 1,
    Guest = 2,
    DocSpaceAdmin = 3,
    User = 4,
}

impl Kind {
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
            .find(|(_, kind)| *kind == self)
            .map_or("All", |(name, _)| name)
    }

    /// By name in any case, or by number.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(name, kind)| name.eq_ignore_ascii_case(text) || text.parse() == Ok(*kind as u8))
            .map(|(_, kind)| *kind)
    }

    pub(crate) fn parse_json(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Number(number) => Self::parse(&number.to_string()),
            _ => None,
        }
    }
}

pub(crate) const ACTIVE: u8 = 1;
pub(crate) const TERMINATED: u8 = 2;
pub(crate) const PENDING: u8 = 4;

/// What a user proves herself with.
#[derive(Clone, Debug)]
pub(crate) enum Password {
    None,
    /// What someone was seeded with, made when it is asked for.
    Seeded(usize),
    Plain(String),
    /// Lowercase hex of the hash a client has made.
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
    pub(crate) kind: Kind,
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
    pub(crate) links: BTreeMap<String, String>,
    pub(crate) spam: bool,
}

const USER_KIND: u64 = 0x30;

/// The seeded positions with a part to play.
pub(crate) const OWNER: usize = 0;
pub(crate) const ADMIN: usize = 1;
pub(crate) const ROOM_ADMIN: usize = 2;
pub(crate) const USER: usize = 3;
pub(crate) const GUEST: usize = 4;
pub(crate) const DISABLED: usize = 5;
pub(crate) const INVITED: usize = 6;
pub(crate) const TWO_FACTOR: usize = 7;

/// The state someone was seeded with; cheap, for counts over millions.
pub(crate) fn seeded_status(seed: &Seed, index: usize) -> u8 {
    match index {
        DISABLED => TERMINATED,
        INVITED => PENDING,
        OWNER..=TWO_FACTOR => ACTIVE,
        _ => match seed.mix(40, index) % 16 {
            0 => TERMINATED,
            1 => PENDING,
            _ => ACTIVE,
        },
    }
}

pub(crate) fn seeded_password(seed: &Seed, index: usize) -> String {
    format!(
        "Pw-{}",
        seed.text(&format!("docspace/password/{index}"), 16)
    )
}

impl FromSeed for UserRecord {
    fn from_seed(seed: &Seed, index: usize) -> Self {
        let person = seed.person(index);
        let kind = match index {
            OWNER | ADMIN => Kind::DocSpaceAdmin,
            ROOM_ADMIN => Kind::RoomAdmin,
            USER | DISABLED | INVITED | TWO_FACTOR => Kind::User,
            GUEST => Kind::Guest,
            _ => [Kind::User, Kind::User, Kind::RoomAdmin, Kind::Guest]
                [(seed.mix(41, index) % 4) as usize],
        };
        let status = seeded_status(seed, index);
        let created = Timestamp::from_second(1_704_103_200 + (index as i64 % 600_000) * 60)
            .unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            id: seed.uuid_of(USER_KIND, index),
            user_name: if index == 0 {
                "owner".to_owned()
            } else {
                person
                    .email
                    .split('@')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            },
            first: person.first.to_owned(),
            last: person.last.to_owned(),
            email: person.email,
            kind,
            owner: index == OWNER,
            status,
            activation: u8::from(status != PENDING),
            created,
            modified: created,
            terminated: (status == TERMINATED).then_some(created),
            created_by: (index != OWNER).then(|| seed.uuid_of(USER_KIND, OWNER)),
            culture: None,
            location: None,
            notes: None,
            contacts: Vec::new(),
            mobile: None,
            theme: "Base",
            photo: None,
            password: if status == PENDING {
                Password::None
            } else {
                Password::Seeded(index)
            },
            quota: None,
            two_factor: index == TWO_FACTOR,
            links: if index == ADMIN {
                BTreeMap::from([("google".to_owned(), "seeded".to_owned())])
            } else {
                BTreeMap::new()
            },
            spam: false,
        }
    }

    fn index_of(seed: &Seed, id: &str) -> Option<usize> {
        seed.index_of_uuid(USER_KIND, id)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn email(&self) -> Option<&str> {
        Some(&self.email)
    }
}

/// The parameters every portal publishes for its password hashes.
pub(crate) const HASH_SIZE: usize = 256;
pub(crate) const HASH_ITERATIONS: u32 = 100_000;

/// Lowercase hex of PBKDF2-HMAC-SHA256 with the portal's parameters.
pub(crate) fn password_hash(password: &str, salt: &str) -> String {
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
    pub(crate) fn is(&self, given: &str, salt: &str, seed: &Seed) -> bool {
        match self {
            Self::None => false,
            Self::Seeded(index) => seeded_password(seed, *index) == given,
            Self::Plain(own) => own == given,
            Self::Hash(own) => *own == password_hash(given, salt),
        }
    }

    pub(crate) fn is_hash(&self, given: &str, salt: &str, seed: &Seed) -> bool {
        match self {
            Self::None => false,
            Self::Seeded(index) => given == password_hash(&seeded_password(seed, *index), salt),
            Self::Plain(own) => given == password_hash(own, salt),
            Self::Hash(own) => own == given,
        }
    }
}

/// The portal's way to write a time: seven digits of a second, and a zone.
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
        self.kind == Kind::DocSpaceAdmin
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

    /// EmployeeDto.
    pub(crate) fn show(&self, base: &str) -> Value {
        json!({
            "id": self.id,
            "displayName": self.display_name(),
            "avatar": self.picture("48-48"),
            "avatarOriginal": self.picture("orig"),
            "avatarMax": self.picture("200-200"),
            "avatarMedium": self.picture("48-48"),
            "avatarSmall": self.picture("32-32"),
            "profileUrl": format!("{base}/accounts/people/filter?search={}", crate::engine::wire::encode(&self.email)),
            "hasAvatar": self.photo.is_some(),
            "isAnonim": false,
        })
    }

    /// EmployeeFullDto, without what only the state knows (groups, who made it).
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
            "isRoomAdmin": self.kind == Kind::RoomAdmin,
            "isLDAP": false,
            "isOwner": self.owner,
            "isVisitor": self.kind == Kind::Guest,
            "isCollaborator": self.kind == Kind::User,
            "cultureName": self.culture,
            "mobilePhone": self.mobile,
            "mobilePhoneActivationStatus": u8::from(self.mobile.is_some()),
            "isSSO": false,
            "theme": self.theme,
            "quotaLimit": self.quota,
            "usedSpace": 0.0,
            "isCustomQuota": self.quota.map(|_| true),
            "registrationDate": api_time(self.created),
            "hasPersonalFolder": self.kind != Kind::Guest,
            "tfaAppEnabled": self.two_factor,
        });
        let mut whole = self.show(base);
        if let (Value::Object(whole), Value::Object(more)) = (&mut whole, more) {
            whole.extend(more);
        }
        whole
    }

    /// UserInfo: the raw record of the database.
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

//! Logins, members, roles: who there is, seeded or joined.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::data::population::FromSeed;
use crate::data::seed::Seed;

/// What a principal may do in an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Owner,
    SuperAdmin,
    Business,
    SiteAccess,
    Support,
    Sysadmin,
}

impl Role {
    const ALL: [(&'static str, Self); 6] = [
        ("Owner", Self::Owner),
        ("SuperAdmin", Self::SuperAdmin),
        ("Business", Self::Business),
        ("SiteAccess", Self::SiteAccess),
        ("Support", Self::Support),
        ("Sysadmin", Self::Sysadmin),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, role)| *role == self)
            .map_or("", |(name, _)| name)
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, role)| *role)
    }
}

/// How a login proves itself beyond its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthMethod {
    Basic,
    Email,
    Otp,
}

impl AuthMethod {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Email => "email",
            Self::Otp => "otp",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Basic, Self::Email, Self::Otp]
            .into_iter()
            .find(|method| method.name() == name)
    }
}

/// What a login proves itself with.
#[derive(Clone, Debug)]
pub(crate) enum Password {
    /// Nothing yet: the invite that made this login waits to be accepted.
    None,
    /// What someone was seeded with, made when it is asked for.
    Seeded(usize),
    Own(String),
}

impl Password {
    pub(crate) fn is(&self, given: &str, seed: &Seed) -> bool {
        match self {
            Self::None => false,
            Self::Seeded(index) => seeded_password(seed, *index) == given,
            Self::Own(own) => own == given,
        }
    }
}

/// A person's credential in one realm.
#[derive(Clone, Debug)]
pub(crate) struct LoginRecord {
    pub(crate) id: String,
    pub(crate) realm: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password: Password,
    pub(crate) method: AuthMethod,
    pub(crate) otp_secret: Option<Vec<u8>>,
    pub(crate) locale: String,
    pub(crate) registered: Timestamp,
    pub(crate) password_changed: Option<Timestamp>,
    pub(crate) avatar: Option<String>,
    pub(crate) preferences: Option<Value>,
}

/// A login's place in one organisation.
#[derive(Clone, Debug)]
pub(crate) struct MemberRecord {
    pub(crate) id: String,
    pub(crate) login_id: String,
    pub(crate) org: String,
    pub(crate) active: bool,
    pub(crate) roles: Vec<Role>,
    pub(crate) sites: Vec<String>,
    pub(crate) notifications: Vec<String>,
    pub(crate) joined: Timestamp,
}

const LOGIN_KIND: u64 = 0x10;
const MEMBER_KIND: u64 = 0x11;

/// The seeded positions with a part to play.
pub(crate) const OWNER: usize = 0;
pub(crate) const SUPPORT: usize = 3;
pub(crate) const TWO_FACTOR: usize = 5;

/// The password a seeded person was given.
pub(crate) fn seeded_password(seed: &Seed, index: usize) -> String {
    format!("Pw-{}", seed.text(&format!("enhance/password/{index}"), 16))
}

/// When the seeded people came, one after another from the start of 2024.
fn joined(index: usize) -> Timestamp {
    Timestamp::from_second(1_704_103_200 + (index as i64 % 600_000) * 60)
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

impl FromSeed for LoginRecord {
    fn from_seed(seed: &Seed, index: usize) -> Self {
        let person = seed.person(index);
        Self {
            id: seed.uuid_of(LOGIN_KIND, index),
            realm: super::state::master_id(seed),
            name: format!("{} {}", person.first, person.last),
            email: person.email,
            password: Password::Seeded(index),
            method: if index == TWO_FACTOR {
                AuthMethod::Email
            } else {
                AuthMethod::Basic
            },
            otp_secret: None,
            locale: "en".to_owned(),
            registered: joined(index),
            password_changed: None,
            avatar: None,
            preferences: None,
        }
    }

    fn index_of(seed: &Seed, id: &str) -> Option<usize> {
        seed.index_of_uuid(LOGIN_KIND, id)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn email(&self) -> Option<&str> {
        Some(&self.email)
    }
}

impl FromSeed for MemberRecord {
    fn from_seed(seed: &Seed, index: usize) -> Self {
        let role = match index {
            OWNER => Role::Owner,
            1 => Role::SuperAdmin,
            2 => Role::Sysadmin,
            SUPPORT => Role::Support,
            4 => Role::Business,
            _ => [
                Role::Support,
                Role::Business,
                Role::SiteAccess,
                Role::Support,
            ][(seed.mix(20, index) % 4) as usize],
        };
        Self {
            id: seed.uuid_of(MEMBER_KIND, index),
            login_id: seed.uuid_of(LOGIN_KIND, index),
            org: super::state::master_id(seed),
            active: true,
            sites: if role == Role::SiteAccess {
                vec![super::state::website_id(seed)]
            } else {
                Vec::new()
            },
            roles: vec![role],
            notifications: Vec::new(),
            joined: joined(index),
        }
    }

    fn index_of(seed: &Seed, id: &str) -> Option<usize> {
        seed.index_of_uuid(MEMBER_KIND, id)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn email(&self) -> Option<&str> {
        None
    }
}

/// A colour that stays with the login.
fn color(id: &str) -> String {
    format!("#{}", id.get(..6).unwrap_or("808080"))
}

impl LoginRecord {
    pub(crate) fn show(&self) -> Value {
        crate::engine::wire::without_nulls(json!({
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "colorCode": color(&self.id),
            "registeredAt": crate::engine::clock::rfc3339(self.registered),
            "authMethod": self.method.name(),
            "locale": self.locale,
            "avatarPath": self.avatar,
            "passwordLastChangedAt": self.password_changed.map(crate::engine::clock::rfc3339),
        }))
    }
}

impl MemberRecord {
    pub(crate) fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub(crate) fn role_names(&self) -> Vec<&'static str> {
        self.roles.iter().map(|role| role.name()).collect()
    }

    pub(crate) fn show(&self, login: &LoginRecord) -> Value {
        crate::engine::wire::without_nulls(json!({
            "id": self.id,
            "loginId": self.login_id,
            "isActive": self.active,
            "email": login.email,
            "name": login.name,
            "roles": self.role_names(),
            // Only collaborators have this field.
            "siteAccesses": self.is(Role::SiteAccess).then_some(&self.sites),
            "notifications": self.notifications,
            "joinedAt": self.joined.strftime("%Y-%m-%d").to_string(),
            "colorCode": color(&login.id),
            "authMethod": login.method.name(),
            "avatarPath": login.avatar,
        }))
    }
}

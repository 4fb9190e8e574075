//! The records of the panel: logins and members with their roles, organisations, sessions, tokens,
//! invites, activities.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::data::seed::Seed;
use crate::engine::clock::rfc3339;
use crate::engine::wire::without_nulls;

/// The name that seeded passwords are derived under.
pub(crate) const SERVICE: &str = "enhance";

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
            .find(|(role, _)| *role == name)
            .map(|(_, role)| *role)
    }
}

/// The second factor of a login, if any.
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

/// The password of a login.
#[derive(Clone, Debug)]
pub(crate) enum Password {
    /// Not set yet: the invite that created this login is pending.
    None,
    /// The seeded one of this index, derived when it is needed.
    Seeded(usize),
    Plain(String),
}

impl Password {
    pub(crate) fn matches(&self, given: &str, seed: &Seed) -> bool {
        match self {
            Self::None => false,
            Self::Seeded(index) => seed.password(SERVICE, *index) == given,
            Self::Plain(password) => password == given,
        }
    }
}

/// A person's login in one realm.
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

/// A login's membership in one organisation.
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

/// Returns a colour that stays with the login.
fn color(id: &str) -> String {
    format!("#{}", id.get(..6).unwrap_or("808080"))
}

impl LoginRecord {
    /// Creates a login without a second factor.
    pub(crate) fn new(
        id: String,
        realm: String,
        email: String,
        name: String,
        password: Password,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            realm,
            email,
            name,
            password,
            method: AuthMethod::Basic,
            otp_secret: None,
            locale: "en".to_owned(),
            registered: now,
            password_changed: None,
            avatar: None,
            preferences: None,
        }
    }

    pub(crate) fn show(&self) -> Value {
        without_nulls(json!({
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "colorCode": color(&self.id),
            "registeredAt": rfc3339(self.registered),
            "authMethod": self.method.name(),
            "locale": self.locale,
            "avatarPath": self.avatar,
            "passwordLastChangedAt": self.password_changed.map(rfc3339),
        }))
    }
}

impl MemberRecord {
    pub(crate) fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    pub(crate) fn role_names(&self) -> Vec<&'static str> {
        self.roles.iter().map(|role| role.name()).collect()
    }

    pub(crate) fn show(&self, login: &LoginRecord) -> Value {
        without_nulls(json!({
            "id": self.id,
            "loginId": self.login_id,
            "isActive": self.active,
            "email": login.email,
            "name": login.name,
            "roles": self.role_names(),
            // Only collaborators have this field.
            "siteAccesses": self.has_role(Role::SiteAccess).then_some(&self.sites),
            "notifications": self.notifications,
            "joinedAt": self.joined.strftime("%Y-%m-%d").to_string(),
            "colorCode": color(&login.id),
            "authMethod": login.method.name(),
            "avatarPath": login.avatar,
        }))
    }
}

/// An organisation.
#[derive(Clone, Debug)]
pub(crate) struct Org {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) name: String,
    pub(crate) deleted: bool,
    pub(crate) suspended_by: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) locale: String,
    pub(crate) slack: Option<String>,
    pub(crate) avatar: Option<String>,
}

impl Org {
    pub(crate) fn new(id: String, parent: Option<&str>, name: &str, now: Timestamp) -> Self {
        Self {
            id,
            parent: parent.map(str::to_owned),
            name: name.to_owned(),
            deleted: false,
            suspended_by: None,
            created: now,
            locale: "en".to_owned(),
            slack: None,
            avatar: None,
        }
    }
}

/// A session of a login.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) login: usize,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) agent: Option<String>,
    pub(crate) ip: String,
    /// A pin is still required.
    pub(crate) partial: bool,
    pub(crate) pin: Option<String>,
    /// The method that a pin confirms.
    pub(crate) pending_method: Option<AuthMethod>,
}

/// An access token of an organisation.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) secret: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) friendly: Option<String>,
    pub(crate) ips: Vec<String>,
    pub(crate) restricted: bool,
}

/// An invite of a pending member.
#[derive(Clone, Debug)]
pub(crate) struct Invite {
    pub(crate) member: usize,
    pub(crate) expires: Timestamp,
}

/// An entry of an organisation's activity log.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) kind: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) message: String,
}

/// A permission that can be used once, until it expires.
#[derive(Clone, Debug)]
pub(crate) struct OneTime {
    pub(crate) login: usize,
    pub(crate) expires: Timestamp,
}

//! What the portal knows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::invitations::confirm::InviteKey;
use super::jobs::Task;
use super::model::{
    ACTIVE, ADMIN, DISABLED, GUEST, Kind, TERMINATED, TWO_FACTOR, USER, UserRecord,
    seeded_password, seeded_status,
};
use crate::access::{DocSpaceAccess, Login};
use crate::data::ids::IdGenerator;
use crate::data::population::{FromSeed, Population};
use crate::engine::env::Env;

/// A login that is still good.
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

/// An invitation link as createInvitationLink makes it.
#[derive(Clone, Debug)]
pub(crate) struct InvitationLink {
    pub(crate) id: String,
    pub(crate) kind: Kind,
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

/// An authorization code, bound to a client and where it leads.
#[derive(Clone, Debug)]
pub(crate) struct OAuthCode {
    pub(crate) client: String,
    pub(crate) redirect: String,
    pub(crate) user: usize,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: Timestamp,
}

/// The state of the DocSpace emulator.
pub(crate) struct DocSpace {
    pub(crate) env: Arc<Env>,
    pub(crate) ids: IdGenerator,
    pub(crate) salt: String,
    pub(crate) users: Population<UserRecord>,
    pub(crate) active: Option<(u64, Vec<u32>)>,
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) events: u32,
    pub(crate) failures: HashMap<String, (Timestamp, u32)>,
    pub(crate) codes: HashMap<usize, (String, Timestamp)>,
    pub(crate) keys: Vec<ApiKey>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) links: BTreeMap<String, InvitationLink>,
    pub(crate) short: HashMap<String, String>,
    pub(crate) invites: HashMap<String, InviteKey>,
    pub(crate) tasks: BTreeMap<(&'static str, String), Task>,
    pub(crate) signatures: HashMap<String, (usize, Timestamp)>,
    pub(crate) oauth_clients: BTreeMap<String, Value>,
    pub(crate) oauth_codes: HashMap<String, OAuthCode>,
    pub(crate) oauth_tokens: HashMap<String, OAuthToken>,
    pub(crate) oauth_refresh: HashMap<String, OAuthToken>,
    pub(crate) consents: Vec<Value>,
}

/// What opens the seeded portal.
pub(crate) fn access(env: &Env) -> DocSpaceAccess {
    let seed = &env.seed;
    let login = |index: usize| {
        let user = UserRecord::from_seed(seed, index);
        Login {
            email: user.email,
            password: seeded_password(seed, index),
            user_id: user.id,
        }
    };
    let owner = login(0);
    DocSpaceAccess {
        base_url: env.base_urls.docspace.to_string(),
        api_key: api_key(env, "owner"),
        email: owner.email,
        password: owner.password,
        user_id: owner.user_id,
        read_only_api_key: api_key(env, "reader"),
        admin: login(ADMIN),
        user: login(USER),
        guest: login(GUEST),
        disabled: login(DISABLED),
        two_factor: login(TWO_FACTOR),
    }
}

fn api_key(env: &Env, name: &str) -> String {
    format!("sk-{}", env.seed.hex(&format!("docspace/key/{name}")))
}

pub(crate) fn seed(env: Arc<Env>) -> DocSpace {
    let seed = &env.seed;
    let created = Timestamp::from_second(1_704_067_200).unwrap_or(Timestamp::UNIX_EPOCH);
    let key = |name: &str, permissions: &[&str]| ApiKey {
        id: seed.uuid(&format!("docspace/key/{name}")),
        name: name.to_owned(),
        key: api_key(&env, name),
        permissions: permissions.iter().map(|own| (*own).to_owned()).collect(),
        owner: 0,
        created,
        used: None,
        expires: None,
        active: true,
    };
    let group_id = seed.uuid("docspace/group");
    let group = Group {
        id: group_id.clone(),
        name: "Engineering".to_owned(),
        manager: Some(UserRecord::from_seed(seed, 0).id),
        members: (0..4)
            .map(|index| UserRecord::from_seed(seed, index).id)
            .collect(),
    };
    DocSpace {
        ids: IdGenerator::new(seed, "docspace"),
        salt: seed.hex("docspace/salt"),
        // The people with a part to play are always there.
        users: Population::new(seed, env.options.users.max(TWO_FACTOR + 1)),
        active: None,
        sessions: HashMap::new(),
        events: 0,
        failures: HashMap::new(),
        codes: HashMap::new(),
        keys: vec![key("owner", &["*"]), key("reader", &["accounts:read"])],
        groups: BTreeMap::from([(group_id, group)]),
        links: BTreeMap::new(),
        short: HashMap::new(),
        invites: HashMap::new(),
        tasks: BTreeMap::new(),
        signatures: HashMap::new(),
        oauth_clients: BTreeMap::new(),
        oauth_codes: HashMap::new(),
        oauth_tokens: HashMap::new(),
        oauth_refresh: HashMap::new(),
        consents: Vec::new(),
        env,
    }
}

impl DocSpace {
    pub(crate) fn base(&self) -> String {
        self.env.base_urls.docspace.to_string()
    }

    pub(crate) fn user(&self, position: usize) -> Option<UserRecord> {
        self.users.get(position).map(std::borrow::Cow::into_owned)
    }

    pub(crate) fn status_of(&self, position: usize) -> Option<u8> {
        if self.users.is_removed(position) {
            return None;
        }
        Some(match self.users.changed(position) {
            Some(user) => user.status,
            None => seeded_status(&self.env.seed, position),
        })
    }

    /// The positions of everyone who is active, kept until someone changes.
    pub(crate) fn active(&mut self) -> &[u32] {
        let version = self.users.version();
        if self.active.as_ref().is_none_or(|(own, _)| *own != version) {
            let positions = (0..self.users.end())
                .filter(|position| self.status_of(*position) == Some(ACTIVE))
                .filter_map(|position| u32::try_from(position).ok())
                .collect();
            self.active = Some((version, positions));
        }
        self.active.as_ref().map_or(&[], |(_, positions)| positions)
    }

    /// Whether one more user of this type is more than the plan pays for.
    pub(crate) fn plan_is_full(&self, kind: Kind) -> bool {
        let paid = |kind: Kind| matches!(kind, Kind::DocSpaceAdmin | Kind::RoomAdmin);
        let Some(most) = self.env.options.docspace_paid_users.filter(|_| paid(kind)) else {
            return false;
        };
        let used = self
            .users
            .iter_from(0)
            .filter(|(_, user)| user.status != TERMINATED && paid(user.kind));
        used.take(most.saturating_add(1)).count() >= most
    }

    /// A user by GUID, or by user name where the service takes both.
    pub(crate) fn find_user(&self, id_or_name: &str) -> Option<usize> {
        if let Some(position) = self.users.position(&id_or_name.to_ascii_lowercase()) {
            return Some(position);
        }
        let seeded = self
            .env
            .seed
            .person_index(&format!("{id_or_name}@{}", crate::data::seed::DOMAIN));
        seeded
            .filter(|position| {
                self.users
                    .get(*position)
                    .is_some_and(|user| user.user_name == id_or_name)
            })
            .or_else(|| {
                self.users
                    .iter_from(self.env.options.users)
                    .find(|(_, user)| user.user_name == id_or_name)
                    .map(|(at, _)| at)
            })
    }

    pub(crate) fn show(&self, position: usize) -> Value {
        self.users
            .get(position)
            .map_or(Value::Null, |user| user.show(&self.base()))
    }

    /// EmployeeFullDto with groups and creator.
    pub(crate) fn show_full(&self, position: usize) -> Value {
        let Some(user) = self.users.get(position) else {
            return Value::Null;
        };
        let mut value = user.show_full(&self.base());
        let groups: Vec<Value> = self
            .groups
            .values()
            .filter(|group| group.members.contains(&user.id))
            .map(|group| {
                let manager = group
                    .manager
                    .as_ref()
                    .and_then(|id| self.users.find(id))
                    .map(|user| user.user_name.clone());
                json!({"id": group.id, "name": group.name, "manager": manager, "isSystem": false})
            })
            .collect();
        if !groups.is_empty() {
            value["groups"] = json!(groups);
        }
        if let Some(creator) = user
            .created_by
            .as_ref()
            .and_then(|id| self.users.position(id))
        {
            value["createdBy"] = self.show(creator);
        }
        value
    }

    pub(crate) fn describe(&mut self) -> Value {
        let active = self.active().len();
        json!({
            "users": (0..self.users.end()).filter(|at| !self.users.is_removed(*at)).take(1_000).map(|at| {
                let mut value = self.show_full(at);
                if let Some(user) = self.users.get(at) {
                    value["type"] = json!(user.kind.name());
                    value["linked"] = json!(user.links.keys().collect::<Vec<_>>());
                }
                value
            }).map(crate::engine::wire::without_nulls).collect::<Vec<_>>(),
            "usersTotal": self.users.len(),
            "usersActive": active,
            "groups": self.groups.values().map(|group| json!({"id": group.id, "name": group.name, "members": group.members})).collect::<Vec<_>>(),
            "invitationLinks": self.links.values().map(|link| json!({"id": link.id, "employeeType": link.kind.name(), "uses": link.uses, "url": link.url})).collect::<Vec<_>>(),
            "sessions": self.sessions.len(),
            "apiKeys": self.keys.iter().map(|key| json!({"id": key.id, "name": key.name, "isActive": key.active})).collect::<Vec<_>>(),
            "tasks": self.tasks.iter().map(|((kind, user), task)| json!({"kind": kind, "user": user, "id": task.id})).collect::<Vec<_>>(),
        })
    }
}

//! The state of the portal, and what several of its operations do with it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::{ApiError, denied, invalid_field, user_exists, user_not_found};
use super::model::{
    ACTIVE, ApiKey, Group, InvitationLink, InviteKey, Job, NewUser, OAuthCode, OAuthToken, Session,
    TERMINATED, UserRecord, UserType,
};
use super::seed;
use crate::data::fields::Fields;
use crate::data::ids::{IdGenerator, is_uuid};
use crate::data::population::Population;
use crate::data::seed::DOMAIN;
use crate::engine::env::Env;
use crate::engine::wire::{Request, without_nulls};

/// The state of the DocSpace emulator.
pub(crate) struct DocSpace {
    pub(crate) env: Arc<Env>,
    pub(crate) ids: IdGenerator,
    pub(crate) salt: String,
    pub(crate) users: Population<UserRecord>,
    /// The positions of the active users, with the version of the users they were read from.
    active: Option<(u64, Vec<u32>)>,
    /// Logins by token.
    pub(crate) sessions: HashMap<String, Session>,
    /// The number of the last login event.
    pub(crate) events: u32,
    /// Failed logins by user name: since when, and how many.
    pub(crate) failures: HashMap<String, (Timestamp, u32)>,
    /// Codes of the second factor by user, until they expire.
    pub(crate) codes: HashMap<usize, (String, Timestamp)>,
    pub(crate) keys: Vec<ApiKey>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) links: BTreeMap<String, InvitationLink>,
    /// The targets of short links, by code.
    pub(crate) short_links: HashMap<String, String>,
    pub(crate) invites: HashMap<String, InviteKey>,
    /// The newest job of each kind and user.
    pub(crate) jobs: BTreeMap<(&'static str, String), Job>,
    /// Users by the signature they manage OAuth2 clients with, until it expires.
    pub(crate) signatures: HashMap<String, (usize, Timestamp)>,
    pub(crate) oauth_clients: BTreeMap<String, Value>,
    pub(crate) oauth_codes: HashMap<String, OAuthCode>,
    pub(crate) oauth_tokens: HashMap<String, OAuthToken>,
    pub(crate) oauth_refresh_tokens: HashMap<String, OAuthToken>,
    pub(crate) consents: Vec<Value>,
}

impl DocSpace {
    pub(crate) fn seeded(env: Arc<Env>) -> Self {
        let seed = &env.seed;
        Self {
            ids: IdGenerator::new(seed, "docspace"),
            salt: seed.hex("docspace/salt"),
            users: Population::new(seed, env.options.users.max(seed::MIN_USERS)),
            active: None,
            sessions: HashMap::new(),
            events: 0,
            failures: HashMap::new(),
            codes: HashMap::new(),
            keys: seed::keys(seed),
            groups: seed::groups(seed),
            links: BTreeMap::new(),
            short_links: HashMap::new(),
            invites: HashMap::new(),
            jobs: BTreeMap::new(),
            signatures: HashMap::new(),
            oauth_clients: BTreeMap::new(),
            oauth_codes: HashMap::new(),
            oauth_tokens: HashMap::new(),
            oauth_refresh_tokens: HashMap::new(),
            consents: Vec::new(),
            env,
        }
    }

    pub(crate) fn base_url(&self) -> String {
        self.env.base_urls.docspace.to_string()
    }

    pub(crate) fn user(&self, position: usize) -> Option<UserRecord> {
        self.users.get(position).map(Cow::into_owned)
    }

    pub(crate) fn status_of(&self, position: usize) -> Option<u8> {
        if self.users.is_removed(position) {
            return None;
        }
        Some(match self.users.changed(position) {
            Some(user) => user.status,
            None => seed::status(&self.env.seed, position),
        })
    }

    /// Returns the positions of the active users, cached until a user changes.
    pub(crate) fn active(&mut self) -> &[u32] {
        let version = self.users.version();
        if self
            .active
            .as_ref()
            .is_none_or(|(cached, _)| *cached != version)
        {
            let positions = (0..self.users.end())
                .filter(|position| self.status_of(*position) == Some(ACTIVE))
                .filter_map(|position| u32::try_from(position).ok())
                .collect();
            self.active = Some((version, positions));
        }
        self.active.as_ref().map_or(&[], |(_, positions)| positions)
    }

    /// Returns whether the plan does not include one more user of this type.
    pub(crate) fn plan_is_full(&self, user_type: UserType) -> bool {
        let limit = self.env.options.docspace_paid_users;
        let Some(limit) = limit.filter(|_| user_type.is_staff()) else {
            return false;
        };
        let paid = self
            .users
            .iter_from(0)
            .filter(|(_, user)| user.status != TERMINATED && user.user_type.is_staff());
        paid.take(limit.saturating_add(1)).count() >= limit
    }

    /// Finds a user by GUID, or by user name.
    pub(crate) fn find_user(&self, id_or_name: &str) -> Option<usize> {
        if let Some(position) = self.users.position(&id_or_name.to_ascii_lowercase()) {
            return Some(position);
        }
        let seeded = self
            .env
            .seed
            .person_index(&format!("{id_or_name}@{DOMAIN}"));
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

    /// Finds the user whose GUID or user name is in the path.
    pub(crate) fn path_user(&self, request: &Request) -> Result<(usize, UserRecord), ApiError> {
        let position = self
            .find_user(request.param("userid"))
            .ok_or_else(user_not_found)?;
        Ok((position, self.user(position).ok_or_else(denied)?))
    }

    /// Finds the users that a body lists as `userIds`; unknown ones are skipped, as by the service.
    pub(crate) fn listed_users(&self, body: &Fields) -> Result<Vec<usize>, ApiError> {
        let mut positions = Vec::new();
        for id in body.texts_opt("userIds")?.unwrap_or_default() {
            let id = id.to_ascii_lowercase();
            if !is_uuid(&id) {
                return Err(invalid_field("userIds", "must hold GUIDs"));
            }
            positions.extend(self.users.position(&id));
        }
        Ok(positions)
    }

    /// Returns an error if the address belongs to a user, or to another than this one.
    pub(crate) fn check_email_is_free(
        &self,
        email: &str,
        except: Option<usize>,
    ) -> Result<(), ApiError> {
        match self.users.position_by_email(email) {
            Some(position) if Some(position) != except => Err(user_exists()),
            _ => Ok(()),
        }
    }

    pub(crate) fn create_user(&mut self, new: NewUser, now: Timestamp) -> usize {
        let user_name = new.email.split('@').next().unwrap_or_default().to_owned();
        self.users.push(UserRecord {
            id: self.ids.uuid(),
            user_name,
            first: new.first,
            last: new.last,
            email: new.email,
            user_type: new.user_type,
            owner: false,
            status: new.status,
            activation: new.activation,
            created: now,
            modified: now,
            terminated: None,
            created_by: new.created_by,
            culture: new.culture,
            location: new.location,
            notes: new.notes,
            contacts: new.contacts,
            mobile: None,
            theme: "Base",
            photo: None,
            password: new.password,
            quota: None,
            two_factor: false,
            links: BTreeMap::new(),
            spam: new.spam,
        })
    }

    /// Removes a user with their memberships, logins and keys.
    pub(crate) fn delete_user(&mut self, position: usize) {
        let Some(user) = self.user(position) else {
            return;
        };
        self.users.remove(position);
        for group in self.groups.values_mut() {
            group.members.retain(|id| *id != user.id);
            if group.manager.as_deref() == Some(&user.id) {
                group.manager = None;
            }
        }
        self.end_sessions(position);
        self.keys.retain(|key| key.owner != position);
    }

    /// Suspends or restores a user; a suspended one is logged out everywhere.
    pub(crate) fn set_status(&mut self, position: usize, status: u8, now: Timestamp) {
        if let Some(user) = self.users.get_mut(position) {
            user.status = status;
            user.terminated = (status == TERMINATED).then_some(now);
            user.modified = now;
        }
        if status == TERMINATED {
            self.end_sessions(position);
        }
    }

    /// Logs a user out everywhere.
    pub(crate) fn end_sessions(&mut self, position: usize) {
        self.sessions.retain(|_, session| session.user != position);
    }

    /// Returns a user as EmployeeDto.
    pub(crate) fn show(&self, position: usize) -> Value {
        self.users
            .get(position)
            .map_or(Value::Null, |user| user.show(&self.base_url()))
    }

    /// Returns a user as EmployeeFullDto, with groups and creator.
    pub(crate) fn show_full(&self, position: usize) -> Value {
        let Some(user) = self.users.get(position) else {
            return Value::Null;
        };
        let mut value = user.show_full(&self.base_url());
        let groups = self.groups_of(&user.id);
        if !groups.is_empty() {
            value["groups"] = json!(groups);
        }
        let creator = user.created_by.as_ref();
        if let Some(creator) = creator.and_then(|id| self.users.position(id)) {
            value["createdBy"] = self.show(creator);
        }
        value
    }

    /// Lists the groups a user belongs to, in short form.
    pub(crate) fn groups_of(&self, user: &String) -> Vec<Value> {
        let groups = self
            .groups
            .values()
            .filter(|group| group.members.contains(user));
        groups
            .map(|group| {
                let manager = group.manager.as_ref().and_then(|id| self.users.find(id));
                let manager = manager.map(|user| user.user_name.clone());
                json!({"id": group.id, "name": group.name, "manager": manager, "isSystem": false})
            })
            .collect()
    }

    /// Returns the state as JSON.
    pub(crate) fn describe(&mut self) -> Value {
        let active = self.active().len();
        let users = (0..self.users.end())
            .filter(|position| !self.users.is_removed(*position))
            .take(1_000)
            .map(|position| {
                let mut value = self.show_full(position);
                if let Some(user) = self.users.get(position) {
                    value["type"] = json!(user.user_type.name());
                    value["linked"] = json!(user.links.keys().collect::<Vec<_>>());
                }
                without_nulls(value)
            });
        json!({
            "users": users.collect::<Vec<_>>(),
            "usersTotal": self.users.len(),
            "usersActive": active,
            "groups": self.groups.values().map(|group| json!({
                "id": group.id, "name": group.name, "members": group.members,
            })).collect::<Vec<_>>(),
            "invitationLinks": self.links.values().map(|link| json!({
                "id": link.id, "employeeType": link.user_type.name(), "uses": link.uses, "url": link.url,
            })).collect::<Vec<_>>(),
            "sessions": self.sessions.len(),
            "apiKeys": self.keys.iter().map(|key| json!({
                "id": key.id, "name": key.name, "isActive": key.active,
            })).collect::<Vec<_>>(),
            "tasks": self.jobs.iter().map(|((kind, user), job)| json!({
                "kind": kind, "user": user, "id": job.id,
            })).collect::<Vec<_>>(),
        })
    }
}

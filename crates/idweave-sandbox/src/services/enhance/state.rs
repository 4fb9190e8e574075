//! The state of the panel, and what several of its operations do with it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::error::ApiError;
use super::model::{
    Activity, Invite, LoginRecord, MemberRecord, OneTime, Org, Password, Role, Session, Token,
};
use super::seed;
use crate::data::fields::uuid;
use crate::data::ids::IdGenerator;
use crate::data::population::{FromSeed as _, Population};
use crate::engine::clock::rfc3339;
use crate::engine::env::Env;
use crate::engine::wire::{Request, without_nulls};

/// The state of the Enhance emulator.
pub(crate) struct Enhance {
    pub(crate) env: Arc<Env>,
    pub(crate) ids: IdGenerator,
    pub(crate) orgs: BTreeMap<String, Org>,
    pub(crate) logins: Population<LoginRecord>,
    pub(crate) members: Population<MemberRecord>,
    /// The members of the master organisation, with the version of the members they were read from.
    listed: Option<(u64, Arc<Vec<usize>>)>,
    /// The positions of the members that were not seeded, by organisation and by login.
    joined_by_org: HashMap<String, Vec<usize>>,
    joined_by_login: HashMap<String, Vec<usize>>,
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) invites: HashMap<String, Invite>,
    pub(crate) recoveries: HashMap<String, OneTime>,
    pub(crate) one_time_logins: HashMap<String, OneTime>,
    /// Devices that need no second factor, by login and device id, until they expire.
    pub(crate) devices: HashMap<(usize, String), Timestamp>,
    /// Subscriptions by number, with the id of the subscriber.
    pub(crate) subscriptions: BTreeMap<u64, (String, Value)>,
    pub(crate) activities: Vec<Activity>,
    pub(crate) policy: Value,
    pub(crate) policy_lists: HashMap<&'static str, Vec<String>>,
    pub(crate) lockdown: bool,
    pub(crate) lockdown_list: String,
    /// How many logins have failed, by address.
    pub(crate) failed_logins: HashMap<String, u32>,
}

impl Enhance {
    pub(crate) fn seeded(env: Arc<Env>) -> Self {
        let seed = &env.seed;
        Self {
            ids: IdGenerator::new(seed, "enhance"),
            orgs: seed::orgs(seed),
            logins: Population::new(seed, env.options.users),
            members: Population::new(seed, env.options.users),
            listed: None,
            joined_by_org: HashMap::new(),
            joined_by_login: HashMap::new(),
            sessions: HashMap::new(),
            tokens: seed::tokens(seed),
            invites: HashMap::new(),
            recoveries: HashMap::new(),
            one_time_logins: HashMap::new(),
            devices: HashMap::new(),
            subscriptions: BTreeMap::new(),
            activities: Vec::new(),
            policy: json!({"enabled": false}),
            policy_lists: HashMap::new(),
            lockdown: false,
            lockdown_list: String::new(),
            failed_logins: HashMap::new(),
            env,
        }
    }

    pub(crate) fn master(&self) -> String {
        self.env.seed.enhance_master().to_owned()
    }

    /// Lists the organisation and its parents, itself first.
    pub(crate) fn lineage(&self, org: &str) -> Vec<String> {
        let mut line = Vec::new();
        let mut next = self.orgs.get(org);
        while let Some(org) = next {
            line.push(org.id.clone());
            next = org
                .parent
                .as_deref()
                .and_then(|parent| self.orgs.get(parent));
        }
        line
    }

    /// Returns the realm that an organisation's logins belong to: the nearest organisation above it
    /// that has customers, or the master organisation.
    pub(crate) fn realm(&self, org: &str) -> String {
        let master = self.master();
        let line = self.lineage(org);
        let reseller = line.iter().find(|id| {
            **id != org
                && **id != master
                && self.orgs.get(*id).is_some_and(|org| org.parent.is_some())
        });
        reseller.cloned().unwrap_or(master)
    }

    pub(crate) fn login(&self, position: usize) -> Option<LoginRecord> {
        self.logins.get(position).map(Cow::into_owned)
    }

    /// Finds the login with this address in this realm.
    pub(crate) fn login_in(&self, realm: &str, email: &str) -> Option<usize> {
        if realm == self.master()
            && let Some(position) = self.logins.position_by_email(email)
            && self
                .logins
                .get(position)
                .is_some_and(|login| login.realm == realm)
        {
            return Some(position);
        }
        // The same address may occur in several realms, and only one of them is in the index.
        (self.env.options.users..self.logins.end()).find(|position| {
            self.logins.get(*position).is_some_and(|login| {
                login.realm == realm && login.email.eq_ignore_ascii_case(email)
            })
        })
    }

    /// Returns the positions of an organisation's members, in order.
    pub(crate) fn members_of(&self, org: &str) -> impl Iterator<Item = usize> {
        let seeded = if org == self.env.seed.enhance_master() {
            self.env.options.users
        } else {
            0
        };
        (0..seeded)
            .chain(self.joined_by_org.get(org).into_iter().flatten().copied())
            .filter(|position| !self.members.is_removed(*position))
    }

    /// As [`Enhance::members_of`], cached for the master organisation until a member changes.
    pub(crate) fn listed_members(&mut self, org: &str) -> Arc<Vec<usize>> {
        if org != self.env.seed.enhance_master() {
            return Arc::new(self.members_of(org).collect());
        }
        let version = self.members.version();
        if let Some((cached, listed)) = &self.listed
            && *cached == version
        {
            return listed.clone();
        }
        let listed = Arc::new(self.members_of(org).collect::<Vec<_>>());
        self.listed = Some((version, listed.clone()));
        listed
    }

    /// Finds a login's membership in an organisation.
    pub(crate) fn membership(&self, login_id: &str, org: &str) -> Option<usize> {
        if org == self.master()
            && let Some(position) = LoginRecord::index_of(&self.env.seed, login_id)
            && position < self.env.options.users
            && !self.members.is_removed(position)
        {
            return Some(position);
        }
        self.joined_by_login
            .get(login_id)
            .into_iter()
            .flatten()
            .copied()
            .find(|position| {
                self.members
                    .get(*position)
                    .is_some_and(|member| member.org == org)
            })
    }

    /// Returns the positions of all memberships of a login.
    pub(crate) fn memberships(&self, login_id: &str) -> Vec<usize> {
        let seeded = LoginRecord::index_of(&self.env.seed, login_id)
            .filter(|at| *at < self.env.options.users);
        seeded
            .into_iter()
            .chain(
                self.joined_by_login
                    .get(login_id)
                    .into_iter()
                    .flatten()
                    .copied(),
            )
            .filter(|position| !self.members.is_removed(*position))
            .collect()
    }

    /// Adds a member who was not seeded.
    pub(crate) fn join(&mut self, member: MemberRecord) -> usize {
        let (org, login) = (member.org.clone(), member.login_id.clone());
        let position = self.members.push(member);
        self.joined_by_org.entry(org).or_default().push(position);
        self.joined_by_login
            .entry(login)
            .or_default()
            .push(position);
        position
    }

    /// Finds the active owner of an organisation.
    pub(crate) fn owner_of(&self, org: &str) -> Option<usize> {
        self.members_of(org).find(|position| {
            self.members
                .get(*position)
                .is_some_and(|member| member.has_role(Role::Owner) && member.active)
        })
    }

    pub(crate) fn show_org(&self, org: &Org) -> Value {
        let owner = self
            .owner_of(&org.id)
            .and_then(|position| self.members.get(position));
        let login = owner
            .as_ref()
            .and_then(|owner| self.logins.find(&owner.login_id));
        let subscriptions = self
            .subscriptions
            .values()
            .filter(|(subscriber, _)| *subscriber == org.id)
            .count();
        without_nulls(json!({
            "id": org.id,
            "parentId": org.parent,
            "name": org.name,
            "status": if org.deleted { "deleted" } else { "active" },
            "suspendedBy": org.suspended_by,
            "owner": login.as_ref().map(|login| &login.name),
            "ownerEmail": login.as_ref().map(|login| &login.email),
            "ownerId": owner.as_ref().map(|owner| &owner.id),
            "ownerLoginId": owner.as_ref().map(|owner| &owner.login_id),
            "ownerAvatarPath": login.as_ref().and_then(|login| login.avatar.as_ref()),
            "subscriptionsCount": subscriptions,
            "websitesCount": usize::from(org.id == self.master()),
            "createdAt": rfc3339(org.created),
            "locale": org.locale,
            "slackNotificationWebhookUrl": org.slack,
        }))
    }

    /// Adds an entry to the organisation's activity log.
    pub(crate) fn log(&mut self, org: &str, kind: &'static str, message: String, at: Timestamp) {
        let id = self.ids.uuid();
        self.activities.push(Activity {
            id,
            org: org.to_owned(),
            kind,
            at,
            message,
        });
    }

    /// Returns the state as JSON.
    pub(crate) fn describe(&self) -> Value {
        let shown = self
            .members
            .iter_from(0)
            .take(1_000)
            .filter_map(|(_, member)| {
                let login = self.logins.find(&member.login_id)?;
                let mut value = member.show(&login);
                value["orgId"] = json!(member.org);
                Some(value)
            });
        json!({
            "orgs": self.orgs.values().map(|org| self.show_org(org)).collect::<Vec<_>>(),
            "members": shown.collect::<Vec<_>>(),
            "membersTotal": self.members.len(),
            "loginsTotal": self.logins.len(),
            "invites": self.invites.iter().map(|(id, invite)| json!({
                "id": id, "expires": rfc3339(invite.expires),
                "member": self.members.get(invite.member).map(|member| member.id.clone()),
            })).collect::<Vec<_>>(),
            "sessions": self.sessions.len(),
            "tokens": self.tokens.iter().map(|token| json!({"id": token.id, "orgId": token.org, "firstFive": token.secret.get(..5)})).collect::<Vec<_>>(),
        })
    }

    /// Returns the realm a request is for: `realmId`, or the one of the panel's host name.
    pub(crate) fn request_realm(&self, request: &Request) -> Result<String, ApiError> {
        match request.query("realmId").text() {
            None => Ok(self.master()),
            Some(id) => Ok(uuid("realmId", id)?),
        }
    }

    /// Returns the active memberships of a login as the API shows them.
    pub(crate) fn show_memberships(&self, login_id: &str) -> Value {
        let master = self.master();
        let memberships: Vec<Value> = self
            .memberships(login_id)
            .into_iter()
            .filter_map(|position| self.members.get(position))
            .filter(|member| member.active)
            .map(|member| {
                let sites = if member.has_role(Role::SiteAccess) {
                    member.sites.len()
                } else {
                    0
                };
                json!({
                    "memberId": member.id,
                    "orgId": member.org,
                    "orgName": self.org_name(&member.org),
                    "isMasterOrg": member.org == master,
                    "roles": member.role_names(),
                    "siteAccessCount": sites,
                })
            })
            .collect();
        json!({"memberships": memberships})
    }

    pub(crate) fn org_name(&self, org: &str) -> &str {
        self.orgs
            .get(org)
            .map(|org| org.name.as_str())
            .unwrap_or_default()
    }

    /// Sets a password; every session of the login ends.
    pub(crate) fn set_password(&mut self, position: usize, password: String, now: Timestamp) {
        if let Some(login) = self.logins.get_mut(position) {
            login.password = Password::Plain(password);
            login.password_changed = Some(now);
        }
        self.sessions.retain(|_, session| session.login != position);
    }
}

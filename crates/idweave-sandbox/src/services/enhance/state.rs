//! What the panel knows: organisations, logins, members, invites, sessions, tokens.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::model::{
    AuthMethod, LoginRecord, MemberRecord, Role, SUPPORT, TWO_FACTOR, seeded_password,
};
use crate::access::{EnhanceAccess, Login};
use crate::data::ids::IdGenerator;
use crate::data::population::{FromSeed, Population};
use crate::data::seed::Seed;
use crate::engine::clock::rfc3339;
use crate::engine::env::Env;

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

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) login: usize,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) agent: Option<String>,
    pub(crate) ip: String,
    /// A pin still has to be given.
    pub(crate) partial: bool,
    pub(crate) pin: Option<String>,
    /// The method a pin will confirm.
    pub(crate) pending_method: Option<AuthMethod>,
}

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

#[derive(Clone, Debug)]
pub(crate) struct Invite {
    pub(crate) member: usize,
    pub(crate) expires: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) kind: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) message: String,
}

/// Something one may do once, until it expires.
#[derive(Clone, Debug)]
pub(crate) struct OneTime {
    pub(crate) login: usize,
    pub(crate) expires: Timestamp,
}

/// The state of the Enhance emulator.
pub(crate) struct Enhance {
    pub(crate) env: Arc<Env>,
    pub(crate) ids: IdGenerator,
    pub(crate) orgs: BTreeMap<String, Org>,
    pub(crate) logins: Population<LoginRecord>,
    pub(crate) members: Population<MemberRecord>,
    pub(crate) listed: Option<(u64, Arc<Vec<usize>>)>,
    /// Positions of the members that were not seeded, by organisation and by login.
    pub(crate) joined_org: HashMap<String, Vec<usize>>,
    pub(crate) joined_login: HashMap<String, Vec<usize>>,
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) invites: HashMap<String, Invite>,
    pub(crate) recoveries: HashMap<String, OneTime>,
    pub(crate) one_time_logins: HashMap<String, OneTime>,
    pub(crate) devices: HashMap<(usize, String), Timestamp>,
    pub(crate) subscriptions: BTreeMap<u64, (String, Value)>,
    pub(crate) activities: Vec<Activity>,
    pub(crate) policy: Value,
    pub(crate) policy_lists: HashMap<&'static str, Vec<String>>,
    pub(crate) lockdown: bool,
    pub(crate) lockdown_list: String,
    pub(crate) failed_logins: HashMap<String, u32>,
}

pub(crate) const INVITE_DAYS: u64 = 10;
pub(crate) const SESSION_LIFETIME: Duration = Duration::from_secs(4 * 3_600);

pub(crate) fn master_id(seed: &Seed) -> String {
    seed.enhance_master().to_owned()
}

pub(crate) fn website_id(seed: &Seed) -> String {
    seed.uuid("enhance/website")
}

fn secret(seed: &Seed, name: &str) -> String {
    seed.hex(&format!("enhance/token/{name}"))
}

/// What opens the seeded panel.
pub(crate) fn access(env: &Env) -> EnhanceAccess {
    let seed = &env.seed;
    let login = |index: usize| {
        let record = LoginRecord::from_seed(seed, index);
        Login {
            email: record.email,
            password: seeded_password(seed, index),
            user_id: record.id,
        }
    };
    let owner = login(0);
    EnhanceAccess {
        base_url: format!("{}/api", env.base_urls.enhance),
        org_id: master_id(seed),
        access_token: secret(seed, "master"),
        email: owner.email,
        password: owner.password,
        support_access_token: secret(seed, "support"),
        restricted_access_token: secret(seed, "restricted"),
        customer_org_id: seed.uuid("enhance/org/customer/0"),
        customer_access_token: secret(seed, "customer"),
        website_id: website_id(seed),
        member: login(SUPPORT),
        two_factor: login(TWO_FACTOR),
    }
}

pub(crate) fn seed(env: Arc<Env>) -> Enhance {
    let seed = &env.seed;
    let master = master_id(seed);
    let start = Timestamp::from_second(1_704_067_200).unwrap_or(Timestamp::UNIX_EPOCH);
    let org = |id: String, parent: Option<&str>, name: &str| Org {
        id,
        parent: parent.map(str::to_owned),
        name: name.to_owned(),
        deleted: false,
        suspended_by: None,
        created: start,
        locale: "en".to_owned(),
        slack: None,
        avatar: None,
    };
    let reseller = seed.uuid("enhance/org/reseller");
    let customer = seed.uuid("enhance/org/customer/0");
    let orgs = [
        org(master.clone(), None, "Acme Hosting"),
        org(reseller.clone(), Some(&master), "Northwind Reselling"),
        org(customer.clone(), Some(&master), "Customer One"),
        org(
            seed.uuid("enhance/org/customer/1"),
            Some(&master),
            "Customer Two",
        ),
        org(
            seed.uuid("enhance/org/customer/2"),
            Some(&reseller),
            "Customer of the Reseller",
        ),
    ];
    let token = |name: &str, org: &str, role: Role, ips: Vec<String>| Token {
        id: seed.uuid(&format!("enhance/token/{name}")),
        org: org.to_owned(),
        secret: secret(seed, name),
        roles: vec![role],
        expires: None,
        friendly: Some(name.to_owned()),
        restricted: !ips.is_empty(),
        ips,
    };
    Enhance {
        ids: IdGenerator::new(seed, "enhance"),
        orgs: orgs.into_iter().map(|org| (org.id.clone(), org)).collect(),
        logins: Population::new(seed, env.options.users),
        members: Population::new(seed, env.options.users),
        listed: None,
        joined_org: HashMap::new(),
        joined_login: HashMap::new(),
        sessions: HashMap::new(),
        tokens: vec![
            token("master", &master, Role::SuperAdmin, vec![]),
            token("support", &master, Role::Support, vec![]),
            token(
                "restricted",
                &master,
                Role::SuperAdmin,
                vec!["192.0.2.1".to_owned()],
            ),
            token("customer", &customer, Role::SuperAdmin, vec![]),
        ],
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

impl Enhance {
    pub(crate) fn master(&self) -> String {
        master_id(&self.env.seed)
    }

    /// The organisation and its parents, itself first.
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

    /// The realm an organisation's logins belong to: the nearest organisation above it that has
    /// customers of its own, or the master organisation.
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
        self.logins.get(position).map(std::borrow::Cow::into_owned)
    }

    /// The login with this address in this realm.
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
        // The same address may live in several realms, and only one of them is in the index.
        (self.env.options.users..self.logins.end()).find(|position| {
            self.logins.get(*position).is_some_and(|login| {
                login.realm == realm && login.email.eq_ignore_ascii_case(email)
            })
        })
    }

    /// The positions of an organisation's members, in order.
    pub(crate) fn members_of(&self, org: &str) -> impl Iterator<Item = usize> {
        let seeded = if org == self.env.seed.enhance_master() {
            self.env.options.users
        } else {
            0
        };
        (0..seeded)
            .chain(self.joined_org.get(org).into_iter().flatten().copied())
            .filter(|position| !self.members.is_removed(*position))
    }

    /// As [`Enhance::members_of`], kept for the master organisation until someone joins or leaves.
    pub(crate) fn listed_members(&mut self, org: &str) -> Arc<Vec<usize>> {
        if org != self.env.seed.enhance_master() {
            return Arc::new(self.members_of(org).collect());
        }
        let version = self.members.version();
        if let Some((own, listed)) = &self.listed
            && *own == version
        {
            return listed.clone();
        }
        let listed = Arc::new(self.members_of(org).collect::<Vec<_>>());
        self.listed = Some((version, listed.clone()));
        listed
    }

    /// The position of a login's membership in an organisation.
    pub(crate) fn membership(&self, login_id: &str, org: &str) -> Option<usize> {
        if org == self.master()
            && let Some(position) = LoginRecord::index_of(&self.env.seed, login_id)
            && position < self.env.options.users
            && !self.members.is_removed(position)
        {
            return Some(position);
        }
        self.joined_login
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

    /// The positions of all of a login's memberships.
    pub(crate) fn memberships(&self, login_id: &str) -> Vec<usize> {
        let seeded = LoginRecord::index_of(&self.env.seed, login_id)
            .filter(|at| *at < self.env.options.users);
        seeded
            .into_iter()
            .chain(
                self.joined_login
                    .get(login_id)
                    .into_iter()
                    .flatten()
                    .copied(),
            )
            .filter(|position| !self.members.is_removed(*position))
            .collect()
    }

    pub(crate) fn join(&mut self, member: MemberRecord) -> usize {
        let (org, login) = (member.org.clone(), member.login_id.clone());
        let position = self.members.push(member);
        self.joined_org.entry(org).or_default().push(position);
        self.joined_login.entry(login).or_default().push(position);
        position
    }

    pub(crate) fn owner_of(&self, org: &str) -> Option<usize> {
        self.members_of(org).find(|position| {
            self.members
                .get(*position)
                .is_some_and(|member| member.is(Role::Owner) && member.active)
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
        crate::engine::wire::without_nulls(json!({
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

    /// Notes in the organisation's activity log that something was added or removed.
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
}

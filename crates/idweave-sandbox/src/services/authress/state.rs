//! The state of the account, and what several of its operations do with it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::model::{AuthorizationCode, Items, PendingChange, ServiceClient, UserRecord};
use super::seed;
use crate::data::ids::IdGenerator;
use crate::data::population::Population;
use crate::engine::clock::later;
use crate::engine::env::Env;

/// The state of the Authress emulator.
pub(crate) struct Authress {
    pub(crate) env: Arc<Env>,
    pub(crate) ids: IdGenerator,
    pub(crate) account: String,
    pub(crate) users: Population<UserRecord>,
    pub(crate) pending: Vec<(Timestamp, PendingChange)>,
    pub(crate) clients: BTreeMap<String, ServiceClient>,
    pub(crate) tenants: Items,
    pub(crate) groups: Items,
    pub(crate) roles: Items,
    pub(crate) records: Items,
    pub(crate) requests: Items,
    pub(crate) invites: Items,
    pub(crate) connections: Items,
    pub(crate) applications: Items,
    pub(crate) extensions: Items,
    pub(crate) resources: Items,
    pub(crate) identities: Vec<Value>,
    pub(crate) codes: HashMap<String, AuthorizationCode>,
    /// The subjects of the tokens that this account has signed and not revoked, by token id.
    pub(crate) issued: HashMap<String, String>,
}

impl Authress {
    pub(crate) fn seeded(env: Arc<Env>) -> Self {
        Self {
            ids: IdGenerator::new(&env.seed, "authress"),
            account: seed::account_id(&env.seed),
            users: Population::new(&env.seed, env.options.users),
            pending: Vec::new(),
            clients: seed::clients(&env.seed),
            tenants: seed::tenants(),
            groups: seed::groups(&env),
            roles: seed::roles(),
            records: seed::records(&env),
            requests: Items::new(),
            invites: Items::new(),
            connections: seed::connections(),
            applications: seed::applications(),
            extensions: Items::new(),
            resources: Items::new(),
            identities: Vec::new(),
            codes: HashMap::new(),
            issued: HashMap::new(),
            env,
        }
    }

    /// Returns the `links` of a resource.
    pub(crate) fn links(&self, path: &str) -> Value {
        json!({"self": {"href": format!("{}{path}", self.env.base_urls.authress)}})
    }

    /// Accepts a change that takes effect after the sandbox's delay.
    pub(crate) fn accept(&mut self, now: Timestamp, change: PendingChange) {
        self.pending
            .push((later(now, self.env.options.async_delay), change));
    }

    pub(crate) fn complete_pending(&mut self, now: Timestamp) {
        if self.pending.iter().all(|(due, _)| *due > now) {
            return;
        }
        let (due, waiting): (Vec<_>, _) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|(due, _)| *due <= now);
        self.pending = waiting;
        for (_, change) in due {
            match change {
                PendingChange::DeleteUser(position) => self.delete_user(position),
                PendingChange::UpdateRecord(id, value) => {
                    if self.records.contains_key(&id) {
                        self.records.insert(id, value);
                    }
                }
            }
        }
    }

    /// Removes the user, with their memberships and grants.
    fn delete_user(&mut self, position: usize) {
        let Some(id) = self.users.get(position).map(|user| user.id.clone()) else {
            return;
        };
        self.users.remove(position);
        let remove_from = |value: &mut Value, field: &str| {
            if let Some(users) = value.get_mut(field).and_then(Value::as_array_mut) {
                users.retain(|user| user["userId"] != id.as_str());
            }
        };
        for value in self.groups.values_mut().chain(self.records.values_mut()) {
            remove_from(value, "users");
            remove_from(value, "admins");
            let statements = value.get_mut("statements").and_then(Value::as_array_mut);
            for statement in statements.into_iter().flatten() {
                remove_from(statement, "users");
            }
        }
    }

    /// Adds a user who has logged in through a connection, unless they are known.
    pub(crate) fn add_user(
        &mut self,
        id: &str,
        connection: &str,
        email: Option<&str>,
        name: Option<&str>,
    ) {
        if self.users.position(id).is_some() {
            return;
        }
        self.users.push(UserRecord {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            picture: None,
            tenant: None,
            token_configuration: None,
            linked: vec![(connection.to_owned(), id.to_owned())],
        });
    }

    /// Logs a user in through a connection; returns the user id.
    pub(crate) fn log_in(
        &mut self,
        connection: &str,
        subject: &str,
        email: Option<&str>,
        name: Option<&str>,
    ) -> String {
        let id = format!("{connection}|{subject}");
        self.add_user(&id, connection, email, name);
        id
    }

    /// Returns the state as JSON.
    pub(crate) fn describe(&self) -> Value {
        json!({
            "accountId": self.account,
            "users": self.users.iter_from(0).take(1_000).map(|(_, user)| {
                let mut value = user.show();
                value["tenantId"] = json!(user.tenant);
                value
            }).collect::<Vec<_>>(),
            "usersTotal": self.users.len(),
            "pending": self.pending.len(),
            "tenants": self.tenants.values().collect::<Vec<_>>(),
            "groups": self.groups.values().collect::<Vec<_>>(),
            "roles": self.roles.values().collect::<Vec<_>>(),
            "records": self.records.values().collect::<Vec<_>>(),
            "invites": self.invites.values().collect::<Vec<_>>(),
            "requests": self.requests.values().collect::<Vec<_>>(),
            "clients": self.clients.values().map(|client| &client.value).collect::<Vec<_>>(),
        })
    }
}

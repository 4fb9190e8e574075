//! The state of the services after the run, read from the sandbox's snapshot and, where that is
//! shortened, through the clients without faults.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures::TryStreamExt;
use serde_json::Value;

use super::environment::{Environment, Failure};

/// The state after the run, by the keys that operations know.
#[derive(Default)]
pub struct State {
    /// Users by e-mail address in lower case.
    pub docspace_users: HashMap<String, u64>,
    /// Groups by name.
    pub docspace_groups: HashMap<String, u64>,
    /// Group and member.
    pub docspace_members: HashSet<(String, String)>,
    /// The owner's linked providers.
    pub docspace_linked: HashSet<String>,
    pub authress_users: HashSet<String>,
    /// User and tenant.
    pub authress_tenants: HashMap<String, String>,
    pub authress_roles: HashMap<String, u64>,
    pub authress_groups: HashMap<String, u64>,
    /// The partner's ids of linked users.
    pub ostrom_links: HashSet<String>,
    /// Webhooks by address.
    pub ostrom_hooks: HashMap<String, Hook>,
    pub enhance_members: HashMap<String, idweave_enhance::types::Member>,
    pub enhance_orgs: HashMap<String, u64>,
}

/// The webhooks of an address and their deliveries.
#[derive(Default)]
pub struct Hook {
    pub hooks: u64,
    pub deliveries: u64,
}

impl State {
    pub async fn read(env: &Environment) -> Result<Self, Failure> {
        // Completes what was only accepted.
        env.sandbox.clock().advance(Duration::from_secs(60));
        let snapshot = env.sandbox.snapshot();
        let mut state = Self::default();

        let users: Vec<_> = env.docspace.users().list().items().try_collect().await?;
        for user in users {
            let email = user.email.unwrap_or_default().to_lowercase();
            *state.docspace_users.entry(email).or_default() += 1;
        }
        let docspace = &snapshot["docspace"];
        for group in items(&docspace["groups"]) {
            *state
                .docspace_groups
                .entry(text(&group["name"]))
                .or_default() += 1;
            for member in items(&group["members"]) {
                let key = (text(&group["id"]), text(member));
                state.docspace_members.insert(key);
            }
        }
        let owner = &env.sandbox.docspace().email;
        let owner = items(&docspace["users"]).find(|user| user["email"] == **owner);
        state.docspace_linked = owner
            .map(|user| items(&user["linked"]).map(text).collect())
            .unwrap_or_default();

        let users: Vec<_> = env.authress.users().list().items().try_collect().await?;
        state.authress_users = users
            .iter()
            .map(|user| user.id.as_str().to_owned())
            .collect();
        let authress = &snapshot["authress"];
        for user in items(&authress["users"]) {
            let (id, tenant) = (text(&user["userId"]), text(&user["tenantId"]));
            state.authress_tenants.insert(id, tenant);
        }
        state.authress_roles = by_name(&authress["roles"]);
        state.authress_groups = by_name(&authress["groups"]);

        let ostrom = &snapshot["ostrom"];
        state.ostrom_links = items(&ostrom["links"])
            .map(|link| text(&link["externalUserId"]))
            .collect();
        for hook in items(&ostrom["webhooks"]) {
            let known = state.ostrom_hooks.entry(text(&hook["url"])).or_default();
            known.hooks += 1;
            known.deliveries += hook["deliveries"].as_u64().unwrap_or_default();
        }

        let members = env.members().await?;
        state.enhance_members = members
            .into_iter()
            .map(|member| (member.email.clone(), member))
            .collect();
        state.enhance_orgs = by_name(&snapshot["enhance"]["orgs"]);
        Ok(state)
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn by_name(value: &Value) -> HashMap<String, u64> {
    let mut names = HashMap::new();
    for item in items(value) {
        *names.entry(text(&item["name"])).or_default() += 1;
    }
    names
}

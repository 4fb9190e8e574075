//! Access records evaluated over users, groups, roles and resources.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::Authress;

/// Returns whether a granted URI (maybe ending in `*`) covers another.
pub(crate) fn covers(granted: &str, requested: &str) -> bool {
    let (granted, requested) = (granted.trim_matches('/'), requested.trim_matches('/'));
    match granted.strip_suffix('*') {
        Some(prefix) => requested.starts_with(prefix) || requested == prefix.trim_end_matches('/'),
        None => granted == requested,
    }
}

/// Returns whether a permission of this action allows the requested one.
pub(crate) fn allows(permission: &Value, requested: &str) -> bool {
    let granted = permission["action"].as_str();
    granted.is_some_and(|granted| action_covers(granted, requested))
}

fn action_covers(granted: &str, requested: &str) -> bool {
    let (granted, requested) = (granted.to_lowercase(), requested.to_lowercase());
    match granted.strip_suffix('*') {
        Some(prefix) => requested.starts_with(prefix),
        None => granted == requested,
    }
}

/// Returns whether a list of `{field: id}` objects contains this id.
fn contains_id(list: &Value, field: &str, id: &str) -> bool {
    list.as_array()
        .is_some_and(|items| items.iter().any(|item| item[field] == id))
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

impl Authress {
    /// Lists every (role, resource) that a user has through active records.
    pub(crate) fn grants(&self, user: &str) -> Vec<(String, String)> {
        let is_in_one_of = |groups: &Value| {
            groups.as_array().into_iter().flatten().any(|group| {
                let group = group["groupId"].as_str().and_then(|id| self.groups.get(id));
                group.is_some_and(|group| contains_id(&group["users"], "userId", user))
            })
        };
        let mut grants = Vec::new();
        for record in self
            .records
            .values()
            .filter(|record| record["status"] != "DELETED")
        {
            let has_all =
                contains_id(&record["users"], "userId", user) || is_in_one_of(&record["groups"]);
            for statement in record["statements"].as_array().into_iter().flatten() {
                if !has_all
                    && !contains_id(&statement["users"], "userId", user)
                    && !is_in_one_of(&statement["groups"])
                {
                    continue;
                }
                for role in strings(&statement["roles"]) {
                    for resource in statement["resources"].as_array().into_iter().flatten() {
                        let uri = resource["resourceUri"].as_str().unwrap_or_default();
                        grants.push((role.to_owned(), uri.to_owned()));
                    }
                }
            }
        }
        grants
    }

    /// Lists the roles a user has on a resource, sorted.
    pub(crate) fn roles_on(&self, user: &str, resource: &str) -> Vec<String> {
        let mut roles: Vec<String> = self
            .grants(user)
            .into_iter()
            .filter(|(_, uri)| covers(uri, resource))
            .map(|(role, _)| role)
            .collect();
        roles.sort();
        roles.dedup();
        roles
    }

    pub(crate) fn has_role(&self, user: &str, role: &str) -> bool {
        self.grants(user).iter().any(|(granted, _)| granted == role)
    }

    /// Lists the permissions of a user on a resource, several grants of one action combined.
    pub(crate) fn effective_permissions(&self, user: &str, resource: &str) -> Vec<Value> {
        let mut actions: BTreeMap<String, [bool; 3]> = BTreeMap::new();
        for (role, uri) in self.grants(user) {
            if !covers(&uri, resource) {
                continue;
            }
            let permissions = self.roles.get(&role).map(|role| &role["permissions"]);
            for permission in permissions.and_then(Value::as_array).into_iter().flatten() {
                let action = permission["action"].as_str().unwrap_or_default().to_owned();
                let flags = actions.entry(action).or_default();
                for (flag, name) in flags.iter_mut().zip(["allow", "grant", "delegate"]) {
                    *flag |= permission[name] == true;
                }
            }
        }
        actions
            .into_iter()
            .map(|(action, [allow, grant, delegate])| {
                json!({"action": action, "allow": allow, "grant": grant, "delegate": delegate})
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_covers_what_is_below_and_nothing_beside() {
        assert!(covers("documents/*", "/documents/1/"));
        assert!(covers("*", "anything"));
        assert!(!covers("documents", "documents/1"));
        assert!(!covers("documents/*", "docs/1"));
        assert!(
            action_covers("documents:*", "Documents:Read")
                && !action_covers("documents:read", "documents:write")
        );
    }
}

//! What a user may do: access records evaluated over users, groups, roles and resources.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::page::collection;
use super::state::Authress;
use super::{Answer, bad_request, empty, not_found, ok};
use crate::engine::wire::Request;

crate::engine::operation::operations! { Authress;
    "authorizeUser" GET "/v1/users/{userId}/resources/{resourceUri}/permissions/{permission}" => authorize;
    "getUserPermissionsForResource" GET "/v1/users/{userId}/resources/{resourceUri}/permissions" => permissions;
    "getUserRolesForResource" GET "/v1/users/{userId}/resources/{resourceUri}/roles" => roles;
    "getUserResources" GET "/v1/users/{userId}/resources" => resources;
}

/// Whether a list of `{field: id}` objects holds this id.
pub(crate) fn lists(value: &Value, field: &str, id: &str) -> bool {
    value
        .as_array()
        .is_some_and(|items| items.iter().any(|item| item[field] == id))
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// Whether a granted URI (maybe ending in `*`) covers another.
pub(crate) fn covers(granted: &str, asked: &str) -> bool {
    let (granted, asked) = (granted.trim_matches('/'), asked.trim_matches('/'));
    match granted.strip_suffix('*') {
        Some(prefix) => asked.starts_with(prefix) || asked == prefix.trim_end_matches('/'),
        None => granted == asked,
    }
}

fn allows(granted: &str, asked: &str) -> bool {
    let (granted, asked) = (granted.to_lowercase(), asked.to_lowercase());
    match granted.strip_suffix('*') {
        Some(prefix) => asked.starts_with(prefix),
        None => granted == asked,
    }
}

impl Authress {
    /// Every (role, resource) a user has through active records.
    pub(crate) fn grants(&self, user: &str) -> Vec<(String, String)> {
        let in_group = |groups: &Value| {
            groups.as_array().into_iter().flatten().any(|group| {
                let group = group["groupId"].as_str().and_then(|id| self.groups.get(id));
                group.is_some_and(|group| lists(&group["users"], "userId", user))
            })
        };
        let mut grants = Vec::new();
        for record in self
            .records
            .values()
            .filter(|record| record["status"] != "DELETED")
        {
            let whole = lists(&record["users"], "userId", user) || in_group(&record["groups"]);
            for statement in record["statements"].as_array().into_iter().flatten() {
                if !whole
                    && !lists(&statement["users"], "userId", user)
                    && !in_group(&statement["groups"])
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

    pub(crate) fn has_role(&self, user: &str, role: &str) -> bool {
        self.grants(user).iter().any(|(own, _)| own == role)
    }

    /// The permissions of a user on a resource, several grants of one action put together.
    fn effective(&self, user: &str, resource: &str) -> Vec<Value> {
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

fn authorize(state: &mut Authress, request: &Request) -> Answer {
    let user = request.param("userId");
    state.require_for(request, user)?;
    let asked = request.param("permission");
    let permissions = state.effective(user, request.param("resourceUri"));
    let allowed = permissions.iter().any(|own| {
        own["allow"] == true
            && own["action"]
                .as_str()
                .is_some_and(|granted| allows(granted, asked))
    });
    // Not being allowed and not being there look the same.
    if allowed {
        empty(StatusCode::OK)
    } else {
        Err(not_found())
    }
}

fn permissions(state: &mut Authress, request: &Request) -> Answer {
    let user = request.param("userId");
    state.require_for(request, user)?;
    let permissions = state.effective(user, request.param("resourceUri"));
    if permissions.is_empty() {
        return Err(not_found());
    }
    ok(
        &json!({"account": {"accountId": state.account}, "userId": user, "permissions": permissions}),
    )
}

fn roles(state: &mut Authress, request: &Request) -> Answer {
    let user = request.param("userId");
    state.require_for(request, user)?;
    let resource = request.param("resourceUri");
    let mut roles: Vec<String> = state
        .grants(user)
        .into_iter()
        .filter(|(_, uri)| covers(uri, resource))
        .map(|(role, _)| role)
        .collect();
    roles.sort();
    roles.dedup();
    if roles.is_empty() {
        return Err(not_found());
    }
    let roles: Vec<Value> = roles
        .into_iter()
        .map(|role| json!({"roleId": role}))
        .collect();
    ok(&json!({"userId": user, "roles": roles}))
}

fn resources(state: &mut Authress, request: &Request) -> Answer {
    let user = request.param("userId").to_owned();
    state.require_for(request, &user)?;
    if request
        .query("collectionConfiguration")
        .text()
        .is_some_and(|own| !["TOP_LEVEL_ONLY", "INCLUDE_NESTED", ""].contains(&own))
    {
        return Err(bad_request("collectionConfiguration is not known"));
    }
    let page = super::page::Page::read(request, 20)?;
    let wanted: Vec<&str> = request
        .query
        .iter()
        .filter(|(name, _)| name == "permissions")
        .flat_map(|(_, value)| value.split(','))
        .filter(|value| !value.is_empty())
        .collect();
    let below = request
        .query("resourceUri")
        .text()
        .filter(|uri| !uri.is_empty() && *uri != "*");
    let mut uris: Vec<String> = state
        .grants(&user)
        .into_iter()
        .map(|(_, uri)| uri)
        .collect();
    uris.sort();
    uris.dedup();
    uris.retain(|uri| {
        let permissions = if wanted.is_empty() {
            Vec::new()
        } else {
            state.effective(&user, uri)
        };
        below.is_none_or(|below| covers(below, uri) || covers(uri, below))
            && wanted.iter().all(|wanted| {
                permissions.iter().any(|own| {
                    own["action"]
                        .as_str()
                        .is_some_and(|granted| allows(granted, wanted))
                })
            })
    });
    let mut rest = uris
        .iter()
        .skip_while(|uri| page.start.as_ref().is_some_and(|start| *uri < start));
    let items: Vec<Value> = rest
        .by_ref()
        .take(page.limit)
        .map(|uri| json!({"resourceUri": uri}))
        .collect();
    let next = rest.next().map(|uri| page.cursor(uri));
    let mut answer = collection(request, "resources", items, next)?;
    if let Ok(Value::Object(mut body)) = serde_json::from_slice(&answer.body) {
        body.insert("userId".to_owned(), json!(user));
        body.insert("account".to_owned(), json!({"accountId": state.account}));
        answer.body = Value::Object(body).to_string().into();
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_covers_what_is_below_and_nothing_beside() {
        assert!(covers("documents/*", "/documents/1/"));
        assert!(covers("*", "anything"));
        assert!(!covers("documents", "documents/1"));
        assert!(!covers("documents/*", "docs/1"));
        assert!(
            allows("documents:*", "Documents:Read") && !allows("documents:read", "documents:write")
        );
    }
}

//! The master organisation's login policy and lockdown.

use serde_json::{Map, Value, json};

use super::auth::OPERATORS;
use super::error::{HandlerResult, bad_request, no_content, ok};
use super::state::Enhance;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Enhance;
    "getOrchdLoginPolicySettings" GET "/api/settings/orchd/login-policy/settings" => settings;
    "addOrchdLoginPolicySettings" PUT "/api/settings/orchd/login-policy/settings" => set_settings;
    "getOrchdLoginPolicyIpWhitelist" GET "/api/settings/orchd/login-policy/ip-whitelist" => |state, request| list(state, request, IP_WHITELIST);
    "addOrchdLoginPolicyIpWhitelist" PUT "/api/settings/orchd/login-policy/ip-whitelist" => |state, request| add(state, request, IP_WHITELIST);
    "deleteOrchdLoginPolicyIpWhitelist" DELETE "/api/settings/orchd/login-policy/ip-whitelist" => |state, request| remove(state, request, IP_WHITELIST);
    "getOrchdLoginPolicyIpBlacklist" GET "/api/settings/orchd/login-policy/ip-blacklist" => |state, request| list(state, request, IP_BLACKLIST);
    "addOrchdLoginPolicyIpBlacklist" PUT "/api/settings/orchd/login-policy/ip-blacklist" => |state, request| add(state, request, IP_BLACKLIST);
    "deleteOrchdLoginPolicyIpBlacklist" DELETE "/api/settings/orchd/login-policy/ip-blacklist" => |state, request| remove(state, request, IP_BLACKLIST);
    "getOrchdLoginPolicyEmailWhitelist" GET "/api/settings/orchd/login-policy/email-whitelist" => |state, request| list(state, request, EMAIL_WHITELIST);
    "addOrchdLoginPolicyEmailWhitelist" PUT "/api/settings/orchd/login-policy/email-whitelist" => |state, request| add(state, request, EMAIL_WHITELIST);
    "deleteOrchdLoginPolicyEmailWhitelist" DELETE "/api/settings/orchd/login-policy/email-whitelist" => |state, request| remove(state, request, EMAIL_WHITELIST);
    "getOrchdLoginPolicyEmailBlacklist" GET "/api/settings/orchd/login-policy/email-blacklist" => |state, request| list(state, request, EMAIL_BLACKLIST);
    "addOrchdLoginPolicyEmailBlacklist" PUT "/api/settings/orchd/login-policy/email-blacklist" => |state, request| add(state, request, EMAIL_BLACKLIST);
    "deleteOrchdLoginPolicyEmailBlacklist" DELETE "/api/settings/orchd/login-policy/email-blacklist" => |state, request| remove(state, request, EMAIL_BLACKLIST);
    "getAdminLockdownStatus" GET "/api/settings/orchd/admin-lockdown/status" => lockdown;
    "setAdminLockdownStatus" PUT "/api/settings/orchd/admin-lockdown/status" => set_lockdown;
    "getAdminLockdownList" GET "/api/settings/orchd/admin-lockdown/list" => lockdown_list;
    "setAdminLockdownList" PUT "/api/settings/orchd/admin-lockdown/list" => set_lockdown_list;
    "getLoginPolicyBlockedIps" GET "/api/reports/orchd/login-policy/blocked-ips" => blocked_ips;
    "getLoginPolicyBlockedLogins" GET "/api/reports/orchd/login-policy/blocked-logins" => blocked_logins;
}

const IP_WHITELIST: &str = "ip-whitelist";
const IP_BLACKLIST: &str = "ip-blacklist";
const EMAIL_WHITELIST: &str = "email-whitelist";
const EMAIL_BLACKLIST: &str = "email-blacklist";

/// Returns the name of a list's only field.
fn field(list: &str) -> &'static str {
    if list.starts_with("ip") {
        "ipList"
    } else {
        "emailList"
    }
}

fn settings(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    ok(&state.policy)
}

fn set_settings(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    let body = request.json()?;
    let mut policy = Map::new();
    for name in ["enabled", "emailAutoBlockEnabled", "ipAutoBlockEnabled"] {
        if let Some(flag) = body.flag_opt(name)? {
            policy.insert(name.to_owned(), json!(flag));
        }
    }
    for name in ["emailQuota", "ipQuota"] {
        if let Some(number) = body.integer_opt(name, 0, i64::from(i32::MAX))? {
            policy.insert(name.to_owned(), json!(number));
        }
    }
    for name in [
        "emailAutoBlockThreshold",
        "emailAutoBlockDuration",
        "ipAutoBlockThreshold",
        "ipAutoBlockDuration",
    ] {
        if let Some(number) = body.integer_opt(name, 1, i64::from(i32::MAX))? {
            policy.insert(name.to_owned(), json!(number));
        }
    }
    state.policy = Value::Object(policy);
    no_content()
}

fn list(state: &mut Enhance, request: &Request, name: &'static str) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    let entries = state.policy_lists.get(name).cloned().unwrap_or_default();
    ok(&json!({field(name): entries}))
}

fn add(state: &mut Enhance, request: &Request, name: &'static str) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    let added = request.json()?.texts_opt(field(name))?.unwrap_or_default();
    let entries = state.policy_lists.entry(name).or_default();
    for entry in added {
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    no_content()
}

fn remove(state: &mut Enhance, request: &Request, name: &'static str) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    let removed = request.json()?.texts_opt(field(name))?.unwrap_or_default();
    state
        .policy_lists
        .entry(name)
        .or_default()
        .retain(|entry| !removed.contains(entry));
    no_content()
}

fn lockdown(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    ok(&json!(state.lockdown))
}

fn set_lockdown(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    match serde_json::from_slice(&request.body) {
        Ok(Value::Bool(on)) => state.lockdown = on,
        _ => return Err(bad_request("the body must be a boolean")),
    }
    no_content()
}

fn lockdown_list(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    ok(&json!(state.lockdown_list))
}

fn set_lockdown_list(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    match serde_json::from_slice(&request.body) {
        Ok(Value::String(list)) => state.lockdown_list = list,
        _ => return Err(bad_request("the body must be a string")),
    }
    no_content()
}

fn blocked_ips(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    ok(&json!({}))
}

fn blocked_logins(state: &mut Enhance, request: &Request) -> HandlerResult {
    state.require_master(request, OPERATORS)?;
    ok(&json!({}))
}

impl Enhance {
    fn is_listed(&self, list: &str, entry: &str) -> bool {
        self.policy_lists.get(list).is_some_and(|entries| {
            entries
                .iter()
                .any(|other| other.eq_ignore_ascii_case(entry))
        })
    }

    /// Returns whether the policy keeps a login with this address from this IP from logging in.
    pub(crate) fn is_blocked(&self, email: &str, ip: &str) -> bool {
        if self.lockdown && !self.lockdown_list.lines().any(|line| line.trim() == ip) {
            return true;
        }
        if self.policy["enabled"] != true
            || self.is_listed(IP_WHITELIST, ip)
            || self.is_listed(EMAIL_WHITELIST, email)
        {
            return false;
        }
        let threshold = self.policy["emailAutoBlockThreshold"]
            .as_u64()
            .unwrap_or(u64::MAX);
        let failed = u64::from(
            self.failed_logins
                .get(&email.to_lowercase())
                .copied()
                .unwrap_or(0),
        );
        self.is_listed(IP_BLACKLIST, ip)
            || self.is_listed(EMAIL_BLACKLIST, email)
            || self.policy["emailAutoBlockEnabled"] == true && failed >= threshold
    }
}

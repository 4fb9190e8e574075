//! Organisations, their customers, subscriptions and activities.

use serde_json::{Value, json};

use super::auth::{ADMINS, MEMBERS, OPERATORS};
use super::error::{
    ApiError, HandlerResult, bad_request, conflict, created, no_content, not_found, ok, ok_empty,
};
use super::model::{Activity, Org, Role};
use super::page::list_page_of;
use super::state::Enhance;
use super::validate::{avatar, locale};
use crate::engine::clock::rfc3339;
use crate::engine::wire::Request;

crate::engine::operation::operations! { Enhance;
    "getOrg" GET "/api/orgs/{org_id}" => get;
    "updateOrg" PATCH "/api/orgs/{org_id}" => update;
    "deleteOrg" DELETE "/api/orgs/{org_id}" => delete;
    "setOrgAvatar" PUT "/api/orgs/{org_id}/avatar" => set_avatar;
    "deleteOrgAvatar" DELETE "/api/orgs/{org_id}/avatar" => delete_avatar;
    "getOrgCustomers" GET "/api/orgs/{org_id}/customers" => customers;
    "createCustomer" POST "/api/orgs/{org_id}/customers" => create_customer;
    "getCustomerSubscriptions" GET "/api/orgs/{org_id}/customers/{customer_org_id}/subscriptions" => subscriptions;
    "createCustomerSubscription" POST "/api/orgs/{org_id}/customers/{customer_org_id}/subscriptions" => subscribe;
    "getOrgActivities" GET "/api/v2/orgs/{org_id}/activities" => activities;
    "orchdVersion" GET "/api/version" => version;
    "orchdStatus" GET "/api/status" => status;
    "getClientIp" GET "/api/client_ip" => client_ip;
}

fn get(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, MEMBERS)?;
    ok(&state.show_org(state.orgs.get(&org).ok_or_else(not_found)?))
}

fn update(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, id) = state.require(request, ADMINS)?;
    let body = request.json()?;
    let name = body.text_opt("name", 1, 255)?.map(str::to_owned);
    let deleted = match body.text_opt("status", 1, 16)? {
        None => None,
        Some("active") => Some(false),
        Some("deleted") => Some(true),
        Some(_) => return Err(bad_request("status must be active or deleted")),
    };
    let suspended = body.flag_opt("isSuspended")?;
    let locale = locale(&body)?;
    let slack = match body.value("slackNotificationWebhookUrl") {
        None => None,
        Some(Value::String(url)) => Some(Some(url.clone())),
        Some(Value::Object(unset)) if unset.get("unset").is_some_and(Value::is_boolean) => {
            (unset["unset"] == true).then_some(None)
        }
        Some(_) => {
            return Err(bad_request(
                "slackNotificationWebhookUrl must be a string or {unset}",
            ));
        }
    };
    let org = state.orgs.get_mut(&id).ok_or_else(not_found)?;
    org.name = name.unwrap_or_else(|| org.name.clone());
    org.deleted = deleted.unwrap_or(org.deleted);
    org.locale = locale.unwrap_or_else(|| org.locale.clone());
    if let Some(suspended) = suspended {
        let suspender = org.parent.clone().unwrap_or(id);
        org.suspended_by = suspended.then_some(suspender);
    }
    if let Some(slack) = slack {
        org.slack = slack;
    }
    no_content()
}

fn delete(state: &mut Enhance, request: &Request) -> HandlerResult {
    let force = request.query("force").parse("must be a boolean")?;
    let force = force.unwrap_or(false);
    let (_, id) = state.require(request, ADMINS)?;
    if force {
        state.require_master(request, OPERATORS)?;
    }
    if id == state.master() {
        return Err(bad_request("the master organisation cannot be deleted"));
    }
    if force {
        let removed: Vec<String> = state
            .orgs
            .keys()
            .filter(|org| state.lineage(org).contains(&id))
            .cloned()
            .collect();
        for org in removed {
            let members: Vec<usize> = state.members_of(&org).collect();
            for position in members {
                state.members.remove(position);
            }
            state.tokens.retain(|token| token.org != org);
            state.orgs.remove(&org);
        }
    } else if let Some(org) = state.orgs.get_mut(&id) {
        org.deleted = true;
    }
    no_content()
}

fn set_avatar(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, id) = state.require(request, ADMINS)?;
    let path = avatar(request, &id)?;
    if let Some(org) = state.orgs.get_mut(&id) {
        org.avatar = Some(path);
    }
    ok_empty()
}

fn delete_avatar(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, id) = state.require(request, ADMINS)?;
    if let Some(org) = state.orgs.get_mut(&id) {
        org.avatar = None;
    }
    no_content()
}

/// The roles that may read about customers.
const READERS: &[Role] = &[Role::Owner, Role::SuperAdmin, Role::Sysadmin, Role::Support];

fn customers(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, id) = state.require(request, READERS)?;
    let recursive = request.query("recursive").is("true");
    let max_depth = request.query("maxDepth").parse("must be a whole number")?;
    let max_depth = max_depth.unwrap_or(usize::MAX);
    let status = request
        .query("status")
        .one_of(&["active", "suspended", "deleted"], "is not known")?;
    let is_below = |org: &Org| {
        let depth = state.lineage(&org.id).iter().position(|each| *each == id);
        depth.is_some_and(|depth| depth == 1 || recursive && depth > 1 && depth <= max_depth)
    };
    let orgs: Vec<Org> = state
        .orgs
        .values()
        .filter(|org| is_below(org))
        .filter(|org| match status {
            Some("deleted") => org.deleted,
            Some("suspended") => org.suspended_by.is_some() && !org.deleted,
            Some(_) => !org.deleted && org.suspended_by.is_none(),
            None => true,
        })
        .cloned()
        .collect();
    let count = |org: &Org, field: &str| format!("{:>20}", state.show_org(org)[field]);
    list_page_of(
        request,
        &[
            ("id", &|org: &Org| org.id.clone()),
            ("name", &|org: &Org| org.name.clone()),
            ("status", &|org: &Org| u8::from(org.deleted).to_string()),
            ("subscriptionsCount", &|org: &Org| {
                count(org, "subscriptionsCount")
            }),
            ("websitesCount", &|org: &Org| count(org, "websitesCount")),
            ("createdAt", &|org: &Org| rfc3339(org.created)),
        ],
        &orgs,
        &|org| state.show_org(org),
    )
}

fn create_customer(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, parent) = state.require(request, ADMINS)?;
    let body = request.json()?;
    let name = body.text("name", 1, 255)?;
    let id = state.ids.uuid();
    let org = Org::new(id.clone(), Some(&parent), name, request.now);
    state.orgs.insert(id.clone(), org);
    let message = format!("the customer {name} was made");
    state.log(&parent, "added", message, request.now);
    created(&json!({"id": id}))
}

impl Enhance {
    /// Returns the organisation of the path and the customer of the path, if it is one of theirs.
    fn path_customer(
        &self,
        request: &Request,
        allowed: &[Role],
    ) -> Result<(String, String), ApiError> {
        let (_, org) = self.require(request, allowed)?;
        let customer = request.param("customer_org_id").to_ascii_lowercase();
        let found = self.orgs.get(&customer);
        let parent = found.and_then(|found| found.parent.as_deref());
        if parent == Some(&org) {
            Ok((org, customer))
        } else {
            Err(not_found())
        }
    }
}

fn subscriptions(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, customer) = state.path_customer(request, READERS)?;
    let subscriptions: Vec<Value> = state
        .subscriptions
        .values()
        .filter(|(subscriber, _)| *subscriber == customer)
        .map(|(_, value)| value.clone())
        .collect();
    list_page_of(
        request,
        &[("id", &|value: &Value| format!("{:>20}", value["id"]))],
        &subscriptions,
        &Value::clone,
    )
}

fn subscribe(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (org, customer) = state.path_customer(request, ADMINS)?;
    let body = request.json()?;
    let plan = body.integer("planId", 1, i64::from(i32::MAX))?;
    let name = body.text_opt("friendlyName", 0, 255)?.unwrap_or_default();
    if plan > 3 {
        return Err(not_found());
    }
    let exists = state.subscriptions.values().any(|(subscriber, value)| {
        *subscriber == customer
            && value["planId"] == plan
            && value["friendlyName"] == name
            && !name.is_empty()
    });
    if exists {
        return Err(conflict("There is a subscription of this name."));
    }
    let id = state.subscriptions.keys().last().map_or(1, |last| last + 1);
    let value = json!({
        "id": id,
        "planId": plan,
        "planName": format!("Plan {plan}"),
        "subscriberId": customer,
        "vendorId": org,
        "status": "active",
        "resources": [{"name": "websites", "total": 10, "usage": 0}],
        "allowances": [],
        "selections": [],
        "planType": "shared",
        "allowedPhpVersions": ["php83", "php84"],
        "defaultPhpVersion": "php84",
        "redisAllowed": false,
        "friendlyName": name,
        "persistentAppsAllowed": false,
    });
    state.subscriptions.insert(id, (customer, value));
    created(&json!({"id": id}))
}

fn show_activity(activity: &Activity) -> Value {
    json!({
        "id": activity.id,
        "orgId": activity.org,
        "kind": activity.kind,
        "createdAt": rfc3339(activity.at),
        "message": activity.message,
    })
}

fn activities(state: &mut Enhance, request: &Request) -> HandlerResult {
    let (_, org) = state.require(request, MEMBERS)?;
    let date = |name| request.query(name).date("must be a date");
    let (before, after) = (date("createdBefore")?, date("createdAfter")?);
    let search = request.query("search").text().map(str::to_lowercase);
    let kinds: Vec<&str> = request
        .query
        .iter()
        .filter(|(name, _)| name.trim_end_matches("[]") == "activityKinds")
        .flat_map(|(_, value)| value.split(','))
        .collect();
    let activities: Vec<Activity> = state
        .activities
        .iter()
        .rev()
        .filter(|activity| {
            activity.org == org
                && before.is_none_or(|before| activity.at < before)
                && after.is_none_or(|after| activity.at > after)
                && (kinds.is_empty() || kinds.contains(&activity.kind))
                && search
                    .as_ref()
                    .is_none_or(|search| activity.message.to_lowercase().contains(search))
        })
        .cloned()
        .collect();
    list_page_of(request, &[], &activities, &show_activity)
}

fn version(_: &mut Enhance, _: &Request) -> HandlerResult {
    ok(&json!("12.21.3"))
}

fn status(_: &mut Enhance, _: &Request) -> HandlerResult {
    ok(&json!("ready"))
}

fn client_ip(_: &mut Enhance, request: &Request) -> HandlerResult {
    ok(&json!(request.peer.to_string()))
}

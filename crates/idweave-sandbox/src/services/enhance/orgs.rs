//! Organisations, their customers, subscriptions and activities.

use http::StatusCode;
use serde_json::{Value, json};

use super::auth::{ADMINS, MEMBERS, OPERATORS};
use super::invites::locale;
use super::logins::avatar;
use super::model::Role;
use super::state::{Enhance, Org};
use super::{Answer, bad_request, conflict, created, done, listing, no_content, not_found, ok};
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Reply, Request};

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

fn get(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, MEMBERS)?;
    ok(&state.show_org(state.orgs.get(&org).ok_or_else(not_found)?))
}

fn update(state: &mut Enhance, request: &Request) -> Answer {
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
    let parent = state.orgs.get(&id).and_then(|org| org.parent.clone());
    let Some(org) = state.orgs.get_mut(&id) else {
        return Err(not_found());
    };
    org.name = name.unwrap_or_else(|| org.name.clone());
    org.deleted = deleted.unwrap_or(org.deleted);
    org.locale = locale.unwrap_or_else(|| org.locale.clone());
    if let Some(suspended) = suspended {
        org.suspended_by = if suspended {
            parent.or_else(|| Some(id.clone()))
        } else {
            None
        };
    }
    if let Some(slack) = slack {
        org.slack = slack;
    }
    no_content()
}

fn delete(state: &mut Enhance, request: &Request) -> Answer {
    let force = match request.query("force").text() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(bad_request("force must be a boolean")),
    };
    let (_, id) = state.require(request, ADMINS)?;
    if force {
        state.require_master(request, OPERATORS)?;
    }
    if id == state.master() {
        return Err(bad_request("the master organisation cannot be deleted"));
    }
    if force {
        let gone: Vec<String> = state
            .orgs
            .keys()
            .filter(|own| state.lineage(own).contains(&id))
            .cloned()
            .collect();
        for org in gone {
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

fn set_avatar(state: &mut Enhance, request: &Request) -> Answer {
    let (_, id) = state.require(request, ADMINS)?;
    let path = avatar(request, &id)?;
    if let Some(org) = state.orgs.get_mut(&id) {
        org.avatar = Some(path);
    }
    done()
}

fn delete_avatar(state: &mut Enhance, request: &Request) -> Answer {
    let (_, id) = state.require(request, ADMINS)?;
    if let Some(org) = state.orgs.get_mut(&id) {
        org.avatar = None;
    }
    no_content()
}

fn customers(state: &mut Enhance, request: &Request) -> Answer {
    let (_, id) = state.require(
        request,
        &[Role::Owner, Role::SuperAdmin, Role::Sysadmin, Role::Support],
    )?;
    let deep = request.query("recursive").text() == Some("true");
    let depth = match request.query("maxDepth").text() {
        None => usize::MAX,
        Some(text) => text
            .parse()
            .map_err(|_| bad_request("maxDepth must be a whole number"))?,
    };
    let status = request.query("status").text();
    if status.is_some_and(|status| !["active", "suspended", "deleted"].contains(&status)) {
        return Err(bad_request("status is not known"));
    }
    let orgs: Vec<Org> = state
        .orgs
        .values()
        .filter(|org| {
            let line = state.lineage(&org.id);
            let below = line.iter().position(|own| *own == id);
            below.is_some_and(|below| below == 1 || deep && below > 1 && below <= depth)
        })
        .filter(|org| match status {
            Some("deleted") => org.deleted,
            Some("suspended") => org.suspended_by.is_some() && !org.deleted,
            Some(_) => !org.deleted && org.suspended_by.is_none(),
            None => true,
        })
        .cloned()
        .collect();
    listing(
        request,
        &[
            ("id", &|org: &Org| org.id.clone()),
            ("name", &|org: &Org| org.name.clone()),
            ("status", &|org: &Org| u8::from(org.deleted).to_string()),
            ("subscriptionsCount", &|org: &Org| {
                format!("{:>20}", state.show_org(org)["subscriptionsCount"])
            }),
            ("websitesCount", &|org: &Org| {
                format!("{:>20}", state.show_org(org)["websitesCount"])
            }),
            ("createdAt", &|org: &Org| rfc3339(org.created)),
        ],
        std::sync::Arc::new((0..orgs.len()).collect()),
        &|at| orgs.get(at).cloned(),
        &|org| state.show_org(org),
    )
}

fn create_customer(state: &mut Enhance, request: &Request) -> Answer {
    let (_, parent) = state.require(request, ADMINS)?;
    let name = request.json()?.text("name", 1, 255)?.to_owned();
    let id = state.ids.uuid();
    state.orgs.insert(
        id.clone(),
        Org {
            id: id.clone(),
            parent: Some(parent.clone()),
            name: name.clone(),
            deleted: false,
            suspended_by: None,
            created: request.now,
            locale: "en".to_owned(),
            slack: None,
            avatar: None,
        },
    );
    state.log(
        &parent,
        "added",
        format!("the customer {name} was made"),
        request.now,
    );
    created(&json!({"id": id}))
}

impl Enhance {
    fn customer(
        &self,
        request: &Request,
        allowed: &[Role],
    ) -> Result<(String, String), super::Refused> {
        let (_, org) = self.require(request, allowed)?;
        let customer = request.param("customer_org_id").to_ascii_lowercase();
        let found = self
            .orgs
            .get(&customer)
            .filter(|found| found.parent.as_deref() == Some(&org));
        found
            .map(|found| (org.clone(), found.id.clone()))
            .ok_or_else(not_found)
    }
}

fn subscriptions(state: &mut Enhance, request: &Request) -> Answer {
    let (_, customer) = state.customer(
        request,
        &[Role::Owner, Role::SuperAdmin, Role::Sysadmin, Role::Support],
    )?;
    let own: Vec<Value> = state
        .subscriptions
        .values()
        .filter(|(org, _)| *org == customer)
        .map(|(_, value)| value.clone())
        .collect();
    listing(
        request,
        &[("id", &|value: &Value| format!("{:>20}", value["id"]))],
        std::sync::Arc::new((0..own.len()).collect()),
        &|at| own.get(at).cloned(),
        &Value::clone,
    )
}

fn subscribe(state: &mut Enhance, request: &Request) -> Answer {
    let (org, customer) = state.customer(request, ADMINS)?;
    let body = request.json()?;
    let plan = body
        .integer_opt("planId", 1, i64::from(i32::MAX))?
        .ok_or_else(|| bad_request("planId is required"))?;
    let friendly = body
        .text_opt("friendlyName", 0, 255)?
        .unwrap_or_default()
        .to_owned();
    if plan > 3 {
        return Err(not_found());
    }
    let same = state.subscriptions.values().any(|(own, value)| {
        *own == customer
            && value["planId"] == plan
            && value["friendlyName"] == friendly.as_str()
            && !friendly.is_empty()
    });
    if same {
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
        "friendlyName": friendly,
        "persistentAppsAllowed": false,
    });
    state.subscriptions.insert(id, (customer, value));
    created(&json!({"id": id}))
}

fn activities(state: &mut Enhance, request: &Request) -> Answer {
    let (_, org) = state.require(request, MEMBERS)?;
    let bound = |name: &str| match request.query(name).text() {
        None => Ok(None),
        Some(text) => text
            .parse::<jiff::Timestamp>()
            .or_else(|_| {
                let day = text.parse::<jiff::civil::Date>()?;
                Ok::<_, jiff::Error>(day.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp())
            })
            .map(Some)
            .map_err(|_| bad_request(format!("{name} must be a date"))),
    };
    let (before, after) = (bound("createdBefore")?, bound("createdAfter")?);
    let search = request.query("search").text().map(str::to_lowercase);
    let kinds: Vec<&str> = request
        .query
        .iter()
        .filter(|(name, _)| name.trim_end_matches("[]") == "activityKinds")
        .flat_map(|(_, value)| value.split(','))
        .collect();
    let own: Vec<_> = state
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
    listing(
        request,
        &[],
        std::sync::Arc::new((0..own.len()).collect()),
        &|at| own.get(at).cloned(),
        &|activity| {
            json!({
                "id": activity.id,
                "orgId": activity.org,
                "kind": activity.kind,
                "createdAt": rfc3339(activity.at),
                "message": activity.message,
            })
        },
    )
}

fn version(_: &mut Enhance, _: &Request) -> Answer {
    ok(&json!("12.21.3"))
}

fn status(_: &mut Enhance, _: &Request) -> Answer {
    ok(&json!("ready"))
}

fn client_ip(_: &mut Enhance, request: &Request) -> Answer {
    Ok(Reply::json(StatusCode::OK, &request.peer.to_string()))
}

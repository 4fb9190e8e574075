//! Access records: versioned by time, updated later, limited in size.

use http::StatusCode;
use http::header::HeaderValue;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::{Value, json};

use super::groups::{fits_id, tags, users};
use super::page::shelf_page;
use super::state::{Authress, Pending};
use super::validate::{resource_uri, role_id};
use super::{Answer, Refused, bad_request, conflict, created, empty, error, not_found, ok};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Reply, Request, encode};

crate::engine::operation::operations! { Authress;
    "getRecords" GET "/v1/records" => list;
    "createRecord" POST "/v1/records" => create;
    "getRecord" GET "/v1/records/{recordId}" => get;
    "updateRecord" PUT "/v1/records/{recordId}" => update;
    "deleteRecord" DELETE "/v1/records/{recordId}" => delete;
}

/// Records and groups hold about this much.
const LARGEST: usize = 100_000;

pub(crate) fn small_enough(request: &Request) -> Result<(), Refused> {
    if request.body.len() > LARGEST {
        return Err(Refused(error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "PayloadTooLarge",
            "Split this into several.",
        )));
    }
    Ok(())
}

/// Reads statements: roles, resources, and maybe users and groups of their own.
pub(crate) fn statements(body: &Fields) -> Result<Vec<Value>, Refused> {
    let mut statements = Vec::new();
    for item in body.list_opt("statements")?.into_iter().flatten() {
        let item = Fields::from_value(item, "statements")?;
        let roles = item
            .texts_opt("roles")?
            .filter(|roles| (1..=100).contains(&roles.len()));
        let roles = roles.ok_or_else(|| bad_request("a statement needs 1 to 100 roles"))?;
        for role in &roles {
            role_id(role)?;
        }
        let mut resources = Vec::new();
        for resource in item.list_opt("resources")?.into_iter().flatten() {
            let resource = Fields::from_value(resource, "resources")?;
            let uri = resource_uri(resource.text("resourceUri", 1, 512)?)?;
            resources.push(json!({"resourceUri": uri}));
        }
        if resources.is_empty() || resources.len() > 100 {
            return Err(bad_request("a statement needs 1 to 100 resources"));
        }
        let mut statement = json!({"roles": roles, "resources": resources});
        if item.value("users").is_some() {
            statement["users"] = json!(users(&item, "users")?);
        }
        if item.value("groups").is_some() {
            statement["groups"] = json!(groups(&item)?);
        }
        statements.push(statement);
    }
    if statements.is_empty() {
        return Err(bad_request("statements must not be empty"));
    }
    Ok(statements)
}

fn groups(body: &Fields) -> Result<Vec<Value>, Refused> {
    let mut groups = Vec::new();
    for item in body.list_opt("groups")?.into_iter().flatten() {
        let item = Fields::from_value(item, "groups")?;
        let id = item.text("groupId", 1, 64)?;
        if !fits_id(id, 64, "") {
            return Err(bad_request("groupId holds characters it must not"));
        }
        groups.push(json!({"groupId": id}));
    }
    Ok(groups)
}

impl Authress {
    pub(crate) fn record(&self, id: &str, body: &Fields, now: Timestamp) -> Result<Value, Refused> {
        let mut record = json!({
            "recordId": id,
            "name": body.text("name", 1, 128)?,
            "description": body.text_opt("description", 0, 1_024)?,
            "status": "ACTIVE",
            "lastUpdated": rfc3339(now),
            "account": {"accountId": self.account},
            "users": users(body, "users")?,
            "admins": users(body, "admins")?,
            "groups": groups(body)?,
            "statements": statements(body)?,
            "tags": tags(body)?,
            "links": self.href(&format!("/v1/records/{}", encode(id))),
        });
        record["capacity"] = json!(record.to_string().len() as f64 / LARGEST as f64);
        Ok(crate::engine::wire::without_nulls(record))
    }

    /// Grants what an invite, a request or a claim has promised.
    pub(crate) fn grant(
        &mut self,
        name: &str,
        users: &Value,
        statements: &Value,
        now: Timestamp,
    ) -> Option<String> {
        let id = format!("rec_{}", self.ids.text(16));
        let body = Fields::from_value(
            &json!({"name": name, "users": users, "statements": statements}),
            "record",
        )
        .ok()?;
        let record = self.record(&id, &body, now).ok()?;
        self.records.insert(id.clone(), record);
        Some(id)
    }
}

fn last_updated(value: &Value) -> Option<Timestamp> {
    value["lastUpdated"].as_str()?.parse().ok()
}

/// Adds `Last-Modified` as an HTTP date.
fn with_last_modified(mut reply: Reply, record: &Value) -> Reply {
    let date = last_updated(record).and_then(|at| {
        jiff::fmt::rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&at)
            .ok()
    });
    if let Some(value) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
        reply.headers.insert(http::header::LAST_MODIFIED, value);
    }
    reply
}

/// Refuses with 412 when the record is newer than the caller knows. HTTP dates and RFC 3339 both
/// occur; the former knows no fractions.
pub(crate) fn unmodified(request: &Request, current: &Value) -> Result<(), Refused> {
    let Some(text) = request.header("if-unmodified-since") else {
        return Ok(());
    };
    static HTTP_DATE: DateTimeParser = DateTimeParser::new();
    let (since, whole) = match text.parse::<Timestamp>() {
        Ok(since) => (since, false),
        Err(_) => match HTTP_DATE.parse_timestamp(text) {
            Ok(since) => (since, true),
            Err(_) => return Err(bad_request("If-Unmodified-Since must be a date")),
        },
    };
    let newer = last_updated(current).is_some_and(|last| {
        if whole {
            last.as_second() > since.as_second()
        } else {
            last.as_millisecond() > since.as_millisecond()
        }
    });
    if newer {
        let reply = error(
            StatusCode::PRECONDITION_FAILED,
            "PreconditionFailed",
            "It has changed since: read it again.",
        );
        return Err(Refused(with_last_modified(reply, current)));
    }
    Ok(())
}

fn list(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let status = request
        .query("status")
        .text()
        .filter(|status| !status.is_empty())
        .unwrap_or("ACTIVE");
    if !["ACTIVE", "DELETED"].contains(&status) {
        return Err(bad_request("status must be ACTIVE or DELETED"));
    }
    shelf_page(
        request,
        "records",
        20,
        state
            .records
            .iter()
            .filter(|(_, record)| record["status"] == status),
    )
}

fn create(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    small_enough(request)?;
    let body = request.json()?;
    let id = match body.text_opt("recordId", 1, 100)? {
        Some(id) if fits_id(id, 100, ":|~") => id.to_owned(),
        Some(_) => return Err(bad_request("recordId holds characters it must not")),
        None => format!("rec_{}", state.ids.text(16)),
    };
    if state
        .records
        .get(&id)
        .is_some_and(|record| record["status"] != "DELETED")
    {
        return Err(conflict("There is a record with this id."));
    }
    let record = state.record(&id, &body, request.now)?;
    state.records.insert(id, record.clone());
    Ok(with_last_modified(created(&record)?, &record))
}

impl Authress {
    fn active_record(&self, id: &str) -> Result<&Value, Refused> {
        self.records
            .get(id)
            .filter(|record| record["status"] != "DELETED")
            .ok_or_else(not_found)
    }
}

fn get(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let record = state.active_record(request.param("recordId"))?;
    Ok(with_last_modified(ok(record)?, record))
}

fn update(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let id = request.param("recordId").to_owned();
    unmodified(request, state.active_record(&id)?)?;
    small_enough(request)?;
    let record = state.record(&id, &request.json()?, request.now)?;
    state.later(request.now, Pending::Record(id, record));
    empty(StatusCode::ACCEPTED)
}

fn delete(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let id = request.param("recordId").to_owned();
    state.active_record(&id)?;
    state
        .pending
        .retain(|(_, change)| !matches!(change, Pending::Record(own, _) if *own == id));
    if let Some(record) = state.records.get_mut(&id) {
        record["status"] = json!("DELETED");
        record["lastUpdated"] = json!(rfc3339(request.now));
    }
    empty(StatusCode::NO_CONTENT)
}

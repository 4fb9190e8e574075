//! Access records: versioned by time, updated later, limited in size.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::collection::{Collection, choose_id};
use super::error::{ApiError, HandlerResult, conflict, created, empty, not_found, ok};
use super::model::{Items, PendingChange};
use super::page::paginate;
use super::preconditions::{MAX_BYTES, check_size, check_unmodified, with_last_modified};
use super::state::Authress;
use super::validate::{groups, statements, tags, users};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Request, encode, without_nulls};

crate::engine::operation::operations! { Authress;
    "getRecords" GET "/v1/records" => list;
    "createRecord" POST "/v1/records" => create;
    "getRecord" GET "/v1/records/{recordId}" => get;
    "updateRecord" PUT "/v1/records/{recordId}" => update;
    "deleteRecord" DELETE "/v1/records/{recordId}" => delete;
}

struct Records;

impl Collection for Records {
    type Item = Value;
    const ID: &'static str = "recordId";
    const ITEMS: &'static str = "records";
    const MAX_PAGE: usize = 20;

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.records
    }
}

fn is_active(record: &Value) -> bool {
    record["status"] != "DELETED"
}

impl Authress {
    fn record(&self, id: &str, body: &Fields, now: Timestamp) -> Result<Value, ApiError> {
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
            "links": self.links(&format!("/v1/records/{}", encode(id))),
        });
        record["capacity"] = json!(record.to_string().len() as f64 / MAX_BYTES as f64);
        Ok(without_nulls(record))
    }

    fn active_record(&self, id: &str) -> Result<&Value, ApiError> {
        self.records
            .get(id)
            .filter(|record| is_active(record))
            .ok_or_else(not_found)
    }

    /// Creates the record that an invite, a request or a claim leads to.
    pub(crate) fn grant(&mut self, name: &str, users: &Value, statements: &Value, now: Timestamp) {
        let id = format!("rec_{}", self.ids.text(16));
        let body = json!({"name": name, "users": users, "statements": statements});
        let record = Fields::from_value(&body, "record")
            .map_err(ApiError::from)
            .and_then(|body| self.record(&id, &body, now));
        if let Ok(record) = record {
            self.records.insert(id, record);
        }
    }
}

fn list(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let status = request
        .query("status")
        .non_empty()
        .one_of(&["ACTIVE", "DELETED"], "must be ACTIVE or DELETED")?
        .unwrap_or("ACTIVE");
    let entries = state.records.iter();
    let entries = entries.filter(|(_, record)| record["status"] == status);
    paginate(request, Records::ITEMS, Records::MAX_PAGE, entries)
}

fn create(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    check_size(request)?;
    let body = request.json()?;
    let id = choose_id(state, &body, Records::ID, 100, ":|~", "rec")?;
    if state.records.get(&id).is_some_and(is_active) {
        return Err(conflict("There is a record with this id."));
    }
    let record = state.record(&id, &body, request.now)?;
    state.records.insert(id, record.clone());
    Ok(with_last_modified(created(&record)?, &record))
}

fn get(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let record = state.active_record(request.param(Records::ID))?;
    Ok(with_last_modified(ok(record)?, record))
}

fn update(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let id = request.param(Records::ID).to_owned();
    check_unmodified(request, state.active_record(&id)?)?;
    check_size(request)?;
    let record = state.record(&id, &request.json()?, request.now)?;
    state.accept(request.now, PendingChange::UpdateRecord(id, record));
    empty(StatusCode::ACCEPTED)
}

fn delete(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let id = request.param(Records::ID);
    state.active_record(id)?;
    state.pending.retain(
        |(_, change)| !matches!(change, PendingChange::UpdateRecord(other, _) if other == id),
    );
    if let Some(record) = Records::items(state).get_mut(id) {
        record["status"] = json!("DELETED");
        record["lastUpdated"] = json!(rfc3339(request.now));
    }
    empty(StatusCode::NO_CONTENT)
}

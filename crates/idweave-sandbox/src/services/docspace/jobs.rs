//! What goes on in the background: reassigning, removing, retyping, emptying a personal folder.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::auth::Principal;
use super::envelope::{invalid_field, nothing, one};
use super::model::{Kind, TERMINATED};
use super::state::DocSpace;
use super::{Answer, Refused, bad_argument, denied, impossible, not_found};
use crate::data::fields::Fields;
use crate::data::ids::is_uuid;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { DocSpace;
    "startReassign" POST "/api/2.0/people/reassign/start" => start_reassign;
    "getReassignProgress" GET "/api/2.0/people/reassign/progress/{userid}" => |state, request| progress(state, request, REASSIGN);
    "terminateReassign" PUT "/api/2.0/people/reassign/terminate" => |state, request| terminate(state, request, REASSIGN);
    "necessaryReassign" GET "/api/2.0/people/reassign/necessary" => necessary;
    "startRemove" POST "/api/2.0/people/remove/start" => start_remove;
    "getRemoveProgress" GET "/api/2.0/people/remove/progress/{userid}" => |state, request| progress(state, request, REMOVE);
    "terminateRemove" PUT "/api/2.0/people/remove/terminate" => terminate_remove;
    "startUserTypeUpdate" POST "/api/2.0/people/type" => start_type;
    "getUserTypeUpdateProgress" GET "/api/2.0/people/type/progress/{userid}" => |state, request| progress(state, request, TYPE);
    "terminateUserTypeUpdate" PUT "/api/2.0/people/type/terminate" => |state, request| terminate(state, request, TYPE);
    "startDeletePersonalFolder" POST "/api/2.0/people/delete/personal/start" => start_personal;
    "getDeletePersonalFolderProgress" GET "/api/2.0/people/delete/personal/progress" => personal_progress;
}

const REASSIGN: &str = "reassign";
const REMOVE: &str = "remove";
const TYPE: &str = "type";
const PERSONAL: &str = "personal";

/// What happens when a task is done.
#[derive(Clone, Copy, Debug)]
enum Then {
    Nothing,
    RemoveUser,
    SetKind(Kind),
}

/// A task of one user; the newest of each kind is remembered.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    started: Timestamp,
    due: Timestamp,
    then: Then,
    done: bool,
    cancelled: bool,
}

impl Task {
    fn show(&self, now: Timestamp) -> Value {
        let whole = self.due.duration_since(self.started).as_millis().max(1);
        let percentage = (now.duration_since(self.started).as_millis() * 100 / whole).clamp(0, 99);
        // DistributedTaskStatus: 1 running, 2 completed, 3 cancelled.
        let (percentage, completed, status) = match (self.done, self.cancelled) {
            (true, _) => (100, true, 2),
            (_, true) => (percentage, true, 3),
            _ => (percentage, false, 1),
        };
        json!({"id": self.id, "error": "", "percentage": percentage as i64, "isCompleted": completed, "status": status})
    }
}

impl DocSpace {
    fn start(&mut self, kind: &'static str, user: &str, then: Then, now: Timestamp) -> Value {
        let due = later(now, self.env.options.async_delay);
        let task = Task {
            id: self.ids.uuid(),
            started: now,
            due,
            then,
            done: false,
            cancelled: false,
        };
        let shown = task.show(now);
        self.tasks.insert((kind, user.to_owned()), task);
        shown
    }

    pub(crate) fn is_reassigning(&self, user: &str) -> bool {
        self.tasks
            .get(&(REASSIGN, user.to_owned()))
            .is_some_and(|task| !task.done && !task.cancelled)
    }

    pub(crate) fn finish_tasks(&mut self, now: Timestamp) {
        let due: Vec<(String, Then)> = self
            .tasks
            .iter_mut()
            .filter(|(_, task)| !task.done && !task.cancelled && task.due <= now)
            .map(|((_, user), task)| {
                task.done = true;
                (user.clone(), task.then)
            })
            .collect();
        for (user, then) in due {
            let Some(position) = self.users.position(&user) else {
                continue;
            };
            match then {
                Then::Nothing => {}
                Then::RemoveUser => self.drop_user(position),
                Then::SetKind(kind) => {
                    if let Some(user) = self.users.get_mut(position) {
                        user.kind = kind;
                    }
                }
            }
        }
    }
}

fn user_id(body: &Fields, name: &str) -> Result<String, Refused> {
    let id = body.text(name, 1, 64)?.to_ascii_lowercase();
    if is_uuid(&id) {
        Ok(id)
    } else {
        Err(invalid_field(name, "must be a GUID"))
    }
}

fn progress(state: &mut DocSpace, request: &Request, kind: &'static str) -> Answer {
    state.require_admin(request)?;
    let id = request.param("userid").to_ascii_lowercase();
    if !is_uuid(&id) {
        return Err(invalid_field("userid", "must be a GUID"));
    }
    match state.tasks.get(&(kind, id)) {
        Some(task) => one(request, task.show(request.now)),
        None => nothing(request),
    }
}

fn cancel(
    state: &mut DocSpace,
    request: &Request,
    kind: &'static str,
) -> Result<Option<Value>, Refused> {
    state.require_admin(request)?;
    let id = user_id(&request.json_or_empty()?, "userId")?;
    Ok(state.tasks.get_mut(&(kind, id)).map(|task| {
        task.cancelled |= !task.done;
        task.show(request.now)
    }))
}

fn terminate(state: &mut DocSpace, request: &Request, kind: &'static str) -> Answer {
    match cancel(state, request, kind)? {
        Some(task) => one(request, task),
        None => nothing(request),
    }
}

fn terminate_remove(state: &mut DocSpace, request: &Request) -> Answer {
    cancel(state, request, REMOVE)?;
    nothing(request)
}

fn start_reassign(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let body = request.json_or_empty()?;
    let (from, to) = (user_id(&body, "fromUserId")?, user_id(&body, "toUserId")?);
    let delete = body.flag_opt("deleteProfile")?.unwrap_or(false);
    let find = |id: &str| state.users.find(id).map(std::borrow::Cow::into_owned);
    let (Some(giver), Some(taker)) = (find(&from), find(&to)) else {
        return Err(bad_argument("The user could not be found"));
    };
    if giver.owner
        || giver.status != TERMINATED
        || !taker.is_active()
        || matches!(taker.kind, Kind::Guest | Kind::User)
    {
        return Err(bad_argument(
            "Data cannot be reassigned between these users",
        ));
    }
    let then = if delete {
        Then::RemoveUser
    } else {
        Then::Nothing
    };
    let task = state.start(REASSIGN, &from, then, request.now);
    one(request, task)
}

fn necessary(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let id = request
        .query_any_case("userid")
        .text()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if !is_uuid(&id) {
        return Err(invalid_field("UserId", "must be a GUID"));
    }
    let kind = match request.query_any_case("type").text() {
        None | Some("") => Kind::All,
        Some(text) => Kind::parse(text).ok_or_else(|| invalid_field("Type", "is not valid"))?,
    };
    let user = state
        .users
        .find(&id)
        .ok_or_else(|| not_found("The user could not be found"))?;
    // Only those who can own rooms leave something behind, when they become less.
    let owns = matches!(user.kind, Kind::DocSpaceAdmin | Kind::RoomAdmin);
    let less = !matches!(kind, Kind::DocSpaceAdmin | Kind::RoomAdmin);
    one(request, json!(owns && less))
}

fn start_remove(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require_admin(request)?;
    let id = user_id(&request.json_or_empty()?, "userId")?;
    let user = state
        .users
        .find(&id)
        .ok_or_else(|| not_found("The user could not be found"))?
        .into_owned();
    if !principal.may_manage(&user) {
        return Err(denied());
    }
    if user.status != TERMINATED {
        return Err(bad_argument("The user is not suspended"));
    }
    let task = state.start(REMOVE, &id, Then::RemoveUser, request.now);
    one(request, task)
}

fn start_type(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require_admin(request)?;
    let body = request.json_or_empty()?;
    let id = user_id(&body, "userId")?;
    let kind = body
        .value("type")
        .and_then(Kind::parse_json)
        .ok_or_else(|| invalid_field("type", "is not valid"))?;
    if !matches!(kind, Kind::Guest | Kind::User) {
        return Err(bad_argument("type"));
    }
    let user = state
        .users
        .find(&id)
        .ok_or_else(|| bad_argument("The user could not be found"))?
        .into_owned();
    if !principal.may_manage(&user) {
        return Err(denied());
    }
    if user.status == TERMINATED {
        return Err(impossible("The user is suspended"));
    }
    let task = state.start(TYPE, &id, Then::SetKind(kind), request.now);
    one(request, task)
}

fn start_personal(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { user, .. } = state.require(request)?;
    if user.kind == Kind::Guest {
        return Err(bad_argument("There is no personal folder"));
    }
    let task = state.start(PERSONAL, &user.id, Then::Nothing, request.now);
    one(request, task)
}

fn personal_progress(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { user, .. } = state.require(request)?;
    match state.tasks.get(&(PERSONAL, user.id)) {
        Some(task) => one(request, task.show(request.now)),
        None => nothing(request),
    }
}

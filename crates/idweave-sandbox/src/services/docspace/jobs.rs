//! Background jobs: reassigning data, removing and retyping users, emptying a personal folder.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::auth::Principal;
use super::envelope::{ok, ok_empty};
use super::error::{
    ApiError, HandlerResult, bad_argument, denied, invalid_operation, user_not_found,
};
use super::model::{Job, JobEffect, TERMINATED, UserType};
use super::state::DocSpace;
use crate::engine::clock::later;
use crate::engine::wire::Request;

crate::engine::operation::operations! { DocSpace;
    "startReassign" POST "/api/2.0/people/reassign/start" => start_reassign;
    "getReassignProgress" GET "/api/2.0/people/reassign/progress/{userid}" => |state, request| progress(state, request, REASSIGN);
    "terminateReassign" PUT "/api/2.0/people/reassign/terminate" => |state, request| terminate(state, request, REASSIGN);
    "necessaryReassign" GET "/api/2.0/people/reassign/necessary" => is_reassign_necessary;
    "startRemove" POST "/api/2.0/people/remove/start" => start_remove;
    "getRemoveProgress" GET "/api/2.0/people/remove/progress/{userid}" => |state, request| progress(state, request, REMOVE);
    "terminateRemove" PUT "/api/2.0/people/remove/terminate" => terminate_remove;
    "startUserTypeUpdate" POST "/api/2.0/people/type" => start_type_update;
    "getUserTypeUpdateProgress" GET "/api/2.0/people/type/progress/{userid}" => |state, request| progress(state, request, TYPE);
    "terminateUserTypeUpdate" PUT "/api/2.0/people/type/terminate" => |state, request| terminate(state, request, TYPE);
    "startDeletePersonalFolder" POST "/api/2.0/people/delete/personal/start" => start_personal;
    "getDeletePersonalFolderProgress" GET "/api/2.0/people/delete/personal/progress" => personal_progress;
}

const REASSIGN: &str = "reassign";
const REMOVE: &str = "remove";
const TYPE: &str = "type";
const PERSONAL: &str = "personal";

impl DocSpace {
    /// Starts a job and returns its progress.
    fn start_job(
        &mut self,
        kind: &'static str,
        user: &str,
        effect: JobEffect,
        now: Timestamp,
    ) -> Value {
        let job = Job {
            id: self.ids.uuid(),
            started: now,
            due: later(now, self.env.options.async_delay),
            effect,
            done: false,
            cancelled: false,
        };
        let shown = job.show(now);
        self.jobs.insert((kind, user.to_owned()), job);
        shown
    }

    /// Returns whether data of this user is being reassigned.
    pub(crate) fn is_reassigning(&self, user: &str) -> bool {
        self.jobs
            .get(&(REASSIGN, user.to_owned()))
            .is_some_and(Job::is_running)
    }

    /// Completes the jobs that have become due.
    pub(crate) fn complete_jobs(&mut self, now: Timestamp) {
        let due: Vec<(String, JobEffect)> = self
            .jobs
            .iter_mut()
            .filter(|(_, job)| job.is_running() && job.due <= now)
            .map(|((_, user), job)| {
                job.done = true;
                (user.clone(), job.effect)
            })
            .collect();
        for (user, effect) in due {
            let Some(position) = self.users.position(&user) else {
                continue;
            };
            match effect {
                JobEffect::Nothing => {}
                JobEffect::DeleteUser => self.delete_user(position),
                JobEffect::SetType(user_type) => {
                    if let Some(user) = self.users.get_mut(position) {
                        user.user_type = user_type;
                    }
                }
            }
        }
    }
}

fn progress(state: &mut DocSpace, request: &Request, kind: &'static str) -> HandlerResult {
    state.require_admin(request)?;
    match state.jobs.get(&(kind, request.guid("userid")?)) {
        Some(job) => ok(request, job.show(request.now)),
        None => ok_empty(request),
    }
}

fn cancel(
    state: &mut DocSpace,
    request: &Request,
    kind: &'static str,
) -> Result<Option<Value>, ApiError> {
    state.require_admin(request)?;
    let id = request.json_or_empty()?.guid("userId")?;
    Ok(state.jobs.get_mut(&(kind, id)).map(|job| {
        job.cancelled |= !job.done;
        job.show(request.now)
    }))
}

fn terminate(state: &mut DocSpace, request: &Request, kind: &'static str) -> HandlerResult {
    match cancel(state, request, kind)? {
        Some(job) => ok(request, job),
        None => ok_empty(request),
    }
}

fn terminate_remove(state: &mut DocSpace, request: &Request) -> HandlerResult {
    cancel(state, request, REMOVE)?;
    ok_empty(request)
}

fn start_reassign(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    let body = request.json_or_empty()?;
    let (from, to) = (body.guid("fromUserId")?, body.guid("toUserId")?);
    let delete = body.flag_opt("deleteProfile")?.unwrap_or(false);
    let (Some(giver), Some(taker)) = (state.users.find(&from), state.users.find(&to)) else {
        return Err(bad_argument("The user could not be found"));
    };
    if giver.owner
        || giver.status != TERMINATED
        || !taker.is_active()
        || !taker.user_type.is_staff()
    {
        return Err(bad_argument(
            "Data cannot be reassigned between these users",
        ));
    }
    let effect = if delete {
        JobEffect::DeleteUser
    } else {
        JobEffect::Nothing
    };
    let job = state.start_job(REASSIGN, &from, effect, request.now);
    ok(request, job)
}

fn is_reassign_necessary(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    let id = request.required_guid("UserId")?;
    let new_type = match request.query_any_case("Type").non_empty().text() {
        None => UserType::All,
        Some(text) => UserType::from_text("Type", text)?,
    };
    let user = state.users.find(&id).ok_or_else(user_not_found)?;
    // Only those who can own rooms leave something behind, when they become less.
    let necessary = user.user_type.is_staff() && !new_type.is_staff();
    ok(request, json!(necessary))
}

fn start_remove(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require_admin(request)?;
    let id = request.json_or_empty()?.guid("userId")?;
    let user = state.users.find(&id).ok_or_else(user_not_found)?;
    if !principal.may_manage(&user) {
        return Err(denied());
    }
    if user.status != TERMINATED {
        return Err(bad_argument("The user is not suspended"));
    }
    drop(user);
    let job = state.start_job(REMOVE, &id, JobEffect::DeleteUser, request.now);
    ok(request, job)
}

fn start_type_update(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require_admin(request)?;
    let body = request.json_or_empty()?;
    let id = body.guid("userId")?;
    let user_type = UserType::from_field(&body, "type")?;
    if !matches!(user_type, UserType::Guest | UserType::User) {
        return Err(bad_argument("type"));
    }
    let user = state.users.find(&id);
    let user = user.ok_or_else(|| bad_argument("The user could not be found"))?;
    if !principal.may_manage(&user) {
        return Err(denied());
    }
    if user.status == TERMINATED {
        return Err(invalid_operation("The user is suspended"));
    }
    drop(user);
    let job = state.start_job(TYPE, &id, JobEffect::SetType(user_type), request.now);
    ok(request, job)
}

fn start_personal(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { user, .. } = state.require(request)?;
    if user.user_type == UserType::Guest {
        return Err(bad_argument("There is no personal folder"));
    }
    let job = state.start_job(PERSONAL, &user.id, JobEffect::Nothing, request.now);
    ok(request, job)
}

fn personal_progress(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { user, .. } = state.require(request)?;
    match state.jobs.get(&(PERSONAL, user.id)) {
        Some(job) => ok(request, job.show(request.now)),
        None => ok_empty(request),
    }
}

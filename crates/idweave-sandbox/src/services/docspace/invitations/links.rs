//! Invitation links to the portal, one of each user type.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::data::fields::Fields;
use crate::engine::wire::Request;
use crate::services::docspace::envelope::{ok, ok_empty};
use crate::services::docspace::error::{
    ApiError, HandlerResult, bad_argument, denied, invalid_field, not_found, payment_required,
};
use crate::services::docspace::model::{InvitationLink, UserType, api_time};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "getInvitationLink" GET "/api/2.0/portal/users/invite/{employeeType}" => get_short;
    "createInvitationLink" POST "/api/2.0/portal/users/invitationlink" => create;
    "updateInvitationLink" PUT "/api/2.0/portal/users/invitationlink" => update;
    "deleteInvitationLink" DELETE "/api/2.0/portal/users/invitationlink" => delete;
    "getInvitationLinkByEmployeeType" GET "/api/2.0/portal/users/invitationlink/{employeeType}" => get;
}

fn path_type(request: &Request) -> Result<UserType, ApiError> {
    let user_type = UserType::from_text("employeeType", request.param("employeeType"));
    Ok(user_type?)
}

fn link_not_found() -> ApiError {
    not_found("The invitation link could not be found")
}

fn get_short(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let user_type = path_type(request)?;
    let principal = state.require(request)?;
    if !state.env.options.docspace_invitations {
        return Err(denied());
    }
    if !principal.may_invite(user_type) {
        // Not an error: there is just no link for this caller.
        return ok(request, json!(""));
    }
    let (_, query) = state.create_invite(user_type, &principal.user.id, None, None, request.now);
    let url = state.shorten("LinkInvite", &query);
    ok(request, json!(url))
}

fn show(link: &InvitationLink, now: Timestamp) -> Value {
    json!({
        "id": link.id,
        // A number here, whatever the document says.
        "employeeType": link.user_type as u8,
        "expiration": link.expiration.map(api_time),
        "isExpired": link.expiration.is_some_and(|at| at <= now),
        "maxUseCount": link.max_uses,
        "currentUseCount": link.uses,
        "url": link.url,
    })
}

/// Reads an expiration: an instant, or the portal's local time, which is UTC here.
fn expiration(body: &Fields) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = body.text_opt("expiration", 1, 64)? else {
        return Ok(None);
    };
    let local = || {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let at = text.parse::<Timestamp>().ok().or_else(local);
    at.map(Some)
        .ok_or_else(|| invalid_field("expiration", "must be a date"))
}

fn create(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let body = request.json()?;
    let user_type = UserType::from_field(&body, "employeeType")?;
    let expiration = expiration(&body)?;
    let max_uses = body.integer_opt("maxUseCount", 1, 1_000)?;
    if matches!(user_type, UserType::All | UserType::Guest) {
        return Err(bad_argument("employeeType"));
    }
    if !principal.may_invite(user_type) {
        return Err(denied());
    }
    if expiration.is_some_and(|at| at <= request.now) {
        return Err(bad_argument("expiration"));
    }
    if state.plan_is_full(user_type) {
        return Err(payment_required());
    }
    if state.links.values().any(|link| link.user_type == user_type) {
        return Err(bad_argument("There is a link of this type already"));
    }
    let id = state.ids.uuid();
    let inviter = &principal.user.id;
    let (key, query) = state.create_invite(user_type, inviter, None, Some(&id), request.now);
    let url = state.shorten("LinkInvite", &query);
    let link = InvitationLink {
        id: id.clone(),
        user_type,
        expiration,
        max_uses,
        uses: 0,
        key,
        url,
    };
    let shown = show(&link, request.now);
    state.links.insert(id, link);
    ok(request, shown)
}

fn get(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let user_type = path_type(request)?;
    let principal = state.require(request)?;
    if !principal.may_invite(user_type) {
        return Err(denied());
    }
    let link = state
        .links
        .values()
        .find(|link| link.user_type == user_type);
    match link {
        Some(link) => ok(request, show(link, request.now)),
        None => ok_empty(request),
    }
}

impl DocSpace {
    /// Reads the id of a link that the caller may change.
    fn body_link(&mut self, request: &Request, body: &Fields) -> Result<String, ApiError> {
        let principal = self.require(request)?;
        let id = body.guid("id")?;
        let link = self.links.get(&id).ok_or_else(link_not_found)?;
        if principal.may_invite(link.user_type) {
            Ok(id)
        } else {
            Err(denied())
        }
    }

    /// Returns the key and the whole confirm query of an invitation link.
    pub(crate) fn invitation(&self, url: &str) -> Option<(String, String)> {
        let code = url.rsplit('/').next()?;
        let target = self.short_links.get(code).map_or(url, String::as_str);
        let query = target.split_once('?')?.1;
        let (key, _) = self
            .invites
            .iter()
            .find(|(_, invite)| invite.query == query)?;
        Some((key.clone(), query.to_owned()))
    }
}

fn update(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let body = request.json()?;
    let id = state.body_link(request, &body)?;
    let expiration = expiration(&body)?;
    let max_uses = body.integer_opt("maxUseCount", 1, 1_000)?;
    if expiration.is_some_and(|at| at <= request.now) {
        return Err(bad_argument("expiration"));
    }
    let link = state.links.get_mut(&id).ok_or_else(link_not_found)?;
    if max_uses.is_some_and(|limit| limit < link.uses) {
        return Err(bad_argument("maxUseCount"));
    }
    // Null clears both.
    link.expiration = expiration;
    link.max_uses = max_uses;
    ok(request, show(link, request.now))
}

fn delete(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let body = request.json()?;
    let id = state.body_link(request, &body)?;
    if let Some(link) = state.links.remove(&id) {
        state.invites.remove(&link.key);
    }
    ok_empty(request)
}

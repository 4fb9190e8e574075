//! Invitation links to the portal, one of each type.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::data::fields::Fields;
use crate::data::ids::is_uuid;
use crate::engine::wire::Request;
use crate::services::docspace::envelope::{invalid_field, nothing, one};
use crate::services::docspace::model::{Kind, api_time};
use crate::services::docspace::state::{DocSpace, InvitationLink};
use crate::services::docspace::{Answer, Refused, bad_argument, denied, not_found, unpaid};

crate::engine::operation::operations! { DocSpace;
    "getInvitationLink" GET "/api/2.0/portal/users/invite/{employeeType}" => get_short;
    "createInvitationLink" POST "/api/2.0/portal/users/invitationlink" => create;
    "updateInvitationLink" PUT "/api/2.0/portal/users/invitationlink" => update;
    "deleteInvitationLink" DELETE "/api/2.0/portal/users/invitationlink" => delete;
    "getInvitationLinkByEmployeeType" GET "/api/2.0/portal/users/invitationlink/{employeeType}" => get;
}

fn path_kind(request: &Request) -> Result<Kind, Refused> {
    Kind::parse(request.param("employeeType"))
        .ok_or_else(|| invalid_field("employeeType", "is not valid"))
}

fn get_short(state: &mut DocSpace, request: &Request) -> Answer {
    let kind = path_kind(request)?;
    let principal = state.require(request)?;
    if !state.env.options.docspace_invitations {
        return Err(denied());
    }
    if !principal.may_invite(kind) {
        // Not an error: there is just no link for this caller.
        return one(request, json!(""));
    }
    let (_, query) = state.make_invite(kind, &principal.user.id, None, None, request.now);
    let url = state.shorten("LinkInvite", &query);
    one(request, json!(url))
}

fn show(link: &InvitationLink, now: Timestamp) -> Value {
    json!({
        "id": link.id,
        // A number here, whatever the document says.
        "employeeType": link.kind as u8,
        "expiration": link.expiration.map(api_time),
        "isExpired": link.expiration.is_some_and(|at| at <= now),
        "maxUseCount": link.max_uses,
        "currentUseCount": link.uses,
        "url": link.url,
    })
}

/// Reads an expiration: an instant, or the portal's local time, which is UTC here.
fn expiration(body: &Fields) -> Result<Option<Timestamp>, Refused> {
    let Some(text) = body.text_opt("expiration", 1, 64)? else {
        return Ok(None);
    };
    let local = || {
        Some(
            text.parse::<DateTime>()
                .ok()?
                .to_zoned(TimeZone::UTC)
                .ok()?
                .timestamp(),
        )
    };
    let at = text.parse::<Timestamp>().ok().or_else(local);
    at.map(Some)
        .ok_or_else(|| invalid_field("expiration", "must be a date"))
}

fn create(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let body = request.json()?;
    let kind = body
        .value("employeeType")
        .and_then(Kind::parse_json)
        .ok_or_else(|| invalid_field("employeeType", "is not valid"))?;
    let expiration = expiration(&body)?;
    let max_uses = body.integer_opt("maxUseCount", 1, 1_000)?;
    if ![Kind::DocSpaceAdmin, Kind::RoomAdmin, Kind::User].contains(&kind) {
        return Err(bad_argument("employeeType"));
    }
    if !principal.may_invite(kind) {
        return Err(denied());
    }
    if expiration.is_some_and(|at| at <= request.now) {
        return Err(bad_argument("expiration"));
    }
    if state.plan_is_full(kind) {
        return Err(unpaid("The plan does not pay for more users of this type"));
    }
    if state.links.values().any(|link| link.kind == kind) {
        return Err(bad_argument("There is a link of this type already"));
    }
    let id = state.ids.uuid();
    let (key, query) = state.make_invite(kind, &principal.user.id, None, Some(&id), request.now);
    let url = state.shorten("LinkInvite", &query);
    let link = InvitationLink {
        id: id.clone(),
        kind,
        expiration,
        max_uses,
        uses: 0,
        key,
        url,
    };
    let shown = show(&link, request.now);
    state.links.insert(id, link);
    one(request, shown)
}

fn get(state: &mut DocSpace, request: &Request) -> Answer {
    let kind = path_kind(request)?;
    let principal = state.require(request)?;
    if !principal.may_invite(kind) {
        return Err(denied());
    }
    match state.links.values().find(|link| link.kind == kind) {
        Some(link) => one(request, show(link, request.now)),
        None => nothing(request),
    }
}

impl DocSpace {
    fn link_of(&mut self, request: &Request, body: &Fields) -> Result<String, Refused> {
        let principal = self.require(request)?;
        let id = body.text("id", 1, 64)?.to_ascii_lowercase();
        if !is_uuid(&id) {
            return Err(invalid_field("id", "must be a GUID"));
        }
        let link = self
            .links
            .get(&id)
            .ok_or_else(|| not_found("The invitation link could not be found"))?;
        if principal.may_invite(link.kind) {
            Ok(id)
        } else {
            Err(denied())
        }
    }

    /// The key and the whole confirm query of an invitation link.
    pub(crate) fn invitation(&self, url: &str) -> Option<(String, String)> {
        let code = url.rsplit('/').next()?;
        let target = self.short.get(code).map_or(url, String::as_str);
        let query = target.split_once('?')?.1;
        let (key, _) = self
            .invites
            .iter()
            .find(|(_, invite)| invite.query == query)?;
        Some((key.clone(), query.to_owned()))
    }
}

fn update(state: &mut DocSpace, request: &Request) -> Answer {
    let body = request.json()?;
    let id = state.link_of(request, &body)?;
    let expiration = expiration(&body)?;
    let max_uses = body.integer_opt("maxUseCount", 1, 1_000)?;
    if expiration.is_some_and(|at| at <= request.now) {
        return Err(bad_argument("expiration"));
    }
    let Some(link) = state.links.get_mut(&id) else {
        return Err(not_found("The invitation link could not be found"));
    };
    if max_uses.is_some_and(|most| most < link.uses) {
        return Err(bad_argument("maxUseCount"));
    }
    // Null clears both.
    link.expiration = expiration;
    link.max_uses = max_uses;
    one(request, show(link, request.now))
}

fn delete(state: &mut DocSpace, request: &Request) -> Answer {
    let body = request.json()?;
    let id = state.link_of(request, &body)?;
    if let Some(link) = state.links.remove(&id) {
        state.invites.remove(&link.key);
    }
    nothing(request)
}

//! Users created, invited, changed and removed.

use jiff::Timestamp;
use serde_json::Value;

use super::validate::{contacts, password};
use crate::data::fields::{Fields, is_email};
use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::{ok, ok_list, ok_streamed};
use crate::services::docspace::error::{
    ApiError, HandlerResult, bad_argument, denied, internal_error, invalid_field,
    invalid_operation, payment_required, user_exists,
};
use crate::services::docspace::invitations::confirm::{Caller, ConfirmLink};
use crate::services::docspace::model::{ACTIVE, NewUser, PENDING, Password, TERMINATED, UserType};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "addMember" POST "/api/2.0/people" => add;
    "updateMember" PUT "/api/2.0/people/{userid}" => update;
    "deleteMember" DELETE "/api/2.0/people/{userid}" => delete;
    "inviteUsers" POST "/api/2.0/people/invite" => invite;
    "resendUserInvites" PUT "/api/2.0/people/invite" => resend;
    "removeUsers" PUT "/api/2.0/people/delete" => remove_many;
    "updateMemberCulture" PUT "/api/2.0/people/{userid}/culture" => set_culture;
    "addMemberAsActivated" POST "/api/2.0/people/active" => add_activated;
}

/// The most users that one response without pages lists.
const MAX_LISTED: usize = 1_000;

/// Reads the e-mail address of a user to create.
fn email(body: &Fields) -> Result<&str, ApiError> {
    let email = body.text_opt("email", 0, 255)?.unwrap_or_default();
    if is_email(email) {
        Ok(email)
    } else {
        Err(invalid_field("email", "is not a valid e-mail address"))
    }
}

fn new_user(body: &Fields) -> Result<NewUser, ApiError> {
    if body
        .text_opt("email", 0, 255)?
        .unwrap_or_default()
        .is_empty()
    {
        return Err(bad_argument("email"));
    }
    let text = |name: &str| Ok::<_, ApiError>(body.text_opt(name, 0, 255)?.map(str::to_owned));
    Ok(NewUser {
        email: email(body)?.to_owned(),
        user_type: UserType::from_field_opt(body, "type")?.unwrap_or(UserType::All),
        first: text("firstName")?.unwrap_or_default(),
        last: text("lastName")?.unwrap_or_default(),
        culture: text("cultureName")?,
        location: text("location")?,
        notes: text("comment")?,
        contacts: contacts(body)?.unwrap_or_default(),
        spam: body.flag_opt("spam")?.unwrap_or(false),
        password: password(body)?.unwrap_or(Password::None),
        ..NewUser::default()
    })
}

fn add(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let body = request.json_or_empty()?;
    let from_link = body.flag_opt("fromInviteLink")?.unwrap_or(false);
    let caller = state.require_link_or_principal(request, &["LinkInvite"])?;
    let new = new_user(&body)?;
    if from_link {
        return join(state, request, &body, new);
    }
    match caller {
        Caller::Principal(principal) => add_by(state, request, &principal, new, 0),
        Caller::Link => Err(denied()),
    }
}

/// Creates, or activates, the user who opens an invitation link.
fn join(state: &mut DocSpace, request: &Request, body: &Fields, mut new: NewUser) -> HandlerResult {
    let confirm = ConfirmLink::read(request);
    let key = match body.text_opt("key", 0, 1_024)? {
        Some(key) => Some(key),
        None => confirm.as_ref().and_then(|confirm| confirm.get("key")),
    };
    let invite = key
        .and_then(|key| state.valid_invite(key, confirm.as_ref(), request.now))
        .ok_or_else(denied)?;
    let is_for_another = |email: &String| !email.eq_ignore_ascii_case(&new.email);
    if invite.email.as_ref().is_some_and(is_for_another) {
        return Err(denied());
    }
    // A full plan leads to a plain user rather than to none.
    new.user_type = if state.plan_is_full(invite.user_type) {
        UserType::User
    } else {
        invite.user_type
    };
    let position = match state.users.position_by_email(&new.email) {
        // Invited by e-mail: the user exists already and becomes active now.
        Some(position) if state.status_of(position) == Some(PENDING) => {
            if let Some(user) = state.users.get_mut(position) {
                user.status = ACTIVE;
                user.activation = 1;
                user.first = new.first;
                user.last = new.last;
                user.user_type = new.user_type;
                user.password = new.password;
                user.culture = new.culture.or(user.culture.take());
                user.modified = request.now;
            }
            position
        }
        Some(_) => return Err(user_exists()),
        None => {
            let new = NewUser {
                status: ACTIVE,
                activation: u8::from(invite.email.is_some()),
                created_by: Some(invite.inviter.clone()),
                ..new
            };
            state.create_user(new, request.now)
        }
    };
    state.count_use(&invite);
    ok(request, state.show_full(position))
}

fn add_by(
    state: &mut DocSpace,
    request: &Request,
    principal: &Principal,
    mut new: NewUser,
    activation: u8,
) -> HandlerResult {
    // A plain user by default.
    if new.user_type == UserType::All {
        new.user_type = UserType::User;
    }
    let user_type = new.user_type;
    if !principal.may_invite(user_type) {
        return Err(denied());
    }
    state.check_email_is_free(&new.email, None)?;
    if state.plan_is_full(user_type) {
        return Err(payment_required());
    }
    let is_pending = matches!(new.password, Password::None);
    let new = NewUser {
        status: if is_pending { PENDING } else { ACTIVE },
        activation,
        created_by: Some(principal.user.id.clone()),
        ..new
    };
    let email = new.email.clone();
    let position = state.create_user(new, request.now);
    if is_pending {
        state.mail_invite(user_type, &principal.user.id, &email, request.now);
    }
    ok(request, state.show_full(position))
}

fn add_activated(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require_admin(request)?;
    let mut new = new_user(&request.json_or_empty()?)?;
    if matches!(new.password, Password::None) {
        new.password = Password::Plain(state.ids.secret(16));
    }
    add_by(state, request, &principal, new, 1)
}

impl DocSpace {
    /// Mails a user the link to join by.
    fn mail_invite(&mut self, user_type: UserType, inviter: &str, email: &str, now: Timestamp) {
        let (_, query) = self.create_invite(user_type, inviter, Some(email), None, now);
        let link = self.shorten("LinkInvite", &query);
        let text = format!("You are invited: {link}");
        self.env.mail(
            "docspace",
            "invite",
            email,
            "You are invited to DocSpace",
            vec![link],
            text,
        );
    }

    /// Returns the positions of the users who have not accepted their invitation.
    fn pending(&self) -> impl Iterator<Item = usize> {
        (0..self.users.end())
            .filter(|position| self.status_of(*position) == Some(PENDING))
            .take(MAX_LISTED)
    }
}

fn invite(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require_staff(request)?;
    let body = request.json_or_empty()?;
    let culture = body.text_opt("culture", 0, 85)?.map(str::to_owned);
    let mut invitations = Vec::new();
    for item in body.objects("invitations")? {
        let item = item?;
        let email = email(&item)?.to_owned();
        let user_type = UserType::from_field_opt(&item, "type")?.unwrap_or(UserType::User);
        if !principal.may_invite(user_type) {
            return Err(denied());
        }
        if state.plan_is_full(user_type) {
            return Err(payment_required());
        }
        invitations.push((email, user_type));
    }
    for (email, user_type) in invitations {
        // A user who exists already is skipped.
        if state.users.position_by_email(&email).is_none() {
            let new = NewUser {
                email: email.clone(),
                user_type,
                status: PENDING,
                created_by: Some(principal.user.id.clone()),
                culture: culture.clone(),
                ..NewUser::default()
            };
            state.create_user(new, request.now);
            state.mail_invite(user_type, &principal.user.id, &email, request.now);
        }
    }
    // All who have not accepted yet, not only the new ones.
    let items: Vec<Value> = state
        .pending()
        .map(|position| state.show(position))
        .collect();
    ok_list(request, items)
}

fn resend(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require_staff(request)?;
    let body = request.json_or_empty()?;
    let mut positions = state.listed_users(&body)?;
    if body.flag_opt("resendAll")?.unwrap_or(false) {
        positions = state.pending().collect();
    }
    let mut items = Vec::new();
    for position in positions {
        let Some(user) = state.user(position).filter(|user| user.status == PENDING) else {
            continue;
        };
        state
            .invites
            .retain(|_, invite| invite.email.as_ref() != Some(&user.email));
        state.mail_invite(user.user_type, &principal.user.id, &user.email, request.now);
        items.push(state.show_full(position));
    }
    ok_streamed(request, items)
}

fn update(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let (position, user) = state.path_user(request)?;
    if !principal.may_edit(&user) {
        return Err(denied());
    }
    let body = request.json_or_empty()?;
    let text =
        |name: &str, max: usize| Ok::<_, ApiError>(body.text_opt(name, 0, max)?.map(str::to_owned));
    let (first, last) = (text("firstName", 255)?, text("lastName", 255)?);
    let (location, notes) = (text("location", 255)?, text("comment", 4_096)?);
    let contacts = contacts(&body)?;
    let (spam, disable) = (body.flag_opt("spam")?, body.flag_opt("disable")?);
    if disable.is_some() && !principal.may_manage(&user) {
        return Err(denied());
    }
    if let Some(user) = state.users.get_mut(position) {
        // What is left out keeps its value.
        user.first = first.unwrap_or_else(|| user.first.clone());
        user.last = last.unwrap_or_else(|| user.last.clone());
        user.location = location.or(user.location.take());
        user.notes = notes.or(user.notes.take());
        user.contacts = contacts.unwrap_or_else(|| user.contacts.clone());
        user.spam = spam.unwrap_or(user.spam);
        user.modified = request.now;
    }
    if let Some(disable) = disable {
        let status = if disable { TERMINATED } else { ACTIVE };
        state.set_status(position, status, request.now);
    }
    ok(request, state.show_full(position))
}

impl DocSpace {
    /// Returns an error if this user may not be removed.
    fn check_removable(&self, principal: &Principal, position: usize) -> Result<(), ApiError> {
        let user = self.user(position).ok_or_else(denied)?;
        if !principal.may_manage(&user) {
            return Err(denied());
        }
        if user.status != TERMINATED {
            return Err(invalid_operation("The user is not suspended"));
        }
        if self.is_reassigning(&user.id) {
            return Err(internal_error("Data of this user is being reassigned"));
        }
        Ok(())
    }
}

fn delete(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require_admin(request)?;
    let (position, _) = state.path_user(request)?;
    state.check_removable(&principal, position)?;
    let shown = state.show_full(position);
    state.delete_user(position);
    ok(request, shown)
}

fn remove_many(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require_admin(request)?;
    let positions = state.listed_users(&request.json_or_empty()?)?;
    for position in &positions {
        state.check_removable(&principal, *position)?;
    }
    let mut items = Vec::new();
    for position in positions {
        items.push(state.show_full(position));
        state.delete_user(position);
    }
    ok_streamed(request, items)
}

fn set_culture(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let (position, user) = state.path_user(request)?;
    if user.id != principal.user.id {
        return Err(denied());
    }
    let body = request.json_or_empty()?;
    let culture = body.text("cultureName", 0, 85)?;
    let is_part = |part: &str| {
        (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if !culture.is_empty() && !culture.split('-').all(is_part) {
        return Err(bad_argument("cultureName"));
    }
    if let Some(user) = state.users.get_mut(position) {
        user.culture = Some(culture.to_owned()).filter(|culture| !culture.is_empty());
    }
    ok(request, state.show_full(position))
}

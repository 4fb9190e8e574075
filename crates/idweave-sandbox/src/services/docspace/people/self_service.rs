//! What people do to their own accounts, mostly through links that were mailed to them: addresses,
//! passwords, deletion, guests, theme, quota.

use serde_json::{Value, json};

use crate::data::fields::is_email;
use crate::data::ids::is_uuid;
use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::{invalid_field, nothing, one, streamed};
use crate::services::docspace::invitations::confirm::{Caller, Confirm, decode_email};
use crate::services::docspace::model::{Kind, UserRecord};
use crate::services::docspace::people::members::{password, user_ids};
use crate::services::docspace::people::profiles::link_email;
use crate::services::docspace::state::DocSpace;
use crate::services::docspace::{Answer, Refused, bad_argument, denied, impossible, not_found};

crate::engine::operation::operations! { DocSpace;
    "changeUserEmail" PUT "/api/2.0/people/{userid}/email" => change_email;
    "sendEmailChangeInstructions" POST "/api/2.0/people/email" => ask_email_change;
    "changeUserPassword" PUT "/api/2.0/people/{userid}/password" => change_password;
    "sendUserPassword" POST "/api/2.0/people/password" => ask_password;
    "deleteProfile" DELETE "/api/2.0/people/@self" => delete_own;
    "sendInstructionsToDelete" PUT "/api/2.0/people/self/delete" => ask_delete;
    "getGuestSharingLink" GET "/api/2.0/people/guests/{userid}/share" => guest_link;
    "approveGuestShareLink" POST "/api/2.0/people/guests/share/approve" => approve_guest;
    "deleteGuests" DELETE "/api/2.0/people/guests" => delete_guests;
    "getPortalTheme" GET "/api/2.0/people/theme" => theme;
    "changePortalTheme" PUT "/api/2.0/people/theme" => set_theme;
    "updateUserQuota" PUT "/api/2.0/people/userquota" => set_quota;
    "resetUsersQuota" PUT "/api/2.0/people/resetquota" => reset_quota;
}

impl DocSpace {
    /// The user of the path, who must be the one the link was made for.
    fn linked_to(&self, request: &Request, confirm: &Confirm) -> Result<usize, Refused> {
        let id = request.param("userid").to_ascii_lowercase();
        if !is_uuid(&id) {
            return Err(invalid_field("userid", "must be a GUID"));
        }
        let position = self
            .users
            .position(&id)
            .ok_or_else(|| not_found("The user could not be found"))?;
        if confirm
            .get("uid")
            .is_some_and(|own| own.eq_ignore_ascii_case(&id))
        {
            Ok(position)
        } else {
            Err(denied())
        }
    }

    fn mail_link(
        &self,
        kind: &str,
        user: &UserRecord,
        to: &str,
        subject: &str,
        mail: &'static str,
        request: &Request,
    ) {
        let query = self.confirm_query(kind, &user.id, to, request.now);
        let link = format!("{}/confirm/{kind}?{query}", self.base());
        let text = format!("{subject}: {link}");
        self.env
            .mail("docspace", mail, to, subject, vec![link], text);
    }
}

fn change_email(state: &mut DocSpace, request: &Request) -> Answer {
    let caller = state.caller(request, &["EmailChange"], false)?;
    let Caller::Link(confirm) = &caller else {
        return Err(denied());
    };
    let position = state.linked_to(request, confirm)?;
    let body = request.json()?;
    let email = match (
        body.text_opt("email", 0, 255)?,
        body.text_opt("encEmail", 0, 1_024)?,
    ) {
        (Some(email), _) if !email.is_empty() => Some(email.to_owned()),
        (_, Some(encoded)) => decode_email(encoded),
        _ => link_email(&caller),
    };
    let email = email
        .filter(|email| is_email(email))
        .ok_or_else(|| bad_argument("email"))?;
    if link_email(&caller).is_none_or(|own| !own.eq_ignore_ascii_case(&email)) {
        return Err(denied());
    }
    state.set_email(position, &email, request)?;
    one(request, state.show_full(position))
}

impl DocSpace {
    fn set_email(
        &mut self,
        position: usize,
        email: &str,
        request: &Request,
    ) -> Result<(), Refused> {
        if self
            .users
            .position_by_email(email)
            .is_some_and(|other| other != position)
        {
            return Err(impossible("A user with this e-mail address exists already"));
        }
        if let Some(user) = self.users.get_mut(position) {
            user.email = email.to_owned();
            user.modified = request.now;
        }
        self.users.index_email(position);
        Ok(())
    }
}

fn ask_email_change(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let body = request.json_or_empty()?;
    let email = body
        .text_opt("email", 0, 255)?
        .unwrap_or_default()
        .to_owned();
    if !is_email(&email) {
        return Err(bad_argument("email"));
    }
    let position = match body.text_opt("userId", 0, 255)?.filter(|id| !id.is_empty()) {
        None => principal.position,
        Some(id) => state
            .find_user(id)
            .ok_or_else(|| not_found("The user could not be found"))?,
    };
    let user = state.user(position).ok_or_else(denied)?;
    if !principal.may_edit(&user) {
        return Err(denied());
    }
    if state
        .users
        .position_by_email(&email)
        .is_some_and(|other| other != position)
    {
        return Err(impossible("A user with this e-mail address exists already"));
    }
    if principal.user.is_admin() && user.id != principal.user.id {
        // An admin's word is enough.
        state.set_email(position, &email, request)?;
    } else {
        state.mail_link(
            "EmailChange",
            &user,
            &email,
            "Change your e-mail address",
            "email-change",
            request,
        );
    }
    one(
        request,
        json!(format!(
            "The e-mail change instructions have been sent to {email}"
        )),
    )
}

fn change_password(state: &mut DocSpace, request: &Request) -> Answer {
    let caller = state.caller(request, &["PasswordChange", "Activation"], false)?;
    let Caller::Link(confirm) = &caller else {
        return Err(denied());
    };
    let position = state.linked_to(request, confirm)?;
    let activation = confirm.kind() == "Activation";
    let new = password(&request.json()?)?.ok_or_else(|| bad_argument("password"))?;
    if let Some(user) = state.users.get_mut(position) {
        user.password = new;
        user.modified = request.now;
        if activation {
            user.activation = 1;
        }
    }
    state.sessions.retain(|_, session| session.user != position);
    one(request, state.show_full(position))
}

fn ask_password(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.maybe_principal(request)?;
    let body = request.json_or_empty()?;
    let email = body.text("email", 0, 255)?.to_owned();
    if !is_email(&email) {
        return Err(invalid_field("email", "is not a valid e-mail address"));
    }
    let user = state
        .users
        .find_by_email(&email)
        .map(std::borrow::Cow::into_owned);
    match (&user, &principal) {
        // Those who are known get to know what is wrong; the others never do.
        (None, Some(_)) => return Err(denied()),
        (Some(user), Some(principal)) if !principal.may_edit(user) => return Err(denied()),
        (Some(user), _) if user.is_active() => {
            state.mail_link(
                "PasswordChange",
                user,
                &email,
                "Change your password",
                "password-recovery",
                request,
            );
        }
        _ => {}
    }
    one(
        request,
        json!(format!(
            "The password change instructions have been sent to {email}"
        )),
    )
}

fn delete_own(state: &mut DocSpace, request: &Request) -> Answer {
    let caller = state.caller(request, &["ProfileRemove"], false)?;
    let Caller::Link(confirm) = &caller else {
        return Err(denied());
    };
    let position = confirm
        .get("uid")
        .and_then(|id| state.users.position(&id.to_ascii_lowercase()));
    let position = position.ok_or_else(|| not_found("The user could not be found"))?;
    let user = state.user(position).ok_or_else(denied)?;
    if user.owner {
        return Err(denied());
    }
    state.set_status(
        position,
        crate::services::docspace::model::TERMINATED,
        request.now,
    );
    let shown = state.show_full(position);
    one(request, shown)
}

fn ask_delete(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { user, .. } = state.require(request)?;
    if user.owner {
        return Err(denied());
    }
    let email = user.email.clone();
    state.mail_link(
        "ProfileRemove",
        &user,
        &email,
        "Delete your profile",
        "profile-remove",
        request,
    );
    one(
        request,
        json!(format!("The instructions have been sent to {email}")),
    )
}

fn guest_link(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { .. } = state.require_staff(request)?;
    let id = request.param("userid").to_ascii_lowercase();
    if !is_uuid(&id) {
        return Err(invalid_field("userid", "must be a GUID"));
    }
    let user = state
        .users
        .find(&id)
        .ok_or_else(|| not_found("The user could not be found"))?
        .into_owned();
    if user.kind != Kind::Guest {
        return Err(bad_argument("The user is not a guest"));
    }
    let query = state.confirm_query("GuestShareLink", &user.id, &user.email, request.now);
    let url = state.shorten("GuestShareLink", &query);
    one(request, json!(url))
}

fn approve_guest(state: &mut DocSpace, request: &Request) -> Answer {
    let caller = state.caller(request, &["GuestShareLink"], false)?;
    if matches!(caller, Caller::Principal(_)) {
        return Err(denied());
    }
    let email = request.json_or_empty()?.text("email", 0, 255)?.to_owned();
    if link_email(&caller).is_none_or(|own| !own.eq_ignore_ascii_case(&email)) {
        return Err(denied());
    }
    let position = state
        .users
        .position_by_email(&email)
        .ok_or_else(|| not_found("The user could not be found"))?;
    one(request, state.show_full(position))
}

fn delete_guests(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require_staff(request)?;
    let positions = user_ids(state, &request.json_or_empty()?)?;
    let related = |user: &UserRecord| {
        user.kind == Kind::Guest && user.created_by.as_deref() == Some(&principal.user.id)
    };
    if positions.iter().any(|position| {
        state
            .users
            .get(*position)
            .is_none_or(|user| !related(&user))
    }) {
        return Err(denied());
    }
    for position in positions {
        // Only the relation goes; the guest stays.
        if let Some(user) = state.users.get_mut(position) {
            user.created_by = None;
        }
    }
    nothing(request)
}

fn theme(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { user, .. } = state.require(request)?;
    one(request, json!({"theme": user.theme}))
}

fn set_theme(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal { position, .. } = state.require(request)?;
    const THEMES: [&str; 3] = ["Base", "Dark", "System"];
    let body = request.json_or_empty()?;
    let theme = match body.value("theme") {
        Some(Value::String(name)) => THEMES
            .into_iter()
            .find(|own| own.eq_ignore_ascii_case(name)),
        Some(Value::Number(number)) => number
            .as_u64()
            .and_then(|at| THEMES.get(at as usize).copied()),
        _ => None,
    };
    let theme = theme.ok_or_else(|| invalid_field("theme", "is not valid"))?;
    if let Some(user) = state.users.get_mut(position) {
        user.theme = theme;
    }
    one(request, json!({"theme": theme}))
}

fn set_quota(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let body = request.json_or_empty()?;
    let quota = match body.value("quota") {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    let quota = quota
        .filter(|quota| *quota >= -1)
        .ok_or_else(|| bad_argument("quota"))?;
    let positions = user_ids(state, &body)?;
    put_quota(state, request, positions, Some(quota))
}

fn reset_quota(state: &mut DocSpace, request: &Request) -> Answer {
    state.require_admin(request)?;
    let positions = user_ids(state, &request.json_or_empty()?)?;
    put_quota(state, request, positions, None)
}

fn put_quota(
    state: &mut DocSpace,
    request: &Request,
    positions: Vec<usize>,
    quota: Option<i64>,
) -> Answer {
    let mut items = Vec::new();
    for position in positions {
        if let Some(user) = state.users.get_mut(position) {
            user.quota = quota;
        }
        items.push(state.show_full(position));
    }
    streamed(request, items)
}

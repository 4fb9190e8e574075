//! What users do to their own accounts, mostly through links that were mailed to them: addresses,
//! passwords, deletion, guests, theme, quota.

use serde_json::{Value, json};

use super::validate::password;
use crate::data::fields::{Fields, is_email};
use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::{ok, ok_empty, ok_streamed};
use crate::services::docspace::error::{
    ApiError, HandlerResult, bad_argument, denied, invalid_field, user_not_found,
};
use crate::services::docspace::invitations::confirm::{ConfirmLink, decode_email};
use crate::services::docspace::model::{TERMINATED, UserRecord, UserType};
use crate::services::docspace::state::DocSpace;

crate::engine::operation::operations! { DocSpace;
    "changeUserEmail" PUT "/api/2.0/people/{userid}/email" => change_email;
    "sendEmailChangeInstructions" POST "/api/2.0/people/email" => send_email_change_link;
    "changeUserPassword" PUT "/api/2.0/people/{userid}/password" => change_password;
    "sendUserPassword" POST "/api/2.0/people/password" => send_password_link;
    "deleteProfile" DELETE "/api/2.0/people/@self" => delete_self;
    "sendInstructionsToDelete" PUT "/api/2.0/people/self/delete" => send_delete_link;
    "getGuestSharingLink" GET "/api/2.0/people/guests/{userid}/share" => guest_link;
    "approveGuestShareLink" POST "/api/2.0/people/guests/share/approve" => approve_guest;
    "deleteGuests" DELETE "/api/2.0/people/guests" => delete_guests;
    "getPortalTheme" GET "/api/2.0/people/theme" => theme;
    "changePortalTheme" PUT "/api/2.0/people/theme" => set_theme;
    "updateUserQuota" PUT "/api/2.0/people/userquota" => set_quota;
    "resetUsersQuota" PUT "/api/2.0/people/resetquota" => reset_quota;
}

/// A link that is mailed to a user: its type, and the subject and kind of the mail.
struct MailedLink {
    link_type: &'static str,
    subject: &'static str,
    mail_kind: &'static str,
}

const EMAIL_CHANGE: MailedLink = MailedLink {
    link_type: "EmailChange",
    subject: "Change your e-mail address",
    mail_kind: "email-change",
};
const PASSWORD_CHANGE: MailedLink = MailedLink {
    link_type: "PasswordChange",
    subject: "Change your password",
    mail_kind: "password-recovery",
};
const PROFILE_REMOVE: MailedLink = MailedLink {
    link_type: "ProfileRemove",
    subject: "Delete your profile",
    mail_kind: "profile-remove",
};

impl DocSpace {
    /// Finds the user of the path, who must be the one the link was created for.
    fn link_user(&self, request: &Request, link: &ConfirmLink) -> Result<usize, ApiError> {
        let id = request.guid("userid")?;
        let position = self.users.position(&id).ok_or_else(user_not_found)?;
        if link.is_for(&id) {
            Ok(position)
        } else {
            Err(denied())
        }
    }

    fn mail_link(&self, request: &Request, link: &MailedLink, user: &UserRecord, to: &str) {
        let MailedLink {
            link_type, subject, ..
        } = link;
        let query = self.confirm_query(link_type, &user.id, to, request.now);
        let url = format!("{}/confirm/{link_type}?{query}", self.base_url());
        let text = format!("{subject}: {url}");
        self.env
            .mail("docspace", link.mail_kind, to, subject, vec![url], text);
    }

    fn set_email(
        &mut self,
        position: usize,
        email: &str,
        request: &Request,
    ) -> Result<(), ApiError> {
        self.check_email_is_free(email, Some(position))?;
        if let Some(user) = self.users.get_mut(position) {
            user.email = email.to_owned();
            user.modified = request.now;
        }
        self.users.index_email(position);
        Ok(())
    }
}

/// Reads a required address, whose absence is an invalid argument.
fn email(body: &Fields) -> Result<&str, ApiError> {
    let email = body.text_opt("email", 0, 255)?.unwrap_or_default();
    if is_email(email) {
        Ok(email)
    } else {
        Err(bad_argument("email"))
    }
}

fn change_email(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let link = state.require_link(request, &["EmailChange"])?;
    let position = state.link_user(request, &link)?;
    let body = request.json()?;
    let email = match (
        body.text_opt("email", 0, 255)?,
        body.text_opt("encEmail", 0, 1_024)?,
    ) {
        (Some(email), _) if !email.is_empty() => Some(email.to_owned()),
        (_, Some(encoded)) => decode_email(encoded),
        _ => link.email(),
    };
    let email = email
        .filter(|email| is_email(email))
        .ok_or_else(|| bad_argument("email"))?;
    if !link.is_for_email(&email) {
        return Err(denied());
    }
    state.set_email(position, &email, request)?;
    ok(request, state.show_full(position))
}

fn send_email_change_link(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require(request)?;
    let body = request.json_or_empty()?;
    let email = email(&body)?;
    let position = match body.text_opt("userId", 0, 255)?.filter(|id| !id.is_empty()) {
        None => principal.position,
        Some(id) => state.find_user(id).ok_or_else(user_not_found)?,
    };
    let user = state.user(position).ok_or_else(denied)?;
    if !principal.may_edit(&user) {
        return Err(denied());
    }
    state.check_email_is_free(email, Some(position))?;
    if principal.user.is_admin() && user.id != principal.user.id {
        // For an admin the address changes at once.
        state.set_email(position, email, request)?;
    } else {
        state.mail_link(request, &EMAIL_CHANGE, &user, email);
    }
    let text = format!("The e-mail change instructions have been sent to {email}");
    ok(request, json!(text))
}

fn change_password(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let link = state.require_link(request, &["PasswordChange", "Activation"])?;
    let position = state.link_user(request, &link)?;
    let password = password(&request.json()?)?.ok_or_else(|| bad_argument("password"))?;
    if let Some(user) = state.users.get_mut(position) {
        user.password = password;
        user.modified = request.now;
        if link.link_type() == "Activation" {
            user.activation = 1;
        }
    }
    state.end_sessions(position);
    ok(request, state.show_full(position))
}

fn send_password_link(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.principal(request)?;
    let body = request.json_or_empty()?;
    let email = body.text("email", 0, 255)?;
    if !is_email(email) {
        return Err(invalid_field("email", "is not a valid e-mail address"));
    }
    match (state.users.find_by_email(email), &principal) {
        // Callers who are logged in learn what is wrong; others never do.
        (None, Some(_)) => return Err(denied()),
        (Some(user), Some(principal)) if !principal.may_edit(&user) => return Err(denied()),
        (Some(user), _) if user.is_active() => {
            state.mail_link(request, &PASSWORD_CHANGE, &user, email);
        }
        _ => {}
    }
    let text = format!("The password change instructions have been sent to {email}");
    ok(request, json!(text))
}

fn delete_self(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let link = state.require_link(request, &["ProfileRemove"])?;
    let position = link
        .get("uid")
        .and_then(|id| state.users.position(&id.to_ascii_lowercase()))
        .ok_or_else(user_not_found)?;
    let user = state.user(position).ok_or_else(denied)?;
    if user.owner {
        return Err(denied());
    }
    state.set_status(position, TERMINATED, request.now);
    ok(request, state.show_full(position))
}

fn send_delete_link(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { user, .. } = state.require(request)?;
    if user.owner {
        return Err(denied());
    }
    state.mail_link(request, &PROFILE_REMOVE, &user, &user.email);
    let text = format!("The instructions have been sent to {}", user.email);
    ok(request, json!(text))
}

fn guest_link(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_staff(request)?;
    let id = request.guid("userid")?;
    let user = state.users.find(&id).ok_or_else(user_not_found)?;
    if user.user_type != UserType::Guest {
        return Err(bad_argument("The user is not a guest"));
    }
    let query = state.confirm_query("GuestShareLink", &user.id, &user.email, request.now);
    drop(user);
    let url = state.shorten("GuestShareLink", &query);
    ok(request, json!(url))
}

fn approve_guest(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let link = state.require_link(request, &["GuestShareLink"])?;
    let body = request.json_or_empty()?;
    let email = body.text("email", 0, 255)?;
    if !link.is_for_email(email) {
        return Err(denied());
    }
    let position = state.users.position_by_email(email);
    let position = position.ok_or_else(user_not_found)?;
    ok(request, state.show_full(position))
}

fn delete_guests(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let principal = state.require_staff(request)?;
    let positions = state.listed_users(&request.json_or_empty()?)?;
    for position in &positions {
        let user = state.users.get(*position).ok_or_else(denied)?;
        let is_invited_by_caller = user.created_by.as_deref() == Some(&principal.user.id);
        if user.user_type != UserType::Guest || !is_invited_by_caller {
            return Err(denied());
        }
    }
    for position in positions {
        // Only the relation is removed; the guest stays.
        if let Some(user) = state.users.get_mut(position) {
            user.created_by = None;
        }
    }
    ok_empty(request)
}

fn theme(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { user, .. } = state.require(request)?;
    ok(request, json!({"theme": user.theme}))
}

fn set_theme(state: &mut DocSpace, request: &Request) -> HandlerResult {
    let Principal { position, .. } = state.require(request)?;
    const THEMES: [&str; 3] = ["Base", "Dark", "System"];
    let body = request.json_or_empty()?;
    let theme = match body.value("theme") {
        Some(Value::String(name)) => THEMES
            .into_iter()
            .find(|theme| theme.eq_ignore_ascii_case(name)),
        Some(Value::Number(number)) => number
            .as_u64()
            .and_then(|at| THEMES.get(at as usize).copied()),
        _ => None,
    };
    let theme = theme.ok_or_else(|| invalid_field("theme", "is not valid"))?;
    if let Some(user) = state.users.get_mut(position) {
        user.theme = theme;
    }
    ok(request, json!({"theme": theme}))
}

fn set_quota(state: &mut DocSpace, request: &Request) -> HandlerResult {
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
    let positions = state.listed_users(&body)?;
    apply_quota(state, request, positions, Some(quota))
}

fn reset_quota(state: &mut DocSpace, request: &Request) -> HandlerResult {
    state.require_admin(request)?;
    let positions = state.listed_users(&request.json_or_empty()?)?;
    apply_quota(state, request, positions, None)
}

fn apply_quota(
    state: &mut DocSpace,
    request: &Request,
    positions: Vec<usize>,
    quota: Option<i64>,
) -> HandlerResult {
    let mut items = Vec::new();
    for position in positions {
        if let Some(user) = state.users.get_mut(position) {
            user.quota = quota;
        }
        items.push(state.show_full(position));
    }
    ok_streamed(request, items)
}

//! People made, invited, changed and removed.

use jiff::Timestamp;
use serde_json::Value;

use crate::data::fields::{Fields, is_email};
use crate::data::ids::is_uuid;
use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::{invalid_field, list, one, streamed};
use crate::services::docspace::invitations::confirm::Caller;
use crate::services::docspace::model::{ACTIVE, Kind, PENDING, Password, TERMINATED, UserRecord};
use crate::services::docspace::state::DocSpace;
use crate::services::docspace::{
    Answer, Refused, bad_argument, denied, failed, impossible, not_found, unpaid,
};

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

/// What someone new is made from.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    pub(crate) email: String,
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) kind: Kind,
    pub(crate) status: u8,
    pub(crate) activation: u8,
    pub(crate) created_by: Option<String>,
    pub(crate) culture: Option<String>,
    pub(crate) password: Password,
    pub(crate) location: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) contacts: Vec<(String, String)>,
    pub(crate) spam: bool,
}

impl Default for NewUser {
    fn default() -> Self {
        Self {
            email: String::new(),
            first: String::new(),
            last: String::new(),
            kind: Kind::User,
            status: ACTIVE,
            activation: 0,
            created_by: None,
            culture: None,
            password: Password::None,
            location: None,
            notes: None,
            contacts: Vec::new(),
            spam: false,
        }
    }
}

impl DocSpace {
    pub(crate) fn make_user(&mut self, new: NewUser, now: Timestamp) -> usize {
        let user_name = new.email.split('@').next().unwrap_or_default().to_owned();
        self.users.push(UserRecord {
            id: self.ids.uuid(),
            user_name,
            first: new.first,
            last: new.last,
            email: new.email,
            kind: new.kind,
            owner: false,
            status: new.status,
            activation: new.activation,
            created: now,
            modified: now,
            terminated: None,
            created_by: new.created_by,
            culture: new.culture,
            location: new.location,
            notes: new.notes,
            contacts: new.contacts,
            mobile: None,
            theme: "Base",
            photo: None,
            password: new.password,
            quota: None,
            two_factor: false,
            links: std::collections::BTreeMap::new(),
            spam: new.spam,
        })
    }

    /// Removes someone with her memberships, logins and keys.
    pub(crate) fn drop_user(&mut self, position: usize) {
        let Some(user) = self.user(position) else {
            return;
        };
        self.users.remove(position);
        for group in self.groups.values_mut() {
            group.members.retain(|id| *id != user.id);
            if group.manager.as_deref() == Some(&user.id) {
                group.manager = None;
            }
        }
        self.sessions.retain(|_, session| session.user != position);
        self.keys.retain(|key| key.owner != position);
    }
}

/// Reads the password of a body, plain or hashed.
pub(crate) fn password(body: &Fields) -> Result<Option<Password>, Refused> {
    if let Some(hash) = body
        .text_opt("passwordHash", 0, 1_024)?
        .filter(|hash| !hash.is_empty())
    {
        return Ok(Some(Password::Hash(hash.to_lowercase())));
    }
    match body
        .text_opt("password", 0, 1_024)?
        .filter(|password| !password.is_empty())
    {
        None => Ok(None),
        Some(password) if password.chars().count() < 8 => {
            Err(bad_argument("The password is too short"))
        }
        Some(password) => Ok(Some(Password::Plain(password.to_owned()))),
    }
}

fn contacts(body: &Fields) -> Result<Option<Vec<(String, String)>>, Refused> {
    let Some(items) = body.list_opt("contacts")? else {
        return Ok(None);
    };
    let mut contacts = Vec::new();
    for item in items {
        let item = Fields::from_value(item, "contacts")?;
        let text = |name: &str| {
            Ok::<_, Refused>(item.text_opt(name, 0, 255)?.unwrap_or_default().to_owned())
        };
        contacts.push((text("type")?, text("value")?));
    }
    Ok(Some(contacts))
}

fn new_user(body: &Fields) -> Result<NewUser, Refused> {
    let email = body
        .text_opt("email", 0, 255)?
        .unwrap_or_default()
        .to_owned();
    if !is_email(&email) {
        return Err(if email.is_empty() {
            bad_argument("email")
        } else {
            invalid_field("email", "is not a valid e-mail address")
        });
    }
    let kind = match body.value("type") {
        None => Kind::All,
        Some(value) => {
            Kind::parse_json(value).ok_or_else(|| invalid_field("type", "is not valid"))?
        }
    };
    let text = |name: &str| Ok::<_, Refused>(body.text_opt(name, 0, 255)?.map(str::to_owned));
    Ok(NewUser {
        email,
        kind,
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

fn add(state: &mut DocSpace, request: &Request) -> Answer {
    let body = request.json_or_empty()?;
    let by_link = body.flag_opt("fromInviteLink")?.unwrap_or(false);
    let caller = state.caller(request, &["LinkInvite"], true)?;
    let mut new = new_user(&body)?;
    if !by_link {
        let Caller::Principal(principal) = caller else {
            return Err(denied());
        };
        return add_by(state, request, &principal, new, ACTIVE, 0);
    }
    let confirm = DocSpace::confirm_of(request);
    let key = body.text_opt("key", 0, 1_024)?.map(str::to_owned);
    let key = key.or_else(|| {
        confirm
            .as_ref()
            .and_then(|confirm| confirm.get("key").map(str::to_owned))
    });
    let invite = key
        .and_then(|key| state.valid_invite(&key, confirm.as_ref(), request.now))
        .ok_or_else(denied)?;
    if invite
        .email
        .as_ref()
        .is_some_and(|email| !email.eq_ignore_ascii_case(&new.email))
    {
        return Err(denied());
    }
    // A full plan makes her a plain user rather than nobody.
    new.kind = if state.plan_is_full(invite.kind) {
        Kind::User
    } else {
        invite.kind
    };
    let position = match state.users.position_by_email(&new.email) {
        // Invited by e-mail: she is there already and becomes active now.
        Some(position) if state.status_of(position) == Some(PENDING) => {
            if let Some(user) = state.users.get_mut(position) {
                user.status = ACTIVE;
                user.activation = 1;
                user.first = new.first;
                user.last = new.last;
                user.kind = new.kind;
                user.password = new.password;
                user.culture = new.culture.or(user.culture.take());
                user.modified = request.now;
            }
            position
        }
        Some(_) => return Err(impossible("A user with this e-mail address exists already")),
        None => {
            let activation = u8::from(invite.email.is_some());
            let created_by = Some(invite.inviter.clone());
            state.make_user(
                NewUser {
                    status: ACTIVE,
                    activation,
                    created_by,
                    ..new
                },
                request.now,
            )
        }
    };
    state.use_invite(&invite);
    one(request, state.show_full(position))
}

fn add_by(
    state: &mut DocSpace,
    request: &Request,
    principal: &Principal,
    mut new: NewUser,
    status: u8,
    activation: u8,
) -> Answer {
    // Nothing said is a plain user.
    let kind = if new.kind == Kind::All {
        Kind::User
    } else {
        new.kind
    };
    if !principal.may_invite(kind) {
        return Err(denied());
    }
    if state.users.position_by_email(&new.email).is_some() {
        return Err(impossible("A user with this e-mail address exists already"));
    }
    if state.plan_is_full(kind) {
        return Err(unpaid("The plan does not pay for more users of this type"));
    }
    new.kind = kind;
    let has_password = !matches!(new.password, Password::None);
    let created_by = Some(principal.user.id.clone());
    let new = NewUser {
        status: if has_password || status == PENDING {
            status
        } else {
            PENDING
        },
        activation,
        created_by,
        ..new
    };
    let email = new.email.clone();
    let pending = new.status == PENDING;
    let position = state.make_user(new, request.now);
    if pending {
        state.mail_invite(kind, &principal.user.id, &email, request.now);
    }
    one(request, state.show_full(position))
}

fn add_activated(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require_admin(request)?;
    let mut new = new_user(&request.json_or_empty()?)?;
    if matches!(new.password, Password::None) {
        new.password = Password::Plain(state.ids.text(16));
    }
    add_by(state, request, &principal, new, ACTIVE, 1)
}

impl DocSpace {
    /// Mails someone the link she joins by.
    fn mail_invite(&mut self, kind: Kind, inviter: &str, email: &str, now: Timestamp) {
        let (_, query) = self.make_invite(kind, inviter, Some(email), None, now);
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
}

fn invite(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require_staff(request)?;
    let body = request.json_or_empty()?;
    let culture = body.text_opt("culture", 0, 85)?.map(str::to_owned);
    let mut invitations = Vec::new();
    for item in body
        .list_opt("invitations")?
        .ok_or_else(|| invalid_field("invitations", "is required"))?
    {
        let item = Fields::from_value(item, "invitations")?;
        let email = item
            .text_opt("email", 0, 255)?
            .unwrap_or_default()
            .to_owned();
        if !is_email(&email) {
            return Err(invalid_field("email", "is not a valid e-mail address"));
        }
        let kind = match item.value("type") {
            None => Kind::User,
            Some(value) => {
                Kind::parse_json(value).ok_or_else(|| invalid_field("type", "is not valid"))?
            }
        };
        if !principal.may_invite(kind) {
            return Err(denied());
        }
        if state.plan_is_full(kind) {
            return Err(unpaid("The plan does not pay for more users of this type"));
        }
        invitations.push((email, kind));
    }
    for (email, kind) in invitations {
        // Whoever is there already is passed over.
        if state.users.position_by_email(&email).is_none() {
            let created_by = Some(principal.user.id.clone());
            let new = NewUser {
                email: email.clone(),
                kind,
                status: PENDING,
                created_by,
                culture: culture.clone(),
                ..NewUser::default()
            };
            state.make_user(new, request.now);
            state.mail_invite(kind, &principal.user.id, &email, request.now);
        }
    }
    // Everyone the caller sees who has not answered yet, not only the new ones.
    let pending =
        (0..state.users.end()).filter(|position| state.status_of(*position) == Some(PENDING));
    let items: Vec<Value> = pending
        .take(1_000)
        .map(|position| state.show(position))
        .collect();
    list(request, items)
}

/// The users a body names: each must be there.
pub(crate) fn user_ids(state: &DocSpace, body: &Fields) -> Result<Vec<usize>, Refused> {
    let mut positions = Vec::new();
    for id in body.texts_opt("userIds")?.unwrap_or_default() {
        let id = id.to_ascii_lowercase();
        if !is_uuid(&id) {
            return Err(invalid_field("userIds", "must hold GUIDs"));
        }
        // Unknown ids are passed over, as the service does.
        positions.extend(state.users.position(&id));
    }
    Ok(positions)
}

fn resend(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require_staff(request)?;
    let body = request.json_or_empty()?;
    let mut positions = user_ids(state, &body)?;
    if body.flag_opt("resendAll")?.unwrap_or(false) {
        positions = (0..state.users.end())
            .filter(|position| state.status_of(*position) == Some(PENDING))
            .take(1_000)
            .collect();
    }
    let mut items = Vec::new();
    for position in positions {
        let Some(user) = state.user(position).filter(|user| user.status == PENDING) else {
            continue;
        };
        let stale: Vec<String> = state
            .invites
            .iter()
            .filter(|(_, own)| own.email.as_ref() == Some(&user.email))
            .map(|(key, _)| key.clone())
            .collect();
        for key in stale {
            state.invites.remove(&key);
        }
        state.mail_invite(user.kind, &principal.user.id, &user.email, request.now);
        items.push(state.show_full(position));
    }
    streamed(request, items)
}

fn update(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let position = state
        .find_user(request.param("userid"))
        .ok_or_else(|| not_found("The user could not be found"))?;
    let user = state.user(position).ok_or_else(denied)?;
    if !principal.may_edit(&user) {
        return Err(denied());
    }
    let body = request.json_or_empty()?;
    let text = |name: &str, most: usize| {
        Ok::<_, Refused>(body.text_opt(name, 0, most)?.map(str::to_owned))
    };
    let (first, last) = (text("firstName", 255)?, text("lastName", 255)?);
    let (location, notes) = (text("location", 255)?, text("comment", 4_096)?);
    let (contacts, spam, disable) = (
        contacts(&body)?,
        body.flag_opt("spam")?,
        body.flag_opt("disable")?,
    );
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
        state.set_status(
            position,
            if disable { TERMINATED } else { ACTIVE },
            request.now,
        );
    }
    one(request, state.show_full(position))
}

impl DocSpace {
    /// Why this user may not be removed, if so.
    fn removable(&self, principal: &Principal, position: usize) -> Result<(), Refused> {
        let user = self.user(position).ok_or_else(denied)?;
        if !principal.may_manage(&user) {
            return Err(denied());
        }
        if user.status != TERMINATED {
            return Err(impossible("The user is not suspended"));
        }
        if self.is_reassigning(&user.id) {
            return Err(failed("Data of this user is being reassigned"));
        }
        Ok(())
    }
}

fn delete(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require_admin(request)?;
    let position = state
        .find_user(request.param("userid"))
        .ok_or_else(|| not_found("The user could not be found"))?;
    state.removable(&principal, position)?;
    let shown = state.show_full(position);
    state.drop_user(position);
    one(request, shown)
}

fn remove_many(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require_admin(request)?;
    let positions = user_ids(state, &request.json_or_empty()?)?;
    for position in &positions {
        state.removable(&principal, *position)?;
    }
    let mut items = Vec::new();
    for position in positions {
        items.push(state.show_full(position));
        state.drop_user(position);
    }
    streamed(request, items)
}

fn set_culture(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let position = state
        .find_user(request.param("userid"))
        .ok_or_else(|| not_found("The user could not be found"))?;
    let user = state.user(position).ok_or_else(denied)?;
    if user.id != principal.user.id {
        return Err(denied());
    }
    let culture = request
        .json_or_empty()?
        .text("cultureName", 0, 85)?
        .to_owned();
    if !culture.is_empty()
        && !culture.split('-').all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    {
        return Err(bad_argument("cultureName"));
    }
    if let Some(user) = state.users.get_mut(position) {
        user.culture = Some(culture).filter(|culture| !culture.is_empty());
    }
    one(request, state.show_full(position))
}

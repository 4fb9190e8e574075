//! Profiles: listed and read.

use serde_json::json;

use crate::data::fields::is_email;
use crate::engine::wire::Request;
use crate::services::docspace::auth::Principal;
use crate::services::docspace::envelope::{invalid_field, one, page};
use crate::services::docspace::invitations::confirm::{Caller, confirm_email, decode_email};
use crate::services::docspace::model::UserRecord;
use crate::services::docspace::state::DocSpace;
use crate::services::docspace::{Answer, Refused, bad_argument, denied, not_found};

crate::engine::operation::operations! { DocSpace;
    "getAllProfiles" GET "/api/2.0/people" => all;
    "getSelfProfile" GET "/api/2.0/people/@self" => own;
    "getProfileByUserId" GET "/api/2.0/people/{userid}" => get;
    "getProfileByEmail" GET "/api/2.0/people/email" => by_email;
    "checkUserExistsByEmail" GET "/api/2.0/people/exists" => exists;
    "getClaims" GET "/api/2.0/people/tokendiagnostics" => claims;
}

/// `startIndex`, `count` (1 to 100), moved by a fault when one asks for it.
pub(crate) fn window(request: &Request) -> Result<(usize, usize), Refused> {
    let number =
        |name: &str, default: i64, least: i64, most: i64| match request.query_any_case(name).text()
        {
            None | Some("") => Ok(default),
            Some(text) => text
                .parse::<i64>()
                .ok()
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| invalid_field(name, &format!("must be between {least} and {most}"))),
        };
    let count = usize::try_from(number("count", 100, 1, 100)?).unwrap_or(100);
    let start = usize::try_from(number("startIndex", 0, 0, i64::from(i32::MAX))?).unwrap_or(0);
    let start = match request.page_shift {
        -1 => start.saturating_sub(count),
        1 => start + count,
        _ => start,
    };
    Ok((start, count))
}

impl DocSpace {
    /// Sorts positions as `sortBy` and `sortOrder` ask.
    pub(crate) fn sort(&self, request: &Request, positions: &mut [u32]) -> Result<(), Refused> {
        let key: fn(&UserRecord) -> String = match request
            .query_any_case("sortBy")
            .text()
            .unwrap_or_default()
            .to_lowercase()
            .as_str()
        {
            "" => |_| String::new(),
            "firstname" | "displayname" | "name" => |user| {
                format!(
                    "{}\0{}",
                    user.first.to_lowercase(),
                    user.last.to_lowercase()
                )
            },
            "lastname" => |user| {
                format!(
                    "{}\0{}",
                    user.last.to_lowercase(),
                    user.first.to_lowercase()
                )
            },
            "email" => |user| user.email.to_lowercase(),
            "username" => |user| user.user_name.to_lowercase(),
            "type" => |user| (user.kind as u8).to_string(),
            "registrationdate" => |user| format!("{:020}", user.created.as_second()),
            // The service ignores what it does not know.
            _ => |_| String::new(),
        };
        if request
            .query_any_case("sortBy")
            .text()
            .is_some_and(|by| !by.is_empty())
        {
            positions.sort_by_cached_key(|position| {
                self.users.get(*position as usize).map(|user| key(&user))
            });
        }
        match request
            .query_any_case("sortOrder")
            .text()
            .unwrap_or_default()
            .to_lowercase()
            .as_str()
        {
            "" | "0" | "ascending" => {}
            "1" | "descending" => positions.reverse(),
            _ => return Err(invalid_field("sortOrder", "is not valid")),
        }
        Ok(())
    }

    /// The free-text filter over names and addresses; several words by `filterSeparator`.
    pub(crate) fn matching(
        &self,
        request: &Request,
        positions: &mut Vec<u32>,
    ) -> Result<(), Refused> {
        let value = request
            .query_any_case("filterValue")
            .text()
            .unwrap_or_default();
        if value.is_empty() {
            return Ok(());
        }
        if request
            .query_any_case("filterBy")
            .text()
            .is_some_and(|by| by.eq_ignore_ascii_case("group"))
        {
            let group = self.groups.get(&value.to_ascii_lowercase());
            let members = group.map(|group| group.members.clone()).unwrap_or_default();
            positions.retain(|position| {
                self.users
                    .get(*position as usize)
                    .is_some_and(|user| members.contains(&user.id))
            });
            return Ok(());
        }
        let words: Vec<String> = match request
            .query_any_case("filterSeparator")
            .text()
            .filter(|own| !own.is_empty())
        {
            Some(separator) => value.split(separator).map(str::to_lowercase).collect(),
            None => vec![value.to_lowercase()],
        };
        positions.retain(|position| {
            self.users
                .get(*position as usize)
                .is_some_and(|user| words.iter().any(|word| holds(&user, word)))
        });
        Ok(())
    }

    /// A page of full profiles.
    pub(crate) fn profiles(&self, request: &Request, mut positions: Vec<u32>) -> Answer {
        let (start, count) = window(request)?;
        self.matching(request, &mut positions)?;
        self.sort(request, &mut positions)?;
        let items = positions
            .iter()
            .skip(start)
            .take(count)
            .map(|position| self.show_full(*position as usize))
            .collect();
        page(request, items, positions.len())
    }
}

/// Whether a (lower-case) word is in the user's names or address.
pub(crate) fn holds(user: &UserRecord, word: &str) -> bool {
    user.email.to_lowercase().contains(word)
        || format!("{} {}", user.first, user.last)
            .to_lowercase()
            .contains(word)
}

fn all(state: &mut DocSpace, request: &Request) -> Answer {
    state.require(request)?;
    let (start, count) = window(request)?;
    let plain = ["filterValue", "sortBy", "sortOrder"].iter().all(|name| {
        request
            .query_any_case(name)
            .text()
            .is_none_or(str::is_empty)
    });
    if plain {
        // Straight from the index: a page of a million must not copy the million.
        let active = state.active();
        let total = active.len();
        let positions: Vec<u32> = active.iter().skip(start).take(count).copied().collect();
        let items = positions
            .into_iter()
            .map(|position| state.show_full(position as usize))
            .collect();
        return page(request, items, total);
    }
    let positions = state.active().to_vec();
    state.profiles(request, positions)
}

fn own(state: &mut DocSpace, request: &Request) -> Answer {
    let Principal {
        position, token, ..
    } = state.require(request)?;
    let mut value = state.show_full(position);
    if let Some(session) = token.and_then(|token| state.sessions.get(&token)) {
        value["loginEventId"] = json!(session.event);
    }
    one(request, value)
}

fn claims(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    one(
        request,
        json!({"claims": [{"type": "sub", "value": principal.user.id}], "identity": {"isAuthenticated": true}}),
    )
}

fn get(state: &mut DocSpace, request: &Request) -> Answer {
    let caller = state.caller(request, &["LinkInvite"], true)?;
    let position = state.find_user(request.param("userid"));
    match caller {
        Caller::Principal(principal) => {
            let position = position.ok_or_else(|| not_found("The user could not be found"))?;
            let user = state.user(position).ok_or_else(denied)?;
            if !principal.sees(&user) {
                return Err(denied());
            }
            one(request, state.show_full(position))
        }
        Caller::Link(_) => {
            // Through an invitation only a reduced profile is shown: no id, no status.
            let user = position
                .and_then(|position| state.user(position))
                .ok_or_else(|| not_found("The user could not be found"))?;
            let mut value = user.show(&state.base());
            value["id"] = json!("00000000-0000-0000-0000-000000000000");
            value["firstName"] = json!(user.first);
            value["lastName"] = json!(user.last);
            value["status"] = json!(0);
            value["activationStatus"] = json!(0);
            one(request, value)
        }
    }
}

/// The address of a query: plain, or encoded as links carry it.
fn query_email(request: &Request) -> Result<String, Refused> {
    let email = match request
        .query_any_case("email")
        .text()
        .filter(|email| !email.is_empty())
    {
        Some(email) => Some(email.to_owned()),
        None => request
            .query_any_case("encemail")
            .text()
            .and_then(decode_email),
    };
    let email = email.ok_or_else(|| bad_argument("email"))?;
    if is_email(&email) {
        Ok(email)
    } else {
        Err(invalid_field("email", "is not a valid e-mail address"))
    }
}

fn by_email(state: &mut DocSpace, request: &Request) -> Answer {
    let principal = state.require(request)?;
    let email = query_email(request)?;
    let position = state
        .users
        .position_by_email(&email)
        .ok_or_else(|| not_found("The user could not be found"))?;
    let user = state.user(position).ok_or_else(denied)?;
    if !principal.sees(&user) {
        return Err(denied());
    }
    one(request, state.show_full(position))
}

fn exists(state: &mut DocSpace, request: &Request) -> Answer {
    state.caller(request, &["LinkInvite", "GuestShareLink"], true)?;
    let email = query_email(request)?;
    match state.users.find_by_email(&email) {
        Some(user) => one(request, json!({"exists": true, "status": user.status})),
        None => one(request, json!({"exists": false})),
    }
}

/// The address a confirm link was made for, or the one it encodes.
pub(crate) fn link_email(caller: &Caller) -> Option<String> {
    match caller {
        Caller::Link(confirm) => confirm_email(confirm),
        Caller::Principal(_) => None,
    }
}

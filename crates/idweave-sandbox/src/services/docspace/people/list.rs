//! Lists of users: their page, their order, the free-text filter.

use crate::engine::wire::Request;
use crate::services::docspace::envelope::ok_page;
use crate::services::docspace::error::{ApiError, HandlerResult, invalid_field};
use crate::services::docspace::model::{ACTIVE, PENDING, TERMINATED, UserRecord};
use crate::services::docspace::state::DocSpace;

/// Reads `startIndex` and `count` (1 to 100), moved by a fault if there is one.
pub(crate) fn page_window(request: &Request) -> Result<(usize, usize), ApiError> {
    let number = |name: &str, default: usize, min: i64, max: i64| {
        let number = request.query_any_case(name).integer(min, max)?;
        Ok::<_, ApiError>(
            number.map_or(default, |number| usize::try_from(number).unwrap_or(default)),
        )
    };
    let count = number("count", 100, 1, 100)?;
    let start = number("startIndex", 0, 0, i64::from(i32::MAX))?;
    let start = match request.page_shift {
        -1 => start.saturating_sub(count),
        1 => start + count,
        _ => start,
    };
    Ok((start, count))
}

/// Parses an EmployeeStatus by number or name; 5 and 7 are masks.
pub(crate) fn parse_status(text: &str) -> Option<u8> {
    const NAMES: [(&str, u8); 5] = [
        ("Active", ACTIVE),
        ("Terminated", TERMINATED),
        ("Pending", PENDING),
        ("Default", 5),
        ("All", 7),
    ];
    NAMES
        .iter()
        .find(|(name, number)| name.eq_ignore_ascii_case(text) || text.parse() == Ok(*number))
        .map(|(_, number)| *number)
}

pub(crate) fn path_status(request: &Request) -> Result<u8, ApiError> {
    parse_status(request.param("status")).ok_or_else(|| invalid_field("status", "is not valid"))
}

/// Returns whether a (lower-case) word is in the user's names or address.
pub(crate) fn matches_text(user: &UserRecord, word: &str) -> bool {
    user.email.to_lowercase().contains(word)
        || format!("{} {}", user.first, user.last)
            .to_lowercase()
            .contains(word)
}

/// Returns the key that users are sorted by; the service ignores a field it does not know.
fn sort_key(field: &str) -> fn(&UserRecord) -> String {
    match field {
        "firstname" | "displayname" | "name" => |user| {
            let (first, last) = (user.first.to_lowercase(), user.last.to_lowercase());
            format!("{first}\0{last}")
        },
        "lastname" => |user| {
            let (first, last) = (user.first.to_lowercase(), user.last.to_lowercase());
            format!("{last}\0{first}")
        },
        "email" => |user| user.email.to_lowercase(),
        "username" => |user| user.user_name.to_lowercase(),
        "type" => |user| (user.user_type as u8).to_string(),
        "registrationdate" => |user| format!("{:020}", user.created.as_second()),
        _ => |_| String::new(),
    }
}

impl DocSpace {
    /// Returns the positions of the users whose status is in the mask.
    pub(crate) fn with_status(&mut self, mask: u8) -> Vec<u32> {
        if mask == ACTIVE {
            return self.active().to_vec();
        }
        (0..self.users.end())
            .filter(|position| {
                let status = self.status_of(*position);
                status.is_some_and(|status| status & mask != 0)
            })
            .filter_map(|position| u32::try_from(position).ok())
            .collect()
    }

    /// Keeps the positions of users for whom the condition holds.
    pub(crate) fn retain_users(
        &self,
        positions: &mut Vec<u32>,
        condition: impl Fn(&UserRecord) -> bool,
    ) {
        positions.retain(|position| {
            let user = self.users.get(*position as usize);
            user.is_some_and(|user| condition(&user))
        });
    }

    /// Sorts positions as `sortBy` and `sortOrder` say.
    pub(crate) fn sort(&self, request: &Request, positions: &mut [u32]) -> Result<(), ApiError> {
        if let Some(field) = request.query_any_case("sortBy").non_empty().text() {
            let key = sort_key(&field.to_lowercase());
            positions.sort_by_cached_key(|position| {
                self.users.get(*position as usize).map(|user| key(&user))
            });
        }
        match request
            .query_any_case("sortOrder")
            .text_or_empty()
            .to_lowercase()
            .as_str()
        {
            "" | "0" | "ascending" => {}
            "1" | "descending" => positions.reverse(),
            _ => return Err(invalid_field("sortOrder", "is not valid")),
        }
        Ok(())
    }

    /// Applies the free-text filter over names and addresses, or the filter by group.
    pub(crate) fn filter_by_value(&self, request: &Request, positions: &mut Vec<u32>) {
        let Some(value) = request.query_any_case("filterValue").non_empty().text() else {
            return;
        };
        let by = request.query_any_case("filterBy").text_or_empty();
        if by.eq_ignore_ascii_case("group") {
            let group = self.groups.get(&value.to_ascii_lowercase());
            let members = group.map(|group| group.members.clone()).unwrap_or_default();
            self.retain_users(positions, |user| members.contains(&user.id));
            return;
        }
        let separator = request.query_any_case("filterSeparator").non_empty().text();
        let words: Vec<String> = match separator {
            Some(separator) => value.split(separator).map(str::to_lowercase).collect(),
            None => vec![value.to_lowercase()],
        };
        self.retain_users(positions, |user| {
            words.iter().any(|word| matches_text(user, word))
        });
    }

    /// Responds with a page of full profiles, filtered and sorted.
    pub(crate) fn profiles_page(
        &self,
        request: &Request,
        mut positions: Vec<u32>,
    ) -> HandlerResult {
        let (start, count) = page_window(request)?;
        self.filter_by_value(request, &mut positions);
        self.sort(request, &mut positions)?;
        let items = positions
            .iter()
            .skip(start)
            .take(count)
            .map(|position| self.show_full(*position as usize))
            .collect();
        ok_page(request, items, positions.len())
    }
}

//! Converts DocSpace's records to ours, and ours to its.

use idweave_docspace::types;

use crate::{
    CurrentUser, Error, Group, GroupId, Result, Role, SignInProvider, Timestamp, User, UserId,
    UserStatus, services::support::response::missing_field,
};

use super::DESCRIPTOR;

/// The longest encrypted profile that is sent.
pub(super) const MAX_PROFILE_CHARS: usize = 16 * 1024;

/// Converts a role to DocSpace's name of it.
pub(super) fn employee_type(role: &Role) -> Result<types::EmployeeType> {
    Ok(match role {
        Role::Admin => types::EmployeeType::from("DocSpaceAdmin"),
        Role::Manager => types::EmployeeType::from("RoomAdmin"),
        Role::Member => types::EmployeeType::from("User"),
        Role::Guest => types::EmployeeType::from("Guest"),
        Role::Other(name)
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()) =>
        {
            types::EmployeeType::from(name.as_str())
        }
        _ => {
            let text = "invalid role; DocSpace has admin, manager, member and guest";
            return Err(Error::invalid_input(text));
        }
    })
}

/// Converts the record of `getUserById`, which is that of the portal and differs from a profile.
pub(super) fn user_info(info: types::UserInfo) -> Result<User> {
    let mut user = new_user(info.id, "getUserById")?;
    user.email = info.email;
    user.first_name = info.first_name;
    user.last_name = info.last_name;
    user.name = full_name(&user);
    user.username = info.user_name;
    user.locale = info.culture_name;
    user.status = info.status.map(status);
    user.created_at = Timestamp::read(info.create_date.as_deref());
    Ok(user)
}

/// Converts a profile.
pub(super) fn profile(profile: types::EmployeeFullDto, operation: &'static str) -> Result<User> {
    let mut user = new_user(profile.id, operation)?;
    user.name = profile.display_name.as_deref().map(unescape);
    user.email = profile.email;
    user.first_name = profile.first_name;
    user.last_name = profile.last_name;
    user.username = profile.user_name;
    user.picture = profile.avatar;
    user.locale = profile.culture_name;
    user.status = profile.status.map(status);
    user.created_at = Timestamp::read(profile.registration_date.as_deref());
    let is_set = |flag: Option<bool>| flag.unwrap_or(false);
    user.roles = [
        (is_set(profile.is_owner), Role::Owner),
        (is_set(profile.is_admin), Role::Admin),
        (is_set(profile.is_room_admin), Role::Manager),
        (is_set(profile.is_visitor), Role::Guest),
    ]
    .into_iter()
    .filter_map(|(has, role)| has.then_some(role))
    .collect();
    if user.roles.is_empty() {
        user.roles.push(Role::Member);
    }
    Ok(user)
}

/// Converts the short record that signing up returns.
pub(super) fn employee(employee: types::EmployeeDto) -> Result<User> {
    let mut user = new_user(employee.id, "signupThirdPartyAccount")?;
    user.name = employee.display_name.as_deref().map(unescape);
    user.picture = employee.avatar;
    Ok(user)
}

/// Converts the user whose credentials are in use.
pub(super) fn current(user: User) -> CurrentUser {
    let mut current = CurrentUser::new(Some(user.id));
    current.email = user.email;
    current.name = user.name;
    current.first_name = user.first_name;
    current.last_name = user.last_name;
    current.locale = user.locale;
    current.roles = user.roles;
    current
}

/// Converts a group.
pub(super) fn group(group: types::GroupDto) -> Result<Group> {
    let id = group
        .id
        .filter(|id| !id.is_empty())
        .ok_or_else(|| missing_field("getGroups", "a group's id"))?;
    let mut ours = Group::new(GroupId::new(DESCRIPTOR.service_type, id));
    ours.name = group.name.as_deref().map(unescape);
    Ok(ours)
}

/// Converts a provider, and makes its address absolute, which is relative to the portal.
pub(super) fn provider(
    info: types::AccountInfoDto,
    base_url: &str,
    has_credentials: bool,
) -> Result<SignInProvider> {
    let key = info.provider.filter(|key| !key.is_empty());
    let mut provider = SignInProvider::new(
        key.ok_or_else(|| missing_field("getThirdPartyAuthProviders", "a provider's key"))?,
    );
    provider.url = info.url.as_deref().and_then(|url| absolute(base_url, url));
    provider.linked = info.linked.filter(|_| has_credentials);
    Ok(provider)
}

/// Makes an address absolute. One that a browser would run instead of open (`javascript:`, `data:`) is dropped.
fn absolute(base_url: &str, url: &str) -> Option<String> {
    let url = url::Url::parse(base_url).ok()?.join(url).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.to_string())
}

/// Creates a user. A reduced profile, which callers without access get, has an id of zeros, which belongs to nobody.
fn new_user(id: Option<String>, operation: &'static str) -> Result<User> {
    let id = id.filter(|id| !id.bytes().all(|b| b == b'0' || b == b'-'));
    let id = id.ok_or_else(|| missing_field(operation, "the user's id"))?;
    Ok(User::new(UserId::new(DESCRIPTOR.service_type, id)))
}

fn full_name(user: &User) -> Option<String> {
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!name.trim().is_empty()).then(|| name.trim().to_owned())
}

fn status(status: types::EmployeeStatus) -> UserStatus {
    match status {
        types::EmployeeStatus::ACTIVE => UserStatus::Active,
        types::EmployeeStatus::TERMINATED => UserStatus::Suspended,
        types::EmployeeStatus::PENDING => UserStatus::Pending,
        other => UserStatus::Other(other.to_string()),
    }
}

/// Decodes HTML entities, with which DocSpace encodes display names.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        let (before, entity) = rest.split_at(start);
        plain.push_str(before);
        let decoded = entity
            .find(';')
            .and_then(|end| Some((decode(&entity[1..end])?, end + 1)));
        let (c, length) = decoded.unwrap_or(('&', 1));
        plain.push(c);
        rest = &entity[length..];
    }
    plain.push_str(rest);
    plain
}

fn decode(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unescape_decodes_html_entities() {
        for (sent, meant) in [
            ("Ann Berg", "Ann Berg"),
            ("O&#39;Hara &amp; S&#xF6;hne", "O'Hara & Söhne"),
            ("A & B; &nope; &", "A & B; &nope; &"),
            ("&lt;b&gt;&quot;", "<b>\""),
        ] {
            assert_eq!(unescape(sent), meant);
        }
    }

    #[test]
    fn provider_address_is_relative_to_the_portal() {
        for base in [
            "https://acme.onlyoffice.com",
            "https://acme.onlyoffice.com/sub",
        ] {
            let url = absolute(base, "/login.ashx?auth=google&mode=Redirect");
            assert_eq!(
                url.as_deref(),
                Some("https://acme.onlyoffice.com/login.ashx?auth=google&mode=Redirect")
            );
        }
        let other = absolute("https://acme.onlyoffice.com", "https://id.acme.io/x");
        assert_eq!(other.as_deref(), Some("https://id.acme.io/x"));
    }

    #[test]
    fn provider_address_is_dropped_unless_a_browser_opens_it() {
        for url in [
            "javascript:alert(1)",
            " \tJava\nScript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://acme.io/x",
            "intent://x",
            "https://",
        ] {
            let known = absolute("https://acme.onlyoffice.com", url);
            assert_eq!(known, None, "{url}");
        }
    }
}

//! Converts Enhance's records to ours, and ours to its.

use idweave_enhance::types;

use super::DESCRIPTOR;
use crate::{
    AcceptInvite, CurrentUser, Error, GroupId, InviteCheck, InviteRequest, Result, Role, Timestamp,
    User, UserId, UserStatus, services::support::response::missing_field, validate,
};

/// Converts a member, which is a user of an organization.
pub(super) fn member(member: types::Member, operation: &'static str) -> Result<User> {
    let id = require_id(member.id, operation)?;
    let mut user = User::new(UserId::new(DESCRIPTOR.service_type, id));
    user.email = Some(member.email);
    user.name = member.name;
    user.picture = member.avatar_path;
    user.status = member.is_active.map(|active| {
        if active {
            UserStatus::Active
        } else {
            UserStatus::Pending
        }
    });
    user.roles = member
        .roles
        .unwrap_or_default()
        .iter()
        .map(|role| self::role(&role.to_string()))
        .collect();
    user.created_at = Timestamp::read(member.joined_at.as_deref());
    Ok(user)
}

/// Returns whether a field of a member contains a text, whatever its case.
pub(super) fn matches_text(user: &User, text: &str) -> bool {
    let text = text.to_lowercase();
    let fields = [user.email.as_deref(), user.name.as_deref()];
    fields
        .into_iter()
        .flatten()
        .any(|field| field.to_lowercase().contains(&text))
}

/// Converts the login behind a session, which can be a member of several organizations.
pub(super) fn login(login: types::Login) -> Result<CurrentUser> {
    let id = require_id(login.id, "getLogin")?;
    let mut user = CurrentUser::new(Some(UserId::new(DESCRIPTOR.service_type, id)));
    user.email = Some(login.email);
    user.name = login.name;
    user.locale = login.locale.map(|locale| locale.to_string());
    Ok(user)
}

/// Converts the validation of an invite.
pub(super) fn check(validation: types::InviteValidation) -> Result<InviteCheck> {
    let mut check = InviteCheck::new(validation.is_valid);
    check.organization_id = validation
        .org_id
        .map(|id| GroupId::new(DESCRIPTOR.service_type, id));
    check.organization = validation.org_name;
    check.user = validation
        .login_id
        .filter(|id| !id.is_empty())
        .map(|id| UserId::new(DESCRIPTOR.service_type, id));
    check.role = validation.role.map(|role| self::role(&role.to_string()));
    Ok(check)
}

/// Converts a request to invite a person.
pub(super) fn new_invite(request: &InviteRequest) -> Result<types::NewInvite> {
    let email = validate::email(&request.email)?;
    let name = validate::text("the name", &request.name, 255)?;
    if request.roles.is_empty() {
        return Err(Error::invalid_input(
            "Enhance requires a role; set it with InviteRequest::role()",
        ));
    }
    let roles = request
        .roles
        .iter()
        .map(|role| role_name(role).map(types::Role::from));
    for site in &request.sites {
        validate::guid("the website's id", site)?;
    }
    Ok(types::NewInvite {
        email: email.to_owned(),
        name: name.to_owned(),
        notifications: None,
        roles: roles.collect::<Result<_>>()?,
        send_email: request.send_email,
        site_accesses: (!request.sites.is_empty()).then(|| request.sites.clone()),
    })
}

/// Converts a request to accept an invite.
pub(super) fn accept(request: &AcceptInvite) -> Result<types::AcceptInviteBody> {
    let email = validate::email(&request.email)?;
    if let Some(password) = &request.password {
        validate::text("the password", password.expose(), 1024)?;
    }
    Ok(types::AcceptInviteBody {
        email: email.to_owned(),
        locale: request.locale.as_deref().map(types::CpLocale::from),
        password: request.password.clone(),
    })
}

fn require_id(id: String, operation: &'static str) -> Result<String> {
    if id.is_empty() {
        Err(missing_field(operation, "an id"))
    } else {
        Ok(id)
    }
}

/// Converts Enhance's name of a role; others are kept as they are.
fn role(name: &str) -> Role {
    match name {
        "Owner" => Role::Owner,
        "SuperAdmin" => Role::Admin,
        "SiteAccess" => Role::Collaborator,
        "Support" => Role::Support,
        other => Role::Other(other.to_owned()),
    }
}

/// Converts a role to Enhance's name of it.
fn role_name(role: &Role) -> Result<&str> {
    match role {
        Role::Owner => Ok("Owner"),
        Role::Admin => Ok("SuperAdmin"),
        Role::Collaborator => Ok("SiteAccess"),
        Role::Support => Ok("Support"),
        Role::Other(name) => validate::text("the role", name, 64),
        Role::Manager | Role::Member | Role::Guest => {
            let text = "invalid role; Enhance has owner, admin, collaborator, support, and Business and Sysadmin as \
                        Role::Other";
            Err(Error::invalid_input(text))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn roles_survive_conversion_in_both_directions() {
        for name in [
            "Owner",
            "SuperAdmin",
            "Business",
            "SiteAccess",
            "Support",
            "Sysadmin",
            "Pilot",
        ] {
            assert_eq!(role_name(&role(name)).unwrap(), name);
        }
        assert!(role_name(&Role::Guest).is_err());
    }
}

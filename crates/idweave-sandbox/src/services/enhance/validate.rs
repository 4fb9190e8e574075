//! Parts of bodies that several operations read.

use super::error::{ApiError, bad_request};
use super::model::{AuthMethod, Role};
use crate::data::fields::{Fields, is_email, required};
use crate::data::ids::is_uuid;
use crate::engine::wire::Request;

/// Reads `roles`, which may not be empty.
pub(crate) fn roles_opt(body: &Fields) -> Result<Option<Vec<Role>>, ApiError> {
    let Some(names) = body.texts_opt("roles")? else {
        return Ok(None);
    };
    let roles: Option<Vec<Role>> = names.iter().map(|name| Role::parse(name)).collect();
    match roles {
        Some(roles) if !roles.is_empty() => Ok(Some(roles)),
        Some(_) => Err(bad_request("roles must not be empty")),
        None => Err(bad_request("roles holds an unknown role")),
    }
}

/// Reads `roles`, which is required.
pub(crate) fn roles(body: &Fields) -> Result<Vec<Role>, ApiError> {
    Ok(required("roles", roles_opt(body)?)?)
}

/// Reads the website ids of `siteAccesses`.
pub(crate) fn sites(body: &Fields) -> Result<Vec<String>, ApiError> {
    let sites = body.texts_opt("siteAccesses")?.unwrap_or_default();
    if sites.iter().all(|site| is_uuid(site)) {
        Ok(sites)
    } else {
        Err(bad_request("siteAccesses must hold website ids"))
    }
}

/// Reads an e-mail address, which is required.
pub(crate) fn email(body: &Fields) -> Result<String, ApiError> {
    let email = body.text("email", 1, 255)?;
    if is_email(email) {
        Ok(email.to_owned())
    } else {
        Err(bad_request("email must be an e-mail address"))
    }
}

/// Reads a locale: a BCP 47 tag.
pub(crate) fn locale(body: &Fields) -> Result<Option<String>, ApiError> {
    let Some(tag) = body.text_opt("locale", 1, 20)? else {
        return Ok(None);
    };
    let mut parts = tag.split('-');
    let language = parts.next().is_some_and(|part| {
        (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    let rest = parts.all(|part| {
        (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if language && rest {
        Ok(Some(tag.to_owned()))
    } else {
        Err(bad_request("locale is not known"))
    }
}

/// Reads the second factor of a login.
pub(crate) fn auth_method_opt(body: &Fields) -> Result<Option<AuthMethod>, ApiError> {
    let Some(name) = body.text_opt("authMethod", 1, 16)? else {
        return Ok(None);
    };
    let method = AuthMethod::parse(name);
    method
        .map(Some)
        .ok_or_else(|| bad_request("authMethod is not known"))
}

/// Reads the second factor of a login, which is required.
pub(crate) fn auth_method(body: &Fields) -> Result<AuthMethod, ApiError> {
    Ok(required("authMethod", auth_method_opt(body)?)?)
}

/// Checks an uploaded picture and returns the path it is stored at.
pub(crate) fn avatar(request: &Request, owner: &str) -> Result<String, ApiError> {
    if !request.is_multipart() {
        return Err(bad_request("the body must be multipart/form-data"));
    }
    let contains = |bytes: &[u8]| {
        let mut windows = request.body.windows(bytes.len());
        windows.any(|window| window == bytes)
    };
    if !contains(b"name=\"avatar\"") && !contains(b"name=avatar") {
        return Err(bad_request("avatar is required"));
    }
    let extension = if contains(b"\x89PNG\r\n\x1a\n") {
        "png"
    } else if contains(b"\xff\xd8\xff") {
        "jpg"
    } else {
        return Err(bad_request("avatar must be a png or jpeg"));
    };
    Ok(format!("/avatars/{owner}.{extension}"))
}

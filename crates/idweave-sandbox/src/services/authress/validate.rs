//! The form of ids, URIs and small objects in bodies: what does not fit is rejected, so that nothing
//! is stored that the service itself could not have.

use serde_json::{Value, json};

use super::error::{ApiError, bad_request};
use crate::data::fields::Fields;
use crate::engine::wire::without_nulls;

/// Returns whether an id has the length and the characters of its kind.
pub(crate) fn is_valid_id(id: &str, max: usize, extra: &str) -> bool {
    (1..=max).contains(&id.chars().count())
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_' || extra.contains(c))
}

pub(crate) fn is_tenant_id(id: &str) -> bool {
    is_valid_id(id, 128, ".:")
}

/// Checks a role's id.
fn role_id(id: &str) -> Result<&str, ApiError> {
    if is_valid_id(id, 64, ".:@") {
        Ok(id)
    } else {
        Err(bad_request(
            "a role id must have 1 to 64 letters, digits or -_.:@",
        ))
    }
}

/// Checks a permission's action: parts of letters, digits, `-` and `_`, or `*`, with `:` between.
pub(crate) fn action(text: &str) -> Result<String, ApiError> {
    let fits = text
        .split(':')
        .all(|part| part == "*" || is_valid_id(part, 64, ""));
    if fits && text.len() <= 64 {
        Ok(text.to_lowercase())
    } else {
        Err(bad_request(
            "action must be parts of letters, digits, - and _, or *, with : between",
        ))
    }
}

/// Checks a resource's URI: up to 15 segments of up to 128 characters, `*` among them.
fn resource_uri(uri: &str) -> Result<&str, ApiError> {
    let is_part = |part: &str| part == "*" || is_valid_id(part, 128, ".+=~|@");
    let is_segment = |segment: &str| {
        let mut parts = segment.split(':');
        parts.next().is_some_and(is_part) && parts.all(|part| part.is_empty() || is_part(part))
    };
    let inner = uri.strip_prefix('/').unwrap_or(uri);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let fits =
        inner.is_empty() || inner.split('/').count() <= 15 && inner.split('/').all(is_segment);
    if fits && (1..=512).contains(&uri.len()) {
        Ok(uri)
    } else {
        Err(bad_request(
            "resourceUri must be up to 15 segments of letters, digits or -_.+=~|@, or *",
        ))
    }
}

/// Reads a list of `{userId}`.
pub(crate) fn users(body: &Fields, name: &str) -> Result<Vec<Value>, ApiError> {
    let mut users = Vec::new();
    for item in body.objects_opt(name)? {
        users.push(json!({"userId": item?.text("userId", 1, 128)?}));
    }
    Ok(users)
}

/// Reads a list of `{groupId}`.
pub(crate) fn groups(body: &Fields) -> Result<Vec<Value>, ApiError> {
    let mut groups = Vec::new();
    for item in body.objects_opt("groups")? {
        let item = item?;
        let id = item.text("groupId", 1, 64)?;
        if !is_valid_id(id, 64, "") {
            return Err(bad_request("groupId holds characters it must not"));
        }
        groups.push(json!({"groupId": id}));
    }
    Ok(groups)
}

/// Reads `statements`: roles, resources, and maybe users and groups of their own.
pub(crate) fn statements(body: &Fields) -> Result<Vec<Value>, ApiError> {
    let mut statements = Vec::new();
    for item in body.objects_opt("statements")? {
        let item = item?;
        let roles = item
            .texts_opt("roles")?
            .filter(|roles| (1..=100).contains(&roles.len()));
        let roles = roles.ok_or_else(|| bad_request("a statement needs 1 to 100 roles"))?;
        for role in &roles {
            role_id(role)?;
        }
        let mut resources = Vec::new();
        for resource in item.objects_opt("resources")? {
            let resource = resource?;
            let uri = resource_uri(resource.text("resourceUri", 1, 512)?)?;
            resources.push(json!({"resourceUri": uri}));
        }
        if resources.is_empty() || resources.len() > 100 {
            return Err(bad_request("a statement needs 1 to 100 resources"));
        }
        let mut statement = json!({"roles": roles, "resources": resources});
        if item.value("users").is_some() {
            statement["users"] = json!(users(&item, "users")?);
        }
        if item.value("groups").is_some() {
            statement["groups"] = json!(groups(&item)?);
        }
        statements.push(statement);
    }
    if statements.is_empty() {
        return Err(bad_request("statements must not be empty"));
    }
    Ok(statements)
}

/// Reads `tags`: texts of up to 128 characters by name.
pub(crate) fn tags(body: &Fields) -> Result<Value, ApiError> {
    match body.value("tags") {
        None => Ok(Value::Null),
        Some(Value::Object(tags))
            if tags
                .values()
                .all(|tag| tag.as_str().is_some_and(|text| text.chars().count() <= 128)) =>
        {
            Ok(Value::Object(tags.clone()))
        }
        Some(_) => Err(bad_request(
            "tags must hold texts of at most 128 characters",
        )),
    }
}

/// Reads at most `max` texts, each of at most `max_length` characters.
pub(crate) fn texts(
    body: &Fields,
    name: &str,
    max: usize,
    max_length: usize,
) -> Result<Vec<String>, ApiError> {
    let items = body.texts_opt(name)?.unwrap_or_default();
    if items.len() > max || items.iter().any(|item| item.chars().count() > max_length) {
        return Err(bad_request(format!(
            "{name} must hold at most {max} texts of at most {max_length} characters"
        )));
    }
    Ok(items)
}

/// Reads the `[{domain}]` of a tenant.
pub(crate) fn domains(body: &Fields) -> Result<Option<Value>, ApiError> {
    let Some(items) = body.list_opt("domains")? else {
        return Ok(None);
    };
    if items.len() > 10 {
        return Err(bad_request("domains must hold at most 10"));
    }
    let mut domains = Vec::new();
    for item in body.objects("domains")? {
        domains.push(json!({"domain": item?.text("domain", 1, 128)?}));
    }
    Ok(Some(json!(domains)))
}

/// Reads how long a tenant's tokens and sessions last.
pub(crate) fn durations(configuration: &Fields) -> Result<Value, ApiError> {
    let mut durations = json!({});
    for name in ["accessTokenDuration", "sessionDuration"] {
        let Some(text) = configuration.text_opt(name, 1, 64)? else {
            continue;
        };
        if text.parse::<jiff::Span>().is_err() {
            return Err(bad_request(format!("{name} must be an ISO 8601 duration")));
        }
        durations[name] = json!(text);
    }
    Ok(durations)
}

/// Reads the permissions of a role.
pub(crate) fn permissions(body: &Fields) -> Result<Vec<Value>, ApiError> {
    let mut permissions = Vec::new();
    for item in body.objects("permissions")? {
        let item = item?;
        permissions.push(json!({
            "action": action(item.text("action", 1, 64)?)?,
            "allow": item.flag("allow")?,
            "grant": item.flag("grant")?,
            "delegate": item.flag("delegate")?,
        }));
    }
    Ok(permissions)
}

/// Reads the permissions of a resource, which are about claiming it and about everybody.
pub(crate) fn resource_permissions(body: &Fields) -> Result<Vec<Value>, ApiError> {
    let mut permissions = Vec::new();
    for item in body.objects("permissions")? {
        let item = item?;
        let action = item.text("action", 1, 64)?.to_uppercase();
        if !["CLAIM", "PUBLIC"].contains(&action.as_str()) {
            return Err(bad_request("action must be CLAIM or PUBLIC"));
        }
        permissions.push(json!({"action": action, "allow": item.flag("allow")?}));
    }
    if permissions.is_empty() {
        return Err(bad_request("permissions must not be empty"));
    }
    Ok(permissions)
}

/// Reads the one rate limit a service client may have.
pub(crate) fn rate_limits(body: &Fields) -> Result<Option<Value>, ApiError> {
    let Some(items) = body.list_opt("rateLimits")? else {
        return Ok(None);
    };
    if items.len() > 1 {
        return Err(bad_request("rateLimits must hold at most 1"));
    }
    let mut limits = Vec::new();
    for item in body.objects("rateLimits")? {
        let item = item?;
        let duration = item.text("duration", 1, 16)?;
        if !["PT0S", "PT5M", "PT1H", "P1D", "P1M"].contains(&duration) {
            return Err(bad_request("duration must be PT0S, PT5M, PT1H, P1D or P1M"));
        }
        let quota = item.integer_opt("quota", 1, i64::MAX)?;
        if quota.is_some_and(|quota| ![100, 1_000, 100_000, 1_000_000].contains(&quota)) {
            return Err(bad_request(
                "quota must be 100, 1000, 100000, 1000000 or null",
            ));
        }
        limits.push(json!({"duration": duration, "quota": quota}));
    }
    Ok(Some(json!(limits)))
}

/// Reads the `data` of a connection.
pub(crate) fn connection_data(data: &Fields) -> Result<Value, ApiError> {
    const CONTENT_TYPES: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];
    let content_type = data.text_opt("supportedContentType", 1, 64)?;
    if content_type.is_some_and(|content_type| !CONTENT_TYPES.contains(&content_type)) {
        return Err(bad_request("supportedContentType is not known"));
    }
    let tenant = data.text_opt("tenantId", 1, 128)?;
    if tenant.is_some_and(|tenant| !is_tenant_id(tenant)) {
        return Err(bad_request("tenantId holds characters it must not"));
    }
    Ok(without_nulls(json!({
        "name": data.text_opt("name", 1, 64)?,
        "tenantId": tenant,
        "supportedContentType": content_type,
        "developerAccountId": data.text_opt("developerAccountId", 1, 128)?,
        "oidcUserEndpointUrl": data.text_opt("oidcUserEndpointUrl", 1, 1_024)?,
        "userIdExpression": data.text_opt("userIdExpression", 1, 1_024)?,
        "trustIdentityUserId": data.flag_opt("trustIdentityUserId")?,
    })))
}

/// Reads what a connection sends to its provider: texts by name.
pub(crate) fn connection_properties(properties: &Value) -> Result<Value, ApiError> {
    let fits = properties.as_object().is_some_and(|properties| {
        properties.values().all(|value| {
            value.is_null()
                || value
                    .as_str()
                    .is_some_and(|text| text.chars().count() <= 128)
        })
    });
    if fits {
        Ok(without_nulls(properties.clone()))
    } else {
        Err(bad_request(
            "defaultConnectionProperties must hold texts of at most 128 characters",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_uri_accepts_segments_only() {
        for uri in ["*", "/", "documents/*", "/a:b:/c/", "org|1/x@y", "a::b"] {
            assert!(resource_uri(uri).is_ok(), "{uri}");
        }
        let long = "a/".repeat(16);
        for uri in ["", "a//b", "ä", ":a", "a b", long.as_str()] {
            assert!(resource_uri(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn action_accepts_parts_only() {
        assert_eq!(
            action("Documents:READ:*").ok().as_deref(),
            Some("documents:read:*")
        );
        for text in ["", ":", "a::b", "a b", "×"] {
            assert!(action(text).is_err(), "{text}");
        }
    }
}

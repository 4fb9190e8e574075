//! What ids, URIs and small objects in a body must look like: what does not fit is refused, so that
//! nothing is stored that the service itself could not have.

use serde_json::{Value, json};

use super::groups::fits_id;
use super::{Refused, bad_request};
use crate::data::fields::Fields;

/// A role's id.
pub(crate) fn role_id(id: &str) -> Result<&str, Refused> {
    if fits_id(id, 64, ".:@") {
        Ok(id)
    } else {
        Err(bad_request(
            "a role id must have 1 to 64 letters, digits or -_.:@",
        ))
    }
}

/// A permission's action: parts of letters, digits, `-` and `_`, or `*`, with `:` between.
pub(crate) fn action(text: &str) -> Result<String, Refused> {
    let fits = text
        .split(':')
        .all(|part| part == "*" || fits_id(part, 64, ""));
    if fits && text.len() <= 64 {
        Ok(text.to_lowercase())
    } else {
        Err(bad_request(
            "action must be parts of letters, digits, - and _, or *, with : between",
        ))
    }
}

/// A resource's URI: up to 15 segments of up to 128 characters, `*` among them.
pub(crate) fn resource_uri(uri: &str) -> Result<&str, Refused> {
    let part = |part: &str| part == "*" || fits_id(part, 128, ".+=~|@");
    let segment = |segment: &str| {
        let mut parts = segment.split(':');
        parts.next().is_some_and(part) && parts.all(|own| own.is_empty() || part(own))
    };
    let inner = uri.strip_prefix('/').unwrap_or(uri);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let fits = inner.is_empty() || inner.split('/').count() <= 15 && inner.split('/').all(segment);
    if fits && (1..=512).contains(&uri.len()) {
        Ok(uri)
    } else {
        Err(bad_request(
            "resourceUri must be up to 15 segments of letters, digits or -_.+=~|@, or *",
        ))
    }
}

/// Texts of at most so many, each of at most so many characters.
pub(crate) fn texts(
    body: &Fields,
    name: &str,
    most: usize,
    longest: usize,
) -> Result<Vec<String>, Refused> {
    let items = body.texts_opt(name)?.unwrap_or_default();
    if items.len() > most || items.iter().any(|item| item.chars().count() > longest) {
        return Err(bad_request(format!(
            "{name} must hold at most {most} texts of at most {longest} characters"
        )));
    }
    Ok(items)
}

/// `[{domain}]` of a tenant.
pub(crate) fn domains(body: &Fields) -> Result<Option<Value>, Refused> {
    let Some(items) = body.list_opt("domains")? else {
        return Ok(None);
    };
    if items.len() > 10 {
        return Err(bad_request("domains must hold at most 10"));
    }
    let mut domains = Vec::new();
    for item in items {
        domains
            .push(json!({"domain": Fields::from_value(item, "domains")?.text("domain", 1, 128)?}));
    }
    Ok(Some(json!(domains)))
}

/// How long a tenant's tokens and sessions last.
pub(crate) fn durations(configuration: &Value) -> Result<Value, Refused> {
    let body = Fields::from_value(configuration, "tokenConfiguration")?;
    let mut durations = json!({});
    for name in ["accessTokenDuration", "sessionDuration"] {
        let Some(text) = body.text_opt(name, 1, 64)? else {
            continue;
        };
        if text.parse::<jiff::Span>().is_err() {
            return Err(bad_request(format!("{name} must be an ISO 8601 duration")));
        }
        durations[name] = json!(text);
    }
    Ok(durations)
}

/// The one rate limit a service client may have.
pub(crate) fn rate_limits(body: &Fields) -> Result<Option<Value>, Refused> {
    let Some(items) = body.list_opt("rateLimits")? else {
        return Ok(None);
    };
    if items.len() > 1 {
        return Err(bad_request("rateLimits must hold at most 1"));
    }
    let mut limits = Vec::new();
    for item in items {
        let item = Fields::from_value(item, "rateLimits")?;
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

/// The `data` of a connection.
pub(crate) fn connection_data(data: &Value) -> Result<Value, Refused> {
    const TYPES: [&str; 2] = ["application/json", "application/x-www-form-urlencoded"];
    let body = Fields::from_value(data, "data")?;
    let kind = body.text_opt("supportedContentType", 1, 64)?;
    if kind.is_some_and(|kind| !TYPES.contains(&kind)) {
        return Err(bad_request("supportedContentType is not known"));
    }
    let tenant = body.text_opt("tenantId", 1, 128)?;
    if tenant.is_some_and(|tenant| !super::users::is_tenant_id(tenant)) {
        return Err(bad_request("tenantId holds characters it must not"));
    }
    Ok(crate::engine::wire::without_nulls(json!({
        "name": body.text_opt("name", 1, 64)?,
        "tenantId": tenant,
        "supportedContentType": kind,
        "developerAccountId": body.text_opt("developerAccountId", 1, 128)?,
        "oidcUserEndpointUrl": body.text_opt("oidcUserEndpointUrl", 1, 1_024)?,
        "userIdExpression": body.text_opt("userIdExpression", 1, 1_024)?,
        "trustIdentityUserId": body.flag_opt("trustIdentityUserId")?,
    })))
}

/// What a connection sends along to its provider: texts by name.
pub(crate) fn connection_properties(properties: &Value) -> Result<Value, Refused> {
    let fits = properties.as_object().is_some_and(|properties| {
        properties.values().all(|own| {
            own.is_null() || own.as_str().is_some_and(|text| text.chars().count() <= 128)
        })
    });
    if fits {
        Ok(crate::engine::wire::without_nulls(properties.clone()))
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
    fn resource_uris_are_segments() {
        for uri in ["*", "/", "documents/*", "/a:b:/c/", "org|1/x@y", "a::b"] {
            assert!(resource_uri(uri).is_ok(), "{uri}");
        }
        let long = "a/".repeat(16);
        for uri in ["", "a//b", "ä", ":a", "a b", long.as_str()] {
            assert!(resource_uri(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn actions_are_parts() {
        assert_eq!(
            action("Documents:READ:*").ok().as_deref(),
            Some("documents:read:*")
        );
        for text in ["", ":", "a::b", "a b", "×"] {
            assert!(action(text).is_err(), "{text}");
        }
    }
}

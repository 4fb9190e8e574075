//! Tenants, connections, applications, extensions: what the account is configured with.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::groups::{fits_id, tags};
use super::page::shelf_page;
use super::state::{Authress, Shelf};
use super::users::is_tenant_id;
use super::{Answer, Refused, bad_request, conflict, created, empty, not_found, ok, validate};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Request, encode};

crate::engine::operation::operations! { Authress;
    "getTenants" GET "/v1/tenants" => |state: &mut Authress, request: &Request| {
        state.require(request)?;
        ok(&json!({"tenants": state.tenants.values().collect::<Vec<_>>()}))
    };
    "createTenant" POST "/v1/tenants" => create_tenant;
    "getTenant" GET "/v1/tenants/{tenantId}" => |state, request| get(state, request, |state| &mut state.tenants, "tenantId");
    "updateTenant" PUT "/v1/tenants/{tenantId}" => update_tenant;
    "deleteTenant" DELETE "/v1/tenants/{tenantId}" => delete_tenant;
    "getConnections" GET "/v1/connections" => |state, request| list(state, request, |state| &mut state.connections, "connections");
    "createConnection" POST "/v1/connections" => create_connection;
    "getConnection" GET "/v1/connections/{connectionId}" => |state, request| get(state, request, |state| &mut state.connections, "connectionId");
    "updateConnection" PUT "/v1/connections/{connectionId}" => update_connection;
    "deleteConnection" DELETE "/v1/connections/{connectionId}" => |state, request| delete(state, request, |state| &mut state.connections, "connectionId");
    "getConnectionCredentials" GET "/v1/connections/{connectionId}/users/{userId}/credentials" => credentials;
    "getApplications" GET "/v1/applications" => |state, request| list(state, request, |state| &mut state.applications, "applications");
    "createApplication" POST "/v1/applications" => create_application;
    "getApplication" GET "/v1/applications/{applicationId}" => |state, request| get(state, request, |state| &mut state.applications, "applicationId");
    "updateApplication" PUT "/v1/applications/{applicationId}" => update_application;
    "deleteApplication" DELETE "/v1/applications/{applicationId}" => |state, request| delete(state, request, |state| &mut state.applications, "applicationId");
    "delegateUserLogin" POST "/v1/applications/{applicationId}/users/{userId}/delegation" => delegate;
    "getExtensions" GET "/v1/extensions" => |state, request| list(state, request, |state| &mut state.extensions, "extensions");
    "createExtension" POST "/v1/extensions" => create_extension;
    "getExtension" GET "/v1/extensions/{extensionId}" => |state, request| get(state, request, |state| &mut state.extensions, "extensionId");
    "updateExtension" PUT "/v1/extensions/{extensionId}" => update_extension;
    "deleteExtension" DELETE "/v1/extensions/{extensionId}" => |state, request| delete(state, request, |state| &mut state.extensions, "extensionId");
}

type Which = fn(&mut Authress) -> &mut Shelf;

fn list(state: &mut Authress, request: &Request, which: Which, name: &str) -> Answer {
    state.require(request)?;
    shelf_page(request, name, 100, which(state).iter())
}

fn get(state: &mut Authress, request: &Request, which: Which, id: &str) -> Answer {
    state.require(request)?;
    ok(which(state).get(request.param(id)).ok_or_else(not_found)?)
}

fn delete(state: &mut Authress, request: &Request, which: Which, id: &str) -> Answer {
    state.require(request)?;
    which(state)
        .remove(request.param(id))
        .ok_or_else(not_found)?;
    empty(StatusCode::NO_CONTENT)
}

/// Stores a new thing under its own id or a made one.
fn put_new(state: &mut Authress, which: Which, id: &str, value: Value) -> Answer {
    if which(state).contains_key(id) {
        return Err(conflict("There is one with this id."));
    }
    which(state).insert(id.to_owned(), value.clone());
    created(&value)
}

/// Replaces a thing; its creation time stays.
fn replace(state: &mut Authress, which: Which, id: &str, mut value: Value) -> Answer {
    let old = which(state).get(id).ok_or_else(not_found)?;
    value["createdTime"] = old["createdTime"].clone();
    which(state).insert(id.to_owned(), value.clone());
    ok(&value)
}

fn own_id(
    state: &mut Authress,
    body: &Fields,
    name: &str,
    prefix: &str,
) -> Result<String, Refused> {
    match body.text_opt(name, 1, 64)? {
        Some(id) if fits_id(id, 64, ".:") => Ok(id.to_owned()),
        Some(_) => Err(bad_request(format!("{name} holds characters it must not"))),
        None => Ok(format!("{prefix}_{}", state.ids.text(16))),
    }
}

fn tenant(
    state: &Authress,
    id: &str,
    body: &Fields,
    now: jiff::Timestamp,
) -> Result<Value, Refused> {
    let mut value = Map::from_iter([
        ("tenantId".to_owned(), json!(id)),
        ("createdTime".to_owned(), json!(rfc3339(now))),
    ]);
    if let Some(lookup) = body.text_opt("tenantLookupIdentifier", 1, 64)? {
        if !is_tenant_id(lookup) {
            return Err(bad_request(
                "tenantLookupIdentifier holds characters it must not",
            ));
        }
        value.insert("tenantLookupIdentifier".to_owned(), json!(lookup));
    }
    if let Some(data) = body.value("data") {
        value.insert(
            "data".to_owned(),
            json!({"name": Fields::from_value(data, "data")?.text_opt("name", 1, 64)?}),
        );
    }
    if let Some(connection) = body.value("connection") {
        let connection = Fields::from_value(connection, "connection")?;
        if let Some(id) = connection.text_opt("connectionId", 1, 64)? {
            if !state.connections.contains_key(id) {
                return Err(bad_request("there is no such connection"));
            }
            value.insert("connection".to_owned(), json!({"connectionId": id}));
        }
    }
    if let Some(domains) = validate::domains(body)? {
        value.insert("domains".to_owned(), domains);
    }
    if let Some(configuration) = body.value("tokenConfiguration") {
        value.insert(
            "tokenConfiguration".to_owned(),
            validate::durations(configuration)?,
        );
    }
    Ok(crate::engine::wire::without_nulls(Value::Object(value)))
}

fn create_tenant(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json()?;
    let id = match body.text_opt("tenantId", 1, 128)? {
        Some(id) if is_tenant_id(id) => id.to_owned(),
        Some(_) => {
            return Err(bad_request(
                "tenantId must have 1 to 128 letters, digits or -_.:",
            ));
        }
        None => format!("ten_{}", state.ids.text(16)),
    };
    let value = tenant(state, &id, &body, request.now)?;
    put_new(state, |state| &mut state.tenants, &id, value)
}

fn update_tenant(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let id = request.param("tenantId");
    if !state.tenants.contains_key(id) {
        return Err(not_found());
    }
    let value = tenant(state, id, &request.json()?, request.now)?;
    replace(state, |state| &mut state.tenants, id, value)
}

fn delete_tenant(state: &mut Authress, request: &Request) -> Answer {
    delete(state, request, |state| &mut state.tenants, "tenantId")
}

/// A connection as it is shown: what is secret goes in and never comes out.
fn connection(id: &str, body: &Fields, now: jiff::Timestamp) -> Result<Value, Refused> {
    const TYPES: [&str; 5] = ["OAUTH2", "SAML2", "WebAuthN", "PASSWORD", "OPENID-LEGACY"];
    let kind = body.text_opt("type", 1, 32)?.unwrap_or("OAUTH2");
    if !TYPES.contains(&kind) {
        return Err(bad_request("type is not known"));
    }
    body.text_opt("clientSecret", 1, 128)?;
    let mut value = json!({"connectionId": id, "type": kind, "createdTime": rfc3339(now)});
    for (name, largest) in [
        ("authenticationUrl", 128),
        ("tokenUrl", 128),
        ("issuerUrl", 128),
        ("providerCertificate", 4_096),
        ("clientId", 128),
    ] {
        if let Some(text) = body.text_opt(name, 1, largest)? {
            value[name] = json!(text);
        }
    }
    if let Some(data) = body.value("data") {
        value["data"] = validate::connection_data(data)?;
    }
    if let Some(properties) = body.value("defaultConnectionProperties") {
        value["defaultConnectionProperties"] = validate::connection_properties(properties)?;
    }
    let tags = tags(body)?;
    if !tags.is_null() {
        value["tags"] = tags;
    }
    Ok(value)
}

fn create_connection(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json()?;
    let id = own_id(state, &body, "connectionId", "con")?;
    put_new(
        state,
        |state| &mut state.connections,
        &id,
        connection(&id, &body, request.now)?,
    )
}

fn update_connection(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let id = request.param("connectionId");
    let value = connection(id, &request.json()?, request.now)?;
    replace(state, |state| &mut state.connections, id, value)
}

fn credentials(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let user = state
        .users
        .find(request.param("userId"))
        .ok_or_else(not_found)?;
    let connection = request.param("connectionId");
    if !user.linked.iter().any(|(own, _)| own == connection) {
        return Err(not_found());
    }
    let token = state
        .env
        .seed
        .hex(&format!("authress/credentials/{connection}/{}", user.id));
    ok(&json!({"accessToken": token}))
}

fn application(id: &str, body: &Fields, now: jiff::Timestamp) -> Result<Value, Refused> {
    if !body.has("name") || body.value("redirectUrls").is_none() {
        return Err(bad_request("name and redirectUrls are required"));
    }
    let value = json!({
        "applicationId": id,
        "name": body.text_opt("name", 0, 128)?,
        "redirectUrls": validate::texts(body, "redirectUrls", 100, 1_024)?,
        "audiences": validate::texts(body, "audiences", 10, 1_024)?,
        "sessionType": body.text_opt("sessionType", 1, 64)?,
        "enableAccessToToken": body.flag_opt("enableAccessToToken")?,
        "createdTime": rfc3339(now),
        "lastUpdated": rfc3339(now),
        "isActiveApplication": true,
        "tags": tags(body)?,
    });
    Ok(crate::engine::wire::without_nulls(value))
}

fn create_application(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json()?;
    let id = own_id(state, &body, "applicationId", "app")?;
    put_new(
        state,
        |state| &mut state.applications,
        &id,
        application(&id, &body, request.now)?,
    )
}

fn update_application(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let id = request.param("applicationId");
    let value = application(id, &request.json()?, request.now)?;
    replace(state, |state| &mut state.applications, id, value)
}

fn delegate(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let (application, user) = (
        request.param("applicationId").to_owned(),
        request.param("userId").to_owned(),
    );
    if !state.applications.contains_key(&application) || state.users.position(&user).is_none() {
        return Err(not_found());
    }
    let code = state.ids.text(32);
    let url = format!(
        "{}/login?applicationId={}&code={code}",
        request.base_url,
        encode(&application)
    );
    ok(&json!({"authenticationUrl": url}))
}

fn extension(
    state: &Authress,
    id: &str,
    body: &Fields,
    now: jiff::Timestamp,
) -> Result<Value, Refused> {
    let client = format!("ext_{id}");
    let mut value = json!({
        "extensionId": id,
        "name": body.text_opt("name", 1, 128)?,
        "createdTime": rfc3339(now),
        "client": {"clientId": client, "links": state.href(&format!("/v1/clients/{client}"))},
        "tags": tags(body)?,
    });
    if let Some(application) = body.value("application") {
        let application = Fields::from_value(application, "application")?;
        let urls = validate::texts(&application, "redirectUrls", 100, 1_024)?;
        value["application"] = json!({
            "applicationId": format!("app_{id}"), "redirectUrls": urls,
            "links": state.href(&format!("/v1/applications/app_{id}")),
        });
    }
    Ok(crate::engine::wire::without_nulls(value))
}

fn create_extension(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let body = request.json()?;
    let id = state.ids.text(16);
    let value = extension(state, &id, &body, request.now)?;
    put_new(state, |state| &mut state.extensions, &id, value)
}

fn update_extension(state: &mut Authress, request: &Request) -> Answer {
    state.require(request)?;
    let id = request.param("extensionId");
    if !state.extensions.contains_key(id) {
        return Err(not_found());
    }
    let value = extension(state, id, &request.json()?, request.now)?;
    replace(state, |state| &mut state.extensions, id, value)
}

//! Connections, applications and extensions: what the account is configured with.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::collection::{Collection, Editable, choose_id, create, delete, get, list, update};
use super::error::{ApiError, HandlerResult, bad_request, not_found, ok};
use super::model::Items;
use super::state::Authress;
use super::validate::{connection_data, connection_properties, tags, texts};
use crate::data::fields::Fields;
use crate::engine::clock::rfc3339;
use crate::engine::wire::{Request, encode, without_nulls};

crate::engine::operation::operations! { Authress;
    "getConnections" GET "/v1/connections" => list::<Connections>;
    "createConnection" POST "/v1/connections" => create::<Connections>;
    "getConnection" GET "/v1/connections/{connectionId}" => get::<Connections>;
    "updateConnection" PUT "/v1/connections/{connectionId}" => update::<Connections>;
    "deleteConnection" DELETE "/v1/connections/{connectionId}" => delete::<Connections>;
    "getConnectionCredentials" GET "/v1/connections/{connectionId}/users/{userId}/credentials" => credentials;
    "getApplications" GET "/v1/applications" => list::<Applications>;
    "createApplication" POST "/v1/applications" => create::<Applications>;
    "getApplication" GET "/v1/applications/{applicationId}" => get::<Applications>;
    "updateApplication" PUT "/v1/applications/{applicationId}" => update::<Applications>;
    "deleteApplication" DELETE "/v1/applications/{applicationId}" => delete::<Applications>;
    "delegateUserLogin" POST "/v1/applications/{applicationId}/users/{userId}/delegation" => delegate;
    "getExtensions" GET "/v1/extensions" => list::<Extensions>;
    "createExtension" POST "/v1/extensions" => create::<Extensions>;
    "getExtension" GET "/v1/extensions/{extensionId}" => get::<Extensions>;
    "updateExtension" PUT "/v1/extensions/{extensionId}" => update::<Extensions>;
    "deleteExtension" DELETE "/v1/extensions/{extensionId}" => delete::<Extensions>;
}

struct Connections;

impl Collection for Connections {
    type Item = Value;
    const ID: &'static str = "connectionId";
    const ITEMS: &'static str = "connections";

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.connections
    }
}

impl Editable for Connections {
    const BODY_BEFORE_ID: bool = true;

    fn new_id(state: &mut Authress, body: &Fields) -> Result<String, ApiError> {
        choose_id(state, body, Self::ID, 64, ".:", "con")
    }

    /// What is secret goes in and never comes out.
    fn build(_: &Authress, id: &str, body: &Fields, now: Timestamp) -> Result<Value, ApiError> {
        const TYPES: [&str; 5] = ["OAUTH2", "SAML2", "WebAuthN", "PASSWORD", "OPENID-LEGACY"];
        let kind = body.text_opt("type", 1, 32)?.unwrap_or("OAUTH2");
        if !TYPES.contains(&kind) {
            return Err(bad_request("type is not known"));
        }
        body.text_opt("clientSecret", 1, 128)?;
        let mut value = json!({"connectionId": id, "type": kind, "createdTime": rfc3339(now)});
        for (name, max) in [
            ("authenticationUrl", 128),
            ("tokenUrl", 128),
            ("issuerUrl", 128),
            ("providerCertificate", 4_096),
            ("clientId", 128),
        ] {
            if let Some(text) = body.text_opt(name, 1, max)? {
                value[name] = json!(text);
            }
        }
        if let Some(data) = body.object_opt("data")? {
            value["data"] = connection_data(&data)?;
        }
        if let Some(properties) = body.value("defaultConnectionProperties") {
            value["defaultConnectionProperties"] = connection_properties(properties)?;
        }
        let tags = tags(body)?;
        if !tags.is_null() {
            value["tags"] = tags;
        }
        Ok(value)
    }
}

struct Applications;

impl Collection for Applications {
    type Item = Value;
    const ID: &'static str = "applicationId";
    const ITEMS: &'static str = "applications";

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.applications
    }
}

impl Editable for Applications {
    const BODY_BEFORE_ID: bool = true;

    fn new_id(state: &mut Authress, body: &Fields) -> Result<String, ApiError> {
        choose_id(state, body, Self::ID, 64, ".:", "app")
    }

    fn build(_: &Authress, id: &str, body: &Fields, now: Timestamp) -> Result<Value, ApiError> {
        if !body.has("name") || body.value("redirectUrls").is_none() {
            return Err(bad_request("name and redirectUrls are required"));
        }
        Ok(without_nulls(json!({
            "applicationId": id,
            "name": body.text_opt("name", 0, 128)?,
            "redirectUrls": texts(body, "redirectUrls", 100, 1_024)?,
            "audiences": texts(body, "audiences", 10, 1_024)?,
            "sessionType": body.text_opt("sessionType", 1, 64)?,
            "enableAccessToToken": body.flag_opt("enableAccessToToken")?,
            "createdTime": rfc3339(now),
            "lastUpdated": rfc3339(now),
            "isActiveApplication": true,
            "tags": tags(body)?,
        })))
    }
}

struct Extensions;

impl Collection for Extensions {
    type Item = Value;
    const ID: &'static str = "extensionId";
    const ITEMS: &'static str = "extensions";

    fn items(state: &mut Authress) -> &mut Items {
        &mut state.extensions
    }
}

impl Editable for Extensions {
    fn new_id(state: &mut Authress, _: &Fields) -> Result<String, ApiError> {
        Ok(state.ids.text(16))
    }

    fn build(state: &Authress, id: &str, body: &Fields, now: Timestamp) -> Result<Value, ApiError> {
        let client = format!("ext_{id}");
        let mut value = json!({
            "extensionId": id,
            "name": body.text_opt("name", 1, 128)?,
            "createdTime": rfc3339(now),
            "client": {"clientId": client, "links": state.links(&format!("/v1/clients/{client}"))},
            "tags": tags(body)?,
        });
        if let Some(application) = body.object_opt("application")? {
            let urls = texts(&application, "redirectUrls", 100, 1_024)?;
            value["application"] = json!({
                "applicationId": format!("app_{id}"),
                "redirectUrls": urls,
                "links": state.links(&format!("/v1/applications/app_{id}")),
            });
        }
        Ok(without_nulls(value))
    }
}

fn credentials(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let user = state.users.find(request.param("userId"));
    let user = user.ok_or_else(not_found)?;
    let connection = request.param(Connections::ID);
    if !user.linked.iter().any(|(linked, _)| linked == connection) {
        return Err(not_found());
    }
    let label = format!("authress/credentials/{connection}/{}", user.id);
    let token = state.env.seed.hex(&label);
    state.env.seed.keep_secret(token.as_str());
    ok(&json!({"accessToken": token}))
}

fn delegate(state: &mut Authress, request: &Request) -> HandlerResult {
    state.require(request)?;
    let application = request.param(Applications::ID);
    let user = state.users.position(request.param("userId"));
    if !state.applications.contains_key(application) || user.is_none() {
        return Err(not_found());
    }
    let code = state.ids.secret(32);
    let url = format!(
        "{}/login?applicationId={}&code={code}",
        request.base_url,
        encode(application)
    );
    ok(&json!({"authenticationUrl": url}))
}

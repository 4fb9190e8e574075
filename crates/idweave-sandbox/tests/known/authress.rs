//! What exists at Authress, as the operations ask for it.

use idweave_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::common::call;
use crate::known::Known;

/// Creates what the operations need, and returns its values.
pub(crate) async fn values(sandbox: &Sandbox) -> Known {
    let access = sandbox.authress().clone();
    let client = access.access_key.split('.').next().unwrap().to_owned();
    let ask = |method: &str, path: &str| {
        call(method, format!("{}{path}", access.base_url)).bearer(&access.access_key)
    };
    let statements =
        json!([{"roles": ["ro_viewer"], "resources": [{"resourceUri": "documents/*"}]}]);
    let made = async |path: &str, body: Value, id: &str| {
        ask("POST", path)
            .json(&body)
            .send()
            .await
            .expect(201)
            .json()[id]
            .clone()
    };
    let invite = made("/v1/invites", json!({"statements": statements}), "inviteId").await;
    let request =
        json!({"access": {"users": [{"userId": access.user_id}], "statements": statements}});
    let request = made("/v1/requests", request, "requestId").await;
    let extension = made("/v1/extensions", json!({"name": "x"}), "extensionId").await;
    let other = made("/v1/clients", json!({"name": "x"}), "clientId").await;
    let key = made(
        &format!("/v1/clients/{}/access-keys", other.as_str().unwrap()),
        json!({}),
        "keyId",
    )
    .await;
    let resource = json!({"permissions": [{"action": "CLAIM", "allow": true}]});
    ask("PUT", "/v1/resources/documents")
        .json(&resource)
        .send()
        .await
        .expect(200);
    let group = json!({"name": "G", "users": [{"userId": access.user_id}], "admins": []});
    let role = json!({"name": "R", "permissions": [{"action": "documents:read", "allow": true, "grant": false, "delegate": false}]});
    let record =
        json!({"name": "R", "users": [{"userId": access.user_id}], "statements": statements});
    Known::new(
        "",
        &[
            ("userId", json!(access.user_id)),
            ("tenantId", json!("acme")),
            ("createTenant.body", json!({"data": {"name": "New"}})),
            ("updateTenant.body", json!({"data": {"name": "Acme"}})),
            ("groupId", json!("grp_engineering")),
            ("createGroup.body", group.clone()),
            ("updateGroup.body", group),
            ("roleId", json!("ro_viewer")),
            ("createRole.body", role.clone()),
            ("updateRole.body", role),
            ("recordId", json!("rec_documents")),
            ("createRecord.body", record.clone()),
            ("updateRecord.body", record),
            ("inviteId", invite),
            ("createInvite.body", json!({"statements": statements})),
            ("requestId", request),
            ("respondToAccessRequest.body", json!({"status": "APPROVED"})),
            (
                "createRequest.body",
                json!({"access": {"users": [{"userId": access.user_id}], "statements": statements}}),
            ),
            (
                "createClaim.body",
                json!({"collectionResource": "documents", "resourceId": "9"}),
            ),
            ("connectionId", json!("con_acme")),
            (
                "createConnection.body",
                json!({"type": "OAUTH2", "clientSecret": "s"}),
            ),
            ("updateConnection.body", json!({"type": "OAUTH2"})),
            ("applicationId", json!("app_default")),
            (
                "createApplication.body",
                json!({"name": "A", "redirectUrls": []}),
            ),
            (
                "updateApplication.body",
                json!({"name": "A", "redirectUrls": []}),
            ),
            ("extensionId", extension),
            (
                "createExtension.body",
                json!({"name": "x", "application": {"redirectUrls": []}}),
            ),
            ("updateExtension.body", json!({"name": "x"})),
            ("clientId", other.clone()),
            ("keyId", key),
            ("createClient.body", json!({"name": "x"})),
            ("updateClient.body", json!({"name": "x"})),
            ("requestAccessKey.body", json!({})),
            ("resourceUri", json!("documents")),
            ("permission", json!("documents:read")),
            ("authorizeUser.resourceUri", json!("documents/1")),
            (
                "getUserPermissionsForResource.resourceUri",
                json!("documents/1"),
            ),
            ("getUserRolesForResource.resourceUri", json!("documents/1")),
            ("updatePermissionedResource.body", resource),
            ("accountId", json!(access.account_id)),
            (
                "delegateAuthentication.body",
                json!({"issuer": "https://idp.example.com", "preferredAudience": "x"}),
            ),
            ("client_id", json!("app_default")),
            ("code_challenge", json!("x")),
            ("code_challenge_method", json!("S256")),
            ("redirect_uri", json!("http://127.0.0.1/")),
            (
                "requestToken.body",
                json!({"client_id": client, "client_secret": access.access_key, "grant_type": "client_credentials"}),
            ),
        ],
    )
}

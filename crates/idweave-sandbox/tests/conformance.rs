//! Every operation of the effective documents is called, and what is answered is held against
//! them, so that documents and sandbox cannot drift apart.
//!
//! The documents come from `cargo xtask specs show`; `IDWEAVE_XTASK` names another xtask to ask.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use common::{Answer, Call, call, segment};
use idweave_sandbox::Sandbox;
use serde_json::{Map, Value, json};

/// A service's effective document, in JSON Schema's terms where OpenAPI 3.0 has its own.
struct Document {
    service: &'static str,
    value: Value,
}

fn effective(service: &'static str) -> Document {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside = Path::new(env!("CARGO_BIN_EXE_idweave-sandbox")).with_file_name("xtask");
    let mut command = match std::env::var_os("IDWEAVE_XTASK") {
        Some(xtask) => Command::new(xtask),
        None if beside.exists() => Command::new(beside),
        None => {
            let mut command = Command::new(env!("CARGO"));
            command.args(["run", "--quiet", "--locked", "--package", "xtask", "--"]);
            command
        }
    };
    let output = command
        .current_dir(root)
        .args(["specs", "show", service])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut value = serde_json::from_slice(&output.stdout).unwrap();
    translate(&mut value);
    Document { service, value }
}

/// Into JSON Schema's terms, and what an answer may leave out or add as the overlays say: fields
/// that are not certain are optional, and a new field is no breach. A URI may be empty.
fn translate(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(translate);
            if map.get("additionalProperties") == Some(&Value::Bool(false)) {
                map.remove("additionalProperties");
            }
            if let Some(certain) = map.get("x-idweave-certain").cloned() {
                map.insert("required".to_owned(), certain);
            }
            if map.get("required") == Some(&json!([])) {
                map.remove("required");
            }
            if map.get("format") == Some(&json!("uri")) {
                map.remove("format");
            }
            if map.get("nullable") == Some(&Value::Bool(true)) {
                map.remove("nullable");
                let inner = Value::Object(std::mem::take(map));
                map.insert("anyOf".to_owned(), json!([inner, {"type": "null"}]));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(translate),
        _ => {}
    }
}

/// One operation of a document.
struct Operation<'a> {
    id: &'a str,
    method: &'a str,
    path: &'a str,
    value: &'a Value,
    /// Of the whole path, beside its own.
    parameters: &'a Value,
}

impl Document {
    fn operations(&self) -> Vec<Operation<'_>> {
        const METHODS: [&str; 6] = ["get", "post", "put", "patch", "options", "delete"];
        let paths = self.value["paths"].as_object().unwrap();
        let mut all: Vec<Operation<'_>> = paths
            .iter()
            .flat_map(|(path, methods)| {
                METHODS.iter().filter_map(move |method| {
                    let value = methods.get(*method)?;
                    Some(Operation {
                        id: value["operationId"].as_str()?,
                        method,
                        path,
                        value,
                        parameters: &methods["parameters"],
                    })
                })
            })
            .collect();
        // What is read first is still there; what is deleted goes last.
        all.sort_by_key(|operation| {
            METHODS
                .iter()
                .position(|method| *method == operation.method)
        });
        all
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"]
            .as_str()
            .and_then(|target| self.value.pointer(target.trim_start_matches('#')))
        {
            Some(target) => self.resolve(target),
            None => schema,
        }
    }

    /// Why the answer is not one the document promises.
    fn complaint(&self, operation: &Operation<'_>, answer: &Answer) -> Option<String> {
        let status = answer.status.as_u16();
        let responses = &operation.value["responses"];
        let range = format!("{}XX", status / 100);
        let response = [status.to_string(), range, "default".to_owned()]
            .iter()
            .find_map(|key| responses.get(key).map(|response| self.resolve(response)));
        let Some(response) = response else {
            // What a service refuses is not all in its document; what it grants is.
            let refused = matches!(status, 400 | 401 | 403 | 404 | 405);
            return (!refused).then(|| format!("{status} is not documented"));
        };
        let content = response["content"].as_object();
        let schema = content
            .and_then(|content| content.values().next())
            .map(|media| &media["schema"]);
        // Where no body is promised, clients read none.
        let schema = schema?;
        if answer.body.is_empty() {
            // The challenge, the router and the gateway answer without a body.
            return (status < 400).then(|| format!("{status} has no body"));
        }
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            return Some(format!("{status} is no JSON"));
        };
        let mut whole = Map::new();
        whole.insert("allOf".to_owned(), json!([schema]));
        whole.insert("components".to_owned(), self.value["components"].clone());
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft4)
            .build(&Value::Object(whole));
        let validator = match validator {
            Ok(validator) => validator,
            Err(error) => return Some(format!("the schema of {status} is none: {error}")),
        };
        let errors: Vec<String> = validator
            .iter_errors(&body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        (!errors.is_empty()).then(|| {
            format!(
                "{status} {}",
                errors.join("; ").chars().take(400).collect::<String>()
            )
        })
    }

    /// A value that fits a schema, and where the name says more, one that means something.
    fn example(&self, name: &str, schema: &Value, known: &Known) -> Value {
        let schema = self.resolve(schema);
        if let Some(value) = known.get(name) {
            return value;
        }
        if let Some(all) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in all {
                if let Value::Object(part) = self.example(name, part, known) {
                    whole.extend(part);
                }
            }
            return Value::Object(whole);
        }
        if let Some(one) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            return self.example(name, &one[0], known);
        }
        if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
            return first.clone();
        }
        match schema["type"].as_str().unwrap_or("object") {
            "string" => match schema["format"].as_str().unwrap_or_default() {
                "email" => json!("someone@example.com"),
                "uuid" => json!(known.uuid),
                "date-time" => json!("2099-01-01T00:00:00Z"),
                "date" => json!("2099-01-01"),
                _ => json!("x".repeat(schema["minLength"].as_u64().unwrap_or(1).max(3) as usize)),
            },
            "integer" | "number" => json!(schema["minimum"].as_i64().unwrap_or(1)),
            "boolean" => json!(true),
            "array" => json!([self.example(name, &schema["items"], known)]),
            _ => {
                let properties = schema["properties"].as_object();
                Value::Object(
                    properties
                        .into_iter()
                        .flatten()
                        .filter(|(_, own)| self.resolve(own)["readOnly"] != true)
                        .map(|(name, own)| (name.clone(), self.example(name, own, known)))
                        .collect(),
                )
            }
        }
    }
}

/// Values that mean something to one service, by the name of their parameter or field.
struct Known {
    uuid: String,
    values: BTreeMap<&'static str, Value>,
}

impl Known {
    fn new(uuid: &str, values: &[(&'static str, Value)]) -> Self {
        Self {
            uuid: uuid.to_owned(),
            values: values.iter().cloned().collect(),
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned()
    }
}

/// What a sweep over a document found.
#[derive(Default)]
struct Found {
    complaints: Vec<String>,
    succeeded: BTreeSet<String>,
    refused: Vec<String>,
}

async fn sweep(
    document: &Document,
    base: &str,
    known: &Known,
    credential: impl Fn(&Operation<'_>, Call) -> Call,
) -> Found {
    let mut found = Found::default();
    for operation in document.operations() {
        let mut path = operation.path.to_owned();
        let mut query = Vec::new();
        let lists = [operation.parameters, &operation.value["parameters"]];
        let parameters: Vec<Value> = lists
            .iter()
            .filter_map(|list| list.as_array())
            .flatten()
            .cloned()
            .collect();
        for parameter in parameters
            .iter()
            .map(|parameter| document.resolve(parameter))
        {
            let name = parameter["name"].as_str().unwrap();
            let value = || match known
                .get(&format!("{}.{name}", operation.id))
                .or_else(|| known.get(name))
            {
                Some(value) => value,
                None => document.example(name, &parameter["schema"], known),
            };
            let text = |value: Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            match parameter["in"].as_str() {
                Some("path") => {
                    path = path.replace(&format!("{{{name}}}"), &segment(&text(value())))
                }
                Some("query") if parameter["required"] == true => {
                    query.push(format!("{name}={}", segment(&text(value()))))
                }
                _ => {}
            }
        }
        let mut url = format!("{base}{path}");
        if !query.is_empty() {
            url = format!("{url}?{}", query.join("&"));
        }
        let mut request = credential(&operation, call(&operation.method.to_uppercase(), url));
        if let Some(content) =
            document.resolve(&operation.value["requestBody"])["content"].as_object()
        {
            let (kind, media) = content.iter().next().unwrap();
            let body = known
                .get(&format!("{}.body", operation.id))
                .unwrap_or_else(|| document.example("", &media["schema"], known));
            request = match kind.as_str() {
                "multipart/form-data" => {
                    let field = if document.service == "enhance" {
                        "avatar"
                    } else {
                        "File"
                    };
                    let mut body = format!("--b\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"a.png\"\r\n\r\n").into_bytes();
                    body.extend_from_slice(b"\x89PNG\r\n\x1a\n\r\n--b--\r\n");
                    request.raw("multipart/form-data; boundary=b", body)
                }
                "application/x-www-form-urlencoded" => {
                    let fields = body.as_object().unwrap().iter().map(|(name, value)| {
                        format!("{name}={}", segment(value.as_str().unwrap_or_default()))
                    });
                    request.form(&fields.collect::<Vec<_>>().join("&"))
                }
                _ => request.json(&body),
            };
        }
        let answer = request.send().await;
        let what = format!("{} {} {}", operation.id, operation.method, operation.path);
        if answer.status.as_u16() < 400 {
            found.succeeded.insert(operation.id.to_owned());
        } else {
            found.refused.push(format!(
                "{what}: {} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            ));
        }
        if let Some(complaint) = document.complaint(&operation, &answer) {
            found.complaints.push(format!("{what}: {complaint}"));
        }
    }
    found
}

#[track_caller]
fn judge(document: &Document, found: &Found, least: usize) {
    if std::env::var_os("IDWEAVE_SHOW_REFUSED").is_some() {
        eprintln!("{}", found.refused.join("\n"));
    }
    assert!(
        found.complaints.is_empty(),
        "{}",
        found.complaints.join("\n")
    );
    let all = document.operations().len();
    assert!(
        found.succeeded.len() >= least,
        "only {} of {all} succeeded:\n{}",
        found.succeeded.len(),
        found.refused.join("\n")
    );
}

#[tokio::test]
async fn ostrom_answers_as_its_document_says() {
    let document = effective("ostrom");
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.ostrom().clone();
    let mut tokens = Vec::new();
    for pair in [&access.user, &access.partner] {
        let answer = call("POST", format!("{}/oauth2/token", access.auth_url))
            .basic(&pair.client_id, &pair.client_secret)
            .form("grant_type=client_credentials")
            .send()
            .await;
        tokens.push(answer.json()["access_token"].as_str().unwrap().to_owned());
    }
    let first = async |path: String, token: &str| {
        let answer = call("GET", format!("{}{path}", access.base_url))
            .bearer(token)
            .send()
            .await
            .json();
        answer["data"][0]["id"].clone()
    };
    let external = &access.external_user_id;
    let own = first("/contracts".to_owned(), &tokens[0]).await;
    let contract = first(format!("/users/{external}/contracts"), &tokens[1]).await;
    let order = first(format!("/users/{external}/orders"), &tokens[1]).await;
    let known = Known::new(
        "",
        &[
            ("externalUserId", json!(external)),
            ("getContractEnergyConsumption.contractId", own),
            ("contractId", contract),
            ("orderId", order),
            ("id", json!("1001")),
            ("startDate", json!("2024-01-01T00:00:00.000Z")),
            ("endDate", json!("2024-01-02T00:00:00.000Z")),
            ("resolution", json!("HOUR")),
            ("zip", json!("22083")),
            ("redirectUrl", json!("https://partner.example/back")),
            ("url", json!("https://partner.example/hook")),
        ],
    );
    // The webhook is there before the first is read.
    let hook = json!({"url": "https://partner.example/hook", "secret": "s"});
    call("POST", format!("{}/webhooks", access.base_url))
        .bearer(&tokens[1])
        .json(&hook)
        .send()
        .await
        .expect(200);
    let users = [
        "getMe",
        "getContracts",
        "getContractEnergyConsumption",
        "getSpotPrices",
    ];
    let found = sweep(&document, &access.base_url, &known, |operation, call| {
        call.bearer(&tokens[usize::from(!users.contains(&operation.id))])
    })
    .await;
    // The token is asked of the other host.
    judge(&document, &found, 17);
}

#[tokio::test]
async fn authress_answers_as_its_document_says() {
    let document = effective("authress");
    let sandbox = Sandbox::start().await.unwrap();
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
    let known = Known::new(
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
    );
    let found = sweep(&document, &access.base_url, &known, |_, call| {
        call.bearer(&access.access_key)
    })
    .await;
    // Not in reach of one sweep: an invite that is accepted by then, a key whose client is gone, a
    // token whose id only its holder knows.
    judge(&document, &found, document.operations().len() - 3);
}

#[tokio::test]
async fn enhance_answers_as_its_document_says() {
    let document = effective("enhance");
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance().clone();
    let ask = |method: &str, path: &str| {
        call(method, format!("{}{path}", access.base_url)).bearer(&access.access_token)
    };
    let login = json!({"email": access.member.email, "password": access.member.password});
    let session = call("POST", format!("{}/login/sessions", access.base_url))
        .json(&login)
        .send()
        .await
        .expect(200)
        .cookie();
    let members = ask("GET", &format!("/orgs/{}/members?limit=20", access.org_id))
        .send()
        .await
        .json();
    let member = members["items"][10].clone();
    let tokens = ask("GET", &format!("/orgs/{}/access_tokens", access.org_id))
        .send()
        .await
        .json();
    let invite = ask("POST", &format!("/orgs/{}/invites", access.org_id))
        .json(&json!({"email": "new@example.com", "name": "N", "roles": ["Support"]}))
        .send()
        .await
        .json();
    let otp = ask(
        "GET",
        &format!(
            "/orgs/{}/members/{}/sso",
            access.org_id,
            member["id"].as_str().unwrap()
        ),
    )
    .send()
    .await
    .json();
    let otp = otp
        .as_str()
        .unwrap()
        .split_once("otp=")
        .unwrap()
        .1
        .to_owned();
    ask("PUT", "/login/password-recovery")
        .json(&json!({"email": access.email}))
        .send()
        .await
        .expect(200);
    let secret = sandbox.outbox().last().unwrap().links[0]
        .split_once("secret=")
        .unwrap()
        .1
        .to_owned();
    let preferences = json!({"fileManagerView": "list", "websiteView": "grid", "spineOpen": true, "fileManagerEditorFullscreen": false, "serverGroups": []});
    call("POST", format!("{}/logins/ui-preferences", access.base_url))
        .header("cookie", &session)
        .json(&preferences)
        .send()
        .await
        .expect(201);
    let known = Known::new(
        "11111111-1111-4111-8111-111111111111",
        &[
            ("org_id", json!(access.org_id)),
            ("orgId", json!(access.org_id)),
            ("customer_org_id", json!(access.customer_org_id)),
            ("createCustomerSubscription.body", json!({"planId": 1})),
            ("member_id", member["id"].clone()),
            ("login_id", member["loginId"].clone()),
            (
                "updateOwner.body",
                json!({"memberId": members["items"][11]["id"]}),
            ),
            ("createMember.org_id", json!(access.customer_org_id)),
            (
                "createMember.body",
                json!({"loginId": members["items"][12]["loginId"], "roles": ["Support"]}),
            ),
            ("updateMember.body", json!({"roles": ["Support"]})),
            ("token_id", tokens[1]["id"].clone()),
            ("createAccessToken.body", json!({"roles": ["Support"]})),
            ("updateAccessToken.body", json!({"friendlyName": "x"})),
            ("website_id", json!(access.website_id)),
            (
                "invite_id",
                json!(sandbox.enhance_invite_id(invite.as_str().unwrap()).unwrap()),
            ),
            (
                "createInvite.body",
                json!({"email": "other@example.com", "name": "O", "roles": ["Support"]}),
            ),
            (
                "acceptInvite.body",
                json!({"email": "new@example.com", "password": "pw"}),
            ),
            ("otp", json!(otp)),
            ("secret", json!(secret)),
            ("createSession.body", login),
            (
                "createLogin.body",
                json!({"email": "third@example.com", "password": "pw", "name": "T"}),
            ),
            ("startPasswordRecovery.body", json!({"email": access.email})),
            (
                "updateLoginInfo.body",
                json!({"name": "Renamed", "locale": "de-DE"}),
            ),
            ("updateOrg.body", json!({"name": "Renamed"})),
            ("deleteOrg.org_id", json!(access.customer_org_id)),
            ("setUiPreferences.body", preferences),
            ("setAdminLockdownStatus.body", json!(false)),
            ("setAdminLockdownList.body", json!("127.0.0.1")),
        ],
    );
    let found = sweep(&document, &access.base_url, &known, |operation, call| {
        let own = operation.path.starts_with("/login") && operation.path != "/logins";
        // What ends the session comes last, so the sweep opens with its own and keeps the others.
        match (own, operation.id) {
            (_, "acceptInvite" | "createSession" | "deleteSessions" | "deleteCurrentSession") => {
                call
            }
            (true, _) => call.header("cookie", &session),
            (false, _) => call.bearer(&access.access_token),
        }
    })
    .await;
    // Not in reach of one sweep: pins, preferences that are set already, a secret that is spent,
    // sessions without their cookie.
    judge(&document, &found, document.operations().len() - 6);
}

#[tokio::test]
async fn docspace_answers_as_its_document_says() {
    let document = effective("docspace");
    let sandbox = Sandbox::builder().users(80).start().await.unwrap();
    let access = sandbox.docspace().clone();
    let ask = |method: &str, path: &str| {
        call(method, format!("{}/api/2.0{path}", access.base_url)).bearer(&access.api_key)
    };
    let signature = ask("GET", "/security/oauth2/token").send().await.json()["response"]
        .as_str()
        .unwrap()
        .to_owned();
    let client = json!({"name": "App", "scopes": ["accounts:read"], "redirect_uris": ["http://127.0.0.1/cb"], "allowed_origins": []});
    let made = ask("POST", "/clients")
        .header("x-signature", &signature)
        .json(&client)
        .send()
        .await
        .expect(201)
        .json();
    let group = ask("GET", "/group").send().await.json()["response"][0]["id"].clone();
    let other = ask("POST", "/group")
        .json(&json!({"groupName": "Other"}))
        .send()
        .await
        .json()["response"]["id"]
        .clone();
    let key = ask("POST", "/keys")
        .json(&json!({"name": "k"}))
        .send()
        .await
        .json()["response"]["id"]
        .clone();
    let link = ask("POST", "/portal/users/invitationlink")
        .json(&json!({"employeeType": "User"}))
        .send()
        .await
        .json();
    let invite = sandbox
        .docspace_invite(link["response"]["url"].as_str().unwrap())
        .unwrap();
    let suspended = ask("GET", "/people/status/2").send().await.json()["response"][1]["id"].clone();
    let users = json!({"userIds": [access.user.user_id]});
    let own = |field: &'static str, value: Value| json!({field: value});
    let known = Known::new(
        &access.user.user_id,
        &[
            ("userid", json!(access.user.user_id)),
            ("userID", json!(access.user.user_id)),
            ("userId", json!(access.user.user_id)),
            ("userIds", json!([access.user.user_id])),
            ("updateMemberCulture.userid", json!(access.user_id)),
            ("getGuestSharingLink.userid", json!(access.guest.user_id)),
            ("deleteMember.userid", json!(access.disabled.user_id)),
            ("removeUsers.body", own("userIds", json!([]))),
            ("id", group.clone()),
            ("fromId", group),
            ("toId", other),
            ("getGroupsWithRoomsShared.id", json!(1)),
            ("getGroupsWithFoldersShared.id", json!(1)),
            ("getGroupsWithFilesShared.id", json!(1)),
            ("getUsersWithRoomShared.id", json!(1)),
            ("getUsersWithFoldersShared.id", json!(1)),
            ("getUsersWithFilesShared.id", json!(1)),
            ("getAccountsEntriesWithRoomsShared.id", json!(1)),
            ("getAccountsEntriesWithFoldersShared.id", json!(1)),
            ("getAccountsEntriesWithFilesShared.id", json!(1)),
            ("keyId", key),
            ("createApiKey.body", json!({"name": "x"})),
            ("updateApiKey.body", json!({"name": "y"})),
            ("employeeType", json!("User")),
            (
                "createInvitationLink.body",
                json!({"employeeType": "RoomAdmin"}),
            ),
            (
                "updateInvitationLink.body",
                json!({"id": link["response"]["id"]}),
            ),
            (
                "deleteInvitationLink.body",
                json!({"id": link["response"]["id"]}),
            ),
            ("status", json!(1)),
            ("type", json!("RoomAdmin")),
            ("query", json!("a")),
            ("clientId", made["client_id"].clone()),
            ("client_id", made["client_id"].clone()),
            ("redirect_uri", json!("http://127.0.0.1/cb")),
            ("response_type", json!("code")),
            ("scope", json!("accounts:read")),
            ("limit", json!(10)),
            ("createClient.body", client),
            (
                "updateClient.body",
                json!({"name": "Renamed", "allowed_origins": []}),
            ),
            ("changeActivation.body", json!({"status": true})),
            ("Userid", json!(access.user_id)),
            (
                "Key",
                json!(sandbox.docspace_congratulations_key(&access.user_id)),
            ),
            ("UserId", json!(access.user.user_id)),
            ("email", json!("fresh@example.com")),
            (
                "authenticateMe.body",
                json!({"userName": access.email, "password": access.password}),
            ),
            (
                "addMember.body",
                json!({"email": "added@example.com", "firstName": "A", "lastName": "B", "type": "User"}),
            ),
            (
                "inviteUsers.body",
                json!({"invitations": [{"email": "invited@example.com", "type": "User"}]}),
            ),
            ("updateMember.body", json!({"firstName": "Changed"})),
            ("updateMemberCulture.body", json!({"cultureName": "de-DE"})),
            (
                "addGroup.body",
                json!({"groupName": "New", "members": [access.user.user_id]}),
            ),
            ("updateGroup.body", json!({"groupName": "Renamed"})),
            ("groupManager", json!(access.user_id)),
            (
                "linkThirdPartyAccount.body",
                own(
                    "serializedProfile",
                    json!(sandbox.docspace_profile("google", "a@example.com", "A")),
                ),
            ),
            (
                "signupThirdPartyAccount.body",
                json!({"key": invite.key, "serializedProfile": sandbox.docspace_profile("zoom", "z@example.com", "Z")}),
            ),
            (
                "startReassign.body",
                json!({"fromUserId": suspended, "toUserId": access.admin.user_id}),
            ),
            (
                "startRemove.body",
                own("userId", json!(access.disabled.user_id)),
            ),
            (
                "startUserTypeUpdate.body",
                json!({"userId": access.user.user_id, "type": "User"}),
            ),
            ("updateUserStatus.body", users.clone()),
            ("updateUserType.body", users),
            (
                "updateUserQuota.body",
                json!({"userIds": [access.user.user_id], "quota": 1_000}),
            ),
            ("changePortalTheme.body", own("theme", json!("Dark"))),
            (
                "sendUserPassword.body",
                own("email", json!(access.user.email)),
            ),
            (
                "sendEmailChangeInstructions.body",
                json!({"userId": access.user.user_id, "email": "changed@example.com"}),
            ),
            (
                "deleteGuests.body",
                own("userIds", json!([access.guest.user_id])),
            ),
            ("loginEventId", json!(1)),
            ("code", json!("0")),
            ("activationstatus", json!(1)),
        ],
    );
    let found = sweep(&document, &access.base_url, &known, |operation, call| {
        let call = call.header("x-signature", &signature);
        match operation.id {
            "exchangeToken" => call,
            _ => call.bearer(&access.api_key),
        }
    })
    .await;
    // Not in reach of one sweep: what runs through mailed links, codes and pins.
    judge(&document, &found, document.operations().len() - 20);
}

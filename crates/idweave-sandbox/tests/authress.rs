//! Authress: tokens, pages, changes that finish later, records, invites.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::{Call, call, segment, signed};
use idweave_sandbox::Sandbox;
use serde_json::json;

fn get(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    let access = sandbox.authress();
    let token = signed(&access.access_key, &access.base_url, |_, _| {});
    call(method, format!("{}{path}", access.base_url)).bearer(&token)
}

#[tokio::test]
async fn token_is_verified_against_its_key() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.authress();
    let url = format!("{}/v1/users", access.base_url);
    let status = async |token: &str| call("GET", &url).bearer(token).send().await.status.as_u16();
    let sign = |change: fn(&mut serde_json::Value, &mut serde_json::Value)| {
        signed(&access.access_key, &access.base_url, change)
    };

    assert_eq!(status(&sign(|_, _| {})).await, 200);
    assert_eq!(
        status(&sign(|header, _| header["typ"] = json!("JWT"))).await,
        200
    );
    assert_eq!(
        status(&sign(|header, _| header["alg"] = json!("RS256"))).await,
        401
    );
    assert_eq!(
        status(&sign(|header, _| header["kid"] = json!("nope"))).await,
        401
    );
    assert_eq!(
        status(&sign(
            |_, claims| claims["iss"] = json!("https://elsewhere.example/v1/clients/x")
        ))
        .await,
        401
    );
    assert_eq!(
        status(&sign(
            |_, claims| claims["aud"] = json!("other.accounts.authress.io")
        ))
        .await,
        401
    );
    assert_eq!(
        status(&sign(|_, claims| claims["exp"] = json!(1))).await,
        401
    );
    assert_eq!(
        status(&sign(|_, claims| claims["sub"] = json!("sc_unknown"))).await,
        401
    );
    let mut broken = sign(|_, _| {});
    let signature = broken.rfind('.').unwrap() + 1;
    let other = if broken[signature..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    broken.replace_range(signature..=signature, other);
    assert_eq!(status(&broken).await, 401);
    let other = signed(&access.restricted_access_key, &access.base_url, |_, _| {});
    assert_eq!(status(&other).await, 403);
    let account = format!("https://{}.api.authress.io", access.account_id);
    assert_eq!(
        status(&signed(&access.access_key, &account, |_, _| {})).await,
        200
    );
    let seen = sandbox.requests();
    assert_eq!(seen[0].credential, Some("access key JWT"));
    assert_eq!(seen[0].header("authorization"), Some("Bearer [redacted]"));
}

#[tokio::test]
async fn raw_access_key_is_tolerated_and_recorded_unless_strict() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.authress();
    call("GET", format!("{}/v1/users", access.base_url))
        .bearer(&access.access_key)
        .send()
        .await
        .expect(200);
    assert_eq!(sandbox.requests()[0].credential, Some("raw access key"));

    let strict = Sandbox::builder().strict(true).start().await.unwrap();
    let access = strict.authress();
    let response = call("GET", format!("{}/v1/users", access.base_url))
        .bearer(&access.access_key)
        .send()
        .await
        .expect(401);
    assert_eq!(response.json()["errorCode"], "Unauthorized");
}

#[tokio::test]
async fn user_list_has_cursor_pages_without_gap_or_repeat() {
    let sandbox = Sandbox::builder().users(250).start().await.unwrap();
    let mut seen = Vec::new();
    let mut path = "/v1/users?limit=60".to_owned();
    loop {
        let response = get(&sandbox, "GET", &path).send().await.expect(200);
        assert_eq!(response.header("content-type"), "application/links+json");
        let page = response.json();
        assert!(page["links"]["self"]["href"].is_string());
        seen.extend(
            page["users"]
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["userId"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["pagination"]["next"]["cursor"].as_str() else {
            break;
        };
        assert!(
            page["links"]["next"]["href"]
                .as_str()
                .unwrap()
                .contains(cursor)
        );
        path = format!("/v1/users?limit=60&cursor={cursor}");
    }
    assert_eq!(seen.len(), 250);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 250);
}

#[tokio::test]
async fn page_outside_its_limits_is_rejected() {
    let sandbox = Sandbox::start().await.unwrap();
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "cursor=garbage",
        &format!("filter={}", "x".repeat(65)),
    ] {
        let response = get(&sandbox, "GET", &format!("/v1/users?{query}"))
            .send()
            .await
            .expect(400);
        assert_eq!(response.json()["errorCode"], "InvalidRequest", "{query}");
    }
    get(&sandbox, "GET", "/v1/users?filter=")
        .send()
        .await
        .expect(200);
    get(&sandbox, "GET", "/v1/groups?filter=")
        .send()
        .await
        .expect(400);
    get(&sandbox, "GET", "/v1/groups?limit=21")
        .send()
        .await
        .expect(400);
}

#[tokio::test]
async fn user_list_filters_by_text_and_by_tenant() {
    let sandbox = Sandbox::builder().users(100).start().await.unwrap();
    let found = get(&sandbox, "GET", "/v1/users?filter=OWNER%40example")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(found["users"].as_array().unwrap().len(), 1);
    let acme = get(&sandbox, "GET", "/v1/users?tenantId=acme")
        .send()
        .await
        .expect(200)
        .json();
    let count = acme["users"].as_array().unwrap().len();
    assert!(count > 5 && count < 60, "{count}");
    let user = acme["users"][1]["userId"].as_str().unwrap();
    get(&sandbox, "PATCH", "/v1/tenants/globex/users")
        .json(&json!({"userId": user}))
        .send()
        .await
        .expect(204);
    let fewer = get(&sandbox, "GET", "/v1/users?tenantId=acme")
        .send()
        .await
        .json();
    assert_eq!(fewer["users"].as_array().unwrap().len(), count - 1);
    get(&sandbox, "PATCH", "/v1/tenants/none/users")
        .json(&json!({"userId": user}))
        .send()
        .await
        .expect(404);
    get(&sandbox, "PATCH", "/v1/tenants/globex/users")
        .json(&json!({"userId": "nobody"}))
        .send()
        .await
        .expect(404);
    get(&sandbox, "PATCH", "/v1/tenants/globex/users")
        .json(&json!({}))
        .send()
        .await
        .expect(400);
}

#[tokio::test]
async fn deletion_is_accepted_and_completes_later() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = format!("/v1/users/{}", segment(&sandbox.authress().user_id));
    let accepted = get(&sandbox, "DELETE", &path).send().await.expect(202);
    assert!(accepted.body.is_empty());
    get(&sandbox, "GET", &path).send().await.expect(200);
    get(&sandbox, "DELETE", &path).send().await.expect(202);
    sandbox.clock().advance(Duration::from_secs(3));
    let gone = get(&sandbox, "GET", &path).send().await.expect(404).json();
    assert_eq!(gone["errorCode"], "NotFound");
    get(&sandbox, "DELETE", &path).send().await.expect(404);
    let group = get(&sandbox, "GET", "/v1/groups/grp_engineering")
        .send()
        .await
        .json();
    assert_eq!(
        group["users"].as_array().unwrap().len(),
        2,
        "the user's grants are removed too"
    );
}

#[tokio::test]
async fn record_update_completes_later_and_only_when_unmodified() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = "/v1/records/rec_documents";
    let first = get(&sandbox, "GET", path).send().await.expect(200);
    let modified = first.header("last-modified").to_owned();
    assert!(modified.ends_with("GMT"), "{modified}");
    let mut record = first.json();
    record["name"] = json!("Papers");
    get(&sandbox, "PUT", path)
        .json(&record)
        .header("if-unmodified-since", &modified)
        .send()
        .await
        .expect(202);
    assert_eq!(
        get(&sandbox, "GET", path).send().await.json()["name"],
        "Documents"
    );
    sandbox.clock().advance(Duration::from_secs(3));
    assert_eq!(
        get(&sandbox, "GET", path).send().await.json()["name"],
        "Papers"
    );
    let refused = get(&sandbox, "PUT", path)
        .json(&record)
        .header("if-unmodified-since", &modified)
        .send()
        .await
        .expect(412);
    assert!(refused.header("last-modified").ends_with("GMT"));
    get(&sandbox, "PUT", path)
        .json(&record)
        .header("if-unmodified-since", "2020-01-01T00:00:00.000Z")
        .send()
        .await
        .expect(412);
    record["description"] = json!("x".repeat(110_000));
    get(&sandbox, "PUT", path)
        .json(&record)
        .send()
        .await
        .expect(413);
}

#[tokio::test]
async fn permissions_follow_from_records_groups_and_roles() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = segment(&sandbox.authress().user_id);
    let allowed =
        |action: &str| format!("/v1/users/{user}/resources/documents%2F7/permissions/{action}");
    get(&sandbox, "GET", &allowed("documents:read"))
        .send()
        .await
        .expect(200);
    get(&sandbox, "GET", &allowed("documents:delete"))
        .send()
        .await
        .expect(404);
    get(&sandbox, "DELETE", "/v1/groups/grp_engineering")
        .send()
        .await
        .expect(204);
    get(&sandbox, "GET", &allowed("documents:read"))
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn invite_is_accepted_once_and_expires() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({"statements": [{"roles": ["ro_viewer"], "resources": [{"resourceUri": "papers/1"}]}]});
    let make = async || {
        get(&sandbox, "POST", "/v1/invites")
            .json(&body)
            .send()
            .await
            .expect(201)
            .json()["inviteId"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let id = make().await;
    let account = get(&sandbox, "PATCH", &format!("/v1/invites/{id}"))
        .json(&json!({}))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(account["accountId"], sandbox.authress().account_id.as_str());
    get(&sandbox, "PATCH", &format!("/v1/invites/{id}"))
        .json(&json!({}))
        .send()
        .await
        .expect(404);
    let id = make().await;
    sandbox.clock().advance(Duration::from_secs(7 * 86_400 + 1));
    let access = sandbox.authress();
    let later = signed(&access.access_key, &access.base_url, |_, claims| {
        claims["exp"] = json!(claims["exp"].as_i64().unwrap() + 30 * 86_400)
    });
    call("GET", format!("{}/v1/invites/{id}", access.base_url))
        .bearer(&later)
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn access_key_works_until_it_is_deleted() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.authress();
    let client = get(&sandbox, "POST", "/v1/clients")
        .json(&json!({"name": "ci"}))
        .send()
        .await
        .expect(201)
        .json();
    let id = client["clientId"].as_str().unwrap();
    let key = get(&sandbox, "POST", &format!("/v1/clients/{id}/access-keys"))
        .send()
        .await
        .expect(201)
        .json();
    let token = signed(
        key["accessKey"].as_str().unwrap(),
        &access.base_url,
        |_, _| {},
    );
    call("GET", format!("{}/v1/accounts", access.base_url))
        .bearer(&token)
        .send()
        .await
        .expect(200);
    call("GET", format!("{}/v1/users", access.base_url))
        .bearer(&token)
        .send()
        .await
        .expect(403);
    let path = format!(
        "/v1/clients/{id}/access-keys/{}",
        key["keyId"].as_str().unwrap()
    );
    get(&sandbox, "DELETE", &path).send().await.expect(204);
    call("GET", format!("{}/v1/accounts", access.base_url))
        .bearer(&token)
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn collections_create_read_update_and_delete_with_unique_ids() {
    let sandbox = Sandbox::start().await.unwrap();
    let statements = json!([{"roles": ["ro_viewer"], "resources": [{"resourceUri": "a"}]}]);
    for (path, id, body) in [
        (
            "/v1/tenants",
            "umbrella",
            json!({"tenantId": "umbrella", "data": {"name": "Umbrella"}}),
        ),
        (
            "/v1/groups",
            "grp_ops",
            json!({"groupId": "grp_ops", "name": "Ops", "users": [], "admins": []}),
        ),
        (
            "/v1/roles",
            "ro_x",
            json!({"roleId": "ro_x", "name": "X", "permissions": []}),
        ),
        (
            "/v1/records",
            "rec_x",
            json!({"recordId": "rec_x", "name": "X", "statements": statements}),
        ),
        (
            "/v1/connections",
            "con_x",
            json!({"connectionId": "con_x", "clientSecret": "hidden"}),
        ),
        (
            "/v1/applications",
            "app_x",
            json!({"applicationId": "app_x", "name": "X", "redirectUrls": []}),
        ),
    ] {
        let made = get(&sandbox, "POST", path)
            .json(&body)
            .send()
            .await
            .expect(201);
        assert!(!String::from_utf8_lossy(&made.body).contains("hidden"));
        get(&sandbox, "POST", path)
            .json(&body)
            .send()
            .await
            .expect(409);
        let one = format!("{path}/{id}");
        get(&sandbox, "GET", &one).send().await.expect(200);
        get(&sandbox, "DELETE", &one).send().await.expect(204);
        get(&sandbox, "GET", &one).send().await.expect(404);
        get(&sandbox, "DELETE", &one).send().await.expect(404);
    }
}

#[tokio::test]
async fn users_appear_by_logging_in_also_while_they_are_listed() {
    let sandbox = Sandbox::builder().users(12).start().await.unwrap();
    let first = get(&sandbox, "GET", "/v1/users?limit=10")
        .send()
        .await
        .expect(200)
        .json();
    let cursor = first["pagination"]["next"]["cursor"].as_str().unwrap();
    let id = sandbox.authress_login("con_acme", "eu/mia b", "mia@example.com", "Mia Berg");
    assert_eq!(
        id,
        sandbox.authress_login("con_acme", "eu/mia b", "", ""),
        "once is enough"
    );
    let gone = segment(first["users"][3]["userId"].as_str().unwrap());
    get(&sandbox, "DELETE", &format!("/v1/users/{gone}"))
        .send()
        .await
        .expect(202);
    sandbox.clock().advance(Duration::from_secs(3));
    let rest = get(
        &sandbox,
        "GET",
        &format!("/v1/users?limit=10&cursor={cursor}"),
    )
    .send()
    .await
    .expect(200)
    .json();
    let rest = rest["users"].as_array().unwrap();
    assert_eq!(
        (rest.len(), rest[2]["userId"].as_str()),
        (3, Some(id.as_str())),
        "nobody is skipped"
    );
    let mia = get(&sandbox, "GET", &format!("/v1/users/{}", segment(&id)))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        mia["linkedIdentities"][0]["connection"]["connectionId"],
        "con_acme"
    );
}

#[tokio::test]
async fn invalid_bodies_are_rejected_and_not_stored() {
    let sandbox = Sandbox::start().await.unwrap();
    let before = sandbox.snapshot();
    let long = "x".repeat(129);
    let statement = |role: &str, uri: &str| json!({"name": "R", "statements": [{"roles": [role], "resources": [{"resourceUri": uri}]}]});
    for (path, body) in [
        ("/v1/records", statement("ro x", "a")),
        ("/v1/records", statement("ro_x", "a//b")),
        ("/v1/records", statement("ro_x", "ä")),
        (
            "/v1/roles",
            json!({"name": "X", "permissions": [{"action": "a b", "allow": true, "grant": false, "delegate": false}]}),
        ),
        ("/v1/clients", json!({"rateLimits": [null]})),
        (
            "/v1/clients",
            json!({"rateLimits": [{"duration": "PT2M", "quota": 100}]}),
        ),
        (
            "/v1/clients",
            json!({"rateLimits": [{"duration": "PT5M", "quota": 101}]}),
        ),
        ("/v1/tenants", json!({"domains": [{"domain": long}]})),
        ("/v1/tenants", json!({"tenantLookupIdentifier": "a b"})),
        (
            "/v1/tenants",
            json!({"tokenConfiguration": {"sessionDuration": "a day"}}),
        ),
        (
            "/v1/connections",
            json!({"data": {"supportedContentType": "text/html"}}),
        ),
        (
            "/v1/connections",
            json!({"defaultConnectionProperties": {"scope": 1}}),
        ),
        (
            "/v1/applications",
            json!({"name": "X", "redirectUrls": [], "sessionType": {}}),
        ),
        (
            "/v1/extensions",
            json!({"application": {"redirectUrls": ["x".repeat(1_025)]}}),
        ),
    ] {
        let refused = get(&sandbox, "POST", path).json(&body).send().await;
        assert_eq!(refused.status, 400, "{path} {body}");
        assert_eq!(refused.header("content-type"), "application/json");
        assert_eq!(refused.json()["errorCode"], "InvalidRequest");
    }
    let path = format!("/v1/users/{long}/resources");
    get(&sandbox, "GET", &path).send().await.expect(400);
    assert_eq!(sandbox.snapshot()["authress"], before["authress"]);
}

//! Enhance: invites, sessions, two factors, roles down the tree of organisations.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::{Call, Response, call};
use idweave_sandbox::Sandbox;
use serde_json::{Value, json};

fn api(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    call(method, format!("{}{path}", sandbox.enhance().base_url))
}

fn admin(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    api(sandbox, method, path).bearer(&sandbox.enhance().access_token)
}

async fn invite(sandbox: &Sandbox, org: &str, email: &str) -> String {
    let body = json!({"email": email, "name": "New Person", "roles": ["Support", "Business"]});
    let response = admin(sandbox, "POST", &format!("/orgs/{org}/invites"))
        .json(&body)
        .send()
        .await
        .expect(201);
    let Value::String(url) = response.json() else {
        panic!("a bare string is returned")
    };
    assert!(
        url.contains("/invites/") && url.ends_with(&format!("?email={email}")),
        "{url}"
    );
    sandbox.enhance_invite_id(&url).unwrap()
}

async fn login(sandbox: &Sandbox, email: &str, password: &str) -> Response {
    api(sandbox, "POST", "/login/sessions")
        .json(&json!({"email": email, "password": password}))
        .send()
        .await
}

#[tokio::test]
async fn invite_of_a_new_person_is_validated_and_accepted() {
    let sandbox = Sandbox::start().await.unwrap();
    let org = &sandbox.enhance().org_id;
    let id = invite(&sandbox, org, "mia@example.com").await;
    let mail = &sandbox.outbox()[0];
    assert_eq!(
        (mail.service, mail.kind, mail.to.as_str()),
        ("enhance", "invite", "mia@example.com")
    );
    let seen = api(&sandbox, "POST", &format!("/invites/{id}/validate"))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            seen["isValid"].as_bool(),
            seen["role"].as_str(),
            seen["orgId"].as_str()
        ),
        (Some(true), Some("Support"), Some(org.as_str()))
    );
    login(&sandbox, "mia@example.com", "secret")
        .await
        .expect(401);
    api(&sandbox, "POST", &format!("/invites/{id}"))
        .json(&json!({"email": "mia@example.com"}))
        .send()
        .await
        .expect(400);
    let accepted = api(&sandbox, "POST", &format!("/invites/{id}"))
        .json(&json!({"email": "mia@example.com", "password": "secret", "locale": "de-DE"}))
        .send()
        .await
        .expect(200);
    assert!(accepted.body.is_empty());
    let me = api(&sandbox, "GET", "/login")
        .header("cookie", &accepted.cookie())
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        (me["email"].as_str(), me["locale"].as_str()),
        (Some("mia@example.com"), Some("de-DE"))
    );
    api(&sandbox, "POST", &format!("/invites/{id}"))
        .json(&json!({"email": "mia@example.com", "password": "secret"}))
        .send()
        .await
        .expect(404);
    let seen = api(&sandbox, "POST", &format!("/invites/{id}/validate"))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(seen, json!({"isValid": false}));
    let again = admin(&sandbox, "POST", &format!("/orgs/{org}/invites"))
        .json(&json!({"email": "mia@example.com", "name": "Mia", "roles": ["Support"]}));
    assert_eq!(
        again.send().await.expect(409).json()["code"],
        "already_exists"
    );
}

#[tokio::test]
async fn invite_expires_after_ten_days_and_is_replaced_by_a_new_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let org = &sandbox.enhance().org_id;
    let first = invite(&sandbox, org, "mia@example.com").await;
    let second = invite(&sandbox, org, "mia@example.com").await;
    let valid = async |id: &str| {
        api(&sandbox, "POST", &format!("/invites/{id}/validate"))
            .send()
            .await
            .json()["isValid"]
            == true
    };
    assert!(!valid(&first).await && valid(&second).await);
    assert_eq!(sandbox.outbox().len(), 2);
    sandbox.clock().advance(Duration::from_secs(10 * 86_400));
    assert!(!valid(&second).await);
    let members = admin(
        &sandbox,
        "GET",
        &format!("/orgs/{org}/members?limit=500&sortBy=status&sortOrder=desc"),
    )
    .send()
    .await
    .expect(200)
    .json();
    assert_eq!(
        members["items"][0]["isActive"], false,
        "the pending member is listed"
    );
    assert_eq!(members["total"], 26);
}

#[tokio::test]
async fn invite_of_a_known_person_needs_their_password_or_session() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let member = &access.member;
    let accept = |id: &str| api(&sandbox, "POST", &format!("/invites/{id}"));
    let id = invite(&sandbox, &access.customer_org_id, &member.email).await;
    accept(&id)
        .json(&json!({"email": member.email, "password": "wrong"}))
        .send()
        .await
        .expect(401);
    let owner = login(&sandbox, &access.email, &access.password)
        .await
        .expect(200)
        .cookie();
    let other_user = accept(&id)
        .header("cookie", &owner)
        .send()
        .await
        .expect(403);
    assert_eq!(other_user.json()["code"], "unauthorized");
    let own = login(&sandbox, &member.email, &member.password)
        .await
        .expect(200)
        .cookie();
    accept(&id).header("cookie", &own).send().await.expect(200);
    let memberships = api(&sandbox, "GET", "/login/memberships")
        .header("cookie", &own)
        .send()
        .await
        .json();
    assert_eq!(memberships["memberships"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn invite_is_checked_before_anything_happens() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let path = format!("/orgs/{}/invites", access.org_id);
    let good = json!({"email": "a@example.com", "name": "A", "roles": ["Support"]});
    for (field, value) in [
        ("email", json!("nobody")),
        ("name", json!(null)),
        ("roles", json!([])),
        ("roles", json!(["King"])),
        ("siteAccesses", json!(["x"])),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let response = admin(&sandbox, "POST", &path)
            .json(&body)
            .send()
            .await
            .expect(400);
        assert_eq!(response.json()["code"], "invalid_input", "{field}");
    }
    let response = api(&sandbox, "POST", &path)
        .json(&good)
        .send()
        .await
        .expect(401);
    assert_eq!(response.json()["code"], "no_session_token");
    api(&sandbox, "POST", &path)
        .bearer(&access.support_access_token)
        .json(&good)
        .send()
        .await
        .expect(403);
    api(&sandbox, "POST", &path)
        .bearer(&access.customer_access_token)
        .json(&good)
        .send()
        .await
        .expect(403);
    api(&sandbox, "POST", &path)
        .bearer(&access.restricted_access_token)
        .json(&good)
        .send()
        .await
        .expect(403);
    api(&sandbox, "POST", &path)
        .bearer("unknown")
        .json(&good)
        .send()
        .await
        .expect(401);
    admin(
        &sandbox,
        "POST",
        "/orgs/00000000-0000-4000-8000-000000000000/invites",
    )
    .json(&good)
    .send()
    .await
    .expect(404);
    assert_eq!(sandbox.effects("enhance", "createInvite"), 0);
    assert!(sandbox.outbox().is_empty());
    // A parent's admin may act below.
    admin(
        &sandbox,
        "POST",
        &format!("/orgs/{}/invites", access.customer_org_id),
    )
    .json(&good)
    .send()
    .await
    .expect(201);
}

#[tokio::test]
async fn session_is_a_cookie_and_never_a_bearer_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let opened = login(&sandbox, &access.email, &access.password)
        .await
        .expect(200);
    assert_eq!(opened.json()["memberships"][0]["isMasterOrg"], true);
    let cookie = opened.cookie();
    let jwt = cookie.strip_prefix("id0=").unwrap();
    let refused = api(&sandbox, "GET", "/login")
        .bearer(jwt)
        .send()
        .await
        .expect(403);
    assert_eq!(refused.json()["code"], "unauthorized");
    let forged = api(&sandbox, "GET", "/login")
        .header("cookie", "id0=a.b.c")
        .send()
        .await
        .expect(401);
    assert_eq!(forged.json()["code"], "invalid_session_token");
    sandbox.clock().advance(Duration::from_secs(5 * 3_600));
    api(&sandbox, "GET", "/login")
        .header("cookie", &cookie)
        .send()
        .await
        .expect(401);
    let cookie = login(&sandbox, &access.email, &access.password)
        .await
        .cookie();
    let left = api(&sandbox, "DELETE", "/login/sessions/current")
        .header("cookie", &cookie)
        .send()
        .await
        .expect(200);
    assert_eq!(left.cookie(), "id0=");
    api(&sandbox, "GET", "/login")
        .header("cookie", &cookie)
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn second_factor_stands_between_the_password_and_the_session() {
    let sandbox = Sandbox::start().await.unwrap();
    let two = sandbox.enhance().two_factor.clone();
    let half = login(&sandbox, &two.email, &two.password).await.expect(201);
    assert_eq!(half.json(), json!({"authMethod": "email"}));
    api(&sandbox, "GET", "/login")
        .header("cookie", &half.cookie())
        .send()
        .await
        .expect(401);
    let pin = |sandbox: &Sandbox| {
        sandbox
            .outbox()
            .last()
            .unwrap()
            .text
            .rsplit(' ')
            .next()
            .unwrap()
            .to_owned()
    };
    let verify = |cookie: &str, pin: &str| {
        api(&sandbox, "POST", "/login/2fa")
            .header("cookie", cookie)
            .json(&json!({"authMethod": "email", "pin": pin}))
    };
    let failed = verify(&half.cookie(), "000").send().await.expect(401);
    assert_eq!(failed.cookie(), "id0=");
    verify(&half.cookie(), &pin(&sandbox))
        .send()
        .await
        .expect(401);
    let half = login(&sandbox, &two.email, &two.password).await.expect(201);
    let whole = verify(&half.cookie(), &pin(&sandbox))
        .send()
        .await
        .expect(200);
    api(&sandbox, "GET", "/login")
        .header("cookie", &whole.cookie())
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn customer_is_provisioned_from_organisation_to_single_sign_on() {
    let sandbox = Sandbox::start().await.unwrap();
    let master = &sandbox.enhance().org_id;
    let made = |response: Response| {
        response.expect(201).json()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let org = made(
        admin(&sandbox, "POST", &format!("/orgs/{master}/customers"))
            .json(&json!({"name": "New"}))
            .send()
            .await,
    );
    let body = json!({"email": "boss@example.com", "password": "pw", "name": "Boss"});
    let login_id = made(
        admin(&sandbox, "POST", &format!("/logins?orgId={org}"))
            .json(&body)
            .send()
            .await,
    );
    admin(&sandbox, "POST", &format!("/logins?orgId={org}"))
        .json(&body)
        .send()
        .await
        .expect(409);
    let member = made(
        admin(&sandbox, "POST", &format!("/orgs/{org}/members"))
            .json(&json!({"loginId": login_id, "roles": ["Owner"]}))
            .send()
            .await,
    );
    let plan = admin(
        &sandbox,
        "POST",
        &format!("/orgs/{master}/customers/{org}/subscriptions"),
    )
    .json(&json!({"planId": 1}))
    .send()
    .await
    .expect(201);
    assert!(plan.json()["id"].is_u64());
    admin(
        &sandbox,
        "POST",
        &format!("/orgs/{master}/customers/{org}/subscriptions"),
    )
    .json(&json!({"planId": "1"}))
    .send()
    .await
    .expect(400);
    let seen = admin(&sandbox, "GET", &format!("/orgs/{org}"))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            seen["ownerEmail"].as_str(),
            seen["subscriptionsCount"].as_u64()
        ),
        (Some("boss@example.com"), Some(1))
    );
    let link = admin(
        &sandbox,
        "GET",
        &format!("/orgs/{org}/members/{member}/sso"),
    )
    .send()
    .await
    .expect(201)
    .json();
    let link = link.as_str().unwrap();
    let session = call("GET", link).send().await.expect(200);
    api(&sandbox, "GET", "/login")
        .header("cookie", &session.cookie())
        .send()
        .await
        .expect(200);
    call("GET", link).send().await.expect(401);
    admin(&sandbox, "DELETE", &format!("/orgs/{org}/owner"))
        .send()
        .await
        .expect(204);
    let member = admin(&sandbox, "GET", &format!("/orgs/{org}/members/{member}"))
        .send()
        .await
        .json();
    assert_eq!(member["roles"], json!(["SuperAdmin"]));
}

#[tokio::test]
async fn access_token_is_shown_once_and_keeps_its_rules() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = format!("/orgs/{}/access_tokens", sandbox.enhance().org_id);
    let made = admin(&sandbox, "POST", &path)
        .json(&json!({"roles": ["SuperAdmin"], "friendlyName": "ci"}))
        .send()
        .await
        .expect(201)
        .json();
    let secret = made["unencryptedToken"].as_str().unwrap().to_owned();
    let all = admin(&sandbox, "GET", &path).send().await.expect(200);
    assert!(all.json().is_array() && !String::from_utf8_lossy(&all.body).contains(&secret));
    api(&sandbox, "GET", &path)
        .bearer(&secret)
        .send()
        .await
        .expect(200);
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    admin(&sandbox, "PATCH", &one)
        .json(&json!({"allowedIps": ["192.0.2.7"], "ipRestricted": true}))
        .send()
        .await
        .expect(200);
    api(&sandbox, "GET", &path)
        .bearer(&secret)
        .send()
        .await
        .expect(403);
    admin(&sandbox, "PATCH", &one)
        .json(&json!({"ipRestricted": false, "tokenExpires": "2000-01-01T00:00:00Z"}))
        .send()
        .await
        .expect(200);
    api(&sandbox, "GET", &path)
        .bearer(&secret)
        .send()
        .await
        .expect(401);
    admin(&sandbox, "DELETE", &one).send().await.expect(204);
}

#[tokio::test]
async fn recovery_never_reveals_who_exists() {
    let sandbox = Sandbox::start().await.unwrap();
    let start = |email: &str| {
        api(&sandbox, "PUT", "/login/password-recovery").json(&json!({"email": email}))
    };
    let unknown = start("nobody@example.com").send().await.expect(200);
    let known = start(&sandbox.enhance().email).send().await.expect(200);
    assert_eq!(unknown.body, known.body);
    let mails = sandbox.outbox();
    assert_eq!(mails.len(), 1);
    let secret = mails[0].links[0].split_once("secret=").unwrap().1;
    let masked = api(
        &sandbox,
        "POST",
        &format!("/login/password-recovery/validate?secret={secret}"),
    )
    .send()
    .await
    .expect(200)
    .json();
    assert_eq!(masked["obfuscatedEmail"], "o***@example.com");
    api(
        &sandbox,
        "POST",
        &format!("/login/password-recovery?secret={secret}"),
    )
    .json(&json!({"newPassword": "fresh"}))
    .send()
    .await
    .expect(200);
    login(&sandbox, &sandbox.enhance().email, "fresh")
        .await
        .expect(200);
    api(
        &sandbox,
        "POST",
        &format!("/login/password-recovery?secret={secret}"),
    )
    .json(&json!({"newPassword": "again"}))
    .send()
    .await
    .expect(400);
}

#[tokio::test]
async fn policy_is_set_by_the_master_organisation_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = "/settings/orchd/login-policy/email-blacklist";
    let refused = api(&sandbox, "GET", path)
        .bearer(&sandbox.enhance().customer_access_token)
        .send()
        .await
        .expect(403);
    assert_eq!(refused.json()["code"], "only_mo_allowed");
    let email = sandbox.enhance().member.email.clone();
    admin(&sandbox, "PUT", path)
        .json(&json!({"emailList": [email]}))
        .send()
        .await
        .expect(204);
    admin(&sandbox, "PUT", "/settings/orchd/login-policy/settings")
        .json(&json!({"enabled": true}))
        .send()
        .await
        .expect(204);
    login(&sandbox, &email, &sandbox.enhance().member.password)
        .await
        .expect(403);
    admin(&sandbox, "DELETE", path)
        .json(&json!({"emailList": [email]}))
        .send()
        .await
        .expect(204);
    login(&sandbox, &email, &sandbox.enhance().member.password)
        .await
        .expect(200);
}

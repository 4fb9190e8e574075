//! DocSpace: envelope and errors, credentials and scopes, people, links, keys.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::{Answer, Call, call};
use idweave_sandbox::Sandbox;
use ring::pbkdf2;
use serde_json::{Value, json};

fn api(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    call(
        method,
        format!("{}/api/2.0{path}", sandbox.docspace().base_url),
    )
}

fn owner(sandbox: &Sandbox, method: &str, path: &str) -> Call {
    api(sandbox, method, path).bearer(&sandbox.docspace().api_key)
}

async fn login(sandbox: &Sandbox, email: &str, password: &str) -> Answer {
    api(sandbox, "POST", "/authentication")
        .json(&json!({"userName": email, "password": password}))
        .send()
        .await
}

async fn token(sandbox: &Sandbox, email: &str, password: &str) -> String {
    login(sandbox, email, password).await.expect(200).json()["response"]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn message(answer: &Answer) -> String {
    answer.json()["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_answer_is_an_envelope_in_its_own_order_without_nulls() {
    let sandbox = Sandbox::start().await.unwrap();
    let answer = owner(&sandbox, "GET", "/people?count=3&startIndex=2")
        .send()
        .await
        .expect(200);
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let at = |key: &str| text.rfind(&format!("\"{key}\":")).unwrap();
    assert!(
        at("count") < at("total") && at("total") < at("links") && at("links") < at("statusCode")
    );
    assert!(!text.contains("null"));
    let value = answer.json();
    assert_eq!(
        (
            value["count"].as_u64(),
            value["status"].as_u64(),
            value["statusCode"].as_u64()
        ),
        (Some(3), Some(0), Some(200))
    );
    assert!(value["total"].as_u64().unwrap() > 10);
    assert_eq!(value["links"][0]["action"], "GET");
    assert!(
        value["links"][0]["href"]
            .as_str()
            .unwrap()
            .ends_with("/people?count=3&startIndex=2")
    );
    let user = &value["response"][0];
    assert!(
        user["registrationDate"]
            .as_str()
            .unwrap()
            .ends_with(".0000000Z")
    );
    assert!(user["activationStatus"].is_u64());
    let nothing = owner(&sandbox, "POST", "/portal/present/mark")
        .send()
        .await
        .expect(200)
        .json();
    assert!(nothing.get("response").is_none());
    assert_eq!(nothing["count"], 0);
    let trimmed = owner(&sandbox, "GET", "/people/@self?fields=id,email")
        .send()
        .await
        .json();
    assert_eq!(trimmed["response"].as_object().unwrap().len(), 2);
}

#[tokio::test]
async fn every_credential_the_portal_takes_is_taken() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.docspace();
    let token = token(&sandbox, &access.email, &access.password).await;
    let own = |call: Call| async move { call.send().await };
    let path = "/people/@self";
    own(api(&sandbox, "GET", path).bearer(&token))
        .await
        .expect(200);
    own(api(&sandbox, "GET", path).header("authorization", &token))
        .await
        .expect(200);
    own(api(&sandbox, "GET", path).header("cookie", &format!("asc_auth_key={token}")))
        .await
        .expect(200);
    own(api(&sandbox, "GET", path).basic(&access.email, &access.password))
        .await
        .expect(200);
    own(api(&sandbox, "GET", path).bearer(&access.api_key))
        .await
        .expect(200);
    let refused = own(api(&sandbox, "GET", path)).await.expect(401);
    assert!(refused.body.is_empty());
    own(api(&sandbox, "GET", path).bearer("sk-nope"))
        .await
        .expect(401);
    own(api(&sandbox, "GET", path).basic(&access.email, "nope"))
        .await
        .expect(401);
    // The header the document names is only a label.
    let named = api(&sandbox, "GET", path).header("apikeybearer", &access.api_key);
    own(named).await.expect(401);
    let kinds: Vec<_> = sandbox
        .requests()
        .iter()
        .filter_map(|own| own.credential)
        .collect();
    assert_eq!(
        &kinds[1..6],
        [
            "login token",
            "login token",
            "login cookie",
            "basic",
            "api key"
        ]
    );
    api(&sandbox, "POST", "/authentication/logout")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    own(api(&sandbox, "GET", path).bearer(&token))
        .await
        .expect(401);
}

#[tokio::test]
async fn a_login_fails_the_way_the_portal_says() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.docspace();
    assert_eq!(
        message(&login(&sandbox, &access.email, "wrong").await.expect(401)),
        "User authentication failed"
    );
    login(&sandbox, "nobody@example.com", "x").await.expect(401);
    api(&sandbox, "POST", "/authentication")
        .json(&json!({}))
        .send()
        .await
        .expect(401);
    let disabled = login(&sandbox, &access.disabled.email, &access.disabled.password)
        .await
        .expect(403);
    assert_eq!(message(&disabled), "Access denied");
    for _ in 0..9 {
        login(&sandbox, &access.email, "wrong").await.expect(401);
    }
    login(&sandbox, &access.email, &access.password)
        .await
        .expect(403);
    sandbox.clock().advance(Duration::from_secs(61));
    let good = login(&sandbox, &access.email, &access.password)
        .await
        .expect(200)
        .json();
    assert!(good["response"]["expires"].as_str().unwrap().ends_with('Z'));
    let session = json!({"userName": access.email, "password": access.password, "session": true});
    let session = api(&sandbox, "POST", "/authentication")
        .json(&session)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(session["response"]["expires"], "0001-01-01T00:00:00");
}

#[tokio::test]
async fn a_password_hash_is_made_with_the_published_parameters() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.docspace();
    let settings = api(&sandbox, "GET", "/settings")
        .send()
        .await
        .expect(200)
        .json();
    let parameters = &settings["response"]["passwordHash"];
    let mut out = vec![0; parameters["size"].as_u64().unwrap() as usize / 8];
    let iterations =
        std::num::NonZeroU32::new(parameters["iterations"].as_u64().unwrap() as u32).unwrap();
    let salt = parameters["salt"].as_str().unwrap().as_bytes();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        iterations,
        salt,
        access.password.as_bytes(),
        &mut out,
    );
    let hash: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
    let body = json!({"userName": access.email, "passwordHash": hash});
    api(&sandbox, "POST", "/authentication")
        .json(&body)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn a_second_factor_asks_for_a_code() {
    let sandbox = Sandbox::start().await.unwrap();
    let two = sandbox.docspace().two_factor.clone();
    let half = login(&sandbox, &two.email, &two.password)
        .await
        .expect(200)
        .json();
    assert_eq!(half["response"]["tfa"], true);
    assert!(half["response"].get("token").is_none() && half["response"]["confirmUrl"].is_string());
    let code = sandbox.outbox()[0]
        .text
        .rsplit(' ')
        .next()
        .unwrap()
        .to_owned();
    let with = |code: &str| {
        let body = json!({"userName": two.email, "password": two.password, "code": code});
        api(&sandbox, "POST", "/authentication/ignored").json(&body)
    };
    with("1").send().await.expect(401);
    let whole = with(&code).send().await.expect(200).json();
    assert!(whole["response"]["token"].is_string());
    with(&code).send().await.expect(401);
}

#[tokio::test]
async fn the_scopes_of_a_key_hold() {
    let sandbox = Sandbox::start().await.unwrap();
    let reader = &sandbox.docspace().read_only_api_key;
    api(&sandbox, "GET", "/people")
        .bearer(reader)
        .send()
        .await
        .expect(200);
    api(&sandbox, "GET", "/keys/@self")
        .bearer(reader)
        .send()
        .await
        .expect(200);
    let refused = api(&sandbox, "GET", "/portal/userscount")
        .bearer(reader)
        .send()
        .await
        .expect(403);
    assert_eq!(message(&refused), "Access denied");
    api(&sandbox, "POST", "/people")
        .bearer(reader)
        .json(&json!({"email": "x@example.com"}))
        .send()
        .await
        .expect(403);
    let made = owner(&sandbox, "POST", "/keys")
        .json(&json!({"name": "ci", "permissions": ["*:read"], "expiresInDays": 1}))
        .send()
        .await
        .expect(200)
        .json();
    let key = made["response"]["key"].as_str().unwrap();
    api(&sandbox, "GET", "/portal/userscount")
        .bearer(key)
        .send()
        .await
        .expect(200);
    let all = owner(&sandbox, "GET", "/keys")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            all["count"].as_u64(),
            all["response"].as_array().unwrap().len()
        ),
        (Some(1), 3),
        "a streamed list counts as one"
    );
    assert!(all["response"][2].get("key").is_none());
    sandbox.clock().advance(Duration::from_secs(86_401));
    api(&sandbox, "GET", "/portal/userscount")
        .bearer(key)
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn who_may_not_gets_nothing_or_a_refusal_but_never_a_hint() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.docspace().clone();
    let user = token(&sandbox, &access.user.email, &access.user.password).await;
    api(&sandbox, "GET", "/portal/userscount")
        .bearer(&user)
        .send()
        .await
        .expect(403);
    let empty = api(&sandbox, "GET", "/portal/users/invite/User")
        .bearer(&user)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(empty["response"], "");
    api(&sandbox, "GET", "/people/filter")
        .bearer(&user)
        .send()
        .await
        .expect(403);
    let unknown = owner(
        &sandbox,
        "GET",
        "/portal/users/11111111-1111-4111-8111-111111111111",
    )
    .send()
    .await
    .expect(403);
    assert_eq!(message(&unknown), "Access denied");
    owner(
        &sandbox,
        "GET",
        "/portal/users/00000000-0000-0000-0000-000000000001",
    )
    .send()
    .await
    .expect(404);
    let invalid = owner(&sandbox, "GET", "/portal/users/nobody")
        .send()
        .await
        .expect(400)
        .json();
    assert!(invalid["response"]["errors"]["userID"].is_array() && invalid["status"] == 1);
    let guest = token(&sandbox, &access.guest.email, &access.guest.password).await;
    api(&sandbox, "POST", "/keys")
        .bearer(&guest)
        .json(&json!({"name": "x"}))
        .send()
        .await
        .expect(403);
}

#[tokio::test]
async fn someone_signs_up_through_an_invitation_link() {
    let sandbox = Sandbox::start().await.unwrap();
    let before = owner(&sandbox, "GET", "/portal/userscount")
        .send()
        .await
        .json()["response"]
        .as_u64()
        .unwrap();
    let link = owner(&sandbox, "GET", "/portal/users/invite/4")
        .send()
        .await
        .expect(200)
        .json();
    let link = link["response"].as_str().unwrap();
    let target = call("GET", link).send().await.expect(302);
    let invite = sandbox.docspace_invite(link).unwrap();
    assert!(
        target.header("location").ends_with(&invite.confirm)
            && invite.confirm.contains("emplType=4")
    );
    let profile = sandbox.docspace_profile("google", "mia@example.com", "Mia Berg");
    let body =
        json!({"key": invite.key, "serializedProfile": profile, "employeeType": "RoomAdmin"});
    let sign_up =
        || api(&sandbox, "POST", "/people/thirdparty/signup").header("confirm", &invite.confirm);
    let mia = sign_up().json(&body).send().await.expect(200).json();
    let id = mia["response"]["id"].as_str().unwrap();
    assert_eq!(mia["response"]["displayName"], "Mia Berg");
    let full = owner(&sandbox, "GET", &format!("/people/{id}"))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        full["response"]["isCollaborator"], true,
        "the link's type wins"
    );
    assert_eq!(
        full["response"]["createdBy"]["id"],
        sandbox.docspace().user_id.as_str()
    );
    let again = sign_up().json(&body).send().await.expect(200).json();
    assert_eq!(again["response"]["id"], id, "an existing user is returned");
    let after = owner(&sandbox, "GET", "/portal/userscount")
        .send()
        .await
        .json()["response"]
        .as_u64()
        .unwrap();
    assert_eq!(after, before + 1);
    // She may log in with that account now.
    let session = api(&sandbox, "POST", "/authentication")
        .json(&json!({"serializedProfile": profile}))
        .send()
        .await
        .expect(200)
        .json();
    let token = session["response"]["token"].as_str().unwrap();
    let own = api(&sandbox, "GET", "/people/thirdparty/providers")
        .bearer(token)
        .send()
        .await
        .json();
    let google = own["response"]
        .as_array()
        .unwrap()
        .iter()
        .find(|own| own["provider"] == "google")
        .unwrap()
        .clone();
    assert_eq!(google["linked"], true);
    assert!(
        google["url"]
            .as_str()
            .unwrap()
            .starts_with("/login.ashx?auth=google&mode=popup")
    );
}

#[tokio::test]
async fn signing_up_fails_the_way_the_portal_says() {
    let sandbox = Sandbox::start().await.unwrap();
    let link = owner(&sandbox, "GET", "/portal/users/invite/User")
        .send()
        .await
        .json();
    let invite = sandbox
        .docspace_invite(link["response"].as_str().unwrap())
        .unwrap();
    let sign_up = |key: &str, profile: &str| {
        api(&sandbox, "POST", "/people/thirdparty/signup")
            .json(&json!({"key": key, "serializedProfile": profile}))
    };
    let mia = sandbox.docspace_profile("google", "mia@example.com", "Mia");
    sign_up("wrong", &mia).send().await.expect(403);
    sign_up(&invite.key, "garbage").send().await.expect(500);
    sign_up(&invite.key, &sandbox.docspace_profile("google", "", "Mia"))
        .send()
        .await
        .expect(500);
    let cancelled = sign_up(
        &invite.key,
        &sandbox.docspace_failed_profile("google", "Canceled at provider"),
    )
    .send()
    .await
    .expect(200);
    assert!(cancelled.json().get("response").is_none());
    let missing = api(&sandbox, "POST", "/people/thirdparty/signup")
        .json(&json!({"key": invite.key}))
        .send()
        .await
        .expect(400);
    assert!(missing.json()["response"]["errors"].is_object());
    let pending = owner(&sandbox, "GET", "/people/status/4?count=1")
        .send()
        .await
        .json();
    let email = pending["response"][0]["email"].as_str().unwrap().to_owned();
    sign_up(
        &invite.key,
        &sandbox.docspace_profile("google", &email, "X"),
    )
    .send()
    .await
    .expect(403);
    sandbox.clock().advance(Duration::from_secs(8 * 86_400));
    sign_up(&invite.key, &mia).send().await.expect(403);
}

#[tokio::test]
async fn an_account_is_linked_and_unlinked() {
    let sandbox = Sandbox::start().await.unwrap();
    let link = |profile: &str| {
        owner(&sandbox, "PUT", "/people/thirdparty/linkaccount")
            .json(&json!({"serializedProfile": profile}))
    };
    let linked = async || {
        let all = owner(
            &sandbox,
            "GET",
            "/people/thirdparty/providers?fromOnly=Microsoft",
        )
        .send()
        .await
        .json();
        all["response"][0]["linked"] == true
    };
    let profile = sandbox.docspace_profile("microsoft", "me@example.com", "Me");
    link(&sandbox.docspace_failed_profile("microsoft", "Canceled at provider"))
        .send()
        .await
        .expect(200);
    assert!(!linked().await);
    link(&profile).send().await.expect(200);
    assert!(linked().await);
    owner(
        &sandbox,
        "DELETE",
        "/people/thirdparty/unlinkaccount?provider=microsoft",
    )
    .send()
    .await
    .expect(200);
    assert!(!linked().await);
    owner(&sandbox, "PUT", "/people/thirdparty/linkaccount")
        .json(&json!({}))
        .send()
        .await
        .expect(400);
    link("garbage").send().await.expect(500);
    link(&sandbox.docspace_failed_profile("microsoft", "server_error"))
        .send()
        .await
        .expect(500);
    let poor = Sandbox::builder()
        .docspace_third_party(false)
        .start()
        .await
        .unwrap();
    owner(&poor, "PUT", "/people/thirdparty/linkaccount")
        .json(&json!({"serializedProfile": profile}))
        .send()
        .await
        .expect(403);
}

#[tokio::test]
async fn congratulations_need_a_fresh_key_and_are_mailed() {
    let sandbox = Sandbox::start().await.unwrap();
    let id = &sandbox.docspace().user_id;
    let key = sandbox.docspace_congratulations_key(id);
    let send = |key: &str| {
        api(
            &sandbox,
            "POST",
            &format!("/portal/sendcongratulations?Userid={id}&Key={key}"),
        )
    };
    send("wrong").send().await.expect(403);
    send(&key).send().await.expect(200);
    assert_eq!(sandbox.outbox()[0].kind, "congratulations");
    api(
        &sandbox,
        "POST",
        &format!("/portal/sendcongratulations?userid={id}"),
    )
    .send()
    .await
    .expect(400);
    sandbox.clock().advance(Duration::from_secs(3_601));
    send(&key).send().await.expect(403);
}

#[tokio::test]
async fn invitation_links_are_one_of_a_type_and_count_their_uses() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = "/portal/users/invitationlink";
    let none = owner(&sandbox, "GET", &format!("{path}/User"))
        .send()
        .await
        .expect(200)
        .json();
    assert!(none.get("response").is_none());
    let make = |body: Value| owner(&sandbox, "POST", path).json(&body);
    make(json!({"employeeType": "Guest"}))
        .send()
        .await
        .expect(400);
    make(json!({"employeeType": "User", "expiration": "2020-01-01T00:00:00Z"}))
        .send()
        .await
        .expect(400);
    let link = make(json!({"employeeType": "User", "maxUseCount": 1}))
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(link["response"]["employeeType"], 4, "a number here");
    assert!(link["response"].get("expiration").is_none());
    make(json!({"employeeType": 4})).send().await.expect(400);
    let invite = sandbox
        .docspace_invite(link["response"]["url"].as_str().unwrap())
        .unwrap();
    let join = |email: &str| {
        let body = json!({"email": email, "firstName": "A", "lastName": "B", "passwordHash": "00", "fromInviteLink": true, "key": invite.key});
        api(&sandbox, "POST", "/people")
            .header("confirm", &invite.confirm)
            .json(&body)
    };
    let joined = join("one@example.com").send().await.expect(200).json();
    assert_eq!(joined["response"]["status"], 1);
    join("two@example.com").send().await.expect(401);
    let id = link["response"]["id"].clone();
    let seen = owner(&sandbox, "GET", &format!("{path}/4"))
        .send()
        .await
        .json();
    assert_eq!(seen["response"]["currentUseCount"], 1);
    owner(&sandbox, "DELETE", path)
        .json(&json!({"id": id}))
        .send()
        .await
        .expect(200);
    owner(&sandbox, "DELETE", path)
        .json(&json!({"id": id}))
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn people_are_invited_by_mail_suspended_and_removed() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = json!({"invitations": [{"email": "new@example.com", "type": "User"}]});
    let pending = owner(&sandbox, "POST", "/people/invite")
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    assert!(
        pending["response"].as_array().unwrap().len() > 1,
        "all pending users are listed"
    );
    let guest = json!({"invitations": [{"email": "g@example.com", "type": "Guest"}]});
    owner(&sandbox, "POST", "/people/invite")
        .json(&guest)
        .send()
        .await
        .expect(403);
    let mail = sandbox.outbox()[0].clone();
    let invite = sandbox.docspace_invite(&mail.links[0]).unwrap();
    let join = json!({"email": "new@example.com", "firstName": "N", "lastName": "P", "password": "long enough", "fromInviteLink": true, "key": invite.key});
    let joined = api(&sandbox, "POST", "/people")
        .header("confirm", &invite.confirm)
        .json(&join)
        .send()
        .await
        .expect(200)
        .json();
    let id = joined["response"]["id"].as_str().unwrap().to_owned();
    let own = token(&sandbox, "new@example.com", "long enough").await;
    owner(&sandbox, "DELETE", &format!("/people/{id}"))
        .send()
        .await
        .expect(403);
    let ids = json!({"userIds": [id]});
    let suspended = owner(&sandbox, "PUT", "/people/status/Terminated")
        .json(&ids)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(suspended["response"][0]["status"], 2);
    api(&sandbox, "GET", "/people/@self")
        .bearer(&own)
        .send()
        .await
        .expect(401);
    owner(&sandbox, "PUT", "/people/type/RoomAdmin")
        .json(&ids)
        .send()
        .await
        .expect(403);
    owner(&sandbox, "PUT", "/people/status/4")
        .json(&ids)
        .send()
        .await
        .expect(400);
    owner(&sandbox, "DELETE", &format!("/people/{id}"))
        .send()
        .await
        .expect(200);
    owner(&sandbox, "GET", &format!("/people/{id}"))
        .send()
        .await
        .expect(404);
    owner(&sandbox, "GET", &format!("/portal/users/{id}"))
        .send()
        .await
        .expect(403);
    let owner_id = json!({"userIds": [sandbox.docspace().user_id]});
    owner(&sandbox, "PUT", "/people/status/2")
        .json(&owner_id)
        .send()
        .await
        .expect(403);
}

#[tokio::test]
async fn a_password_is_changed_through_its_link_only() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = sandbox.docspace().user.clone();
    let path = format!("/people/{}/password", user.user_id);
    owner(&sandbox, "PUT", &path)
        .json(&json!({"password": "long enough"}))
        .send()
        .await
        .expect(403);
    let ask =
        |email: &str| api(&sandbox, "POST", "/people/password").json(&json!({"email": email}));
    ask("nobody@example.com").send().await.expect(200);
    assert!(sandbox.outbox().is_empty());
    ask(&user.email).send().await.expect(200);
    let link = sandbox.outbox()[0].links[0].clone();
    let confirm = link.split_once('?').unwrap().1;
    let change = || api(&sandbox, "PUT", &path).json(&json!({"password": "long enough"}));
    change()
        .header("confirm", &confirm.replace("PasswordChange", "EmailChange"))
        .send()
        .await
        .expect(401);
    change().header("confirm", confirm).send().await.expect(200);
    token(&sandbox, &user.email, "long enough").await;
}

#[tokio::test]
async fn a_reassignment_runs_in_the_background_and_blocks_removal() {
    let sandbox = Sandbox::start().await.unwrap();
    let (from, to) = (
        sandbox.docspace().disabled.user_id.clone(),
        sandbox.docspace().admin.user_id.clone(),
    );
    let body = json!({"fromUserId": from, "toUserId": to, "deleteProfile": true});
    let task = owner(&sandbox, "POST", "/people/reassign/start")
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(task["response"]["isCompleted"], false);
    owner(&sandbox, "DELETE", &format!("/people/{from}"))
        .send()
        .await
        .expect(500);
    sandbox.clock().advance(Duration::from_secs(3));
    let done = owner(
        &sandbox,
        "GET",
        &format!("/people/reassign/progress/{from}"),
    )
    .send()
    .await
    .expect(200)
    .json();
    assert_eq!(
        (
            done["response"]["percentage"].as_i64(),
            done["response"]["status"].as_i64()
        ),
        (Some(100), Some(2))
    );
    owner(&sandbox, "GET", &format!("/people/{from}"))
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn groups_hold_members_and_vanish_without_a_body() {
    let sandbox = Sandbox::start().await.unwrap();
    let user = &sandbox.docspace().user.user_id;
    let made = owner(&sandbox, "POST", "/group")
        .json(&json!({"groupName": "Ops", "members": [user]}))
        .send()
        .await
        .expect(200)
        .json();
    let id = made["response"]["id"].as_str().unwrap();
    assert_eq!(made["response"]["membersCount"], 1);
    let found = owner(
        &sandbox,
        "GET",
        &format!("/people?filterBy=group&filterValue={id}"),
    )
    .send()
    .await
    .json();
    assert_eq!(found["total"], 1);
    owner(&sandbox, "DELETE", &format!("/group/{id}/members"))
        .json(&json!({"members": [user]}))
        .send()
        .await
        .expect(200);
    let gone = owner(&sandbox, "DELETE", &format!("/group/{id}"))
        .send()
        .await
        .expect(204);
    assert!(gone.body.is_empty());
    owner(&sandbox, "GET", &format!("/group/{id}"))
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn a_client_of_the_identity_server_gets_a_token_with_its_scopes() {
    let sandbox = Sandbox::start().await.unwrap();
    let signature = owner(&sandbox, "GET", "/security/oauth2/token")
        .send()
        .await
        .expect(200)
        .json();
    let signature = signature["response"].as_str().unwrap().to_owned();
    let body = json!({"name": "My App", "scopes": ["accounts:read"], "redirect_uris": ["http://127.0.0.1/cb"], "allowed_origins": []});
    api(&sandbox, "POST", "/clients")
        .json(&body)
        .send()
        .await
        .expect(403);
    let client = api(&sandbox, "POST", "/clients")
        .header("x-signature", &signature)
        .json(&body)
        .send()
        .await
        .expect(201)
        .json();
    let (id, secret) = (
        client["client_id"].as_str().unwrap(),
        client["client_secret"].as_str().unwrap(),
    );
    let base = &sandbox.docspace().base_url;
    let agreed = call("POST", format!("{base}/oauth2/authorize"))
        .header("cookie", &format!("x-signature={signature}"))
        .form(&format!("client_id={id}&state=s&scope=accounts:read"))
        .send()
        .await
        .expect(302);
    let code = agreed
        .header("location")
        .split_once("code=")
        .unwrap()
        .1
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let exchange = || {
        call("POST", format!("{base}/oauth2/token")).form(&format!(
            "grant_type=authorization_code&code={code}&client_id={id}&client_secret={secret}"
        ))
    };
    let tokens = exchange().send().await.expect(200).json();
    exchange().send().await.expect(400);
    let access = tokens["access_token"].as_str().unwrap();
    api(&sandbox, "GET", "/people")
        .bearer(access)
        .send()
        .await
        .expect(200);
    api(&sandbox, "GET", "/portal/userscount")
        .bearer(access)
        .send()
        .await
        .expect(403);
    let emptied = api(&sandbox, "DELETE", &format!("/clients/{id}"))
        .header("x-signature", &signature)
        .send()
        .await
        .expect(200);
    assert!(emptied.body.is_empty());
    api(&sandbox, "GET", "/people")
        .bearer(access)
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn a_photo_is_uploaded_as_multipart() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = format!("/people/{}/photo", sandbox.docspace().user_id);
    let part = |content: &[u8]| {
        let mut body =
            b"--b\r\nContent-Disposition: form-data; name=\"File\"; filename=\"a.png\"\r\n\r\n"
                .to_vec();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--b\r\nContent-Disposition: form-data; name=\"Autosave\"\r\n\r\ntrue\r\n--b--\r\n");
        owner(&sandbox, "POST", &path).raw("multipart/form-data; boundary=b", body)
    };
    let saved = part(b"\x89PNG\r\n\x1a\n...")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(saved["response"]["success"], true);
    assert_eq!(
        part(b"hello").send().await.expect(200).json()["response"]["success"],
        false
    );
    owner(&sandbox, "POST", &path)
        .raw("image/png", "x")
        .send()
        .await
        .expect(415);
    let me = owner(&sandbox, "GET", "/people/@self").send().await.json();
    assert_eq!(me["response"]["hasAvatar"], true);
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_bounded() {
    let sandbox = Sandbox::builder().users(300).start().await.unwrap();
    for query in ["count=0", "count=101", "startIndex=-1", "count=x"] {
        owner(&sandbox, "GET", &format!("/people?{query}"))
            .send()
            .await
            .expect(400);
    }
    let all = owner(&sandbox, "GET", "/people/filter?employeeTypes=1&employeeTypes=3&employeeStatus=Active&sortBy=email&sortOrder=1&count=100").send().await.expect(200).json();
    let emails: Vec<&str> = all["response"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["email"].as_str().unwrap())
        .collect();
    assert!(emails.len() > 10 && emails.is_sorted_by(|a, b| a >= b));
    assert!(
        all["response"]
            .as_array()
            .unwrap()
            .iter()
            .all(|user| user["isAdmin"] == true || user["isRoomAdmin"] == true)
    );
    let indexed = owner(&sandbox, "GET", "/people/simple/filter?employeeTypes[0]=RoomAdmin&employeeTypes[1]=DocSpaceAdmin&employeeStatus=1").send().await.expect(200).json();
    assert_eq!(indexed["total"], all["total"]);
    let one = owner(&sandbox, "GET", "/people?filterValue=OWNER@")
        .send()
        .await
        .json();
    assert_eq!(one["total"], 1);
    let exists = owner(&sandbox, "GET", "/people/exists?email=owner@example.com")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(exists["response"], json!({"exists": true, "status": 1}));
}

#[tokio::test]
async fn a_full_plan_refuses_admins_and_makes_plain_users_of_those_who_come_by_link() {
    let sandbox = Sandbox::builder()
        .docspace_paid_users(1)
        .start()
        .await
        .unwrap();
    let body = json!({"invitations": [{"email": "x@example.com", "type": "RoomAdmin"}]});
    owner(&sandbox, "POST", "/people/invite")
        .json(&body)
        .send()
        .await
        .expect(402);
    let path = "/portal/users/invitationlink";
    owner(&sandbox, "POST", path)
        .json(&json!({"employeeType": "RoomAdmin"}))
        .send()
        .await
        .expect(402);
    let link = owner(&sandbox, "GET", "/portal/users/invite/RoomAdmin")
        .send()
        .await
        .expect(200)
        .json();
    let invite = sandbox
        .docspace_invite(link["response"].as_str().unwrap())
        .unwrap();
    let profile = sandbox.docspace_profile("google", "mia@example.com", "Mia Berg");
    let body = json!({"key": invite.key, "serializedProfile": profile});
    let mia = api(&sandbox, "POST", "/people/thirdparty/signup")
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    let full = owner(
        &sandbox,
        "GET",
        &format!("/people/{}", mia["response"]["id"].as_str().unwrap()),
    )
    .send()
    .await
    .json();
    assert_eq!(full["response"]["isCollaborator"], true);
    let closed = Sandbox::builder()
        .docspace_invitations(false)
        .start()
        .await
        .unwrap();
    owner(&closed, "GET", "/portal/users/invite/User")
        .send()
        .await
        .expect(403);
}

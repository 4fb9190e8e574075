//! Invitation links, signing up with them, and accounts at identity providers.

use std::time::Duration;

use idweave_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::common::call;
use crate::support::{api, owner};

#[tokio::test]
async fn sign_up_works_through_an_invitation_link() {
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
    // The user may log in with that account now.
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
async fn sign_up_fails_as_in_the_portal() {
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
async fn account_is_linked_and_unlinked() {
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
async fn full_plan_rejects_admins_and_makes_plain_users_of_those_who_join_by_link() {
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

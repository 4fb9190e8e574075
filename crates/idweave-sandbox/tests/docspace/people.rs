//! Users: invited, changed, suspended, removed, grouped, listed.

use std::time::Duration;

use idweave_sandbox::Sandbox;
use serde_json::json;

use crate::support::{api, owner, token};

#[tokio::test]
async fn users_are_invited_by_mail_suspended_and_removed() {
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
async fn password_changes_through_its_link_only() {
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
async fn reassignment_runs_in_the_background_and_blocks_removal() {
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
async fn groups_have_members_and_are_deleted_without_a_body() {
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
async fn photo_is_uploaded_as_multipart() {
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
async fn user_lists_are_filtered_sorted_and_limited() {
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

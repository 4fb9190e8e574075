//! Responses: the envelope, and errors that reveal nothing.

use std::time::Duration;

use idweave_sandbox::Sandbox;
use serde_json::json;

use crate::support::{api, message, owner, token};

#[tokio::test]
async fn response_is_an_envelope_in_its_own_order_without_nulls() {
    let sandbox = Sandbox::start().await.unwrap();
    let response = owner(&sandbox, "GET", "/people?count=3&startIndex=2")
        .send()
        .await
        .expect(200);
    let text = String::from_utf8(response.body.to_vec()).unwrap();
    let at = |key: &str| text.rfind(&format!("\"{key}\":")).unwrap();
    assert!(
        at("count") < at("total") && at("total") < at("links") && at("links") < at("statusCode")
    );
    assert!(!text.contains("null"));
    let value = response.json();
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
async fn denied_callers_get_an_empty_response_or_an_error_without_a_hint() {
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

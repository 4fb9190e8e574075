//! Ostrom: tokens from their own host, roles, consent, the rate limit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::call;
use idweave_sandbox::{ClientPair, Sandbox};
use serde_json::json;

async fn token(sandbox: &Sandbox, pair: &ClientPair) -> String {
    let response = call(
        "POST",
        format!("{}/oauth2/token", sandbox.ostrom().auth_url),
    )
    .basic(&pair.client_id, &pair.client_secret)
    .form("grant_type=client_credentials")
    .send()
    .await
    .expect(200)
    .json();
    assert_eq!(response["token_type"], "Bearer");
    assert_eq!(response["expires_in"], 3_599);
    response["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn token_endpoint_has_errors_in_its_own_form() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.ostrom();
    let url = format!("{}/oauth2/token", access.auth_url);
    let wrong = call("POST", &url)
        .basic(&access.user.client_id, "nope")
        .form("grant_type=client_credentials")
        .send()
        .await
        .expect(401)
        .json();
    assert_eq!(wrong["error"], "invalid_client");
    assert!(wrong["error_description"].is_string() && wrong["type"].is_null());
    call("POST", &url)
        .form("grant_type=client_credentials")
        .send()
        .await
        .expect(401);
    let missing = call("POST", &url)
        .basic(&access.user.client_id, &access.user.client_secret)
        .form("")
        .send()
        .await
        .expect(400)
        .json();
    assert_eq!(missing["error"], "invalid_request");
    // Each host has its own operations.
    call("POST", format!("{}/oauth2/token", access.base_url))
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn token_expires_and_belongs_to_a_role() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.ostrom();
    let user = token(&sandbox, &access.user).await;
    let me = call("GET", format!("{}/me", access.base_url))
        .bearer(&user)
        .send()
        .await
        .expect(200);
    assert_eq!(me.json()["language"], "GERMAN");
    assert_eq!(me.header("x-ratelimit-limit"), "6000");
    let partner = token(&sandbox, &access.partner).await;
    let wrong = call("GET", format!("{}/me", access.base_url))
        .bearer(&partner)
        .send()
        .await
        .expect(403)
        .json();
    assert_eq!(wrong["type"], "forbidden");
    sandbox.clock().advance(Duration::from_secs(3_600));
    let expired = call("GET", format!("{}/me", access.base_url))
        .bearer(&user)
        .send()
        .await
        .expect(401)
        .json();
    assert_eq!(expired["type"], "unauthorized");
}

#[tokio::test]
async fn customer_data_needs_their_consent_and_its_scope() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = &sandbox.ostrom().base_url;
    let token = token(&sandbox, &sandbox.ostrom().partner).await;
    let body = json!({"externalUserId": "a/b c", "language": "en-US", "redirectUrl": "http://127.0.0.1/back", "scopes": ["contract:read:data"]});
    let link = call("POST", format!("{base}/users/link"))
        .bearer(&token)
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    let link = link["linkUrl"].as_str().unwrap();
    let contracts = format!("{base}/users/a%2Fb%20c/contracts");
    call("GET", &contracts)
        .bearer(&token)
        .send()
        .await
        .expect(404);
    let back = call("GET", link).send().await.expect(303);
    assert_eq!(back.header("location"), "http://127.0.0.1/back");
    let found = call("GET", &contracts)
        .bearer(&token)
        .send()
        .await
        .expect(200)
        .json();
    let contract = &found["data"][0];
    assert!(contract["id"].is_string() && contract["currentMonthlyDepositAmount"].is_number());
    call(
        "GET",
        format!("{contracts}/{}", contract["id"].as_str().unwrap()),
    )
    .bearer(&token)
    .send()
    .await
    .expect(200);
    call("GET", format!("{base}/users/a%2Fb%20c/orders"))
        .bearer(&token)
        .send()
        .await
        .expect(403);
    let gone = call("DELETE", format!("{base}/users/a%2Fb%20c/disconnect"))
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert!(gone.body.is_empty());
    let again = call("DELETE", format!("{base}/users/a%2Fb%20c/disconnect"))
        .bearer(&token)
        .send()
        .await
        .expect(404)
        .json();
    assert_eq!(again["type"], "not_found");
    assert!(
        !sandbox.ostrom_consent("a/b c")
            && sandbox.ostrom_consent(&sandbox.ostrom().external_user_id)
    );
}

#[tokio::test]
async fn link_request_is_checked() {
    let sandbox = Sandbox::start().await.unwrap();
    let token = token(&sandbox, &sandbox.ostrom().partner).await;
    let good = json!({"externalUserId": "x", "language": "de-DE", "redirectUrl": "https://x.example", "scopes": ["order:read:data"]});
    for (field, value) in [
        ("externalUserId", json!(null)),
        ("language", json!("GERMAN")),
        ("redirectUrl", json!("nowhere")),
        ("scopes", json!([])),
        ("scopes", json!(["everything"])),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let response = call("POST", format!("{}/users/link", sandbox.ostrom().base_url))
            .bearer(&token)
            .json(&body)
            .send()
            .await
            .expect(400);
        assert_eq!(response.json()["type"], "bad_request", "{field}");
    }
    assert_eq!(sandbox.effects("ostrom", "linkUser"), 0);
}

#[tokio::test]
async fn rate_limit_holds_per_client_and_minute_and_counts_tokens() {
    let sandbox = Sandbox::builder()
        .ostrom_requests_per_minute(3)
        .start()
        .await
        .unwrap();
    let access = sandbox.ostrom();
    let user = token(&sandbox, &access.user).await;
    let me = async || {
        call("GET", format!("{}/me", access.base_url))
            .bearer(&user)
            .send()
            .await
    };
    assert_eq!(me().await.header("x-ratelimit-remaining"), "1");
    me().await.expect(200);
    let refused = me().await.expect(429);
    assert_eq!(refused.json()["type"], "too_many_requests");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    let refused = call("POST", format!("{}/oauth2/token", access.auth_url))
        .basic(&access.user.client_id, &access.user.client_secret)
        .form("grant_type=client_credentials")
        .send()
        .await
        .expect(429);
    assert_eq!(refused.json()["type"], "too_many_requests");
    token(&sandbox, &access.partner).await;
    sandbox.clock().advance(Duration::from_secs(61));
    me().await.expect(200);
}

#[tokio::test]
async fn prices_and_consumption_are_series_between_two_dates() {
    let sandbox = Sandbox::start().await.unwrap();
    let base = &sandbox.ostrom().base_url;
    let token = token(&sandbox, &sandbox.ostrom().user).await;
    let day = "startDate=2024-02-28T00:00:00.000Z&endDate=2024-03-01T00:00:00.000Z";
    let prices = call("GET", format!("{base}/spot-prices?{day}&resolution=HOUR"))
        .bearer(&token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(prices["data"].as_array().unwrap().len(), 48);
    assert_eq!(
        prices["data"][0]["netMonthlyGridFees"], 0.0,
        "without a zip there are no fees"
    );
    assert_eq!(prices["data"][1]["date"], "2024-02-28T01:00:00.000Z");
    call("GET", format!("{base}/spot-prices?{day}&resolution=DAY"))
        .bearer(&token)
        .send()
        .await
        .expect(400);
    let contracts = call("GET", format!("{base}/contracts"))
        .bearer(&token)
        .send()
        .await
        .json();
    let id = contracts["data"][0]["id"].as_str().unwrap();
    let used = call(
        "GET",
        format!("{base}/contracts/{id}/energy-consumption?{day}&resolution=DAY"),
    )
    .bearer(&token)
    .send()
    .await
    .expect(200)
    .json();
    assert_eq!(used["data"].as_array().unwrap().len(), 2);
    call(
        "GET",
        format!("{base}/contracts/{id}/energy-consumption?{day}"),
    )
    .bearer(&token)
    .send()
    .await
    .expect(400);
    call(
        "GET",
        format!("{base}/contracts/1/energy-consumption?{day}&resolution=DAY"),
    )
    .bearer(&token)
    .send()
    .await
    .expect(404);
}

#[tokio::test]
async fn webhook_is_stored_tested_and_removed() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = format!("{}/webhooks", sandbox.ostrom().base_url);
    let token = token(&sandbox, &sandbox.ostrom().partner).await;
    let made = call("POST", &url)
        .bearer(&token)
        .json(&json!({"url": "https://x.example/h", "secret": "s"}))
        .send()
        .await
        .expect(200)
        .json();
    assert!(made["secret"].is_null());
    let one = format!("{url}/{}", made["id"].as_str().unwrap());
    call("POST", format!("{one}/test"))
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert!(
        sandbox.outbox()[0]
            .text
            .contains("X-Ostrom-Signature: sha1=")
    );
    call("DELETE", &one).bearer(&token).send().await.expect(200);
    call("GET", &one).bearer(&token).send().await.expect(404);
}

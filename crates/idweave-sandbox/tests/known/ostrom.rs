//! What exists at Ostrom, as the operations ask for it.

use idweave_sandbox::Sandbox;
use serde_json::json;

use crate::common::call;
use crate::known::Known;

/// The operations of users; the others are those of partners.
pub(crate) const OF_USERS: [&str; 4] = [
    "getMe",
    "getContracts",
    "getContractEnergyConsumption",
    "getSpotPrices",
];

/// Creates what the operations need, and returns its values, and the tokens of a user and of a partner.
pub(crate) async fn values(sandbox: &Sandbox) -> (Known, Vec<String>) {
    let access = sandbox.ostrom().clone();
    let mut tokens = Vec::new();
    for pair in [&access.user, &access.partner] {
        let response = call("POST", format!("{}/oauth2/token", access.auth_url))
            .basic(&pair.client_id, &pair.client_secret)
            .form("grant_type=client_credentials")
            .send()
            .await;
        tokens.push(response.json()["access_token"].as_str().unwrap().to_owned());
    }
    let first = async |path: String, token: &str| {
        let response = call("GET", format!("{}{path}", access.base_url))
            .bearer(token)
            .send()
            .await
            .json();
        response["data"][0]["id"].clone()
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
    (known, tokens)
}

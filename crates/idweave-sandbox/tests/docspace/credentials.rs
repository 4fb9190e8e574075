//! Credentials: logins, second factor, API keys and their scopes, OAuth2 tokens.

use std::time::Duration;

use idweave_sandbox::Sandbox;
use ring::pbkdf2;
use serde_json::json;

use crate::common::{Call, call};
use crate::support::{api, login, message, owner, token};

#[tokio::test]
async fn every_credential_of_the_portal_is_accepted() {
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
async fn login_fails_as_in_the_portal() {
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
async fn password_hash_uses_the_published_parameters() {
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
async fn second_factor_requires_a_code() {
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
async fn key_scopes_are_enforced() {
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
async fn oauth_client_gets_a_token_with_its_scopes() {
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

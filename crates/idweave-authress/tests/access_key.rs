//! The access key: what is signed with it, where the token goes, and that the key itself is never sent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../idweave-transport/tests/common/mod.rs"]
mod common;

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose};
use common::{GET, POST, Server, json};
use idweave_authress::{AccessKey, Environment, Session};
use idweave_transport::Response;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::{Value, json as value};

/// The key of RFC 8032 section 7.1 test 1, as an access key.
const ACCESS_KEY: &str =
    "sc_1.key_1.acc_1.MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";

#[tokio::test]
async fn an_access_key_is_never_sent_but_a_token_signed_by_it() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(AccessKey::parse(ACCESS_KEY).unwrap())
        .build()
        .unwrap();
    session.call(&GET).path("id", 1).empty().await.unwrap();
    session.call(&GET).path("id", 2).empty().await.unwrap();
    let requests = server.requests();
    let token = requests[0]
        .header("authorization")
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap();
    assert_eq!(token.split('.').count(), 3);
    assert_eq!(
        requests[1].header("authorization").unwrap(),
        format!("Bearer {token}"),
        "signed once"
    );
    assert!(!format!("{:?}", requests[0]).contains(&ACCESS_KEY[17..]));
    let claims = decode(token.split('.').nth(1).unwrap());
    assert_eq!(claims["iss"], format!("{}/v1/clients/sc_1", server.url));
}

#[tokio::test]
async fn an_access_key_signs_for_each_service_address_of_its_own() {
    let servers = [
        Server::start(|_, _| json(200, "{}")).await,
        Server::start(|_, _| json(200, "{}")).await,
    ];
    let key = AccessKey::parse(ACCESS_KEY).unwrap();
    for server in &servers {
        let session = server.builder().credentials(key.clone()).build().unwrap();
        session.call(&POST).empty().await.unwrap();
    }
    let [first, second] =
        servers.map(|server| server.only().header("authorization").unwrap().to_owned());
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_freshly_signed_token_that_is_refused_is_not_signed_again() {
    let server = Server::start(|_, _| json(401, "{}")).await;
    let session = server
        .builder()
        .credentials(AccessKey::parse(ACCESS_KEY).unwrap())
        .build()
        .unwrap();
    assert!(session.call(&POST).empty().await.is_err());
    assert_eq!(server.count(), 1);
}

fn decode(part: &str) -> Value {
    serde_json::from_slice(&general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn an_old_key_signs_by_rsa() {
    let pem = include_str!("data/rsa-test-key.pem");
    let json = value!({
        "audience": "acc_1.accounts.authress.io", "clientId": "a/b", "keyId": "k", "privateKey": pem,
    });
    let old = general_purpose::STANDARD.encode(json.to_string());
    assert!(
        old.starts_with("eyJ"),
        "the old form looks like the start of a JWT"
    );
    let sent = Arc::new(Mutex::new(String::new()));
    let log = sent.clone();
    // The layer responds in the place of a service.
    let session = Session::builder("https://acc_1.api.authress.io")
        .credentials(AccessKey::parse(old).unwrap())
        .layer_fn(move |request, _| {
            let header = request.headers()["authorization"].to_str().unwrap();
            *log.lock().unwrap() = header.strip_prefix("Bearer ").unwrap().to_owned();
            Box::pin(async { Ok(Response::new("{}".into())) })
        })
        .build()
        .unwrap();
    session.call(&POST).empty().await.unwrap();
    let token = sent.lock().unwrap().clone();
    let parts: Vec<_> = token.split('.').collect();
    assert_eq!(decode(parts[0])["alg"], "RS256");
    assert_eq!(
        decode(parts[1])["iss"],
        "https://acc_1.api.authress.io/v1/clients/a%2Fb"
    );
    let Ok(PrivateKeyDer::Pkcs8(der)) = PrivateKeyDer::from_pem_slice(pem.as_bytes()) else {
        unreachable!()
    };
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public().as_ref())
        .verify(
            format!("{}.{}", parts[0], parts[1]).as_bytes(),
            &general_purpose::URL_SAFE_NO_PAD.decode(parts[2]).unwrap(),
        )
        .unwrap();
}

#[test]
fn environment_gives_the_key_and_names_what_is_missing() {
    let wrong = Environment::from_lookup("acme-eu", |name| {
        (name == "IDWEAVE_ACME_EU_ACCESS_KEY").then(|| "not a key".to_owned())
    });
    assert!(
        AccessKey::from_environment(&wrong)
            .unwrap_err()
            .to_string()
            .contains("client.key.account.privateKey")
    );
    let none = Environment::from_lookup("acme-eu", |_| None);
    let error = AccessKey::from_environment(&none).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("IDWEAVE_ACME_EU_ACCESS_KEY is not set"),
        "{error}"
    );
}

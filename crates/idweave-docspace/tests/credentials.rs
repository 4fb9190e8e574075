//! The client against the sandbox's DocSpace: API key, login, second factor.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use idweave_docspace::{ApiKey, Client, Credentials, ErrorKind, Login, Secret};
use idweave_sandbox::Sandbox;

fn client(sandbox: &Sandbox, credentials: impl Credentials) -> Client {
    Client::builder(&sandbox.docspace().base_url)
        .credentials(credentials)
        .build()
        .unwrap()
}

async fn email(client: &Client) -> Result<Option<String>, idweave_docspace::Error> {
    Ok(client
        .get_self_profile()
        .await?
        .into_inner()
        .response
        .and_then(|profile| profile.email))
}

fn operations(sandbox: &Sandbox) -> Vec<&'static str> {
    sandbox
        .requests()
        .iter()
        .filter_map(|request| request.operation)
        .collect()
}

#[tokio::test]
async fn an_api_key_goes_as_bearer() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox, ApiKey::new(&sandbox.docspace().api_key).unwrap());
    assert_eq!(
        email(&client).await.unwrap().as_ref(),
        Some(&sandbox.docspace().email)
    );
}

#[tokio::test]
async fn a_login_sends_the_passwords_hash_and_lasts() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.docspace();
    let client = client(&sandbox, Login::new(&access.email, &access.password));
    assert_eq!(email(&client).await.unwrap().as_ref(), Some(&access.email));
    assert_eq!(email(&client).await.unwrap().as_ref(), Some(&access.email));
    let logins = operations(&sandbox)
        .iter()
        .filter(|operation| **operation == "authenticateMe")
        .count();
    assert_eq!(logins, 1);
}

#[tokio::test]
async fn wrong_password_is_reported_and_not_tried_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox, Login::new(&sandbox.docspace().email, "wrong"));
    for _ in 0..3 {
        assert_eq!(
            email(&client).await.unwrap_err().kind(),
            ErrorKind::Credentials
        );
    }
    let logins = operations(&sandbox)
        .iter()
        .filter(|operation| **operation == "authenticateMe")
        .count();
    assert_eq!(logins, 1);
}

#[tokio::test]
async fn second_factor_code_comes_from_the_callers_source() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let person = sandbox.docspace().two_factor.clone();
    let mails = sandbox.clone();
    let login = Login::new(&person.email, &person.password).with_code_from(move || {
        let mail = mails
            .outbox()
            .into_iter()
            .rev()
            .find(|mail| mail.kind == "pin")
            .unwrap();
        Box::pin(async move { Ok(Secret::new(mail.text.rsplit(' ').next().unwrap())) })
    });
    let client = client(&sandbox, login);
    assert_eq!(email(&client).await.unwrap(), Some(person.email));
}

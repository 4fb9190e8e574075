//! The client against the sandbox's Enhance: access token, login, second factor.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;

use idweave_enhance::{AccessToken, Client, Credentials, ErrorKind, Login, Secret};
use idweave_sandbox::Sandbox;

fn client(sandbox: &Sandbox, credentials: impl Credentials) -> Client {
    Client::builder(&sandbox.enhance().base_url)
        .credentials(credentials)
        .build()
        .unwrap()
}

async fn members(client: &Client, sandbox: &Sandbox) -> Result<u16, idweave_enhance::Error> {
    let response = client
        .get_members(
            &sandbox.enhance().org_id,
            None,
            None,
            None,
            None,
            None,
            None,
        )
        .await?;
    Ok(response.status().as_u16())
}

fn operations(sandbox: &Sandbox) -> Vec<&'static str> {
    sandbox
        .requests()
        .iter()
        .filter_map(|request| request.operation)
        .collect()
}

#[tokio::test]
async fn an_access_token_goes_as_bearer() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(
        &sandbox,
        AccessToken::new(&sandbox.enhance().access_token).unwrap(),
    );
    assert_eq!(members(&client, &sandbox).await.unwrap(), 200);
    assert_eq!(operations(&sandbox), ["getMembers"]);
}

#[tokio::test]
async fn a_login_opens_one_session_and_another_when_it_has_ended() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let client = client(&sandbox, Login::new(&access.email, &access.password));
    assert_eq!(members(&client, &sandbox).await.unwrap(), 200);
    assert_eq!(members(&client, &sandbox).await.unwrap(), 200);
    assert_eq!(
        operations(&sandbox),
        ["createSession", "getMembers", "getMembers"]
    );
    sandbox
        .clock()
        .advance(std::time::Duration::from_secs(30 * 86_400));
    assert_eq!(members(&client, &sandbox).await.unwrap(), 200);
    assert_eq!(
        operations(&sandbox)[3..],
        ["getMembers", "createSession", "getMembers"]
    );
}

#[tokio::test]
async fn wrong_password_is_reported_and_not_tried_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox, Login::new(&sandbox.enhance().email, "wrong"));
    for _ in 0..3 {
        let error = members(&client, &sandbox).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
    }
    assert_eq!(operations(&sandbox), ["createSession"]);
}

#[tokio::test]
async fn second_factor_pin_comes_from_the_callers_source() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let person = sandbox.enhance().two_factor.clone();
    let mails = sandbox.clone();
    let login = Login::new(&person.email, &person.password).with_pin_from(move || {
        let mail = mails
            .outbox()
            .into_iter()
            .rev()
            .find(|mail| mail.kind == "pin")
            .unwrap();
        Box::pin(async move { Ok(Secret::new(mail.text.rsplit(' ').next().unwrap())) })
    });
    let client = client(&sandbox, login);
    assert_eq!(client.get_login().await.unwrap().email, person.email);
    assert_eq!(
        operations(&sandbox),
        ["createSession", "verify2FA", "getLogin"]
    );
}

//! Concurrent callers share one new token after the old one has expired.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{future::Future, time::Duration};

use idweave_sandbox::Sandbox;

const CALLERS: usize = 64;
/// Longer than the lifetime of any token or session.
const MORE_THAN_A_LIFETIME: Duration = Duration::from_secs(400 * 86_400);

/// Asserts that one call gets a token and that, after it has expired, concurrent calls get one more.
async fn one_token_for_all<F, E>(
    sandbox: &Sandbox,
    (service, login, operation): (&str, &str, &str),
    call: impl Fn() -> F,
) where
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: std::fmt::Debug + Send + 'static,
{
    let begin = sandbox.effects(service, login);
    call().await.unwrap();
    assert_eq!(
        sandbox.effects(service, login) - begin,
        1,
        "the first call gets a token"
    );
    sandbox.clock().advance(MORE_THAN_A_LIFETIME);

    let before = sandbox.requests().len();
    let calls: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(call())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(
        sandbox.effects(service, login) - begin,
        2,
        "{service}: one token request for all"
    );
    let requests = sandbox.requests().split_off(before);
    let of = |status: u16| {
        let calls = requests
            .iter()
            .filter(|request| request.operation == Some(operation));
        calls
            .filter(|request| request.status == Some(status))
            .count()
    };
    assert_eq!(of(200), CALLERS, "every caller has its response");
    assert!(of(401) >= 1, "the old token was refused");
    assert!(of(401) <= CALLERS, "none was refused twice");
    let logins = requests
        .iter()
        .filter(|request| request.operation == Some(login));
    assert_eq!(logins.count(), 1, "refused token requests would count, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ostrom_callers_share_one_new_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.ostrom();
    let credentials = idweave_ostrom::client_credentials(
        &access.auth_url,
        access.user.client_id.as_str(),
        access.user.client_secret.as_str(),
    );
    let client = idweave_ostrom::Client::builder(&access.base_url)
        .credentials(credentials)
        .without_rate_limit()
        .build()
        .unwrap();
    let names = ("ostrom", "createOAuth2Token", "getMe");
    one_token_for_all(&sandbox, names, || {
        let client = client.clone();
        async move { client.get_me().await.map(drop) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn docspace_callers_share_one_login() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.docspace();
    let login = idweave_docspace::Login::new(access.email.as_str(), access.password.as_str());
    let client = idweave_docspace::Client::builder(&access.base_url)
        .credentials(login)
        .without_rate_limit()
        .build()
        .unwrap();
    let names = ("docspace", "authenticateMe", "getSelfProfile");
    one_token_for_all(&sandbox, names, || {
        let client = client.clone();
        async move { client.get_self_profile().await.map(drop) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn enhance_callers_share_one_login() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let login = idweave_enhance::Login::new(access.email.as_str(), access.password.as_str());
    let client = idweave_enhance::Client::builder(&access.base_url)
        .credentials(login)
        .without_rate_limit()
        .build()
        .unwrap();
    let names = ("enhance", "createSession", "getLogin");
    one_token_for_all(&sandbox, names, || {
        let client = client.clone();
        async move { client.get_login().await.map(drop) }
    })
    .await;
}

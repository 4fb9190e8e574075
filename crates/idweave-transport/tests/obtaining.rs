//! How a credential is obtained: within which time, by whom, how often, and what its failures lead to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use common::{POST, Server, json};
use idweave_transport::{
    AuthContext, BoxFuture, Credential, Credentials, Error, ErrorKind, Scheme,
};

/// Credentials that never come.
#[derive(Debug)]
struct Never;

impl Credentials for Never {
    fn provides(&self, _: Scheme) -> bool {
        true
    }

    fn cached(&self, _: Scheme) -> Option<Credential> {
        None
    }

    fn fetch<'a>(
        &'a self,
        _: Scheme,
        _: Option<&'a Credential>,
        _: &'a AuthContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn deadline_covers_credentials_that_never_come() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let session = server
        .builder()
        .credentials(Never)
        .timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let started = tokio::time::Instant::now();
    let call = session.call(&POST).empty();
    let outcome = tokio::time::timeout(Duration::from_secs(60), call).await;
    let error = outcome.expect("the call ends by itself").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("credential"), "{error}");
    assert!(error.is_retryable(), "nothing was sent");
    assert_eq!(started.elapsed().as_secs(), 1);
    assert_eq!(server.count(), 0);
}

//! How a credential is obtained: within which time, by whom, how often, and what its failures lead to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use common::{GET, POST, Recorded, Reply, Server, json, with};
use idweave_transport::{
    AuthContext, BoxFuture, ClientCredentials, Credential, Credentials, Error, ErrorKind,
    FetchedToken, RefreshToken, Scheme, Secret, TokenCache, TokenSource,
};
use tokio::sync::Notify;

fn token(number: usize, more: &str) -> Reply {
    json(
        200,
        format!(r#"{{"access_token":"token-{number}","refresh_token":"refresh-{number}"{more}}}"#),
    )
}

fn tokens_asked(server: &Server) -> Vec<Recorded> {
    server.requests_to("/token")
}

fn client_credentials(server: &Server) -> ClientCredentials {
    ClientCredentials::new(format!("{}/token", server.url), "client", "s3cret")
}

/// A token endpoint whose tokens are valid for so many seconds, by what it says.
async fn endpoint_of_lifetime(lifetime: &str) -> Server {
    let more = format!(r#","expires_in":{lifetime}"#);
    Server::start(move |request, before| match request.path() {
        "/token" => token(before, &more),
        _ => json(200, "{}"),
    })
    .await
}

/// A token endpoint that says when it is asked, and responds when it is told to.
async fn held_endpoint() -> (Server, Arc<Notify>, Arc<Notify>) {
    let (reached, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (reach, wait) = (reached.clone(), go_on.clone());
    let issued = AtomicUsize::new(0);
    let server = Server::start(move |request, _| {
        if request.path() != "/token" {
            return json(200, "{}");
        }
        reach.notify_one();
        let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
        Reply::After(wait.clone(), Box::new(token(number, "")))
    })
    .await;
    (server, reached, go_on)
}

/// Credentials that never come.
#[derive(Debug)]
struct Never;

impl Credentials for Never {
    fn provides(&self, _: Scheme) -> bool {
        true
    }

    fn cached(&self, _: Scheme, _: &AuthContext) -> Option<Credential> {
        None
    }

    fn fetch<'a>(
        &'a self,
        _: Scheme,
        _: Option<&'a Credential>,
        _: &'a AuthContext,
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

#[tokio::test]
async fn call_out_of_time_leaves_and_others_go_on_waiting_for_the_token() {
    let (server, reached, go_on) = held_endpoint().await;
    let credentials = client_credentials(&server);
    let hurried = server
        .builder()
        .credentials(credentials.clone())
        .timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let patient = server.builder().credentials(credentials).build().unwrap();
    let waiting = tokio::spawn(async move { patient.call(&POST).empty().await.map(drop) });
    reached.notified().await;
    // One that has not started the fetch, and only waits for it.
    let error = hurried.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(server.count(), 1, "{:?}", server.requests());
    go_on.notify_one();
    waiting.await.unwrap().unwrap();
    assert_eq!(tokens_asked(&server).len(), 1);
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn fetch_goes_on_when_the_call_that_started_it_is_out_of_time() {
    let (server, _, go_on) = held_endpoint().await;
    let credentials = client_credentials(&server);
    let hurried = server
        .builder()
        .credentials(credentials.clone())
        .timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let error = hurried.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    go_on.notify_one();
    let patient = server.builder().credentials(credentials).build().unwrap();
    patient.call(&POST).empty().await.unwrap();
    assert_eq!(tokens_asked(&server).len(), 1);
    let request = server.requests().pop().unwrap();
    assert_eq!(request.header("authorization"), Some("Bearer token-1"));
}

#[tokio::test]
async fn dropped_call_loses_no_rotated_refresh_token() {
    let (server, reached, go_on) = held_endpoint().await;
    let stored = Arc::new(Mutex::new(Vec::new()));
    let store = stored.clone();
    let credentials = RefreshToken::new(format!("{}/token", server.url), "client", "refresh-0")
        .on_rotation(move |next: &Secret| store.lock().unwrap().push(next.expose().to_owned()));
    let session = server.builder().credentials(credentials).build().unwrap();
    tokio::select! {
        outcome = session.call(&POST).empty() => panic!("{outcome:?}"),
        // The endpoint has exchanged the refresh token, and the call is dropped here.
        () = reached.notified() => (),
    }
    go_on.notify_one();
    session.call(&POST).empty().await.unwrap();
    let exchanges = tokens_asked(&server);
    assert_eq!(exchanges.len(), 1, "{exchanges:?}");
    assert_eq!(*stored.lock().unwrap(), ["refresh-1"], "called once");
}

#[tokio::test]
async fn rotated_refresh_token_is_kept_when_storing_it_panics() {
    let server = Server::start(|request, before| match request.path() {
        "/token" => token(before + 1, r#","expires_in":3600"#),
        _ => json(200, "{}"),
    })
    .await;
    let credentials = RefreshToken::new(format!("{}/token", server.url), "client", "refresh-0")
        .on_rotation(|next: &Secret| assert_ne!(next.expose(), "refresh-1", "disk full"));
    let session = server.builder().credentials(credentials).build().unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    session.call(&POST).empty().await.unwrap();
    let exchanges = tokens_asked(&server);
    assert_eq!(exchanges.len(), 2);
    assert!(exchanges[1].body.contains("refresh_token=refresh-1"));
}

/// A user's own source, whose first fetch panics.
#[derive(Clone, Debug)]
struct Fragile {
    fetches: Arc<AtomicUsize>,
    tokens: TokenCache,
}

impl TokenSource for Fragile {
    fn tokens(&self) -> &TokenCache {
        &self.tokens
    }

    async fn fetch_token(&self, _: &AuthContext) -> Result<FetchedToken, Error> {
        tokio::task::yield_now().await;
        assert_ne!(self.fetches.fetch_add(1, Ordering::SeqCst), 0, "MARK");
        Ok(FetchedToken::new(Credential::bearer(&"t".into())?, None))
    }
}

#[tokio::test]
async fn panic_of_a_fetch_is_an_error_of_all_that_wait_and_of_no_later_call() {
    let server = Server::start(|_, _| json(200, "{}")).await;
    let credentials = Fragile {
        fetches: Arc::default(),
        tokens: TokenCache::new(),
    };
    let session = server
        .builder()
        .credentials(credentials.clone())
        .build()
        .unwrap();
    let calls: Vec<_> = (0..8)
        .map(|index| {
            let session = session.clone();
            tokio::spawn(async move { session.call(&GET).path("id", index).empty().await })
        })
        .collect();
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(!format!("{error} {error:?}").contains("MARK"));
    }
    assert_eq!(server.count(), 0);
    session.call(&POST).empty().await.unwrap();
    assert_eq!(credentials.fetches.load(Ordering::SeqCst), 2);
}

/// A wrapper as a user writes it: it passes on what the trait requires, and what it cares for.
#[derive(Debug)]
struct Counting<C> {
    inner: C,
    fetches: Arc<AtomicUsize>,
}

impl<C: Credentials> Credentials for Counting<C> {
    fn provides(&self, scheme: Scheme) -> bool {
        self.inner.provides(scheme)
    }

    fn cached(&self, scheme: Scheme, context: &AuthContext) -> Option<Credential> {
        self.inner.cached(scheme, context)
    }

    fn fetch<'a>(
        &'a self,
        scheme: Scheme,
        rejected: Option<&'a Credential>,
        context: &'a AuthContext,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        self.inner.fetch(scheme, rejected, context)
    }
}

/// A token of each service's own, which names the service.
#[derive(Clone, Debug)]
struct OfService(TokenCache);

impl TokenSource for OfService {
    fn tokens(&self) -> &TokenCache {
        &self.0
    }

    async fn fetch_token(&self, context: &AuthContext) -> Result<FetchedToken, Error> {
        let token = Secret::new(format!("for-{}", context.base_url()));
        Ok(FetchedToken::new(Credential::bearer(&token)?, None))
    }
}

#[tokio::test]
async fn wrapped_credentials_send_each_service_its_own_token() {
    let servers = [
        Server::start(|_, _| json(200, "{}")).await,
        Server::start(|_, _| json(200, "{}")).await,
    ];
    let fetches = Arc::new(AtomicUsize::new(0));
    let credentials: Arc<dyn Credentials> = Arc::new(Counting {
        inner: OfService(TokenCache::new()),
        fetches: fetches.clone(),
    });
    for _ in 0..2 {
        for server in &servers {
            let session = server
                .builder()
                .credentials(credentials.clone())
                .build()
                .unwrap();
            session.call(&POST).empty().await.unwrap();
        }
    }
    for server in &servers {
        for request in server.requests() {
            let own = format!("Bearer for-{}", server.url);
            assert_eq!(request.header("authorization"), Some(own.as_str()));
        }
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 2, "kept for each service");
}

#[tokio::test]
async fn token_that_is_over_when_it_comes_serves_ten_calls() {
    for lifetime in ["0", "-5", "1", "\"0\"", "-1e300"] {
        let server = endpoint_of_lifetime(lifetime).await;
        let credentials = client_credentials(&server);
        let session = server.builder().credentials(credentials).build().unwrap();
        for _ in 0..10 {
            session.call(&POST).empty().await.unwrap();
        }
        assert_eq!(tokens_asked(&server).len(), 1, "{lifetime}");
    }
}

#[tokio::test]
async fn token_kept_too_long_is_corrected_by_its_refusal() {
    let server = Server::start(|request, before| match request.path() {
        "/token" => token(before, r#","expires_in":0"#),
        // The first token is good for one call.
        _ if before > 1 && request.header("authorization") == Some("Bearer token-0") => {
            json(401, "{}")
        }
        _ => json(200, "{}"),
    })
    .await;
    let credentials = client_credentials(&server);
    let session = server.builder().credentials(credentials).build().unwrap();
    for _ in 0..3 {
        session.call(&POST).empty().await.unwrap();
    }
    assert_eq!(tokens_asked(&server).len(), 2);
    assert_eq!(server.count(), 6);
}

#[tokio::test]
async fn token_of_a_lifetime_beyond_the_clock_is_kept() {
    for lifetime in ["18446744073709551615", "1e18", "1e308", "\"1e400\""] {
        let server = endpoint_of_lifetime(lifetime).await;
        let credentials = client_credentials(&server);
        let session = server.builder().credentials(credentials).build().unwrap();
        for _ in 0..2 {
            session.call(&POST).empty().await.unwrap();
        }
        assert_eq!(tokens_asked(&server).len(), 1, "{lifetime}");
    }
}

#[tokio::test]
async fn token_endpoint_that_asks_for_an_endless_wait_is_an_error_and_not_a_panic() {
    for wait in ["18446744073709551615", "9223372036854775807", "4294967296"] {
        let server = Server::start(move |_, _| with(json(429, "{}"), "retry-after", wait)).await;
        let credentials = client_credentials(&server);
        let session = server.builder().credentials(credentials).build().unwrap();
        let error = session.call(&POST).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert_eq!(error.status().unwrap().as_u16(), 429);
        assert_eq!(server.count(), 1, "{wait}");
    }
}

#[tokio::test]
async fn refused_token_is_not_sent_again_when_its_replacement_fails() {
    let server = Server::start(|request, before| match (request.path(), before) {
        ("/token", 0) => token(0, r#","expires_in":3600"#),
        ("/token", _) => json(503, "{}"),
        (_, 1) => json(200, "{}"),
        _ => json(401, "{}"),
    })
    .await;
    let credentials = client_credentials(&server);
    let session = server.builder().credentials(credentials).build().unwrap();
    session.call(&POST).empty().await.unwrap();
    let error = session.call(&POST).empty().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert_eq!(error.status().unwrap().as_u16(), 503);
    let requests = server.requests();
    let sent = requests
        .iter()
        .filter(|request| request.header("authorization") == Some("Bearer token-0"));
    assert_eq!(sent.count(), 2, "accepted once, refused once: {requests:?}");
}

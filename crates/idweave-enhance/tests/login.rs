//! The login to a panel: its session cookie, renewal, second factor and end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../idweave-transport/tests/common/mod.rs"]
mod common;

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose};
use common::{Recorded, Reply, Server, json, with};
use idweave_enhance::{AccessToken, Environment, ErrorKind, Login, Session, SessionCookie};
use idweave_transport::{Method, Operation, Scheme};
use serde_json::{Value, json as value};

static COOKIE: Operation =
    Operation::new("cookie", Method::GET, "/cookie").with_security(&[&[Scheme::Cookie("id0")]]);

#[test]
fn a_session_cookie_that_could_inject_is_refused() {
    for secret in ["a;b=c", "a b", "a,b", "\"a\"", "a\r\n"] {
        assert!(SessionCookie::new(secret).is_err(), "{secret:?}");
    }
}

/// A panel: sessions numbered one by one, the newest good.
fn panel() -> impl Fn(&Recorded, usize) -> Reply + Send + Sync + 'static {
    let sessions = AtomicUsize::new(0);
    move |request, _| {
        let next = || sessions.fetch_add(1, Ordering::SeqCst) + 1;
        let newest = || format!("id0=session-{}", sessions.load(Ordering::SeqCst));
        match request.path() {
            "/api/login/sessions" => {
                let set = format!("id0=session-{}; Path=/; HttpOnly; Secure", next());
                with(json(200, value!({"memberships": []})), "set-cookie", set)
            }
            "/api/renewing" if request.header("cookie") == Some(&newest()) => with(
                json(200, "{}"),
                "set-cookie",
                format!("id0=session-{}; Path=/", next()),
            ),
            "/api/logout" => with(json(200, "{}"), "set-cookie", "id0=; Max-Age=0"),
            _ if request.header("cookie") == Some(&newest()) => json(200, "{}"),
            _ => json(401, value!({"code": "invalid_session_token"})),
        }
    }
}

static RENEWING: Operation =
    Operation::new("renewing", Method::GET, "/renewing").with_security(&[&[Scheme::Cookie("id0")]]);
static LOGOUT: Operation =
    Operation::new("logout", Method::DELETE, "/logout").with_security(&[&[Scheme::Cookie("id0")]]);

#[tokio::test]
async fn an_enhance_login_keeps_its_cookie_and_follows_its_renewal() {
    let server = Server::start(panel()).await;
    let login = Login::new("ann@acme.io", "s3cret").realm("r&1");
    let session = Session::builder(format!("{}/api/", server.url))
        .credentials(login)
        .build()
        .unwrap();
    session.call(&COOKIE).empty().await.unwrap();
    session.call(&RENEWING).empty().await.unwrap();
    session.call(&COOKIE).empty().await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 4, "one login");
    assert_eq!(requests[0].target, "/api/login/sessions?realmId=r%261");
    assert_eq!(
        serde_json::from_str::<Value>(&requests[0].body).unwrap(),
        value!({"email": "ann@acme.io", "password": "s3cret"})
    );
    assert_eq!(requests[1].header("cookie"), Some("id0=session-1"));
    assert_eq!(requests[3].header("cookie"), Some("id0=session-2"));
    session.call(&LOGOUT).empty().await.unwrap();
    session.call(&COOKIE).empty().await.unwrap();
    assert_eq!(
        server.requests()[5].path(),
        "/api/login/sessions",
        "a session that was ended is got anew"
    );
}

#[tokio::test]
async fn enhance_session_that_is_refused_is_replaced_once() {
    let server = Server::start(|request, before| match request.path() {
        "/login/sessions" => with(json(200, "{}"), "set-cookie", format!("id0=s{before}")),
        _ if request.header("cookie") == Some("id0=s0") => json(401, "{}"),
        _ => json(200, "{}"),
    })
    .await;
    let session = server
        .builder()
        .credentials(Login::new("a@b.c", "s3cret"))
        .build()
        .unwrap();
    session.call(&COOKIE).empty().await.unwrap();
    assert_eq!(server.count(), 4);
}

#[tokio::test]
async fn enhance_login_with_a_second_factor_gets_a_session_to_complete() {
    let server = Server::start(|request, _| match request.path() {
        "/login/sessions" => with(
            json(201, value!({"authMethod": "otp"})),
            "set-cookie",
            "id0=half; Path=/",
        ),
        "/login/2fa" if request.header("cookie") == Some("id0=half") => {
            assert_eq!(
                serde_json::from_str::<Value>(&request.body).unwrap(),
                value!({"authMethod": "otp", "pin": "123456"})
            );
            with(json(200, ""), "set-cookie", "id0=whole; Path=/")
        }
        _ if request.header("cookie") == Some("id0=whole") => json(200, "{}"),
        _ => json(401, "{}"),
    })
    .await;
    let login = Login::new("a@b.c", "s3cret");
    let session = server
        .builder()
        .credentials(login.clone().with_pin("123456"))
        .build()
        .unwrap();
    session.call(&COOKIE).empty().await.unwrap();
    let session = server.builder().credentials(login).build().unwrap();
    let error = session.call(&COOKIE).empty().await;
    assert!(error.is_err_and(|error| error.to_string().contains("second factor")));
}

#[tokio::test]
async fn given_session_is_used_and_its_end_is_reported() {
    let server = Server::start(|_, before| {
        if before == 0 {
            json(200, "{}")
        } else {
            json(401, "{}")
        }
    })
    .await;
    let session = server
        .builder()
        .credentials(SessionCookie::new("x.y.z").unwrap())
        .build()
        .unwrap();
    session.call(&COOKIE).empty().await.unwrap();
    assert_eq!(server.only().header("cookie"), Some("id0=x.y.z"));
    assert_eq!(
        session
            .call(&COOKIE)
            .empty()
            .await
            .unwrap_err()
            .status()
            .unwrap()
            .as_u16(),
        401
    );
    assert_eq!(server.count(), 2);
}

#[test]
fn environment_gives_an_access_token_or_a_login_and_names_what_is_missing() {
    let all = Environment::from_lookup("panel-eu", |name| {
        let name = name.strip_prefix("IDWEAVE_PANEL_EU_")?;
        ["ACCESS_TOKEN", "EMAIL", "PASSWORD"]
            .contains(&name)
            .then(|| "x".to_owned())
    });
    assert!(AccessToken::from_environment(&all).is_ok() && Login::from_environment(&all).is_ok());
    let none = Environment::from_lookup("panel-eu", |_| None);
    for (error, variable) in [
        (
            AccessToken::from_environment(&none).unwrap_err(),
            "ACCESS_TOKEN",
        ),
        (Login::from_environment(&none).unwrap_err(), "EMAIL"),
    ] {
        assert!(
            error
                .to_string()
                .contains(&format!("IDWEAVE_PANEL_EU_{variable} is not set")),
            "{error}"
        );
    }
}

/// A session token of a panel, whose clock has `now`.
fn session_token(now: u64, says_when: bool) -> String {
    let claims = match says_when {
        true => value!({"iat": now, "exp": now + 3_600}),
        false => value!({"exp": now + 3_600}),
    };
    let claims = general_purpose::URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("h.{claims}.s")
}

/// A panel whose clock is `hours` away from ours, and which says so in the token, the `Date`, or not at all.
async fn panel_in_another_time(hours: i64, in_token: bool, in_date: bool) -> Server {
    Server::start(move |request, _| {
        if request.path() != "/login/sessions" {
            return json(200, "{}");
        }
        let now = UNIX_EPOCH.elapsed().unwrap().as_secs();
        let now = now.checked_add_signed(hours * 3_600).unwrap();
        let cookie = format!("id0={}; Path=/", session_token(now, in_token));
        let login = with(json(200, "{}"), "set-cookie", cookie);
        match in_date {
            true => with(
                login,
                "date",
                httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(now)),
            ),
            false => login,
        }
    })
    .await
}

fn logins(server: &Server) -> usize {
    server.requests_to("/login/sessions").len()
}

#[tokio::test]
async fn enhance_login_serves_ten_calls_whatever_the_clocks_say() {
    for hours in [-24, -2, 2, 24] {
        for (in_token, in_date) in [(true, false), (false, true), (false, false)] {
            let server = panel_in_another_time(hours, in_token, in_date).await;
            let session = server
                .builder()
                .credentials(Login::new("ann@acme.io", "s3cret"))
                .build()
                .unwrap();
            for _ in 0..10 {
                session.call(&COOKIE).empty().await.unwrap();
            }
            assert_eq!(logins(&server), 1, "{hours} h: {in_token} {in_date}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn enhance_session_ends_by_the_panels_clock() {
    for (in_token, in_date) in [(true, false), (false, true)] {
        // By our clock it would end in three hours.
        let server = panel_in_another_time(2, in_token, in_date).await;
        let session = server
            .builder()
            .credentials(Login::new("ann@acme.io", "s3cret"))
            .build()
            .unwrap();
        session.call(&COOKIE).empty().await.unwrap();
        tokio::time::advance(Duration::from_secs(3_500)).await;
        session.call(&COOKIE).empty().await.unwrap();
        assert_eq!(logins(&server), 1);
        tokio::time::advance(Duration::from_secs(100)).await;
        session.call(&COOKIE).empty().await.unwrap();
        assert_eq!(logins(&server), 2);
    }
}

#[tokio::test]
async fn enhance_session_with_characters_that_no_cookie_has_is_not_taken() {
    // RFC 6265, section 4.1.1: no white space, quotes, commas, semicolons or backslashes.
    for value in ["a b", "a\"b", "a,b", "a\\b"] {
        let server = Server::start(move |_, _| {
            with(
                json(200, "{}"),
                "set-cookie",
                format!("id0={value}; Path=/"),
            )
        })
        .await;
        let session = server
            .builder()
            .credentials(Login::new("a@b.c", "s3cret"))
            .build()
            .unwrap();
        let error = session.call(&COOKIE).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{value:?}");
        assert_eq!(logins(&server), server.count(), "nothing else was sent");

        // Nor where the panel renews a session on the way: that ends it.
        let session = server
            .builder()
            .credentials(SessionCookie::new("given").unwrap())
            .build()
            .unwrap();
        session.call(&COOKIE).empty().await.unwrap();
        let error = session.call(&COOKIE).empty().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Credentials, "{value:?}");
        let requests = server.requests();
        assert_eq!(requests.last().unwrap().header("cookie"), Some("id0=given"));
    }
}

#[tokio::test]
async fn session_that_one_panel_renews_is_not_sent_to_another() {
    let renewing = Server::start(|_, _| with(json(200, "{}"), "set-cookie", "id0=renewed")).await;
    let other = Server::start(|_, _| json(200, "{}")).await;
    let cookie = SessionCookie::new("given").unwrap();
    for _ in 0..2 {
        for server in [&renewing, &other] {
            let session = server.builder().credentials(cookie.clone()).build();
            session.unwrap().call(&COOKIE).empty().await.unwrap();
        }
    }
    let sent = |server: &Server| {
        let requests = server.requests().into_iter();
        requests
            .map(|request| request.header("cookie").unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(sent(&renewing), ["id0=given", "id0=renewed"]);
    assert_eq!(sent(&other), ["id0=given", "id0=given"]);
}

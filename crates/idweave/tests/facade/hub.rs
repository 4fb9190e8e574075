//! Several services at once: lists, finding and offboarding a person, and a service that fails.

use crate::support::{ACCESS_KEY, GUID, ORG, Recorder, Response};
use futures::{StreamExt, TryStreamExt};
use idweave::{
    Deletion, ErrorKind, Hub, OffboardStatus, Service, User, UserId,
    services::{Authress, DocSpace},
};
use serde_json::{Value, json};

/// Starts an Authress account with users, two on a page.
async fn authress_with(users: &'static [(&'static str, &'static str)]) -> Recorder {
    Recorder::start(move |request| {
        if request.method == "DELETE" {
            return Response::empty(202);
        }
        let from = request.target.split("cursor=").nth(1).map_or(0, |rest| {
            rest.split('&').next().unwrap().parse::<usize>().unwrap()
        });
        let page: Vec<Value> = users
            .iter()
            .skip(from)
            .take(2)
            .map(|(id, email)| json!({"userId": id, "email": email, "name": id.to_uppercase()}))
            .collect();
        let next = (from + 2 < users.len()).then(|| json!({"cursor": (from + 2).to_string()}));
        Response::json(
            200,
            json!({"users": page, "pagination": {"next": next}, "links": {"self": {"href": "x"}}}),
        )
    })
    .await
}

/// Starts an Enhance organization with members, which can be deleted.
async fn enhance_with(emails: &'static [&'static str]) -> Recorder {
    Recorder::start(move |request| {
        if request.method == "DELETE" {
            return Response::empty(204);
        }
        let items: Vec<Value> = emails
            .iter()
            .map(|email| json!({"id": GUID, "loginId": ORG, "email": email, "name": "N", "isActive": true, "roles": ["Support"]}))
            .collect();
        Response::json(200, json!({"items": items, "total": items.len()}))
    })
    .await
}

const ANN: &str = "ann@acme.io";

fn hub(services: Vec<(&str, &str, String)>) -> Hub {
    let mut builder = Hub::builder();
    for (name, kind, url) in services {
        builder = match kind {
            "authress" => builder.service_as(name, crate::support::authress(&url)),
            "docspace" => builder.service_as(name, crate::support::docspace(&url)),
            "ostrom" => builder.service_as(name, crate::support::ostrom(&url)),
            _ => builder.service_as(name, crate::support::enhance(&url)),
        };
    }
    builder.build().unwrap()
}

fn ids(users: &[User]) -> Vec<String> {
    users.iter().map(|user| user.id.to_string()).collect()
}

#[tokio::test]
async fn hub_list_yields_all_pages_service_by_service() {
    let first = authress_with(&[
        ("a", "a@x.io"),
        ("b", "b@x.io"),
        ("c", "c@x.io"),
        ("d", ""),
        ("e", ""),
    ])
    .await;
    let second = enhance_with(&["f@x.io"]).await;
    let away = Recorder::raw(|_| Response::empty(500)).await;
    let hub = hub(vec![
        ("login", "authress", first.base_url.clone()),
        ("power", "ostrom", away.base_url.clone()),
        ("panel", "enhance", second.base_url.clone()),
    ]);
    let users: Vec<User> = hub.users().items().try_collect().await.unwrap();
    let panel = format!("panel:{GUID}");
    assert_eq!(
        ids(&users),
        [
            "login:a", "login:b", "login:c", "login:d", "login:e", &panel
        ]
    );
    assert_eq!(
        (first.count(), away.count()),
        (3, 0),
        "one call for each page, and none to a service that cannot list"
    );
    let pages: Vec<_> = hub.users().pages().try_collect().await.unwrap();
    let sizes: Vec<_> = pages
        .iter()
        .map(|page| (page.service.as_str(), page.items.len()))
        .collect();
    assert_eq!(
        sizes,
        [("login", 2), ("login", 2), ("login", 1), ("panel", 1)]
    );
}

#[tokio::test]
async fn hub_list_continues_after_one_service_fails() {
    let broken = Recorder::always(Response::json(500, json!({"title": "down"}))).await;
    let good = authress_with(&[("a", "a@x.io")]).await;
    let hub = hub(vec![
        ("broken", "authress", broken.base_url.clone()),
        ("good", "authress", good.base_url.clone()),
        ("panel", "enhance", broken.base_url.clone()),
    ]);
    let items: Vec<_> = hub.users().items().collect().await;
    let named: Vec<String> = items
        .iter()
        .map(|item| match item {
            Ok(user) => user.id.to_string(),
            Err(error) => format!("{} failed: {:?}", error.service().unwrap(), error.kind()),
        })
        .collect();
    assert_eq!(
        named,
        [
            "broken failed: Unavailable",
            "good:a",
            "panel failed: Unavailable"
        ]
    );
}

#[tokio::test]
async fn hub_list_yields_earlier_pages_before_an_error() {
    let server = Recorder::start(|request| {
        if request.target.contains("cursor") {
            return Response::json(503, "{}");
        }
        Response::json(200, json!({"users": [{"userId": "a"}], "pagination": {"next": {"cursor": "2"}}, "links": {}}))
    })
    .await;
    let hub = hub(vec![("login", "authress", server.base_url.clone())]);
    let items: Vec<_> = hub.users().items().collect().await;
    assert_eq!(
        (items.len(), items[0].is_ok(), items[1].is_err()),
        (2, true, true)
    );
}

#[tokio::test]
async fn hub_can_have_two_services_of_one_type() {
    let (first, second) = (
        authress_with(&[("a", ANN)]).await,
        authress_with(&[("a", ANN)]).await,
    );
    let hub = hub(vec![
        ("authress", "authress", first.base_url.clone()),
        ("authress-eu", "authress", second.base_url.clone()),
    ]);
    let users: Vec<User> = hub.users().email(ANN).items().try_collect().await.unwrap();
    assert_eq!(ids(&users), ["authress:a", "authress-eu:a"]);
    assert_eq!(
        hub.users().delete(&users[1].id).await.unwrap(),
        Deletion::Accepted
    );
    assert_eq!((first.count(), second.count()), (1, 2));
    let error = hub
        .users()
        .get(&UserId::new("nowhere", "a"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(
        error.to_string().contains("authress, authress-eu"),
        "{error}"
    );
}

#[tokio::test]
async fn hub_list_matches_whole_addresses_ignoring_case() {
    let server = authress_with(&[
        ("a", "joann@acme.io"),
        ("b", "Ann@Acme.io"),
        ("c", "ann@acme.io.evil.org"),
    ])
    .await;
    let panel = enhance_with(&["ANN@acme.io", "ann@acme.iox"]).await;
    let hub = hub(vec![
        ("login", "authress", server.base_url.clone()),
        ("panel", "enhance", panel.base_url.clone()),
    ]);
    let users: Vec<User> = hub.users().email(ANN).items().try_collect().await.unwrap();
    assert_eq!(ids(&users), ["login:b", &format!("panel:{GUID}")]);
    assert!(
        server.requests()[0].target.contains("filter=ann%40acme.io"),
        "{}",
        server.requests()[0].target
    );
}

#[tokio::test]
async fn find_returns_the_matches_and_errors_of_each_service() {
    let login = authress_with(&[("a", ANN)]).await;
    let panel = enhance_with(&["bob@acme.io"]).await;
    let portal = Recorder::always(Response::json(404, json!({"error": {"message": "no"}}))).await;
    let power = Recorder::raw(|_| Response::empty(500)).await;
    let broken = Recorder::always(Response::html(502)).await;
    let hub = hub(vec![
        ("login", "authress", login.base_url.clone()),
        ("panel", "enhance", panel.base_url.clone()),
        ("portal", "docspace", portal.base_url.clone()),
        ("power", "ostrom", power.base_url.clone()),
        ("broken", "authress", broken.base_url.clone()),
    ]);
    let ann = hub.find(ANN).await.unwrap();
    assert_eq!(
        ann.users()
            .map(|user| user.id.to_string())
            .collect::<Vec<_>>(),
        ["login:a"]
    );
    assert_eq!(ann.user("login").and_then(User::display_name), Some("A"));
    let errors: Vec<_> = ann
        .matches
        .iter()
        .map(|f| (f.service.as_str(), f.error.as_ref().map(|e| e.kind())))
        .collect();
    assert_eq!(
        errors,
        [
            ("login", None),
            ("panel", None),
            ("portal", None),
            ("power", Some(ErrorKind::Unsupported)),
            ("broken", Some(ErrorKind::Unavailable)),
        ]
    );
    assert_eq!(
        ann.failures()
            .map(|error| error.service().unwrap())
            .collect::<Vec<_>>(),
        ["broken"]
    );
    assert!(!format!("{ann:?}").contains("ann@"), "{ann:?}");
}

#[tokio::test]
async fn offboard_reports_the_outcome_of_each_service() {
    let login = authress_with(&[("a", ANN)]).await;
    let panel = enhance_with(&[ANN]).await;
    let power = Recorder::start(|_| Response::empty(200)).await;
    let broken = Recorder::always(Response::html(502)).await;
    let hub = hub(vec![
        ("login", "authress", login.base_url.clone()),
        ("panel", "enhance", panel.base_url.clone()),
        ("power", "ostrom", power.base_url.clone()),
        ("broken", "authress", broken.base_url.clone()),
    ]);
    let ann = hub.find(ANN).await.unwrap();
    let report = hub.offboard(&ann).await.unwrap();
    let ended: Vec<_> = report
        .outcomes
        .iter()
        .map(|o| (o.service.as_str(), o.status))
        .collect();
    assert_eq!(
        ended,
        [
            ("login", OffboardStatus::Pending),
            ("panel", OffboardStatus::Completed),
            ("power", OffboardStatus::Unsupported),
            ("broken", OffboardStatus::Failed),
        ]
    );
    assert!(!report.is_complete());
    let lines: Vec<String> = report.outcomes.iter().map(ToString::to_string).collect();
    assert_eq!(lines[0], "login:a pending");
    assert!(lines[2].starts_with("power unsupported: "), "{}", lines[2]);
    assert!(lines[2].contains("with_user()"), "{}", lines[2]);

    // The partner knows the user's id at Ostrom, where users cannot be searched.
    let report = hub
        .offboard(&ann.with_user(UserId::new("power", "bob-7")))
        .await
        .unwrap();
    let power = report
        .outcomes
        .iter()
        .find(|outcome| outcome.service == "power")
        .unwrap();
    assert_eq!(
        (power.status, power.deletion),
        (OffboardStatus::Completed, Some(Deletion::Unlinked))
    );
    assert_eq!(report.failed().count(), 1);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["outcomes"][0]["status"], "pending");
}

#[tokio::test]
async fn offboard_is_complete_when_the_user_is_not_found() {
    let server = Recorder::always(Response::json(404, "{}")).await;
    let hub = hub(vec![("login", "authress", server.base_url.clone())]);
    let mut person = hub.find(ANN).await.unwrap();
    person.matches.clear();
    let report = hub
        .offboard(&person.with_user(UserId::new("login", "a")))
        .await
        .unwrap();
    assert!(report.is_complete());
}

#[tokio::test]
async fn find_rejects_invalid_addresses() {
    let server = Recorder::raw(|_| Response::empty(500)).await;
    let hub = hub(vec![("login", "authress", server.base_url.clone())]);
    for bad in ["", "ann", "ann@", "ann@acme.io\n"] {
        let Err(error) = hub.find(bad).await else {
            assert_eq!(bad.trim(), ANN);
            continue;
        };
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad:?}");
    }
}

#[tokio::test]
async fn hub_list_fetches_only_the_pages_needed() {
    let many: Vec<Value> = (0..100)
        .map(|i| json!({"userId": format!("u{i}")}))
        .collect();
    let page = json!({"users": many, "pagination": {"next": {"cursor": "x"}}, "links": {}});
    let server = Recorder::start(move |request| {
        let mut page = page.clone();
        let at = request
            .target
            .split("cursor=")
            .nth(1)
            .map_or(0, |c| c.split('&').next().unwrap().len());
        page["pagination"]["next"]["cursor"] = "x".repeat(at + 1).into();
        Response::json(200, page)
    })
    .await;
    let hub = hub(vec![("login", "authress", server.base_url.clone())]);
    let few: Vec<User> = hub
        .users()
        .list()
        .with_prefetch(0)
        .items()
        .take(3)
        .try_collect()
        .await
        .unwrap();
    assert_eq!((few.len(), server.count()), (3, 1));
    let more: Vec<User> = hub.users().items().take(150).try_collect().await.unwrap();
    assert_eq!(more.len(), 150);
    assert!(
        server.count() <= 1 + 3,
        "two pages and one ahead: {}",
        server.count()
    );
}

#[test]
fn hub_build_validates_names() {
    let docspace = || {
        DocSpace::new("https://acme.onlyoffice.com")
            .unwrap()
            .api_key("sk-1")
    };
    let twice = Hub::builder()
        .service(docspace())
        .service(docspace())
        .build()
        .unwrap_err();
    assert_eq!(
        (twice.kind(), twice.service()),
        (ErrorKind::InvalidConfig, Some("docspace"))
    );
    assert_eq!(
        Hub::builder().build().unwrap_err().kind(),
        ErrorKind::InvalidConfig
    );
    for name in ["", "a:b", "a b", "a\n", &"x".repeat(65)] {
        let error = Hub::builder()
            .service_as(name, docspace())
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{name:?}");
    }
    let hub = Hub::builder()
        .service(docspace())
        .service_as("docspace-eu", docspace())
        .build()
        .unwrap();
    assert_eq!(
        hub.services().map(Service::name).collect::<Vec<_>>(),
        ["docspace", "docspace-eu"]
    );
    assert_eq!(
        hub.service("ostrom").unwrap_err().kind(),
        ErrorKind::InvalidConfig
    );
}

#[test]
fn hub_build_rejects_invalid_configurations() {
    for url in [
        "",
        "acme.io",
        "http://acme.io",
        "ftp://acme.io",
        "https://user:pw@acme.io",
    ] {
        assert_eq!(
            DocSpace::new(url).unwrap_err().kind(),
            ErrorKind::InvalidConfig,
            "{url}"
        );
        assert_eq!(
            Authress::new(url).unwrap_err().kind(),
            ErrorKind::InvalidConfig,
            "{url}"
        );
    }
    for key in [
        "",
        "a.b.c",
        "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln",
        "a.b.c.!!!",
    ] {
        let error = Authress::new("https://login.acme.io")
            .unwrap()
            .access_key(key)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{key}");
    }
    assert!(
        Authress::new("https://login.acme.io")
            .unwrap()
            .access_key(ACCESS_KEY)
            .is_ok()
    );
    let empty = DocSpace::new("https://acme.onlyoffice.com")
        .unwrap()
        .api_key("");
    assert_eq!(
        Hub::builder().service(empty).build().unwrap_err().kind(),
        ErrorKind::InvalidConfig
    );
    let no_org = idweave::services::Enhance::new("https://panel.acme.io")
        .unwrap()
        .access_token("not-a-guid", "t");
    assert_eq!(
        Hub::builder().service(no_org).build().unwrap_err().kind(),
        ErrorKind::InvalidConfig
    );
    let good = idweave::services::Enhance::new("https://panel.acme.io")
        .unwrap()
        .access_token(ORG, "t");
    assert!(Hub::builder().service(good).build().is_ok());
}

#[tokio::test]
async fn from_client_keeps_the_settings_of_the_client() {
    let server = Recorder::always(Response::json(200, json!({"response": 7}))).await;
    let client = idweave_docspace::Client::builder(&server.base_url)
        .credentials(idweave_docspace::ApiKey::new("sk-hand").unwrap())
        .user_agent("payroll/3")
        .build()
        .unwrap();
    let hub = Hub::builder()
        .service(DocSpace::from_client(client.clone()))
        .build()
        .unwrap();
    assert_eq!(
        hub.service("docspace")
            .unwrap()
            .users()
            .count()
            .await
            .unwrap(),
        7
    );
    let sent = &server.requests()[0];
    assert_eq!(sent.header("authorization"), Some("Bearer sk-hand"));
    assert!(sent.header("user-agent").unwrap().contains("payroll/3"));
    for changed in [
        DocSpace::from_client(client.clone()).with_retry(false),
        DocSpace::from_client(client.clone()).api_key("sk-other"),
    ] {
        let error = Hub::builder().service(changed).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.to_string().contains("to that client"), "{error}");
    }
}

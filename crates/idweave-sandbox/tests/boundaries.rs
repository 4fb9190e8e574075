//! Who reaches a sandbox: not web pages of another origin, not pages under a name of their own, and
//! nobody who was not told its credentials.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Call, call};
use idweave_sandbox::{Builder, Sandbox};
use serde_json::{Value, json};

/// Requests for every path of the control API, as a page can send them: a body of `text/plain` needs
/// no permission (Fetch standard, "CORS-safelisted request-header").
fn control_calls(base: &str) -> Vec<Call> {
    let get = |path: &str| call("GET", format!("{base}/_sandbox/{path}"));
    let post = |path: &str, body: Value| {
        let call = call("POST", format!("{base}/_sandbox/{path}"));
        call.raw("text/plain;charset=UTF-8", body.to_string())
    };
    let mut calls: Vec<Call> = [
        "access",
        "requests",
        "state",
        "operations",
        "effects",
        "outbox",
        "snapshot",
        "faults",
        "clock",
        "docspace/congratulations-key?userid=1",
        "docspace/invite?url=1",
        "nothing",
    ]
    .map(get)
    .into();
    calls.extend([
        post("faults", json!({"service": "authress", "status": 503})),
        post("clock", json!({"advance_seconds": 3600})),
        post("docspace/profile", json!({"provider": "google"})),
        post("ostrom/consent?externalUserId=1", json!({})),
        post("reset", json!({})),
        call("DELETE", format!("{base}/_sandbox/faults")),
    ]);
    calls
}

fn port(base_url: &str) -> &str {
    base_url
        .rsplit(':')
        .next()
        .unwrap()
        .trim_end_matches("/api")
}

/// The base URLs of the five services, without a path.
fn services(sandbox: &Sandbox) -> [String; 5] {
    let access = sandbox.access();
    [
        &access.docspace.base_url,
        &access.authress.base_url,
        &access.ostrom.base_url,
        &access.ostrom.auth_url,
        &access.enhance.base_url,
    ]
    .map(|url| url.trim_end_matches("/api").to_owned())
}

#[tokio::test]
async fn control_api_refuses_web_pages_of_other_origins() {
    let sandbox = Sandbox::builder().page(true).start().await.unwrap();
    let mut bases = services(&sandbox).to_vec();
    bases.push(sandbox.page_url().unwrap().trim_end_matches('/').to_owned());
    // Something that a reset would take away.
    let login = json!({"email": sandbox.enhance().email, "password": sandbox.enhance().password});
    let sessions = format!("{}/login/sessions", sandbox.enhance().base_url);
    call("POST", sessions).json(&login).send().await.expect(200);
    let before = sandbox.snapshot();
    for base in &bases {
        let other_port = format!("http://127.0.0.1:{}", port(&bases[0]));
        let other_port = if *base == bases[0] {
            "http://127.0.0.1:1"
        } else {
            &other_port
        };
        let other_name = format!("http://localhost:{}", port(base));
        let secure = base.replace("http:", "https:");
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", ""),
            ("origin", other_port),
            ("origin", &other_name),
            ("origin", &secure),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "anything"),
        ] {
            for call in control_calls(base) {
                let response = call.header(name, value).send().await.expect(403);
                let text = response.json()["error"].as_str().unwrap().to_owned();
                assert!(text.starts_with("cross-origin request"), "{text}");
                assert!(
                    response
                        .headers
                        .get("access-control-allow-origin")
                        .is_none()
                );
            }
        }
    }
    assert_eq!(sandbox.snapshot(), before);
    assert!(sandbox.clock().offset().is_zero());
    assert_eq!(sandbox.requests().len(), 1, "nothing was reset");
    call("GET", format!("{}/v1/users", sandbox.authress().base_url))
        .bearer(&sandbox.authress().access_key)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn control_api_responds_to_programs_and_to_its_own_page() {
    let sandbox = Sandbox::builder().page(true).start().await.unwrap();
    let page = sandbox.page_url().unwrap().trim_end_matches('/').to_owned();
    for base in [&services(&sandbox)[1], &page] {
        for headers in [
            &[][..],
            &[("origin", base.as_str())],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin"), ("origin", base)],
        ] {
            for (method, path, status) in [("GET", "access", 200), ("POST", "reset", 204)] {
                let mut call = call(method, format!("{base}/_sandbox/{path}"));
                for (name, value) in headers {
                    call = call.header(name, value);
                }
                call.send().await.expect(status);
            }
        }
    }
}

#[tokio::test]
async fn listeners_respond_only_to_their_own_host() {
    let sandbox = Sandbox::builder().page(true).start().await.unwrap();
    let mut bases = services(&sandbox).to_vec();
    bases.push(sandbox.page_url().unwrap().trim_end_matches('/').to_owned());
    for (at, base) in bases.iter().enumerate() {
        let own = port(base);
        let neighbour = port(&bases[(at + 1) % bases.len()]);
        for path in ["", "/", "/_sandbox/access", "/v1/users", "/style.css"] {
            for host in [
                format!("rebound.example:{own}"),
                "rebound.example".to_owned(),
                "127.0.0.1".to_owned(),
                format!("127.0.0.1:{neighbour}"),
                format!("localhost.rebound.example:{own}"),
            ] {
                let call = call("GET", format!("{base}{path}")).header("host", &host);
                let response = call.send().await.expect(421);
                let text = String::from_utf8(response.body.to_vec()).unwrap();
                assert!(text.contains("--allow-host"), "{host}: {text}");
            }
        }
        for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
            let call = call("GET", format!("{base}/_sandbox/clock"));
            let host = format!("{host}:{own}");
            call.header("host", &host).send().await.expect(200);
        }
    }
    assert!(sandbox.requests().is_empty(), "no service saw any of them");
}

#[tokio::test]
async fn allow_host_opens_the_services_and_not_the_control_api() {
    let hosts = |builder: Builder| {
        builder
            .allow_host("sandbox.test")
            .allow_host("localhost:9000")
    };
    let sandbox = hosts(Sandbox::builder().page(true)).start().await.unwrap();
    let page = sandbox.page_url().unwrap();
    for base in services(&sandbox) {
        let get = |path: &str| call("GET", format!("{base}{path}"));
        for host in ["sandbox.test", "sandbox.test:7", "localhost:9000"] {
            let response = get("/nothing").header("host", host).send().await;
            assert_ne!(response.status.as_u16(), 421, "{host}");
        }
        let own = get("/_sandbox/access").header("host", "sandbox.test");
        own.send().await.expect(403);
        let tunnel = get("/_sandbox/access").header("host", "localhost:9000");
        tunnel.send().await.expect(200);
        get("/")
            .header("host", "other.test")
            .send()
            .await
            .expect(421);
    }
    let get = |host: &str| call("GET", page).header("host", host);
    get("sandbox.test").send().await.expect(403);
    get("localhost:9000").send().await.expect(200);
    for invalid in ["http://sandbox.test", "", "*"] {
        let error = Sandbox::builder().allow_host(invalid).start().await.err();
        assert_eq!(error.unwrap().kind(), std::io::ErrorKind::InvalidInput);
    }
}

/// The texts of a JSON value, by their paths.
fn texts(value: &Value, at: String, found: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => drop(found.insert(at, text.clone())),
        Value::Object(map) => {
            for (name, value) in map {
                texts(value, format!("{at}.{name}"), found);
            }
        }
        _ => panic!("{at} is {value}"),
    }
}

/// The paths of all that two sandboxes have in common, their addresses aside.
fn common_texts(one: &Sandbox, other: &Sandbox) -> BTreeSet<String> {
    let [one, other] = [one, other].map(|sandbox| {
        let mut found = BTreeMap::new();
        let access = serde_json::to_value(sandbox.access()).unwrap();
        texts(&access, String::new(), &mut found);
        found
    });
    let alike = one.iter().filter(|(at, text)| other[*at] == **text);
    alike
        .map(|(at, _)| at.trim_start_matches('.').to_owned())
        .collect()
}

#[tokio::test]
async fn credentials_differ_from_start_to_start_unless_there_is_a_seed() {
    let (one, other) = (
        Sandbox::start().await.unwrap(),
        Sandbox::start().await.unwrap(),
    );
    // People and names only; whatever is new in `Access` is a secret until it is listed here.
    let known = [
        "authress.application_id",
        "authress.connection_id",
        "authress.tenant_id",
        "authress.user_id",
        "docspace.admin.email",
        "docspace.admin.user_id",
        "docspace.disabled.email",
        "docspace.disabled.user_id",
        "docspace.email",
        "docspace.guest.email",
        "docspace.guest.user_id",
        "docspace.two_factor.email",
        "docspace.two_factor.user_id",
        "docspace.user.email",
        "docspace.user.user_id",
        "docspace.user_id",
        "enhance.email",
        "enhance.member.email",
        "enhance.member.user_id",
        "enhance.two_factor.email",
        "enhance.two_factor.user_id",
        "ostrom.external_user_id",
    ];
    assert_eq!(common_texts(&one, &other), known.map(str::to_owned).into());
    // What is made later is a secret too where it opens something.
    let mut made = BTreeSet::new();
    for sandbox in [&one, &other] {
        let access = sandbox.enhance();
        let body = json!({"email": "mia@example.com", "name": "Mia", "roles": ["Support"]});
        let url = format!("{}/orgs/{}/invites", access.base_url, access.org_id);
        let invite = call("POST", url).bearer(&access.access_token).json(&body);
        let invite = invite.send().await.expect(201).json();
        let invite = sandbox.enhance_invite_id(invite.as_str().unwrap()).unwrap();
        assert!(made.insert(invite));
        let url = format!("{}/v1/invites", sandbox.authress().base_url);
        let access =
            json!([{"roles": ["ro_viewer"], "resources": [{"resourceUri": "documents/*"}]}]);
        let invite = call("POST", url).bearer(&sandbox.authress().access_key);
        let invite = invite
            .json(&json!({"statements": access}))
            .send()
            .await
            .expect(201);
        assert!(made.insert(invite.json()["inviteId"].as_str().unwrap().to_owned()));
        let url = format!("{}/api/2.0/keys", sandbox.docspace().base_url);
        let key = call("POST", url).bearer(&sandbox.docspace().api_key);
        let key = key.json(&json!({"name": "k"})).send().await.expect(200);
        assert!(made.insert(key.json()["response"]["key"].as_str().unwrap().to_owned()));
    }
    assert_eq!(made.len(), 6);
    // The credentials of one do not open the other, and stay through a reset.
    let url = format!("{}/v1/users", other.authress().base_url);
    let foreign = call("GET", &url).bearer(&one.authress().access_key);
    foreign.send().await.expect(401);
    other.reset();
    let own = call("GET", &url).bearer(&other.authress().access_key);
    own.send().await.expect(200);

    let seeded = || Sandbox::builder().seed(1).start();
    let (one, other) = (seeded().await.unwrap(), seeded().await.unwrap());
    let mut all = BTreeMap::new();
    let access = serde_json::to_value(one.access()).unwrap();
    texts(&access, String::new(), &mut all);
    let addresses = services(&one).len();
    assert_eq!(common_texts(&one, &other).len(), all.len() - addresses);
}

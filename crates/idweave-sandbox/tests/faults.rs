//! Faults on demand, recorded requests, clock, reset, the control API, the web page, the program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Call, call};
use idweave_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

fn users(sandbox: &Sandbox, query: &str) -> Call {
    let access = sandbox.authress();
    call("GET", format!("{}/v1/users{query}", access.base_url)).bearer(&access.access_key)
}

fn invite(sandbox: &Sandbox) -> Call {
    let access = sandbox.enhance();
    call(
        "POST",
        format!("{}/orgs/{}/invites", access.base_url, access.org_id),
    )
    .bearer(&access.access_token)
    .json(&json!({"email": "mia@example.com", "name": "Mia", "roles": ["Support"]}))
}

#[tokio::test]
async fn fault_status_is_returned_so_often_in_the_services_own_form() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(
        Fault::on("authress")
            .operation("getUsers")
            .status(503)
            .retry_after(7)
            .times(2),
    );
    for _ in 0..2 {
        let response = users(&sandbox, "").send().await.expect(503);
        assert_eq!(response.header("retry-after"), "7");
        assert_eq!(response.json()["errorCode"], "InternalServerError");
    }
    users(&sandbox, "").send().await.expect(200);
    assert_eq!(sandbox.effects("authress", "getUsers"), 1);
    assert_eq!(sandbox.requests().iter().filter(|own| own.fault).count(), 2);
}

#[tokio::test]
async fn reset_before_has_no_effect_and_reset_after_has_one() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(
        Fault::on("enhance")
            .operation("createInvite")
            .reset_before()
            .times(1),
    );
    invite(&sandbox).try_send().await.unwrap_err();
    assert_eq!(
        (
            sandbox.effects("enhance", "createInvite"),
            sandbox.outbox().len()
        ),
        (0, 0)
    );
    sandbox.fault(
        Fault::on("enhance")
            .operation("createInvite")
            .reset_after()
            .times(1),
    );
    invite(&sandbox).try_send().await.unwrap_err();
    assert_eq!(
        (
            sandbox.effects("enhance", "createInvite"),
            sandbox.outbox().len()
        ),
        (1, 1)
    );
    assert_eq!(sandbox.requests()[0].status, None);
}

#[tokio::test]
async fn bodies_are_truncated_malformed_and_mislabelled() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::on("authress").truncate().times(1));
    users(&sandbox, "").try_send().await.unwrap_err();
    sandbox.fault(Fault::on("authress").malformed().times(1));
    let response = users(&sandbox, "").send().await.expect(200);
    assert!(serde_json::from_slice::<Value>(&response.body).is_err());
    sandbox.fault(
        Fault::on("authress")
            .status(502)
            .content_type("text/html")
            .body("<h1>Bad gateway</h1>")
            .times(1),
    );
    let response = users(&sandbox, "").send().await.expect(502);
    assert_eq!(
        (response.header("content-type"), &response.body[..4]),
        ("text/html", &b"<h1>"[..])
    );
}

#[tokio::test]
async fn response_is_delayed_or_never_comes() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(Fault::anywhere().delay(Duration::from_millis(120)).times(1));
    let start = Instant::now();
    users(&sandbox, "").send().await.expect(200);
    assert!(start.elapsed() >= Duration::from_millis(120));
    sandbox.fault(Fault::on("authress").stall());
    let waiting =
        tokio::time::timeout(Duration::from_millis(100), users(&sandbox, "").try_send()).await;
    assert!(waiting.is_err());
    sandbox.clear_faults();
    users(&sandbox, "").send().await.expect(200);
}

#[tokio::test]
async fn pages_repeat_and_go_missing() {
    let sandbox = Sandbox::builder().users(40).start().await.unwrap();
    let ids = |page: &Value| {
        page["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["userId"].to_string())
            .collect::<Vec<_>>()
    };
    let first = users(&sandbox, "?limit=10").send().await.json();
    let cursor = first["pagination"]["next"]["cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = users(&sandbox, &format!("?limit=10&cursor={cursor}"))
        .send()
        .await
        .json();
    sandbox.fault(
        Fault::on("authress")
            .operation("getUsers")
            .duplicate_page()
            .times(1),
    );
    let repeated = users(&sandbox, &format!("?limit=10&cursor={cursor}"))
        .send()
        .await
        .json();
    assert_eq!(ids(&repeated), ids(&first));
    sandbox.fault(
        Fault::on("authress")
            .operation("getUsers")
            .missing_page()
            .times(1),
    );
    let skipped = users(&sandbox, "?limit=10").send().await.json();
    assert_eq!(ids(&skipped), ids(&second));
    let people = |query: &str| {
        call(
            "GET",
            format!(
                "{}/api/2.0/people?count=5{query}",
                sandbox.docspace().base_url
            ),
        )
        .bearer(&sandbox.docspace().api_key)
    };
    let second = people("&startIndex=5").send().await.json();
    sandbox.fault(Fault::on("docspace").missing_page().times(1));
    assert_eq!(
        people("").send().await.json()["response"],
        second["response"]
    );
}

#[tokio::test]
async fn recorded_requests_hold_no_secret() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let body = json!({"email": access.email, "password": access.password});
    call("POST", format!("{}/login/sessions", access.base_url))
        .json(&body)
        .send()
        .await
        .expect(200);
    let docspace = sandbox.docspace();
    call(
        "GET",
        format!("{}/api/2.0/people/@self?key=hidden", docspace.base_url),
    )
    .bearer(&docspace.api_key)
    .send()
    .await;
    let ostrom = sandbox.ostrom();
    call("POST", format!("{}/oauth2/token", ostrom.auth_url))
        .basic(&ostrom.user.client_id, &ostrom.user.client_secret)
        .form("grant_type=client_credentials&client_secret=hidden")
        .send()
        .await;
    let text =
        serde_json::to_string(&sandbox.requests()).unwrap() + &format!("{:?}", sandbox.requests());
    for secret in [
        &access.password,
        &docspace.api_key,
        &ostrom.user.client_secret,
        "hidden",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("client_credentials") && text.contains(&access.email));
    assert_eq!(
        sandbox.requests()[0].json().unwrap()["email"],
        access.email.as_str()
    );
}

#[tokio::test]
async fn sandboxes_of_one_seed_are_alike_and_reset_restores_it() {
    let first = Sandbox::builder().seed(7).start().await.unwrap();
    let second = Sandbox::builder().seed(7).start().await.unwrap();
    let other = Sandbox::builder().seed(8).start().await.unwrap();
    assert_eq!(first.docspace().api_key, second.docspace().api_key);
    assert_ne!(first.docspace().api_key, other.docspace().api_key);
    let urls = |value: Value, sandbox: &Sandbox| {
        let access = sandbox.access();
        let mut text = value.to_string();
        for (at, url) in [
            &access.docspace.base_url,
            &access.authress.base_url,
            &access.enhance.base_url,
        ]
        .into_iter()
        .enumerate()
        {
            text = text.replace(url.trim_end_matches("/api"), &format!("url{at}"));
        }
        text
    };
    let before = first.snapshot();
    assert_eq!(
        urls(before.clone(), &first),
        urls(second.snapshot(), &second)
    );
    invite(&first).send().await.expect(201);
    first.clock().advance(Duration::from_secs(60));
    assert_ne!(first.snapshot(), before);
    first.reset();
    assert_eq!(first.snapshot(), before);
    assert!(
        first.requests().is_empty()
            && first.outbox().is_empty()
            && first.clock().offset().is_zero()
    );
    assert_eq!(first.effects("enhance", "createInvite"), 0);
}

#[tokio::test]
async fn control_api_covers_faults_clock_requests_and_reset() {
    let sandbox = Sandbox::start().await.unwrap();
    let control = |method: &str, path: &str| {
        call(
            method,
            format!("{}/_sandbox/{path}", sandbox.ostrom().base_url),
        )
    };
    let access = control("GET", "access").send().await.expect(200).json();
    assert_eq!(access, serde_json::to_value(sandbox.access()).unwrap());
    control("POST", "faults")
        .json(&json!({"service": "authress", "status": 429, "retry_after": 3, "times": 1}))
        .send()
        .await
        .expect(204);
    control("POST", "faults")
        .json(&json!({"statsu": 429}))
        .send()
        .await
        .expect(400);
    assert_eq!(
        users(&sandbox, "")
            .send()
            .await
            .expect(429)
            .header("retry-after"),
        "3"
    );
    control("POST", "clock")
        .json(&json!({"advance_seconds": 60}))
        .send()
        .await
        .expect(204);
    assert!(
        control("GET", "clock").send().await.json()["ahead_seconds"]
            .as_u64()
            .unwrap()
            >= 60
    );
    let seen = control("GET", "requests?service=authress&operation=getUsers")
        .send()
        .await
        .json();
    assert_eq!(
        (seen.as_array().unwrap().len(), seen[0]["status"].as_u64()),
        (1, Some(429))
    );
    invite(&sandbox).send().await.expect(201);
    assert_eq!(
        control("GET", "effects").send().await.json()["enhance.createInvite"],
        1
    );
    assert_eq!(
        control("GET", "outbox").send().await.json()[0]["to"],
        "mia@example.com"
    );
    control("POST", "reset").send().await.expect(204);
    assert_eq!(control("GET", "outbox").send().await.json(), json!([]));
    control("GET", "nothing").send().await.expect(404);
    assert!(
        sandbox.requests().is_empty(),
        "the control API is not recorded"
    );
}

#[tokio::test]
async fn unknown_paths_and_methods_have_errors_in_the_services_own_form() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.access();
    let response = call("GET", format!("{}/v1/nothing", access.authress.base_url))
        .send()
        .await
        .expect(404);
    assert_eq!(response.json()["errorCode"], "NotFound");
    let response = call("PUT", format!("{}/v1/tenants", access.authress.base_url))
        .send()
        .await
        .expect(405);
    assert!(response.header("allow").contains("GET") && response.header("allow").contains("POST"));
    let response = call("GET", format!("{}/nothing", access.ostrom.base_url))
        .send()
        .await
        .expect(404);
    assert_eq!(response.json()["type"], "not_found");
    let response = call("GET", format!("{}/nothing", access.enhance.base_url))
        .send()
        .await
        .expect(404);
    assert_eq!(response.json()["code"], "not_found");
    // An empty id leads nowhere, and not to the list.
    call("DELETE", format!("{}/v1/users/", access.authress.base_url))
        .bearer(&access.authress.access_key)
        .send()
        .await
        .expect(404);
    assert_eq!(sandbox.requests()[0].operation, None);
}

#[tokio::test]
async fn sandbox_stops_with_its_connections() {
    let sandbox = Sandbox::start().await.unwrap();
    let url = format!("{}/v1/users", sandbox.authress().base_url);
    sandbox.fault(Fault::anywhere().stall());
    let stalled = tokio::spawn(call("GET", &url).try_send());
    while sandbox.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.stop().await;
    stalled.await.unwrap().unwrap_err();
    call("GET", &url).try_send().await.unwrap_err();
}

#[tokio::test]
async fn web_page_is_served_with_the_control_api_beside_it() {
    let sandbox = Sandbox::builder().page(true).start().await.unwrap();
    let url = sandbox.page_url().unwrap().to_owned();
    let page = call("GET", &url).send().await.expect(200);
    assert!(
        page.header("content-type").starts_with("text/html")
            && page
                .header("content-security-policy")
                .contains("default-src 'none'")
    );
    call("GET", format!("{url}_sandbox/access"))
        .send()
        .await
        .expect(200);
    call("GET", format!("{url}else")).send().await.expect(404);
}

#[test]
fn program_prints_one_json_line_and_ends_with_its_input() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_idweave-sandbox"))
        .args(["--json", "--until-eof", "--seed", "3", "--users", "12"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let access: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    for (service, fields) in [
        (
            "docspace",
            &["base_url", "api_key", "email", "password", "user_id"][..],
        ),
        (
            "authress",
            &["base_url", "access_key", "user_id", "tenant_id"],
        ),
        ("ostrom", &["base_url", "auth_url"]),
        (
            "enhance",
            &["base_url", "org_id", "access_token", "email", "password"],
        ),
    ] {
        for field in fields {
            assert!(access[service][field].is_string(), "{service}.{field}");
        }
    }
    assert!(access["ostrom"]["partner"]["client_secret"].is_string());
    assert!(
        access["enhance"]["base_url"]
            .as_str()
            .unwrap()
            .ends_with("/api")
    );
    drop(program.stdin.take());
    assert!(program.wait().unwrap().success());
    assert!(lines.next().is_none(), "nothing else is printed");
}

#[cfg(unix)]
#[test]
fn program_ends_when_interrupted_though_its_input_is_open() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_idweave-sandbox"))
        .args(["--json", "--until-eof"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let interrupted = Command::new("kill")
        .args(["-INT", &program.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupted.success());
    assert!(program.wait().unwrap().success());
}

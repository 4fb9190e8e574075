//! A million users in each service: generated on access, found at once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{call, segment};
use idweave_sandbox::Sandbox;
use serde_json::json;

const PEOPLE: usize = 1_000_000;

#[tokio::test]
async fn million_users_are_counted_paged_and_changed() {
    let sandbox = Sandbox::builder().users(PEOPLE).start().await.unwrap();
    let (docspace, authress, enhance) = (sandbox.docspace(), sandbox.authress(), sandbox.enhance());
    let people = |method: &str, path: &str| {
        call(method, format!("{}/api/2.0{path}", docspace.base_url)).bearer(&docspace.api_key)
    };

    let active = people("GET", "/portal/userscount")
        .send()
        .await
        .expect(200)
        .json()["response"]
        .as_u64()
        .unwrap();
    assert!((800_000..950_000).contains(&active), "{active}");
    let last = people(
        "GET",
        &format!("/people?count=100&startIndex={}", active - 7),
    )
    .send()
    .await
    .expect(200)
    .json();
    assert_eq!(
        (last["count"].as_u64(), last["total"].as_u64()),
        (Some(7), Some(active))
    );
    let far = last["response"][6].clone();
    people("GET", &format!("/people/{}", far["id"].as_str().unwrap()))
        .send()
        .await
        .expect(200);
    people("PUT", "/people/status/2")
        .json(&json!({"userIds": [far["id"]]}))
        .send()
        .await
        .expect(200);
    let fewer = people("GET", "/portal/userscount").send().await.json()["response"]
        .as_u64()
        .unwrap();
    assert_eq!(fewer, active - 1);

    // The same person in every service, by their address.
    let email = far["email"].as_str().unwrap();
    let members = format!(
        "{}/orgs/{}/members?limit=3&offset={}",
        enhance.base_url,
        enhance.org_id,
        PEOPLE - 2
    );
    let members = call("GET", members)
        .bearer(&enhance.access_token)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            members["items"].as_array().unwrap().len(),
            members["total"].as_u64()
        ),
        (2, Some(PEOPLE as u64))
    );
    let login = json!({"email": email, "password": "wrong"});
    call("POST", format!("{}/login/sessions", enhance.base_url))
        .json(&login)
        .send()
        .await
        .expect(401);

    let users = |path: &str| {
        call("GET", format!("{}{path}", authress.base_url)).bearer(&authress.access_key)
    };
    let page = users("/v1/users?limit=100").send().await.expect(200).json();
    assert_eq!(page["users"].as_array().unwrap().len(), 100);
    let id = page["users"][99]["userId"].as_str().unwrap();
    users(&format!("/v1/users/{}", segment(id)))
        .send()
        .await
        .expect(200);
    users("/v1/users/auth0%7Cnobody").send().await.expect(404);
}

/// Peak memory of this whole process, the test harness included.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn million_users_need_less_than_half_a_gibibyte() {
    let sandbox = Sandbox::builder().users(PEOPLE).start().await.unwrap();
    let docspace = sandbox.docspace();
    call(
        "GET",
        format!("{}/api/2.0/people?count=100", docspace.base_url),
    )
    .bearer(&docspace.api_key)
    .send()
    .await
    .expect(200);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let kibibytes: u64 = peak.trim().trim_end_matches("kB").trim().parse().unwrap();
    assert!(kibibytes < 512 * 1_024, "{kibibytes} KiB");
}

//! What exists at Enhance, as the operations ask for it.

use idweave_sandbox::Sandbox;
use serde_json::json;

use crate::common::call;
use crate::known::Known;

/// Creates what the operations need, and returns its values, and the cookie of a session.
pub(crate) async fn values(sandbox: &Sandbox) -> (Known, String) {
    let access = sandbox.enhance().clone();
    let ask = |method: &str, path: &str| {
        call(method, format!("{}{path}", access.base_url)).bearer(&access.access_token)
    };
    let login = json!({"email": access.member.email, "password": access.member.password});
    let session = call("POST", format!("{}/login/sessions", access.base_url))
        .json(&login)
        .send()
        .await
        .expect(200)
        .cookie();
    let members = ask("GET", &format!("/orgs/{}/members?limit=20", access.org_id))
        .send()
        .await
        .json();
    let member = members["items"][10].clone();
    let tokens = ask("GET", &format!("/orgs/{}/access_tokens", access.org_id))
        .send()
        .await
        .json();
    let invite = ask("POST", &format!("/orgs/{}/invites", access.org_id))
        .json(&json!({"email": "new@example.com", "name": "N", "roles": ["Support"]}))
        .send()
        .await
        .json();
    let otp = ask(
        "GET",
        &format!(
            "/orgs/{}/members/{}/sso",
            access.org_id,
            member["id"].as_str().unwrap()
        ),
    )
    .send()
    .await
    .json();
    let otp = otp
        .as_str()
        .unwrap()
        .split_once("otp=")
        .unwrap()
        .1
        .to_owned();
    ask("PUT", "/login/password-recovery")
        .json(&json!({"email": access.email}))
        .send()
        .await
        .expect(200);
    let secret = sandbox.outbox().last().unwrap().links[0]
        .split_once("secret=")
        .unwrap()
        .1
        .to_owned();
    let preferences = json!({"fileManagerView": "list", "websiteView": "grid", "spineOpen": true, "fileManagerEditorFullscreen": false, "serverGroups": []});
    call("POST", format!("{}/logins/ui-preferences", access.base_url))
        .header("cookie", &session)
        .json(&preferences)
        .send()
        .await
        .expect(201);
    let known = Known::new(
        "11111111-1111-4111-8111-111111111111",
        &[
            ("org_id", json!(access.org_id)),
            ("orgId", json!(access.org_id)),
            ("customer_org_id", json!(access.customer_org_id)),
            ("createCustomerSubscription.body", json!({"planId": 1})),
            ("member_id", member["id"].clone()),
            ("login_id", member["loginId"].clone()),
            (
                "updateOwner.body",
                json!({"memberId": members["items"][11]["id"]}),
            ),
            ("createMember.org_id", json!(access.customer_org_id)),
            (
                "createMember.body",
                json!({"loginId": members["items"][12]["loginId"], "roles": ["Support"]}),
            ),
            ("updateMember.body", json!({"roles": ["Support"]})),
            ("token_id", tokens[1]["id"].clone()),
            ("createAccessToken.body", json!({"roles": ["Support"]})),
            ("updateAccessToken.body", json!({"friendlyName": "x"})),
            ("website_id", json!(access.website_id)),
            (
                "invite_id",
                json!(sandbox.enhance_invite_id(invite.as_str().unwrap()).unwrap()),
            ),
            (
                "createInvite.body",
                json!({"email": "other@example.com", "name": "O", "roles": ["Support"]}),
            ),
            (
                "acceptInvite.body",
                json!({"email": "new@example.com", "password": "pw"}),
            ),
            ("otp", json!(otp)),
            ("secret", json!(secret)),
            ("createSession.body", login),
            (
                "createLogin.body",
                json!({"email": "third@example.com", "password": "pw", "name": "T"}),
            ),
            ("startPasswordRecovery.body", json!({"email": access.email})),
            (
                "updateLoginInfo.body",
                json!({"name": "Renamed", "locale": "de-DE"}),
            ),
            ("updateOrg.body", json!({"name": "Renamed"})),
            ("deleteOrg.org_id", json!(access.customer_org_id)),
            ("setUiPreferences.body", preferences),
            ("setAdminLockdownStatus.body", json!(false)),
            ("setAdminLockdownList.body", json!("127.0.0.1")),
        ],
    );
    (known, session)
}

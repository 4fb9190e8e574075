//! What exists at DocSpace, as the operations ask for it.

use idweave_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::common::call;
use crate::known::Known;

/// Creates what the operations need, and returns its values, and a signature for the operations of OAuth clients.
pub(crate) async fn values(sandbox: &Sandbox) -> (Known, String) {
    let access = sandbox.docspace().clone();
    let ask = |method: &str, path: &str| {
        call(method, format!("{}/api/2.0{path}", access.base_url)).bearer(&access.api_key)
    };
    let signature = ask("GET", "/security/oauth2/token").send().await.json()["response"]
        .as_str()
        .unwrap()
        .to_owned();
    let client = json!({"name": "App", "scopes": ["accounts:read"], "redirect_uris": ["http://127.0.0.1/cb"], "allowed_origins": []});
    let made = ask("POST", "/clients")
        .header("x-signature", &signature)
        .json(&client)
        .send()
        .await
        .expect(201)
        .json();
    let group = ask("GET", "/group").send().await.json()["response"][0]["id"].clone();
    let other = ask("POST", "/group")
        .json(&json!({"groupName": "Other"}))
        .send()
        .await
        .json()["response"]["id"]
        .clone();
    let key = ask("POST", "/keys")
        .json(&json!({"name": "k"}))
        .send()
        .await
        .json()["response"]["id"]
        .clone();
    let link = ask("POST", "/portal/users/invitationlink")
        .json(&json!({"employeeType": "User"}))
        .send()
        .await
        .json();
    let invite = sandbox
        .docspace_invite(link["response"]["url"].as_str().unwrap())
        .unwrap();
    let suspended = ask("GET", "/people/status/2").send().await.json()["response"][1]["id"].clone();
    let users = json!({"userIds": [access.user.user_id]});
    let own = |field: &'static str, value: Value| json!({field: value});
    let known = Known::new(
        &access.user.user_id,
        &[
            ("userid", json!(access.user.user_id)),
            ("userID", json!(access.user.user_id)),
            ("userId", json!(access.user.user_id)),
            ("userIds", json!([access.user.user_id])),
            ("updateMemberCulture.userid", json!(access.user_id)),
            ("getGuestSharingLink.userid", json!(access.guest.user_id)),
            ("deleteMember.userid", json!(access.disabled.user_id)),
            ("removeUsers.body", own("userIds", json!([]))),
            ("id", group.clone()),
            ("fromId", group),
            ("toId", other),
            ("getGroupsWithRoomsShared.id", json!(1)),
            ("getGroupsWithFoldersShared.id", json!(1)),
            ("getGroupsWithFilesShared.id", json!(1)),
            ("getUsersWithRoomShared.id", json!(1)),
            ("getUsersWithFoldersShared.id", json!(1)),
            ("getUsersWithFilesShared.id", json!(1)),
            ("getAccountsEntriesWithRoomsShared.id", json!(1)),
            ("getAccountsEntriesWithFoldersShared.id", json!(1)),
            ("getAccountsEntriesWithFilesShared.id", json!(1)),
            ("keyId", key),
            ("createApiKey.body", json!({"name": "x"})),
            ("updateApiKey.body", json!({"name": "y"})),
            ("employeeType", json!("User")),
            (
                "createInvitationLink.body",
                json!({"employeeType": "RoomAdmin"}),
            ),
            (
                "updateInvitationLink.body",
                json!({"id": link["response"]["id"]}),
            ),
            (
                "deleteInvitationLink.body",
                json!({"id": link["response"]["id"]}),
            ),
            ("status", json!(1)),
            ("type", json!("RoomAdmin")),
            ("query", json!("a")),
            ("clientId", made["client_id"].clone()),
            ("client_id", made["client_id"].clone()),
            ("redirect_uri", json!("http://127.0.0.1/cb")),
            ("response_type", json!("code")),
            ("scope", json!("accounts:read")),
            ("limit", json!(10)),
            ("createClient.body", client),
            (
                "updateClient.body",
                json!({"name": "Renamed", "allowed_origins": []}),
            ),
            ("changeActivation.body", json!({"status": true})),
            ("Userid", json!(access.user_id)),
            (
                "Key",
                json!(sandbox.docspace_congratulations_key(&access.user_id)),
            ),
            ("UserId", json!(access.user.user_id)),
            ("email", json!("fresh@example.com")),
            (
                "authenticateMe.body",
                json!({"userName": access.email, "password": access.password}),
            ),
            (
                "addMember.body",
                json!({"email": "added@example.com", "firstName": "A", "lastName": "B", "type": "User"}),
            ),
            (
                "inviteUsers.body",
                json!({"invitations": [{"email": "invited@example.com", "type": "User"}]}),
            ),
            ("updateMember.body", json!({"firstName": "Changed"})),
            ("updateMemberCulture.body", json!({"cultureName": "de-DE"})),
            (
                "addGroup.body",
                json!({"groupName": "New", "members": [access.user.user_id]}),
            ),
            ("updateGroup.body", json!({"groupName": "Renamed"})),
            ("groupManager", json!(access.user_id)),
            (
                "linkThirdPartyAccount.body",
                own(
                    "serializedProfile",
                    json!(sandbox.docspace_profile("google", "a@example.com", "A")),
                ),
            ),
            (
                "signupThirdPartyAccount.body",
                json!({"key": invite.key, "serializedProfile": sandbox.docspace_profile("zoom", "z@example.com", "Z")}),
            ),
            (
                "startReassign.body",
                json!({"fromUserId": suspended, "toUserId": access.admin.user_id}),
            ),
            (
                "startRemove.body",
                own("userId", json!(access.disabled.user_id)),
            ),
            (
                "startUserTypeUpdate.body",
                json!({"userId": access.user.user_id, "type": "User"}),
            ),
            ("updateUserStatus.body", users.clone()),
            ("updateUserType.body", users),
            (
                "updateUserQuota.body",
                json!({"userIds": [access.user.user_id], "quota": 1_000}),
            ),
            ("changePortalTheme.body", own("theme", json!("Dark"))),
            (
                "sendUserPassword.body",
                own("email", json!(access.user.email)),
            ),
            (
                "sendEmailChangeInstructions.body",
                json!({"userId": access.user.user_id, "email": "changed@example.com"}),
            ),
            (
                "deleteGuests.body",
                own("userIds", json!([access.guest.user_id])),
            ),
            ("loginEventId", json!(1)),
            ("code", json!("0")),
            ("activationstatus", json!(1)),
        ],
    );
    (known, signature)
}

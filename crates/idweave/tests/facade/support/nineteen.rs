//! The nineteen operations as data: the vendor's name, a successful response, and the call of the facade.

use std::{future::Future, pin::Pin};

use idweave::{
    AcceptInvite, ConsentRequest, InviteRequest, InviteToken, LinkRequest, Result, Role, Service,
    SignUpRequest, services::DocSpace,
};
use serde_json::{Value, json};

use super::{GUID, ORG, Response};

type Call = fn(Service) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// One of the nineteen operations.
pub struct Operation {
    pub service: &'static str,
    /// The vendor's name of the operation.
    pub id: &'static str,
    pub method: &'static str,
    /// The path that the call below is sent to.
    pub path: &'static str,
    pub call: Call,
    /// The response of a successful call.
    pub good: fn() -> Response,
    /// Whether the facade needs the body of the response.
    pub needs_body: bool,
}

macro_rules! call {
    (|$service:ident| $call:expr) => {
        |$service| Box::pin(async move { $call.await.map(|_| ()) })
    };
}

fn docspace(service: &Service) -> &DocSpace {
    service.downcast_ref().unwrap()
}

fn envelope(response: Value) -> Response {
    let links = json!([{"href": "x", "action": "GET"}]);
    let mut body = json!({"count": 1, "links": links, "status": 0, "statusCode": 200});
    if !response.is_null() {
        body["response"] = response;
    }
    Response::json(200, body)
}

fn links_json(status: u16, body: Value) -> Response {
    Response::of(status, "application/links+json", body.to_string())
}

pub const NINETEEN: &[Operation] = &[
    Operation {
        service: "docspace",
        id: "getThirdPartyAuthProviders",
        method: "GET",
        path: "/api/2.0/people/thirdparty/providers",
        call: call!(|s| s.sign_in_providers()),
        good: || {
            envelope(
                json!([{"provider": "google", "url": "/login.ashx?auth=google", "linked": false}]),
            )
        },
        needs_body: true,
    },
    Operation {
        service: "docspace",
        id: "linkThirdPartyAccount",
        method: "PUT",
        path: "/api/2.0/people/thirdparty/linkaccount",
        call: call!(|s| s.links().link(LinkRequest::profile("MARK-profile"))),
        good: || envelope(Value::Null),
        needs_body: false,
    },
    Operation {
        service: "docspace",
        id: "signupThirdPartyAccount",
        method: "POST",
        path: "/api/2.0/people/thirdparty/signup",
        call: call!(|s| s.sign_up(SignUpRequest::new("MARK-key", "MARK-profile"))),
        good: || envelope(json!({"id": GUID, "displayName": "Bob Stone"})),
        needs_body: true,
    },
    Operation {
        service: "docspace",
        id: "unlinkThirdPartyAccount",
        method: "DELETE",
        path: "/api/2.0/people/thirdparty/unlinkaccount?provider=google",
        call: call!(|s| s.links().unlink("google")),
        good: || envelope(Value::Null),
        needs_body: false,
    },
    Operation {
        service: "docspace",
        id: "getInvitationLink",
        method: "GET",
        path: "/api/2.0/portal/users/invite/RoomAdmin",
        call: call!(|s| s.invites().share_link(Role::Manager)),
        good: || envelope(json!("https://acme.onlyoffice.com/s/MARK-123456789")),
        needs_body: true,
    },
    Operation {
        service: "docspace",
        id: "getPortalUsersCount",
        method: "GET",
        path: "/api/2.0/portal/userscount",
        call: call!(|s| s.users().count()),
        good: || envelope(json!(12)),
        needs_body: true,
    },
    Operation {
        service: "docspace",
        id: "getUserById",
        method: "GET",
        path: "/api/2.0/portal/users/5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11",
        call: call!(|s| s.users().get(GUID)),
        good: || {
            envelope(json!({"id": GUID, "userName": "ann", "createDate": "2026-01-31T10:20:30"}))
        },
        needs_body: true,
    },
    Operation {
        service: "docspace",
        id: "markGiftMessageAsRead",
        method: "POST",
        path: "/api/2.0/portal/present/mark",
        call: call!(|s| docspace(&s).mark_gift_message_as_read()),
        good: || envelope(Value::Null),
        needs_body: false,
    },
    Operation {
        service: "docspace",
        id: "sendCongratulations",
        method: "POST",
        path: "/api/2.0/portal/sendcongratulations?Userid=5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11&Key=MARK-key",
        call: call!(|s| docspace(&s).send_congratulations(GUID, "MARK-key")),
        good: || envelope(Value::Null),
        needs_body: false,
    },
    Operation {
        service: "ostrom",
        id: "disconnectUser",
        method: "DELETE",
        path: "/users/ext-7/disconnect",
        call: call!(|s| s.links().unlink("ext-7")),
        good: || Response::empty(200),
        needs_body: false,
    },
    Operation {
        service: "ostrom",
        id: "getMe",
        method: "GET",
        path: "/me",
        call: call!(|s| s.current_user()),
        good: || {
            Response::json(
                200,
                json!({"email": "max@acme.io", "firstName": "Max", "language": "GERMAN"}),
            )
        },
        needs_body: true,
    },
    Operation {
        service: "ostrom",
        id: "linkUser",
        method: "POST",
        path: "/users/link",
        call: call!(|s| s.links().link(
            ConsentRequest::new("ext-7", "https://acme.io/back").scope("contract:read:data")
        )),
        good: || {
            Response::json(
                200,
                json!({"linkUrl": "https://join.ostrom.de/link?id=MARK"}),
            )
        },
        needs_body: true,
    },
    Operation {
        service: "authress",
        id: "deleteUser",
        method: "DELETE",
        path: "/v1/users/auth0%7C7",
        call: call!(|s| s.users().delete("auth0|7")),
        good: || Response::empty(202),
        needs_body: false,
    },
    Operation {
        service: "authress",
        id: "getUser",
        method: "GET",
        path: "/v1/users/auth0%7C7",
        call: call!(|s| s.users().get("auth0|7")),
        good: || {
            links_json(
                200,
                json!({"userId": "auth0|7", "name": "Ann", "email": "ann@acme.io"}),
            )
        },
        needs_body: true,
    },
    Operation {
        service: "authress",
        id: "getUsers",
        method: "GET",
        path: "/v1/users",
        call: call!(|s| s.users().list()),
        good: || {
            links_json(
                200,
                json!({"users": [{"userId": "auth0|7"}], "links": {"self": {"href": "x"}}}),
            )
        },
        needs_body: true,
    },
    Operation {
        service: "authress",
        id: "linkTenantUser",
        method: "PATCH",
        path: "/v1/tenants/tenant-1/users",
        call: call!(|s| s.groups().add_member("tenant-1", "auth0|7")),
        good: || Response::empty(204),
        needs_body: false,
    },
    Operation {
        service: "enhance",
        id: "acceptInvite",
        method: "POST",
        path: "/api/invites/5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11",
        call: call!(|s| s.invites().accept(
            &InviteToken::new(GUID),
            AcceptInvite::new("bob@acme.io").password("MARK-password")
        )),
        good: || Response::empty(200).header("set-cookie", "id0=MARK.jwt.x; Path=/; HttpOnly"),
        needs_body: false,
    },
    Operation {
        service: "enhance",
        id: "createInvite",
        method: "POST",
        path: "/api/orgs/6c5bb468-14b2-4183-baf2-06d523e03bd3/invites",
        call: call!(|s| s
            .invites()
            .create(InviteRequest::new("bob@acme.io", "Bob").role(Role::Support))),
        good: || {
            Response::json(
                201,
                json!(format!(
                    "http://panel.acme.io/invites/{GUID}?email=bob%40acme.io"
                )),
            )
        },
        needs_body: true,
    },
    Operation {
        service: "enhance",
        id: "validateInvite",
        method: "POST",
        path: "/api/invites/5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11/validate",
        call: call!(|s| s.invites().validate(&InviteToken::new(GUID))),
        good: || {
            Response::json(
                200,
                json!({"isValid": true, "orgId": ORG, "orgName": "Acme", "role": "Support"}),
            )
        },
        needs_body: true,
    },
];

//! Invalid input is rejected before anything is sent, and never repeated in the error.

use std::{future::Future, pin::Pin};

use crate::support::{GUID, Recorder, Response, service};
use idweave::{
    AcceptInvite, ConsentRequest, ErrorKind, InviteRequest, InviteToken, LinkRequest, Result, Role,
    Service, SignUpRequest, UserId, services::DocSpace,
};

type Call = fn(Service, String) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

macro_rules! call {
    (|$service:ident, $input:ident| $call:expr) => {
        |$service, $input| Box::pin(async move { $call.await.map(|_| ()) })
    };
}

/// Ids that are invalid at every service.
const INVALID_IDS: &[&str] = &[
    "", " ", ".", "..", "\n", "a\nb", "a\r\nb", "a\u{0}b", "a\u{7f}",
];
/// Invalid GUIDs, which can be valid ids elsewhere.
const INVALID_GUIDS: &[&str] = &[
    "",
    "..",
    "7",
    "auth0|7",
    "a/b",
    "a%2fb",
    "a?b",
    "a#b",
    "5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11\n",
    "5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11/..",
    "{5b0f2d6a-9f2c-4c3e-8f67-7a4a5f0f8b11}",
];
const INVALID_EMAILS: &[&str] = &[
    "",
    "ann",
    "ann@",
    "@acme.io",
    "a@b@c",
    "Ann <ann@acme.io>",
    "ann@acme.io\nbcc: x@y.z",
    "ann @acme.io",
];
const INVALID_TEXTS: &[&str] = &["", " ", "a\nb", "a\u{0}b"];

/// Operations, with inputs that must be rejected.
const REJECTED: &[(&str, &str, &[&str], Call)] = &[
    (
        "docspace",
        "getUserById",
        INVALID_GUIDS,
        call!(|s, id| s.users().get(id)),
    ),
    (
        "docspace",
        "removeUsers",
        INVALID_GUIDS,
        call!(|s, id| s.users().delete(id)),
    ),
    (
        "docspace",
        "unlinkThirdPartyAccount",
        INVALID_TEXTS,
        call!(|s, key| s.links().unlink(key)),
    ),
    (
        "docspace",
        "linkThirdPartyAccount",
        INVALID_TEXTS,
        call!(|s, p| s.links().link(LinkRequest::profile(p))),
    ),
    (
        "docspace",
        "linkThirdPartyAccount",
        &["x"],
        call!(|s, id| s
            .links()
            .link(ConsentRequest::new(id, "https://acme.io").scope("contract:read:data"))),
    ),
    (
        "docspace",
        "signupThirdPartyAccount",
        INVALID_TEXTS,
        call!(|s, key| s.sign_up(SignUpRequest::new(key, "p"))),
    ),
    (
        "docspace",
        "signupThirdPartyAccount",
        INVALID_TEXTS,
        call!(|s, p| s.sign_up(SignUpRequest::new("k", p))),
    ),
    (
        "docspace",
        "getInvitationLink",
        &["", "..", "a/b", "a b", "a?b", "owner", "support"],
        call!(|s, role| s.invites().share_link(Role::from(role.as_str()))),
    ),
    (
        "docspace",
        "sendCongratulations",
        INVALID_GUIDS,
        call!(|s, id| portal(&s).send_congratulations(id, "key")),
    ),
    (
        "docspace",
        "sendCongratulations",
        INVALID_TEXTS,
        call!(|s, key| portal(&s).send_congratulations(GUID, key)),
    ),
    (
        "docspace",
        "getProfileByEmail",
        INVALID_EMAILS,
        call!(|s, email| s.users().list().email(email)),
    ),
    (
        "docspace",
        "addMembersTo",
        INVALID_GUIDS,
        call!(|s, id| s.groups().add_member(id, GUID)),
    ),
    (
        "docspace",
        "addMembersTo",
        INVALID_GUIDS,
        call!(|s, id| s.groups().add_member(GUID, id)),
    ),
    (
        "authress",
        "getUser",
        INVALID_IDS,
        call!(|s, id| s.users().get(id)),
    ),
    (
        "authress",
        "deleteUser",
        INVALID_IDS,
        call!(|s, id| s.users().delete(id)),
    ),
    (
        "authress",
        "linkTenantUser",
        INVALID_IDS,
        call!(|s, id| s.groups().add_member("tenant-1", id)),
    ),
    (
        "authress",
        "linkTenantUser",
        INVALID_IDS,
        call!(|s, id| s.groups().add_member(id, "auth0|7")),
    ),
    (
        "authress",
        "linkTenantUser",
        &["a/b", "a%b", "a?b", "a#b", "a b", "a|b"],
        call!(|s, id| s.groups().add_member(id, "auth0|7")),
    ),
    (
        "authress",
        "getUsers",
        INVALID_EMAILS,
        call!(|s, email| s.users().list().email(email)),
    ),
    (
        "authress",
        "getUsers",
        INVALID_IDS,
        call!(|s, id| s.users().list().group(id)),
    ),
    (
        "ostrom",
        "disconnectUser",
        INVALID_IDS,
        call!(|s, id| s.links().unlink(id)),
    ),
    (
        "ostrom",
        "disconnectUser",
        INVALID_IDS,
        call!(|s, id| s.users().delete(id)),
    ),
    (
        "ostrom",
        "linkUser",
        INVALID_IDS,
        call!(|s, id| s
            .links()
            .link(ConsentRequest::new(id, "https://acme.io").scope("contract:read:data"))),
    ),
    (
        "ostrom",
        "linkUser",
        &[
            "",
            "acme.io",
            "http://acme.io",
            "javascript:alert(1)",
            "/back",
        ],
        call!(|s, url| s
            .links()
            .link(ConsentRequest::new("7", url).scope("contract:read:data"))),
    ),
    (
        "ostrom",
        "linkUser",
        &["", "everything"],
        call!(|s, scope| s
            .links()
            .link(ConsentRequest::new("7", "https://acme.io").scope(scope))),
    ),
    (
        "ostrom",
        "linkUser",
        &["", "fr"],
        call!(|s, locale| s.links().link(
            ConsentRequest::new("7", "https://acme.io")
                .scope("contract:read:data")
                .locale(locale)
        )),
    ),
    (
        "ostrom",
        "linkUser",
        &["x"],
        call!(|s, profile| s.links().link(LinkRequest::profile(profile))),
    ),
    (
        "enhance",
        "createInvite",
        INVALID_EMAILS,
        call!(|s, email| s
            .invites()
            .create(InviteRequest::new(email, "Bob").role(Role::Support))),
    ),
    (
        "enhance",
        "createInvite",
        INVALID_TEXTS,
        call!(|s, name| s
            .invites()
            .create(InviteRequest::new("bob@acme.io", name).role(Role::Support))),
    ),
    (
        "enhance",
        "createInvite",
        &["guest", "manager", "member", ""],
        call!(|s, role| s
            .invites()
            .create(InviteRequest::new("bob@acme.io", "Bob").role(Role::from(role.as_str())))),
    ),
    (
        "enhance",
        "createInvite",
        INVALID_GUIDS,
        call!(|s, site| s.invites().create(
            InviteRequest::new("bob@acme.io", "Bob")
                .role(Role::Collaborator)
                .site(site)
        )),
    ),
    (
        "enhance",
        "validateInvite",
        INVALID_GUIDS,
        call!(|s, token| s.invites().validate(&InviteToken::new(token))),
    ),
    (
        "enhance",
        "acceptInvite",
        INVALID_GUIDS,
        call!(|s, token| s.invites().accept(
            &InviteToken::new(token),
            AcceptInvite::new("bob@acme.io").password("secret")
        )),
    ),
    (
        "enhance",
        "acceptInvite",
        INVALID_EMAILS,
        call!(|s, email| s.invites().accept(
            &InviteToken::new(GUID),
            AcceptInvite::new(email).password("secret")
        )),
    ),
    (
        "enhance",
        "acceptInvite",
        &["", " "],
        call!(|s, password| s.invites().accept(
            &InviteToken::new(GUID),
            AcceptInvite::new("bob@acme.io").password(password)
        )),
    ),
    (
        "enhance",
        "getMember",
        INVALID_GUIDS,
        call!(|s, id| s.users().get(id)),
    ),
    (
        "enhance",
        "deleteMember",
        INVALID_GUIDS,
        call!(|s, id| s.users().delete(id)),
    ),
    (
        "enhance",
        "getMembers",
        INVALID_EMAILS,
        call!(|s, email| s.users().list().email(email)),
    ),
];

fn portal(service: &Service) -> &DocSpace {
    service.downcast_ref().unwrap()
}

#[tokio::test]
async fn invalid_input_is_rejected_before_sending() {
    let server = Recorder::raw(|_| Response::empty(200)).await;
    for (kind, operation, inputs, call) in REJECTED {
        for input in *inputs {
            let outcome = call(service(kind, &server.base_url), (*input).to_owned()).await;
            let Err(error) = outcome else {
                panic!("{operation} took {input:?}")
            };
            assert_eq!(
                error.kind(),
                ErrorKind::InvalidInput,
                "{operation} with {input:?}: {error:?}"
            );
            assert_eq!(error.service(), Some(*kind), "{operation} with {input:?}");
            assert!(!error.is_retryable());
            if input.len() > 2 {
                assert!(
                    !format!("{error} {error:?}").contains(input),
                    "{operation} with {input:?}: {error}"
                );
            }
        }
    }
    assert_eq!(server.count(), 0, "{:?}", server.requests());
}

#[tokio::test]
async fn input_that_is_too_long_is_rejected_before_sending() {
    let server = Recorder::raw(|_| Response::empty(200)).await;
    let at = |kind| service(kind, &server.base_url);
    let long = "x".repeat(300);
    let errors = [
        at("authress").users().get(&long).await.unwrap_err(),
        at("authress")
            .users()
            .list()
            .search(&long)
            .await
            .unwrap_err(),
        at("authress")
            .groups()
            .add_member(&long, "auth0|7")
            .await
            .unwrap_err(),
        at("ostrom").links().unlink(&long).await.unwrap_err(),
        at("docspace").links().unlink(&long).await.unwrap_err(),
        at("enhance")
            .users()
            .list()
            .email(format!("{long}@acme.io"))
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn id_of_another_service_is_rejected() {
    let server = Recorder::raw(|_| Response::empty(200)).await;
    let authress = service("authress", &server.base_url);
    let other = UserId::new("authress-eu", "auth0|7");
    let error = authress.users().get(&other).await.unwrap_err();
    assert_eq!((error.kind(), server.count()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
async fn page_size_of_zero_is_rejected() {
    let server = Recorder::raw(|_| Response::empty(200)).await;
    for kind in ["docspace", "authress", "enhance"] {
        let error = service(kind, &server.base_url)
            .users()
            .list()
            .with_page_size(0)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{kind}");
    }
    assert_eq!(server.count(), 0);
}

#[tokio::test]
async fn ids_with_special_characters_are_encoded() {
    for (id, encoded) in [
        ("auth0|7", "/v1/users/auth0%7C7"),
        ("a/b", "/v1/users/a%2Fb"),
        ("a%2fb", "/v1/users/a%252fb"),
        ("a?b#c", "/v1/users/a%3Fb%23c"),
        ("../..", "/v1/users/..%2F.."),
        ("ä b", "/v1/users/%C3%A4%20b"),
        ("...", "/v1/users/..."),
    ] {
        let server = Recorder::always(Response::empty(202)).await;
        service("authress", &server.base_url)
            .users()
            .delete(id)
            .await
            .unwrap();
        assert_eq!(server.requests()[0].target, encoded, "{id}");
    }
}

//! Input that cannot be right: refused before anything is sent, and never repeated in the error.

use std::{future::Future, pin::Pin};

use crate::support::{Answer, GUID, Recorder, service};
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

/// Ids that no service has.
const NO_ID: &[&str] = &[
    "", " ", ".", "..", "\n", "a\nb", "a\r\nb", "a\u{0}b", "a\u{7f}",
];
/// What is no GUID, be it ever so harmless elsewhere.
const NO_GUID: &[&str] = &[
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
const NO_EMAIL: &[&str] = &[
    "",
    "ann",
    "ann@",
    "@acme.io",
    "a@b@c",
    "Ann <ann@acme.io>",
    "ann@acme.io\nbcc: x@y.z",
    "ann @acme.io",
];
const NO_TEXT: &[&str] = &["", " ", "a\nb", "a\u{0}b"];

/// An operation, with inputs it must refuse.
const REFUSED: &[(&str, &str, &[&str], Call)] = &[
    (
        "docspace",
        "getUserById",
        NO_GUID,
        call!(|s, id| s.users().get(id)),
    ),
    (
        "docspace",
        "removeUsers",
        NO_GUID,
        call!(|s, id| s.users().delete(id)),
    ),
    (
        "docspace",
        "unlinkThirdPartyAccount",
        NO_TEXT,
        call!(|s, key| s.links().unlink(key)),
    ),
    (
        "docspace",
        "linkThirdPartyAccount",
        NO_TEXT,
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
        NO_TEXT,
        call!(|s, key| s.sign_up(SignUpRequest::new(key, "p"))),
    ),
    (
        "docspace",
        "signupThirdPartyAccount",
        NO_TEXT,
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
        NO_GUID,
        call!(|s, id| own(&s).send_congratulations(id, "key")),
    ),
    (
        "docspace",
        "sendCongratulations",
        NO_TEXT,
        call!(|s, key| own(&s).send_congratulations(GUID, key)),
    ),
    (
        "docspace",
        "getProfileByEmail",
        NO_EMAIL,
        call!(|s, email| s.users().list().email(email)),
    ),
    (
        "docspace",
        "addMembersTo",
        NO_GUID,
        call!(|s, id| s.groups().add_member(id, GUID)),
    ),
    (
        "docspace",
        "addMembersTo",
        NO_GUID,
        call!(|s, id| s.groups().add_member(GUID, id)),
    ),
    (
        "authress",
        "getUser",
        NO_ID,
        call!(|s, id| s.users().get(id)),
    ),
    (
        "authress",
        "deleteUser",
        NO_ID,
        call!(|s, id| s.users().delete(id)),
    ),
    (
        "authress",
        "linkTenantUser",
        NO_ID,
        call!(|s, id| s.groups().add_member("tenant-1", id)),
    ),
    (
        "authress",
        "linkTenantUser",
        NO_ID,
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
        NO_EMAIL,
        call!(|s, email| s.users().list().email(email)),
    ),
    (
        "authress",
        "getUsers",
        NO_ID,
        call!(|s, id| s.users().list().group(id)),
    ),
    (
        "ostrom",
        "disconnectUser",
        NO_ID,
        call!(|s, id| s.links().unlink(id)),
    ),
    (
        "ostrom",
        "disconnectUser",
        NO_ID,
        call!(|s, id| s.users().delete(id)),
    ),
    (
        "ostrom",
        "linkUser",
        NO_ID,
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
        NO_EMAIL,
        call!(|s, email| s
            .invites()
            .create(InviteRequest::new(email, "Bob").role(Role::Support))),
    ),
    (
        "enhance",
        "createInvite",
        NO_TEXT,
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
        NO_GUID,
        call!(|s, site| s.invites().create(
            InviteRequest::new("bob@acme.io", "Bob")
                .role(Role::Collaborator)
                .site(site)
        )),
    ),
    (
        "enhance",
        "validateInvite",
        NO_GUID,
        call!(|s, token| s.invites().validate(&InviteToken::new(token))),
    ),
    (
        "enhance",
        "acceptInvite",
        NO_GUID,
        call!(|s, token| s.invites().accept(
            &InviteToken::new(token),
            AcceptInvite::new("bob@acme.io").password("secret")
        )),
    ),
    (
        "enhance",
        "acceptInvite",
        NO_EMAIL,
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
        NO_GUID,
        call!(|s, id| s.users().get(id)),
    ),
    (
        "enhance",
        "deleteMember",
        NO_GUID,
        call!(|s, id| s.users().delete(id)),
    ),
    (
        "enhance",
        "getMembers",
        NO_EMAIL,
        call!(|s, email| s.users().list().email(email)),
    ),
];

fn own(service: &Service) -> &DocSpace {
    service.downcast_ref().unwrap()
}

#[tokio::test]
async fn nothing_is_sent_for_input_that_cannot_be_right() {
    let server = Recorder::raw(|_| Answer::empty(200)).await;
    for (kind, operation, inputs, call) in REFUSED {
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
async fn input_that_is_too_long_is_not_sent_either() {
    let server = Recorder::raw(|_| Answer::empty(200)).await;
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
async fn an_id_of_another_service_is_refused() {
    let server = Recorder::raw(|_| Answer::empty(200)).await;
    let authress = service("authress", &server.base_url);
    let other = UserId::new("authress-eu", "auth0|7");
    let error = authress.users().get(&other).await.unwrap_err();
    assert_eq!((error.kind(), server.count()), (ErrorKind::InvalidInput, 0));
}

#[tokio::test]
async fn a_page_of_nothing_is_refused() {
    let server = Recorder::raw(|_| Answer::empty(200)).await;
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
async fn odd_ids_that_a_service_may_have_reach_it_whole() {
    for (id, encoded) in [
        ("auth0|7", "/v1/users/auth0%7C7"),
        ("a/b", "/v1/users/a%2Fb"),
        ("a%2fb", "/v1/users/a%252fb"),
        ("a?b#c", "/v1/users/a%3Fb%23c"),
        ("../..", "/v1/users/..%2F.."),
        ("ä b", "/v1/users/%C3%A4%20b"),
        ("...", "/v1/users/..."),
    ] {
        let server = Recorder::always(Answer::empty(202)).await;
        service("authress", &server.base_url)
            .users()
            .delete(id)
            .await
            .unwrap();
        assert_eq!(server.requests()[0].target, encoded, "{id}");
    }
}

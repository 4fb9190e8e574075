//! Enhance: the requests of each operation, and how its responses are read.

use idweave::{AcceptInvite, InviteRequest, InviteToken, Role};
use serde_json::json;

use crate::support::{GUID, ORG, Recorder, Response, service};

#[tokio::test]
async fn enhance_create_invite_extracts_the_token_from_the_address() {
    let url = format!("http://panel.acme.io/invites/{GUID}?email=bob@acme.io");
    let server = Recorder::always(Response::json(201, json!(url))).await;
    let enhance = service("enhance", &server.base_url);
    let request = InviteRequest::new("bob@acme.io", "Bob")
        .role(Role::Collaborator)
        .site(ORG)
        .send_email(false);
    let invite = enhance.invites().create(request).await.unwrap();
    assert_eq!(
        (invite.token.expose(), invite.url.unwrap().expose()),
        (GUID, url.as_str())
    );
    assert_eq!(
        (invite.email.as_str(), invite.roles),
        ("bob@acme.io", vec![Role::Collaborator])
    );
    let sent = json!({
        "email": "bob@acme.io", "name": "Bob", "roles": ["SiteAccess"], "siteAccesses": [ORG], "sendEmail": false,
    });
    assert_eq!(server.requests()[0].json(), sent);
}

#[tokio::test]
async fn enhance_validate_invite_reads_full_and_partial_responses() {
    let whole = json!({"isValid": true, "loginId": GUID, "orgId": ORG, "orgName": "Acme", "role": "Business"});
    let server = Recorder::always(Response::json(200, whole)).await;
    let check = service("enhance", &server.base_url)
        .invites()
        .validate(&InviteToken::new(GUID))
        .await
        .unwrap();
    assert_eq!(
        (check.valid, check.organization.as_deref()),
        (true, Some("Acme"))
    );
    assert_eq!(
        check.organization_id.unwrap().to_string(),
        format!("enhance:{ORG}")
    );
    assert_eq!(check.role, Some(Role::Other("Business".to_owned())));
    let server = Recorder::always(Response::json(200, json!({"isValid": false}))).await;
    let check = service("enhance", &server.base_url)
        .invites()
        .validate(&InviteToken::new(GUID))
        .await
        .unwrap();
    assert_eq!(
        (check.valid, check.organization, check.user, check.role),
        (false, None, None, None)
    );
}

#[tokio::test]
async fn enhance_accept_invite_keeps_every_cookie() {
    let response = Response::empty(200)
        .header("set-cookie", "id0=MARK.jwt; Path=/; HttpOnly; Secure")
        .header("set-cookie", "realm=r1; Path=/");
    let server = Recorder::always(response).await;
    let accept = AcceptInvite::new("bob@acme.io")
        .password("secret")
        .locale("en-GB");
    let enhance = service("enhance", &server.base_url);
    let session = enhance
        .invites()
        .accept(&InviteToken::new(GUID), accept)
        .await
        .unwrap();
    assert_eq!(session.cookies.len(), 2);
    assert_eq!(session.cookie("id0").unwrap().expose(), "MARK.jwt");
    assert_eq!(
        session.cookies[0].header.expose(),
        "id0=MARK.jwt; Path=/; HttpOnly; Secure"
    );
    let sent = json!({"email": "bob@acme.io", "password": "secret", "locale": "en-GB"});
    assert_eq!(server.requests()[0].json(), sent);
}

#[tokio::test]
async fn enhance_uses_a_session_that_an_invite_opened() {
    let server = Recorder::always(Response::json(
        200,
        json!({"id": GUID, "email": "bob@acme.io", "name": "Bob"}),
    ))
    .await;
    let session = idweave::OpenedSession::from_headers(["id0=a.b.c; Path=/"]);
    let enhance = idweave::services::Enhance::new(&server.base_url)
        .unwrap()
        .session(ORG, &session)
        .unwrap();
    let hub = idweave::Hub::builder().service(enhance).build().unwrap();
    let bob = hub
        .service("enhance")
        .unwrap()
        .current_user()
        .await
        .unwrap();
    assert_eq!(bob.display_name(), Some("Bob"));
    assert_eq!(server.requests()[0].header("cookie"), Some("id0=a.b.c"));
}

#[tokio::test]
async fn enhance_lists_members_by_offset() {
    let member = json!({"id": GUID, "loginId": ORG, "email": "ann@acme.io", "name": "Ann", "roles": ["Owner", "Pilot"]});
    let page = json!({"items": [member], "total": 2});
    let server = Recorder::always(Response::json(200, page)).await;
    let enhance = service("enhance", &server.base_url);
    let first = enhance.users().list().with_page_size(1).await.unwrap();
    assert_eq!(
        first.items[0].roles,
        [Role::Owner, Role::Other("Pilot".to_owned())]
    );
    let rest = enhance
        .users()
        .list()
        .with_page_size(1)
        .with_cursor(first.next.unwrap())
        .await
        .unwrap();
    assert_eq!((rest.next, rest.total), (None, Some(2)));
    assert_eq!(enhance.users().count().await.unwrap(), 2);
    let sent: Vec<String> = server
        .requests()
        .into_iter()
        .map(|request| request.target)
        .collect();
    let members = format!("/api/orgs/{ORG}/members");
    assert_eq!(sent[0], format!("{members}?offset=0&limit=1"));
    assert_eq!(sent[1], format!("{members}?offset=1&limit=1"));
}

/// A hub whose client has an administrator's session.
fn with_administrator(server: &Recorder) -> idweave::Service {
    let base_url = format!("{}/api", server.base_url);
    let client = idweave_enhance::Client::builder(base_url)
        .credentials(idweave_enhance::SessionCookie::new("MARK.admin.jwt").unwrap())
        .build()
        .unwrap();
    let enhance = idweave::services::Enhance::from_client(client, ORG);
    let hub = idweave::Hub::builder().service(enhance).build().unwrap();
    hub.service("enhance").unwrap().clone()
}

#[tokio::test]
async fn enhance_accept_invite_after_from_client_does_not_send_the_clients_session() {
    let response = Response::empty(200).header("set-cookie", "id0=bobs.own.jwt; Path=/");
    let server = Recorder::always(response).await;
    let enhance = with_administrator(&server);
    let accept = AcceptInvite::new("bob@acme.io").password("secret");
    let invites = enhance.invites();
    let session = invites.accept(&InviteToken::new(GUID), accept).await;
    assert_eq!(
        session.unwrap().cookie("id0").unwrap().expose(),
        "bobs.own.jwt"
    );
    let request = &server.requests()[0];
    assert_eq!(request.target, format!("/api/invites/{GUID}"));
    assert_eq!(request.header("cookie"), None);
    assert_eq!(request.header("authorization"), None);
    assert!(!request.head.contains("MARK"), "{}", request.head);

    // Without a password it is the client's own user who accepts.
    let accept = AcceptInvite::new("bob@acme.io");
    invites
        .accept(&InviteToken::new(GUID), accept)
        .await
        .unwrap();
    assert_eq!(
        server.requests()[1].header("cookie"),
        Some("id0=MARK.admin.jwt")
    );
}

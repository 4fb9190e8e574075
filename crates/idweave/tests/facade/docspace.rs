//! DocSpace: the requests of each operation, and how its responses are read.

use idweave::{
    Deletion, ErrorKind, LinkRequest, LinkState, Role, SignInProviderQuery, SignUpRequest,
    UserStatus,
};
use serde_json::json;

use crate::support::{GUID, Recorder, Response, service};

#[tokio::test]
async fn docspace_sign_in_providers_have_absolute_addresses() {
    let response = json!({"response": [
        {"provider": "google", "url": "/login.ashx?auth=google&mode=Redirect", "linked": true},
        {"provider": "zoom", "linked": false},
    ], "count": 2});
    let server = Recorder::always(Response::json(200, response)).await;
    let docspace = service("docspace", &server.base_url);
    let query = SignInProviderQuery::new()
        .invite_view(true)
        .settings_view(false)
        .client_callback("cb")
        .only("google");
    let providers = docspace.sign_in_providers_for(query).await.unwrap().items;
    let url = format!("{}/login.ashx?auth=google&mode=Redirect", server.base_url);
    assert_eq!(
        (providers[0].key.as_str(), providers[0].url.as_deref()),
        ("google", Some(url.as_str()))
    );
    assert_eq!(
        (providers[0].linked, providers[1].linked),
        (Some(true), Some(false))
    );
    let target = &server.requests()[0].target;
    for pair in [
        "inviteView=true",
        "settingsView=false",
        "clientCallback=cb",
        "fromOnly=google",
    ] {
        assert!(target.contains(pair), "{target}");
    }
}

#[tokio::test]
async fn docspace_sign_in_providers_have_no_linked_without_credentials() {
    let response = json!({"response": [{"provider": "google", "url": "/x", "linked": false}]});
    let server = Recorder::always(Response::json(200, response)).await;
    let docspace = idweave::services::DocSpace::new(&server.base_url).unwrap();
    let hub = idweave::Hub::builder().service(docspace).build().unwrap();
    let providers = hub
        .service("docspace")
        .unwrap()
        .sign_in_providers()
        .await
        .unwrap()
        .items;
    assert_eq!(providers[0].linked, None);
}

#[tokio::test]
async fn docspace_sign_up_sends_all_fields() {
    let response = json!({"response": {"id": GUID, "displayName": "O&#39;Hara"}});
    let server = Recorder::always(Response::json(200, response)).await;
    let request = SignUpRequest::new("key", "profile")
        .role(Role::Manager)
        .locale("de");
    let user = service("docspace", &server.base_url)
        .sign_up(request)
        .await
        .unwrap();
    assert_eq!(
        (user.id.as_str(), user.display_name()),
        (GUID, Some("O'Hara"))
    );
    assert_eq!(user.raw()["displayName"], "O&#39;Hara");
    let sent = json!({"key": "key", "serializedProfile": "profile", "employeeType": "RoomAdmin", "culture": "de"});
    assert_eq!(server.requests()[0].json(), sent);
}

#[tokio::test]
async fn docspace_status_200_can_mean_cancelled_or_forbidden() {
    let nothing = Response::json(200, json!({"count": 0, "status": 0, "statusCode": 200}));
    let server = Recorder::always(nothing.clone()).await;
    let docspace = service("docspace", &server.base_url);
    let error = docspace
        .sign_up(SignUpRequest::new("key", "profile"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::NotCompleted, Some(200))
    );
    for response in [
        nothing,
        Response::json(200, json!({"response": "", "count": 1})),
    ] {
        let server = Recorder::always(response).await;
        let error = service("docspace", &server.base_url)
            .invites()
            .share_link(Role::Admin)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::PermissionDenied, Some(200))
        );
        assert!(error.to_string().contains("administrator"), "{error}");
    }
}

#[tokio::test]
async fn docspace_share_link_converts_every_role() {
    for (role, name) in [
        (Role::Admin, "DocSpaceAdmin"),
        (Role::Manager, "RoomAdmin"),
        (Role::Member, "User"),
        (Role::Guest, "Guest"),
        (Role::Other("All".to_owned()), "All"),
    ] {
        let server =
            Recorder::always(Response::json(200, json!({"response": "https://x.io/s/1"}))).await;
        let link = service("docspace", &server.base_url)
            .invites()
            .share_link(role.clone())
            .await
            .unwrap();
        assert_eq!((link.url.expose(), &link.role), ("https://x.io/s/1", &role));
        assert_eq!(
            server.requests()[0].target,
            format!("/api/2.0/portal/users/invite/{name}")
        );
    }
}

#[tokio::test]
async fn docspace_dates_without_a_zone_are_kept() {
    for (date, kept) in [
        ("2026-01-31T10:20:30", Some("2026-01-31T10:20:30")),
        (
            "2026-01-31T10:20:30.0000000+03:00",
            Some("2026-01-31T10:20:30.0000000+03:00"),
        ),
        ("0001-01-01T00:00:00", None),
    ] {
        let info = json!({"response": {
            "id": GUID, "firstName": "Ann", "lastName": "Berg", "userName": "ann", "email": "ann@acme.io",
            "status": 1, "createDate": date, "surprise": {"new": true},
        }});
        let server = Recorder::always(Response::json(200, info)).await;
        let user = service("docspace", &server.base_url)
            .users()
            .get(GUID)
            .await
            .unwrap();
        assert_eq!(user.created_at.as_ref().map(|t| t.as_str()), kept);
        assert_eq!(
            (user.display_name(), user.status.clone()),
            (Some("Ann Berg"), Some(UserStatus::Active))
        );
        assert_eq!(user.raw()["surprise"]["new"], true);
    }
}

#[tokio::test]
async fn docspace_link_is_accepted_only() {
    let server = Recorder::always(Response::json(200, json!({"count": 0}))).await;
    let docspace = service("docspace", &server.base_url);
    let link = docspace
        .links()
        .link(LinkRequest::profile("profile"))
        .await
        .unwrap();
    assert_eq!((link.state, link.consent_url), (LinkState::Accepted, None));
    assert_eq!(
        server.requests()[0].json(),
        json!({"serializedProfile": "profile"})
    );
}

#[tokio::test]
async fn docspace_lists_by_page_text_group_and_address() {
    let profile = json!({"id": GUID, "displayName": "Ann", "email": "ann@acme.io", "status": 1, "isAdmin": true});
    let page = json!({"response": [profile], "count": 1, "total": 3});
    let server = Recorder::start(move |request| {
        let one = request.target.contains("/people/email");
        Response::json(
            200,
            if one {
                json!({"response": profile})
            } else {
                page.clone()
            },
        )
    })
    .await;
    let docspace = service("docspace", &server.base_url);
    let first = docspace
        .users()
        .list()
        .search("ann")
        .with_page_size(1)
        .await
        .unwrap();
    assert_eq!(
        (first.total, first.next.as_ref().map(|next| next.as_str())),
        (Some(3), Some("1"))
    );
    assert_eq!(first.items[0].roles, [Role::Admin]);
    docspace
        .users()
        .list()
        .group(GUID)
        .with_cursor(first.next.unwrap())
        .await
        .unwrap();
    docspace.users().list().email("ann@acme.io").await.unwrap();
    let sent: Vec<String> = server
        .requests()
        .into_iter()
        .map(|request| request.target)
        .collect();
    assert_eq!(
        sent[0],
        "/api/2.0/people?count=1&startIndex=0&filterValue=ann"
    );
    assert_eq!(
        sent[1],
        format!("/api/2.0/people?count=100&startIndex=1&filterBy=group&filterValue={GUID}")
    );
    assert_eq!(sent[2], "/api/2.0/people/email?email=ann%40acme.io");
}

#[tokio::test]
async fn docspace_delete_suspends_first_and_reports_a_failed_removal() {
    let person = json!({"response": [{"id": GUID.to_uppercase(), "status": 2}], "count": 1});
    for (removal, kind, says) in [
        (
            Response::json(200, json!({"response": [], "count": 0})),
            None,
            "",
        ),
        (
            Response::empty(500),
            Some(ErrorKind::Unavailable),
            "suspended but not removed",
        ),
    ] {
        let person = person.clone();
        let server = Recorder::start(move |request| match request.target.as_str() {
            "/api/2.0/people/delete" => removal.clone(),
            _ => Response::json(200, &person),
        })
        .await;
        let outcome = service("docspace", &server.base_url)
            .users()
            .delete(GUID)
            .await;
        assert_eq!(outcome.as_ref().err().map(|error| error.kind()), kind);
        assert!(outcome.map_or_else(
            |error| error.to_string().contains(says),
            |done| done == Deletion::Accepted
        ));
        let sent = server.requests();
        let targets: Vec<_> = sent.iter().map(|request| request.target.as_str()).collect();
        assert_eq!(
            targets,
            ["/api/2.0/people/status/2", "/api/2.0/people/delete"]
        );
        assert!(
            sent.iter()
                .all(|request| request.json() == json!({"userIds": [GUID]})),
            "{sent:?}"
        );
    }
}

#[tokio::test]
async fn docspace_delete_of_an_unknown_user_is_not_found() {
    let server = Recorder::always(Response::json(200, json!({"response": [], "count": 0}))).await;
    let error = service("docspace", &server.base_url)
        .users()
        .delete(GUID)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), server.count()), (ErrorKind::NotFound, 1));
}

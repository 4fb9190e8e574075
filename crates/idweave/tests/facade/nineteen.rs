//! Each of the nineteen operations as it is sent, and what becomes of a good answer.

use crate::support::{Answer, GUID, NINETEEN, ORG, Recorder, service};
use idweave::{
    AcceptInvite, ConsentRequest, Deletion, InviteRequest, InviteToken, LinkRequest, LinkState,
    LoginProviderQuery, Role, SignUpRequest, Support, UserStatus,
};
use serde_json::json;

#[test]
fn there_are_nineteen_over_four_services() {
    let services = NINETEEN
        .iter()
        .map(|o| o.service)
        .collect::<std::collections::BTreeSet<_>>();
    assert_eq!((NINETEEN.len(), services.len()), (19, 4));
}

#[tokio::test]
async fn each_goes_to_the_vendors_method_and_path_and_takes_the_answer() {
    for operation in NINETEEN {
        let server = Recorder::always((operation.good)()).await;
        let outcome = (operation.call)(service(operation.service, &server.base_url)).await;
        outcome.unwrap_or_else(|error| panic!("{}: {error:?}", operation.id));
        let requests = server.requests();
        assert_eq!(requests.len(), 1, "{}", operation.id);
        let path = requests[0].target.split('?').next().unwrap();
        assert_eq!(
            (requests[0].method.as_str(), path),
            (operation.method, operation.path.split('?').next().unwrap()),
            "{}",
            operation.id
        );
        let query = |target: &str| {
            let mut pairs: Vec<_> = target
                .split(['?', '&'])
                .skip(1)
                .map(str::to_owned)
                .collect();
            pairs.retain(|pair| !pair.starts_with("limit="));
            pairs.sort();
            pairs
        };
        assert_eq!(
            query(&requests[0].target),
            query(operation.path),
            "{}",
            operation.id
        );
    }
}

#[tokio::test]
async fn a_base_url_may_end_in_a_slash_and_have_a_path() {
    for operation in NINETEEN {
        for (base, prefix) in [
            ("/", ""),
            ("/proxy/api", "/proxy/api"),
            ("/proxy/api/", "/proxy/api"),
        ] {
            let server = Recorder::always((operation.good)()).await;
            let url = format!("{}{base}", server.base_url);
            // The token endpoint of Ostrom is at the other address.
            let service = match operation.service {
                "ostrom" => {
                    let ostrom =
                        idweave::services::Ostrom::at(&url, format!("{}/", server.base_url));
                    let ostrom = ostrom.unwrap().client_credentials("client", "secret");
                    let hub = idweave::Hub::builder().service(ostrom).build().unwrap();
                    hub.service("ostrom").unwrap().clone()
                }
                kind => service(kind, &url),
            };
            (operation.call)(service)
                .await
                .unwrap_or_else(|error| panic!("{}: {error:?}", operation.id));
            let path = operation.path.split('?').next().unwrap();
            // Enhance's /api is added to a bare origin only.
            let path = if prefix.is_empty() {
                path
            } else {
                path.strip_prefix("/api/2")
                    .map_or_else(|| path.strip_prefix("/api").unwrap_or(path), |_| path)
            };
            let sent = server.requests()[0].target.clone();
            assert_eq!(
                sent.split('?').next().unwrap(),
                format!("{prefix}{path}"),
                "{}",
                operation.id
            );
        }
    }
}

#[tokio::test]
async fn credentials_go_where_they_are_wanted_and_nowhere_else() {
    let public = [
        "signupThirdPartyAccount",
        "sendCongratulations",
        "validateInvite",
        "acceptInvite",
    ];
    for operation in NINETEEN {
        let server = Recorder::always((operation.good)()).await;
        (operation.call)(service(operation.service, &server.base_url))
            .await
            .unwrap();
        let sent = server.requests()[0].header("authorization").is_some();
        assert_eq!(sent, !public.contains(&operation.id), "{}", operation.id);
        let key = crate::support::ACCESS_KEY.rsplit('.').next().unwrap();
        assert!(
            !server.requests()[0].head.contains(key),
            "the access key itself was sent"
        );
    }
}

#[tokio::test]
async fn docspace_gives_links_that_lead_to_the_portal() {
    let answer = json!({"response": [
        {"provider": "google", "url": "/login.ashx?auth=google&mode=Redirect", "linked": true},
        {"provider": "zoom", "linked": false},
    ], "count": 2});
    let server = Recorder::always(Answer::json(200, answer)).await;
    let docspace = service("docspace", &server.base_url);
    let query = LoginProviderQuery::new()
        .invite_view(true)
        .settings_view(false)
        .client_callback("cb")
        .only("google");
    let providers = docspace.login_providers_for(query).await.unwrap();
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
async fn docspace_does_not_say_linked_to_a_stranger() {
    let answer = json!({"response": [{"provider": "google", "url": "/x", "linked": false}]});
    let server = Recorder::always(Answer::json(200, answer)).await;
    let docspace = idweave::services::DocSpace::new(&server.base_url).unwrap();
    let hub = idweave::Hub::builder().service(docspace).build().unwrap();
    let providers = hub
        .service("docspace")
        .unwrap()
        .login_providers()
        .await
        .unwrap();
    assert_eq!(providers[0].linked, None);
}

#[tokio::test]
async fn docspace_sends_what_signing_up_takes() {
    let answer = json!({"response": {"id": GUID, "displayName": "O&#39;Hara"}});
    let server = Recorder::always(Answer::json(200, answer)).await;
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
async fn docspace_says_cancelled_and_forbidden_with_status_200() {
    let nothing = Answer::json(200, json!({"count": 0, "status": 0, "statusCode": 200}));
    let server = Recorder::always(nothing.clone()).await;
    let docspace = service("docspace", &server.base_url);
    let error = docspace
        .sign_up(SignUpRequest::new("key", "profile"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (idweave::ErrorKind::Incomplete, Some(200))
    );
    for answer in [
        nothing,
        Answer::json(200, json!({"response": "", "count": 1})),
    ] {
        let server = Recorder::always(answer).await;
        let error = service("docspace", &server.base_url)
            .invites()
            .link(Role::Admin)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (idweave::ErrorKind::PermissionDenied, Some(200))
        );
        assert!(error.to_string().contains("administrator"), "{error}");
    }
}

#[tokio::test]
async fn docspace_takes_every_role_it_has() {
    for (role, name) in [
        (Role::Admin, "DocSpaceAdmin"),
        (Role::Manager, "RoomAdmin"),
        (Role::Member, "User"),
        (Role::Guest, "Guest"),
        (Role::Other("All".to_owned()), "All"),
    ] {
        let server =
            Recorder::always(Answer::json(200, json!({"response": "https://x.io/s/1"}))).await;
        let link = service("docspace", &server.base_url)
            .invites()
            .link(role.clone())
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
async fn docspace_dates_without_a_zone_are_kept_as_they_are() {
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
        let server = Recorder::always(Answer::json(200, info)).await;
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
async fn docspace_link_is_taken_not_promised() {
    let server = Recorder::always(Answer::json(200, json!({"count": 0}))).await;
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
async fn ostrom_links_by_consent() {
    let answer = json!({"linkUrl": "https://join.ostrom.de/link?id=1"});
    let server = Recorder::always(Answer::json(200, answer)).await;
    let request = ConsentRequest::new("ext-7", "https://acme.io/back")
        .scope("contract:read:data")
        .scope("order:read:data")
        .locale("de")
        .referral_code("friends");
    let link = service("ostrom", &server.base_url)
        .links()
        .link(request)
        .await
        .unwrap();
    assert_eq!(link.state, LinkState::AwaitingConsent);
    assert_eq!(
        link.consent_url.unwrap().expose(),
        "https://join.ostrom.de/link?id=1"
    );
    let sent = json!({
        "externalUserId": "ext-7", "redirectUrl": "https://acme.io/back", "language": "de-DE",
        "scopes": ["contract:read:data", "order:read:data"], "referralCode": "friends",
    });
    assert_eq!(server.requests()[0].json(), sent);
}

#[tokio::test]
async fn ostrom_knows_the_current_user_without_an_id() {
    for (language, locale) in [("GERMAN", "de"), ("ENGLISH", "en"), ("FRENCH", "FRENCH")] {
        let me = json!({"email": "max@acme.io", "firstName": "Max", "lastName": "Muster", "language": language});
        let server = Recorder::always(Answer::json(200, me)).await;
        let user = service("ostrom", &server.base_url)
            .current_user()
            .await
            .unwrap();
        assert_eq!(
            (user.id.as_ref(), user.locale.as_deref()),
            (None, Some(locale))
        );
        assert_eq!(user.display_name(), Some("Max"));
    }
}

#[tokio::test]
async fn deletions_say_how_far_they_go() {
    for (kind, answer, id, deletion) in [
        (
            "authress",
            Answer::empty(202),
            "auth0|7",
            Deletion::Accepted,
        ),
        (
            "ostrom",
            Answer::empty(200),
            "ext-7",
            Deletion::Disconnected,
        ),
        ("enhance", Answer::empty(204), GUID, Deletion::Done),
    ] {
        let server = Recorder::always(answer).await;
        assert_eq!(
            service(kind, &server.base_url)
                .users()
                .delete(id)
                .await
                .unwrap(),
            deletion,
            "{kind}"
        );
    }
}

#[tokio::test]
async fn authress_reads_pages_and_keeps_new_fields() {
    let server = Recorder::start(|request| {
        let page = if request.target.contains("cursor=c2") {
            json!({"users": [{"userId": "u3"}], "pagination": {"next": null}, "links": {"self": {"href": "x"}}})
        } else {
            json!({
                "users": [{"userId": "auth0|7", "name": "Ann", "email": "ann@acme.io", "fresh": 1}, {"userId": "u2"}],
                "pagination": {"next": {"cursor": "c2"}}, "links": {"self": {"href": "x"}},
            })
        };
        Answer::of(200, "application/links+json", page.to_string())
    })
    .await;
    let authress = service("authress", &server.base_url);
    let first = authress.users().list().with_page_size(2).await.unwrap();
    assert_eq!(
        (first.items.len(), first.next.as_ref().map(|c| c.as_str())),
        (2, Some("c2"))
    );
    assert_eq!(first.items[0].raw()["fresh"], 1);
    assert_eq!(first.items[0].id.to_string(), "authress:auth0|7");
    let rest = authress
        .users()
        .list()
        .with_cursor(first.next.unwrap())
        .await
        .unwrap();
    assert_eq!((rest.items[0].id.as_str(), rest.next), ("u3", None));
    assert_eq!(authress.users().count().await.unwrap(), 3);
    let requests = server.requests();
    assert!(
        requests[0].target.contains("limit=2"),
        "{}",
        requests[0].target
    );
    assert_eq!(requests[0].header("accept"), Some("application/links+json"));
}

#[tokio::test]
async fn authress_puts_a_user_in_a_tenant() {
    let server = Recorder::always(Answer::empty(204)).await;
    service("authress", &server.base_url)
        .groups()
        .add_member("tenant-1", "auth0|7")
        .await
        .unwrap();
    assert_eq!(server.requests()[0].json(), json!({"userId": "auth0|7"}));
}

#[tokio::test]
async fn enhance_invites_and_cuts_the_token_out_of_the_address() {
    let url = format!("http://panel.acme.io/invites/{GUID}?email=bob@acme.io");
    let server = Recorder::always(Answer::json(201, json!(url))).await;
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
async fn enhance_says_as_much_of_an_invite_as_it_likes() {
    let whole = json!({"isValid": true, "loginId": GUID, "orgId": ORG, "orgName": "Acme", "role": "Business"});
    let server = Recorder::always(Answer::json(200, whole)).await;
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
    let server = Recorder::always(Answer::json(200, json!({"isValid": false}))).await;
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
async fn enhance_keeps_every_cookie_of_the_session() {
    let answer = Answer::empty(200)
        .header("set-cookie", "id0=MARK.jwt; Path=/; HttpOnly; Secure")
        .header("set-cookie", "realm=r1; Path=/");
    let server = Recorder::always(answer).await;
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
async fn enhance_acts_in_a_session_that_an_invite_opened() {
    let server = Recorder::always(Answer::json(
        200,
        json!({"id": GUID, "email": "bob@acme.io", "name": "Bob"}),
    ))
    .await;
    let session = idweave::Session::from_headers(["id0=a.b.c; Path=/"]);
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
async fn an_ability_says_whether_it_is_there() {
    let able = |kind: &str| {
        let capability = service(kind, "http://127.0.0.1:9").capability();
        capability
            .iter()
            .filter(|(_, support)| *support != Support::Unsupported)
            .count()
    };
    for kind in ["docspace", "authress", "ostrom", "enhance"] {
        assert!(able(kind) > 3, "{kind}");
    }
}

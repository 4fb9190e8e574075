//! The facade against the stateful sandbox: what one call changes, the next one returns.

use std::time::Duration;

use futures::TryStreamExt;
use idweave::{
    AcceptInvite, ConsentRequest, Deletion, ErrorKind, Hub, InviteRequest, InviteToken,
    LinkRequest, Role, SignInProviderQuery, SignUpRequest, User, UserStatus,
    services::{Authress, DocSpace, Enhance},
};
use idweave_sandbox::{Fault, Sandbox};

use crate::support::live::{authress, docspace, enhance, ostrom, single};

#[tokio::test]
async fn invite_is_created_validated_accepted_and_then_used() {
    let sandbox = Sandbox::start().await.unwrap();
    let enhance = enhance(&sandbox);
    let request = InviteRequest::new("bob@acme.io", "Bob").role(Role::Support);
    let before = enhance.users().count().await.unwrap();
    let invite = enhance.invites().create(request.clone()).await.unwrap();
    let again = enhance.invites().create(request.clone()).await.unwrap();
    assert_ne!(
        invite.token, again.token,
        "inviting again gives a new token"
    );
    assert!(
        !enhance
            .invites()
            .validate(&invite.token)
            .await
            .unwrap()
            .valid
    );
    let check = enhance.invites().validate(&again.token).await.unwrap();
    assert_eq!((check.valid, check.role), (true, Some(Role::Support)));

    let bobs: Vec<User> = enhance
        .users()
        .list()
        .email("BOB@acme.io")
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(bobs[0].status, Some(UserStatus::Pending));
    let accept = AcceptInvite::new("bob@acme.io").password("correct horse");
    let session = enhance
        .invites()
        .accept(&again.token, accept.clone())
        .await
        .unwrap();
    let org = &sandbox.enhance().org_id;
    let bobs_own = Enhance::new(&sandbox.enhance().base_url)
        .unwrap()
        .session(org, &session)
        .unwrap();
    let bob = single(Hub::builder().service(bobs_own).build())
        .current_user()
        .await
        .unwrap();
    assert_eq!(bob.email.as_deref(), Some("bob@acme.io"));

    let bob = enhance.users().get(&bobs[0].id).await.unwrap();
    assert_eq!(
        (bob.status.clone(), bob.roles.clone()),
        (Some(UserStatus::Active), vec![Role::Support])
    );
    let error = enhance
        .invites()
        .accept(&again.token, accept)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, Some("not_found"))
    );
    let error = enhance.invites().create(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}");
    assert_eq!(enhance.users().count().await.unwrap(), before + 1);
    assert_eq!(
        enhance.users().delete(&bob.id).await.unwrap(),
        Deletion::Completed
    );
    assert_eq!(
        enhance.users().get(&bob.id).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn invite_expires() {
    let sandbox = Sandbox::start().await.unwrap();
    let enhance = enhance(&sandbox);
    let request = InviteRequest::new("bob@acme.io", "Bob").role(Role::Support);
    let invite = enhance.invites().create(request).await.unwrap();
    sandbox.clock().advance(Duration::from_secs(11 * 86_400));
    assert!(
        !enhance
            .invites()
            .validate(&invite.token)
            .await
            .unwrap()
            .valid
    );
    let unknown = InviteToken::new("00000000-0000-4000-8000-000000000000");
    assert!(!enhance.invites().validate(&unknown).await.unwrap().valid);
}

#[tokio::test]
async fn accept_invite_ignores_the_session_of_another_user() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.enhance();
    let owner = Enhance::new(&access.base_url).unwrap().login(
        &access.org_id,
        &access.email,
        &access.password,
    );
    let enhance = single(Hub::builder().service(owner).build());
    assert_eq!(
        enhance.current_user().await.unwrap().email.as_deref(),
        Some(access.email.as_str())
    );
    let request = InviteRequest::new("bob@acme.io", "Bob").role(Role::Support);
    let invite = enhance.invites().create(request).await.unwrap();
    let accept = AcceptInvite::new("bob@acme.io").password("correct horse");
    enhance
        .invites()
        .accept(&invite.token, accept)
        .await
        .unwrap();
}

#[tokio::test]
async fn docspace_sign_up_with_an_external_account_creates_a_user() {
    let sandbox = Sandbox::start().await.unwrap();
    let docspace = docspace(&sandbox);
    let before = docspace.users().count().await.unwrap();
    let link = docspace.invites().share_link(Role::Manager).await.unwrap();
    let key = sandbox.docspace_invite(link.url.expose()).unwrap().key;
    let profile = sandbox.docspace_profile("google", "bob@acme.io", "Bob Stone");
    let bob = docspace
        .sign_up(SignUpRequest::new(&*key, &*profile))
        .await
        .unwrap();
    assert_eq!(docspace.users().count().await.unwrap(), before + 1);
    let bob = docspace.users().get(&bob.id).await.unwrap();
    assert_eq!(bob.display_name(), Some("Bob Stone"));
    assert!(bob.raw()["id"].is_string());
    let found: Vec<User> = docspace
        .users()
        .list()
        .email("bob@acme.io")
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(found[0].id, bob.id);

    assert_eq!(
        docspace.users().delete(&bob.id).await.unwrap(),
        Deletion::Accepted
    );
    assert_eq!(docspace.users().count().await.unwrap(), before);
}

#[tokio::test]
async fn docspace_sign_up_distinguishes_cancelled_from_an_invalid_key() {
    let sandbox = Sandbox::start().await.unwrap();
    let docspace = docspace(&sandbox);
    let link = docspace.invites().share_link(Role::Member).await.unwrap();
    let key = sandbox.docspace_invite(link.url.expose()).unwrap().key;
    let cancelled = sandbox.docspace_failed_profile("google", "Canceled at provider");
    let error = docspace
        .sign_up(SignUpRequest::new(&*key, cancelled))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::NotCompleted, Some(200))
    );
    let profile = sandbox.docspace_profile("google", "bob@acme.io", "Bob");
    let error = docspace
        .sign_up(SignUpRequest::new("no key", profile))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    let nameless = sandbox.docspace_profile("google", "", "Bob");
    let error = docspace
        .sign_up(SignUpRequest::new(&*key, nameless))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Unavailable, Some(500))
    );
}

#[tokio::test]
async fn docspace_external_account_is_linked_and_unlinked() {
    let sandbox = Sandbox::start().await.unwrap();
    let docspace = docspace(&sandbox);
    let linked = || async {
        let query = SignInProviderQuery::new().only("google");
        docspace.sign_in_providers_for(query).await.unwrap().items[0].linked
    };
    assert_eq!(linked().await, Some(false));
    let profile = sandbox.docspace_profile("google", "owner@gmail.com", "Owner");
    docspace
        .links()
        .link(LinkRequest::profile(profile))
        .await
        .unwrap();
    assert_eq!(linked().await, Some(true));
    docspace.links().unlink("google").await.unwrap();
    assert_eq!(linked().await, Some(false));

    let cancelled = sandbox.docspace_failed_profile("google", "Canceled at provider");
    docspace
        .links()
        .link(LinkRequest::profile(cancelled))
        .await
        .unwrap();
    assert_eq!(
        linked().await,
        Some(false),
        "DocSpace accepts a cancelled profile too, and links nothing"
    );
}

#[tokio::test]
async fn ostrom_customer_consents_and_is_unlinked() {
    let sandbox = Sandbox::start().await.unwrap();
    let partner = ostrom(&sandbox, &sandbox.ostrom().partner);
    let request =
        ConsentRequest::new("bob/7 ä", "https://acme.io/back").scope("contract:read:data");
    let link = partner.links().link(request).await.unwrap();
    assert!(link.consent_url.unwrap().expose().contains("/link?id="));
    assert!(sandbox.ostrom_consent("bob/7 ä"));
    assert_eq!(
        partner.users().delete("bob/7 ä").await.unwrap(),
        Deletion::Unlinked
    );
    let error = partner.links().unlink("bob/7 ä").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::NotFound, Some("not_found"))
    );
    let me = ostrom(&sandbox, &sandbox.ostrom().user)
        .current_user()
        .await
        .unwrap();
    assert_eq!(
        (me.display_name(), me.locale.as_deref()),
        (Some("Max"), Some("de"))
    );
}

#[tokio::test]
async fn authress_lists_pages_adds_to_a_tenant_and_deletes_later() {
    let sandbox = Sandbox::start().await.unwrap();
    let authress = authress(&sandbox);
    let users: Vec<User> = authress
        .users()
        .list()
        .with_page_size(7)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(users.len() as u64, authress.users().count().await.unwrap());
    let ann = &users[3];
    let email = ann.email.as_deref().unwrap();
    let found: Vec<User> = authress
        .users()
        .list()
        .email(email)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!((found.len(), &found[0].id), (1, &ann.id));

    let groups = authress.groups().list().await.unwrap();
    let tenant = &groups.items[0].id;
    authress.groups().add_member(tenant, &ann.id).await.unwrap();
    let members: Vec<User> = authress
        .users()
        .list()
        .group(tenant)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert!(members.iter().any(|member| member.id == ann.id));
    let error = authress
        .groups()
        .add_member("no-such-tenant", &ann.id)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);

    assert_eq!(
        authress.users().delete(&ann.id).await.unwrap(),
        Deletion::Accepted
    );
    sandbox.clock().advance(Duration::from_secs(3_600));
    assert_eq!(
        authress.users().get(&ann.id).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn docspace_groups_accept_members() {
    let sandbox = Sandbox::start().await.unwrap();
    let docspace = docspace(&sandbox);
    let user = &sandbox.docspace().user.user_id;
    // The facade cannot create groups, so this uses the low-level client.
    let client = docspace
        .downcast_ref::<DocSpace>()
        .unwrap()
        .client()
        .unwrap();
    let body =
        serde_json::from_value(serde_json::json!({"groupName": "Night shift", "members": []}));
    client.add_group(&body.unwrap()).await.unwrap();
    let groups: Vec<_> = docspace
        .groups()
        .list()
        .items()
        .try_collect()
        .await
        .unwrap();
    let group = groups
        .iter()
        .find(|group| group.display_name() == "Night shift")
        .unwrap();
    docspace.groups().add_member(&group.id, user).await.unwrap();
    let members: Vec<User> = docspace
        .users()
        .list()
        .group(&group.id)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(
        members
            .iter()
            .map(|member| member.id.as_str())
            .collect::<Vec<_>>(),
        [user]
    );
}

#[tokio::test]
async fn find_and_offboard_work_while_one_service_is_unavailable() {
    let sandbox = Sandbox::start().await.unwrap();
    let (a, e) = (sandbox.authress(), sandbox.enhance());
    let hub = Hub::builder()
        .service(
            Authress::new(&a.base_url)
                .unwrap()
                .access_key(&a.access_key)
                .unwrap()
                .with_retry(false),
        )
        .service(
            Enhance::new(&e.base_url)
                .unwrap()
                .access_token(&e.org_id, &e.access_token)
                .with_retry(false),
        )
        .build()
        .unwrap();
    sandbox.fault(Fault::on("authress").status(503));
    let person = hub.find(&e.member.email).await.unwrap();
    assert_eq!(person.users().count(), 1);
    assert_eq!(
        person.failures().next().unwrap().service(),
        Some("authress")
    );
    sandbox.clear_faults();
    let person = hub.find(&e.member.email).await.unwrap();
    let report = hub.offboard(&person).await.unwrap();
    assert_eq!(report.failed().count(), 0, "{report:?}");
    assert!(
        hub.find(&e.member.email)
            .await
            .unwrap()
            .user("enhance")
            .is_none()
    );
}

#[tokio::test]
async fn list_succeeds_after_a_short_outage() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.fault(
        Fault::on("authress")
            .operation("getUsers")
            .status(503)
            .times(1),
    );
    let authress = authress(&sandbox);
    assert!(!authress.users().list().await.unwrap().items.is_empty());
    assert_eq!(sandbox.requests().len(), 2);
}

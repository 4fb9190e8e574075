//! Wrong credentials and missing permissions, as the sandbox rejects them.

use idweave::{
    ErrorKind, Hub, Role,
    services::{Authress, DocSpace, Enhance, Ostrom},
};
use idweave_sandbox::Sandbox;

use crate::support::live::{docspace, ostrom, single};

#[tokio::test]
async fn missing_permission_is_permission_denied() {
    let sandbox = Sandbox::start().await.unwrap();
    let access = sandbox.docspace();
    let user = DocSpace::new(&access.base_url)
        .unwrap()
        .login(&access.user.email, &access.user.password);
    let user = single(Hub::builder().service(user).build());
    let me = user.current_user().await.unwrap();
    assert_eq!(me.id.unwrap().as_str(), access.user.user_id);
    let error = user.invites().share_link(Role::Admin).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::PermissionDenied, Some(200))
    );
    assert_eq!(
        user.users().count().await.unwrap_err().kind(),
        ErrorKind::PermissionDenied
    );

    let unknown = "00000000-1111-4222-8333-444444444444";
    let error = docspace(&sandbox).users().get(unknown).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.service_message()),
        (ErrorKind::PermissionDenied, Some("Access denied"))
    );
    let portal = docspace(&sandbox);
    let portal = portal.downcast_ref::<DocSpace>().unwrap();
    let error = portal
        .send_congratulations(&access.user_id, "no key")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.service()),
        (ErrorKind::PermissionDenied, Some("docspace"))
    );

    let error = ostrom(&sandbox, &sandbox.ostrom().user)
        .links()
        .unlink("bob")
        .await
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::Unauthenticated
        ),
        "{error:?}"
    );
    let access = sandbox.authress();
    let key = &access.restricted_access_key;
    let restricted = Authress::new(&access.base_url)
        .unwrap()
        .access_key(key)
        .unwrap();
    let restricted = single(Hub::builder().service(restricted).build());
    assert_eq!(
        restricted.users().list().await.unwrap_err().kind(),
        ErrorKind::PermissionDenied
    );
}

#[tokio::test]
async fn wrong_credentials_are_unauthenticated() {
    let sandbox = Sandbox::start().await.unwrap();
    let (d, o, e) = (sandbox.docspace(), sandbox.ostrom(), sandbox.enhance());
    let key = DocSpace::new(&d.base_url).unwrap().api_key("sk-wrong");
    let password = DocSpace::new(&d.base_url).unwrap().login(&d.email, "wrong");
    let nobody = DocSpace::new(&d.base_url).unwrap();
    let client = Ostrom::with_urls(&o.base_url, &o.auth_url)
        .unwrap()
        .client_credentials(&o.user.client_id, "wrong");
    let token = Enhance::new(&e.base_url)
        .unwrap()
        .access_token(&e.org_id, "wrong");
    let login = Enhance::new(&e.base_url)
        .unwrap()
        .login(&e.org_id, &e.email, "wrong");
    let unknown_key = Authress::new(&sandbox.authress().base_url)
        .unwrap()
        .access_key(crate::support::ACCESS_KEY)
        .unwrap();
    let hubs = [
        Hub::builder().service(key).build(),
        Hub::builder().service(password).build(),
        Hub::builder().service(nobody).build(),
        Hub::builder().service(client).build(),
        Hub::builder().service(token).build(),
        Hub::builder().service(login).build(),
        Hub::builder().service(unknown_key).build(),
    ];
    for (i, hub) in hubs.into_iter().enumerate() {
        let service = single(hub);
        let error = match service.service_type() {
            "authress" => service.users().list().await.map(drop).unwrap_err(),
            "enhance" => service.users().count().await.map(drop).unwrap_err(),
            _ => service.current_user().await.map(drop).unwrap_err(),
        };
        assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{i}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("wrong"), "{error:?}");
    }
}

//! Every service supports exactly the abilities that its capability names.

use crate::support::{GUID, Recorder, Response, service};
use idweave::{
    Ability, AcceptInvite, ConsentRequest, ErrorKind, InviteRequest, InviteToken, LinkRequest,
    Result, Role, Service, SignUpRequest,
};

const SERVICES: [&str; 4] = ["docspace", "authress", "ostrom", "enhance"];

/// Calls an ability with valid input.
async fn call_ability(service: &Service, ability: Ability) -> Result<()> {
    let id = if service.service_type() == "authress" {
        "auth0|7"
    } else {
        GUID
    };
    match ability {
        Ability::ListUsers => service.users().list().await.map(drop),
        Ability::GetUser => service.users().get(id).await.map(drop),
        Ability::CountUsers => service.users().count().await.map(drop),
        Ability::DeleteUser => service.users().delete(id).await.map(drop),
        Ability::CreateInvite => {
            let request = InviteRequest::new("bob@acme.io", "Bob").role(Role::Support);
            service.invites().create(request).await.map(drop)
        }
        Ability::ValidateInvite => service
            .invites()
            .validate(&InviteToken::new(GUID))
            .await
            .map(drop),
        Ability::AcceptInvite => {
            let request = AcceptInvite::new("bob@acme.io").password("secret");
            service
                .invites()
                .accept(&InviteToken::new(GUID), request)
                .await
                .map(drop)
        }
        Ability::ShareLink => service.invites().share_link(Role::Member).await.map(drop),
        Ability::LinkAccount if service.service_type() == "ostrom" => {
            let request = ConsentRequest::new("7", "https://acme.io").scope("contract:read:data");
            service.links().link(request).await.map(drop)
        }
        Ability::LinkAccount => service
            .links()
            .link(LinkRequest::profile("p"))
            .await
            .map(drop),
        Ability::UnlinkAccount => service.links().unlink("google").await,
        Ability::ListGroups => service.groups().list().await.map(drop),
        Ability::AddGroupMember => service.groups().add_member(GUID, id).await,
        Ability::SignInProviders => service.sign_in_providers().await.map(drop),
        Ability::CurrentUser => service.current_user().await.map(drop),
        Ability::SignUp => service
            .sign_up(SignUpRequest::new("key", "profile"))
            .await
            .map(drop),
        other => panic!("no test for {other}"),
    }
}

#[tokio::test]
async fn abilities_are_sent_if_available_and_rejected_unsent_otherwise() {
    for kind in SERVICES {
        for ability in Ability::ALL {
            let server = Recorder::always(Response::json(418, "{}")).await;
            let service = service(kind, &server.base_url);
            let error = call_ability(&service, *ability).await.unwrap_err();
            if service.capability().get(*ability).is_available() {
                assert_eq!(error.status(), Some(418), "{kind} {ability}: {error:?}");
                assert!(!server.requests().is_empty(), "{kind} {ability}");
            } else {
                assert_eq!(
                    error.kind(),
                    ErrorKind::Unsupported,
                    "{kind} {ability}: {error:?}"
                );
                assert_eq!(error.service(), Some(kind));
                assert_eq!(error.operation(), Some(ability.name()));
                assert_eq!(server.count(), 0, "{kind} {ability}");
            }
        }
    }
}

#[tokio::test]
async fn unsupported_error_names_what_the_service_supports() {
    for kind in SERVICES {
        let service = service(kind, "http://127.0.0.1:9");
        let capability = service.capability();
        for (ability, support) in capability
            .iter()
            .filter(|(_, support)| !support.is_available())
        {
            let text = call_ability(&service, ability)
                .await
                .unwrap_err()
                .to_string();
            assert!(text.contains(ability.call()), "{support}: {text}");
            for (able, _) in capability
                .iter()
                .filter(|(_, support)| support.is_available())
            {
                assert!(text.contains(able.call()), "{kind}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn ostrom_list_is_one_unsupported_error() {
    use futures::StreamExt;
    let server = Recorder::raw(|_| Response::empty(200)).await;
    let items: Vec<_> = service("ostrom", &server.base_url)
        .users()
        .list()
        .items()
        .collect()
        .await;
    assert_eq!(items.len(), 1);
    assert_eq!(
        items[0].as_ref().unwrap_err().kind(),
        ErrorKind::Unsupported
    );
    assert_eq!(server.count(), 0);
}

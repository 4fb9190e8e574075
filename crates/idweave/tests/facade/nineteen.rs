//! The nineteen operations: method, path and credentials of each, and its successful response.

use idweave::{Deletion, Support};

use crate::support::{GUID, NINETEEN, Recorder, Response, service};

#[test]
fn operations_are_nineteen_over_four_services() {
    let services = NINETEEN
        .iter()
        .map(|o| o.service)
        .collect::<std::collections::BTreeSet<_>>();
    assert_eq!((NINETEEN.len(), services.len()), (19, 4));
}

#[tokio::test]
async fn operations_use_the_vendors_method_and_path() {
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
async fn base_url_can_have_a_path_and_a_trailing_slash() {
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
                        idweave::services::Ostrom::with_urls(&url, format!("{}/", server.base_url));
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
            // Enhance's /api is added only to an address without a path.
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
async fn credentials_are_sent_only_where_required() {
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
async fn deletions_are_completed_accepted_or_unlinked() {
    for (service_type, response, id, deletion) in [
        (
            "authress",
            Response::empty(202),
            "auth0|7",
            Deletion::Accepted,
        ),
        ("ostrom", Response::empty(200), "ext-7", Deletion::Unlinked),
        ("enhance", Response::empty(204), GUID, Deletion::Completed),
    ] {
        let server = Recorder::always(response).await;
        assert_eq!(
            service(service_type, &server.base_url)
                .users()
                .delete(id)
                .await
                .unwrap(),
            deletion,
            "{service_type}"
        );
    }
}

#[tokio::test]
async fn capabilities_have_more_than_three_abilities() {
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

//! Each of the nineteen operations: where it goes, with which credentials, and that a good answer is taken.

use idweave::{Deletion, Support};

use crate::support::{Answer, GUID, NINETEEN, Recorder, service};

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
async fn deletions_say_how_far_they_go() {
    for (kind, answer, id, deletion) in [
        (
            "authress",
            Answer::empty(202),
            "auth0|7",
            Deletion::Accepted,
        ),
        ("ostrom", Answer::empty(200), "ext-7", Deletion::Unlinked),
        ("enhance", Answer::empty(204), GUID, Deletion::Completed),
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

//! Ostrom: the requests of each operation, and how its responses are read.

use idweave::{ConsentRequest, LinkState};
use serde_json::json;

use crate::support::{Recorder, Response, service};

#[tokio::test]
async fn ostrom_link_returns_a_consent_address() {
    let response = json!({"linkUrl": "https://join.ostrom.de/link?id=1"});
    let server = Recorder::always(Response::json(200, response)).await;
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
async fn ostrom_current_user_has_no_id() {
    for (language, locale) in [("GERMAN", "de"), ("ENGLISH", "en"), ("FRENCH", "FRENCH")] {
        let me = json!({"email": "max@acme.io", "firstName": "Max", "lastName": "Muster", "language": language});
        let server = Recorder::always(Response::json(200, me)).await;
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

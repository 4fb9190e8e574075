//! No `Debug`, `Display`, serialization or log line shows a secret or personal data.

use crate::log::Log;
use crate::support::{NINETEEN, ORG, Recorder, Response, service};
use idweave::{
    AcceptInvite, ConsentRequest, Hub, InviteRequest, InviteToken, LinkRequest, Role,
    SignUpRequest,
    services::{DocSpace, Enhance, Ostrom},
};

#[test]
fn services_hide_their_credentials() {
    let shown = [
        format!(
            "{:?}",
            DocSpace::new("https://a.io").unwrap().api_key("MARK")
        ),
        format!(
            "{:?}",
            DocSpace::new("https://a.io")
                .unwrap()
                .login("MARK@acme.io", "MARK")
        ),
        format!("{:?}", Ostrom::sandbox().client_credentials("id", "MARK")),
        format!(
            "{:?}",
            Enhance::new("https://a.io")
                .unwrap()
                .access_token(ORG, "MARK")
        ),
        format!(
            "{:?}",
            Enhance::new("https://a.io")
                .unwrap()
                .login(ORG, "MARK@acme.io", "MARK")
        ),
        format!("{:?}", crate::support::authress("https://a.io")),
    ];
    let key = crate::support::ACCESS_KEY.rsplit('.').next().unwrap();
    for text in shown {
        assert!(!text.contains("MARK") && !text.contains(key), "{text}");
    }
    let docspace = DocSpace::new("https://a.io").unwrap().api_key("MARK");
    let hub = Hub::builder().service(docspace).build().unwrap();
    assert!(!format!("{hub:?} {:?}", hub.service("docspace").unwrap()).contains("MARK"));
    assert!(
        !format!(
            "{:?}",
            hub.service("docspace")
                .unwrap()
                .users()
                .list()
                .email("MARK@a.io")
        )
        .contains("MARK")
    );
}

#[test]
fn requests_hide_their_content() {
    let shown = [
        format!(
            "{:?}",
            InviteRequest::new("MARK@acme.io", "MARK").role(Role::Support)
        ),
        format!("{:?}", AcceptInvite::new("MARK@acme.io").password("MARK")),
        format!("{:?}", InviteToken::new("MARK")),
        format!("{:?}", LinkRequest::profile("MARK")),
        format!("{:?}", SignUpRequest::new("MARK", "MARK")),
        format!(
            "{:?}",
            ConsentRequest::new("7", "https://acme.io")
                .scope("x")
                .referral_code("friends")
        ),
    ];
    for text in shown {
        assert!(!text.contains("MARK"), "{text}");
    }
}

#[tokio::test]
async fn logs_at_trace_level_show_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("trace")
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    for operation in NINETEEN {
        for response in [
            (operation.good)(),
            Response::json(401, "{\"message\":\"MARK\"}"),
            Response::html(502),
        ] {
            let server = Recorder::always(response).await;
            let outcome = (operation.call)(service(operation.service, &server.base_url)).await;
            tracing::info!(?outcome, "done");
        }
    }
    drop(guard);
    let text = log.text();
    assert!(text.contains("getUsers"), "nothing was logged at all");
    let key = crate::support::ACCESS_KEY.rsplit('.').next().unwrap();
    for secret in ["MARK", key, "bob@acme.io", "ann@acme.io"] {
        let line = text.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret}: {line:?}");
    }
}

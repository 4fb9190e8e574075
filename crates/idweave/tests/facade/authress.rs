//! Authress: the requests of each operation, and how its responses are read.

use serde_json::json;

use crate::support::{Recorder, Response, service};

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
        Response::of(200, "application/links+json", page.to_string())
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
async fn authress_add_member_sends_the_user_id() {
    let server = Recorder::always(Response::empty(204)).await;
    service("authress", &server.base_url)
        .groups()
        .add_member("tenant-1", "auth0|7")
        .await
        .unwrap();
    assert_eq!(server.requests()[0].json(), json!({"userId": "auth0|7"}));
}

//! The generated client of a made-up service, compiled and called: what it sends, and how it reads responses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use httpmock::MockServer;
use idweave_transport::{ClientBuilder, ErrorKind, Multipart, Patch, Secret};
use serde_json::{Value, json};

#[allow(dead_code, unreachable_pub)]
#[path = "golden/acme/generated"]
mod generated {
    #[allow(clippy::all)]
    #[path = "client.rs"]
    #[rustfmt::skip]
    pub mod client;
    #[allow(clippy::all)]
    #[path = "mock.rs"]
    #[rustfmt::skip]
    pub mod mock;
    #[path = "operations.rs"]
    #[rustfmt::skip]
    pub mod operations;
    #[allow(clippy::all)]
    #[path = "types.rs"]
    #[rustfmt::skip]
    pub mod types;
    #[path = "union.rs"]
    #[rustfmt::skip]
    mod union;
}

use generated::client::Client;
use generated::mock::MockServerExt as _;
use generated::{operations, types};

fn client(server: &MockServer) -> Client {
    ClientBuilder::new(server.base_url()).build().unwrap()
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn list_users_sends_every_kind_of_parameter() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.method("GET")
            .path("/users")
            .query_param("limit", "5")
            .query_param("role", "admin")
            .query_param("ids", "a,b")
            .query_param("kinds", "1")
            .query_param("kinds", "2")
            .query_param("range[from]", "x")
            .query_param("where", "{\"email\":\"ann@acme.io\"}")
            .query_param("body", "b")
            .header("X-Trace", "t")
            .header("accept", "application/links+json");
        then.status(200)
            .header("content-type", "application/links+json")
            .body("[{\"id\":\"1\"},{\"id\":2}]");
    });
    let ids = ["a".to_owned(), "b".to_owned()];
    let range = types::ListUsersRange {
        from: Some("x".into()),
        to: None,
    };
    let filter = types::ListUsersWhere {
        email: Some("ann@acme.io".into()),
    };
    let users = client(&server)
        .list_users(
            Some(5),
            Some(&types::Role2::Admin),
            Some(&ids),
            Some(&[1, 2]),
            Some(&range),
            Some(&filter),
            Some("b"),
            Some("t"),
        )
        .await
        .unwrap()
        .into_inner();
    mock.assert();
    // An id is text or a number and keeps its value.
    assert_eq!(users[0].id.to_string(), "1");
    assert_eq!(users[1].id.to_string(), "2");
}

#[tokio::test]
async fn typed_mocks_respond_to_typed_calls() {
    let server = MockServer::start_async().await;
    let user: types::User = read(json!({"id": "7", "email": "ann@acme.io"}));
    let mock = server.get_user(|when, then| {
        when.user_id("a/b c").no_user_id_query();
        then.success(&user);
    });
    let response = client(&server).get_user("a/b c", None).await.unwrap();
    mock.assert();
    assert_eq!(response.email.as_deref(), Some("ann@acme.io"));
}

#[tokio::test]
async fn success_without_a_body_is_none_and_an_error_keeps_its_body() {
    let server = MockServer::start_async().await;
    let body = types::NewUser::new("ann@acme.io", "hunter2");
    let mut mock = server.create_user(|when, then| {
        when.body(&body);
        then.status(202, "");
    });
    assert!(
        client(&server)
            .create_user(None, &body)
            .await
            .unwrap()
            .is_none()
    );
    mock.delete();
    server.create_user(|_, then| drop(then.status(409, "{\"title\":\"taken\"}")));
    let error = client(&server).create_user(None, &body).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Status);
    assert_eq!(error.body().as_ref(), b"{\"title\":\"taken\"}");
    assert_eq!(error.operation(), Some("createUser"));
}

#[tokio::test]
async fn patch_body_sends_null_and_absent_and_is_optional() {
    let server = MockServer::start_async().await;
    let mock = server.mock(|when, then| {
        when.method("PATCH")
            .header("content-type", "application/merge-patch+json")
            .body("{\"name\":null}");
        then.status(204);
    });
    let body = types::UserUpdate {
        name: Patch::Null,
        nick: None,
    };
    client(&server).update_user("7", Some(&body)).await.unwrap();
    mock.assert();
    let bare = server.mock(|when, then| {
        when.method("PATCH").header_missing("content-type");
        then.status(204);
    });
    client(&server).update_user("7", None).await.unwrap();
    bare.assert();
}

#[tokio::test]
async fn bodies_of_uploads_forms_text_and_bytes_are_sent() {
    let server = MockServer::start_async().await;
    let photo = server.mock(|when, then| {
        when.method("PUT")
            .path("/users/7/photo")
            .header_prefix("content-type", "multipart/form-data")
            .body_includes("PNG");
        then.status(200)
            .header("content-type", "image/png")
            .body([0x89, b'P']);
    });
    let form = Multipart::new().file("file", "a.png", "image/png", b"PNG");
    assert_eq!(
        client(&server).put_photo("7", form).await.unwrap().to_vec(),
        [0x89, b'P']
    );
    photo.assert();
    let upload = server.mock(|when, then| {
        when.method("POST")
            .path("/archive")
            .header("content-type", "application/gzip")
            .body("zip");
        then.status(200)
            .header("content-type", "text/plain")
            .body("kept");
    });
    assert_eq!(
        client(&server)
            .upload(Some("zip".into()))
            .await
            .unwrap()
            .into_inner(),
        "kept"
    );
    upload.assert();
    let login = server.mock(|when, then| {
        when.method("POST")
            .path("/login")
            .form_urlencoded_tuple("grant_type", "password")
            .form_urlencoded_tuple("password", "p&q");
        then.status(206).body("{\"challenge\":\"otp\"}");
    });
    let mut body = types::PostLoginBody::new("p&q");
    body.grant_type = Some(types::PostLoginBodyGrantType::Password);
    let response = client(&server)
        .post_login(&body)
        .await
        .unwrap()
        .into_inner();
    login.assert();
    assert!(
        matches!(response, types::PostLoginResponse::Challenge(c) if c.challenge.as_deref() == Some("otp"))
    );
}

#[test]
fn enums_keep_new_values() {
    let role: types::Role2 = read(json!("owner"));
    assert_eq!(role, types::Role2::Other("owner".into()));
    assert_eq!(serde_json::to_value(&role).unwrap(), json!("owner"));
    assert_eq!(types::Role2::from("ADMIN"), types::Role2::Admin2);
    let status: types::Role = read(json!(9));
    assert_eq!(status, types::Role(9));
    assert_eq!(types::Role::ACTIVE, types::Role(1));
}

#[test]
fn unknown_missing_and_null_fields_do_not_fail_a_response() {
    let user: types::User = read(json!({
        "id": "7", "email": null, "shoeSize": 43, "createdAt": "yesterday", "created_at": "today", "role": null, "tags": null,
        "manager": {"id": 1}, "tree": [[], [[]]], "any": [1]}));
    assert_eq!(user.created_at.as_deref(), Some("yesterday"));
    assert_eq!(user.created_at_2.as_deref(), Some("today"));
    assert!(user.manager.is_some() && user.tree.is_some());
    assert!(
        serde_json::from_value::<types::User>(json!({"email": "x"})).is_err(),
        "id is certain"
    );
}

#[test]
fn union_is_chosen_by_its_tag_and_keeps_other_values() {
    let created: types::Event =
        read(json!({"kind": "created", "parent": {"kind": "removed", "userId": "7"}}));
    let types::Event::Created(created) = created else {
        panic!("not created")
    };
    assert!(matches!(created.parent.unwrap(), types::Event::Removed(_)));
    let odd: types::Event = read(json!(17));
    assert!(matches!(&odd, types::Event::Other(v) if *v == json!(17)));
    assert_eq!(serde_json::to_value(&odd).unwrap(), json!(17));
}

#[test]
fn secrets_are_sent_and_not_shown() {
    let body = types::NewUser::new("ann@acme.io", "hunter2");
    assert!(!format!("{body:?}").contains("hunter2"));
    assert_eq!(serde_json::to_value(&body).unwrap()["password"], "hunter2");
    let user: types::User = read(json!({"id": "1", "apiKey": "k-123"}));
    assert!(!format!("{user:?}").contains("k-123"));
    assert_eq!(
        user.api_key.unwrap().expose(),
        Secret::new("k-123").expose()
    );
}

#[test]
fn operations_table_has_what_the_transport_needs() {
    assert_eq!(operations::ALL.len(), 11);
    assert_eq!(operations::LIST_USERS.accept(), "application/links+json");
    assert_eq!(
        operations::UPDATE_USER.content_type(),
        "application/merge-patch+json"
    );
    assert!(operations::DELETE_USERS_BY_USER_ID.security().is_empty());
    assert_eq!(operations::LIST_USERS.security().len(), 2);
    assert!(operations::LIST_USERS.is_idempotent() && !operations::CREATE_USER.is_idempotent());
}

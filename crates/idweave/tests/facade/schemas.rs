//! Every model type serializes as its JSON schema says, without its secrets.

use idweave::{
    Capability, CurrentUser, Error, ErrorKind, Group, GroupId, Invite, InviteCheck, InviteLink,
    InviteToken, Link, LinkState, OffboardReport, OpenedSession, Page, Person, Role,
    SignInProvider, User, UserId, UserStatus,
};
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde_json::Value;

/// Asserts that all properties are in the schema, and that all required properties are written.
fn assert_matches_schema<T: Serialize + JsonSchema>(value: &T) {
    let schema = schema_for!(T).to_value();
    let written = serde_json::to_value(value).unwrap();
    let properties = schema["properties"].as_object().unwrap();
    for name in written.as_object().unwrap().keys() {
        assert!(
            properties.contains_key(name),
            "{}: {name} is not in the schema",
            schema["title"]
        );
    }
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        assert!(
            written.get(name).is_some(),
            "{}: {name} is required",
            schema["title"]
        );
    }
    assert!(!written.to_string().contains("MARK"), "{written}");
}

#[test]
fn models_serialize_as_their_schemas_say() {
    let id = || UserId::new("authress", "auth0|7");
    let raw = serde_json::json!({"password": "MARK"});
    let user = User::new(id())
        .name("Ann")
        .status(UserStatus::Other("asleep".into()))
        .with_raw(raw.clone());
    let mut page = Page::new(vec![user.clone()], None);
    page.service = "authress".to_owned();
    assert_matches_schema(&user);
    assert_matches_schema(&page);
    assert_matches_schema(&CurrentUser::new(Some(id())).with_raw(raw.clone()));
    assert_matches_schema(&Group::new(GroupId::new("authress", "t")).with_raw(raw.clone()));
    assert_matches_schema(
        &Invite::new(InviteToken::new("MARK"), "bob@acme.io", vec![Role::Support]).url("MARK"),
    );
    assert_matches_schema(&InviteCheck::new(true).with_raw(raw));
    assert_matches_schema(&InviteLink::new("MARK", Role::Guest));
    assert_matches_schema(&Link::new(LinkState::AwaitingConsent).consent_url("MARK"));
    assert_matches_schema(&SignInProvider::new("google"));
    assert_matches_schema(&OpenedSession::from_headers(["id0=MARK; Path=/"]));
    assert_matches_schema(&Capability::default());
    assert_matches_schema(
        &Error::from(ErrorKind::NotFound).with_service_error(None, Some("MARK".to_owned())),
    );
    // Created by a hub only, so that only their schemas are checked.
    for schema in [schema_for!(Person), schema_for!(OffboardReport)] {
        assert!(schema.to_value()["properties"].is_object());
    }
}

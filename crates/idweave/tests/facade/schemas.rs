//! Every model type serializes to what its JSON schema says, without its secrets.

use idweave::{
    Capability, CurrentUser, Error, ErrorKind, Group, GroupId, Invite, InviteCheck, InviteLink,
    InviteToken, Link, LinkState, OffboardReport, OpenedSession, Page, Person, Role,
    SignInProvider, User, UserId, UserStatus,
};
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde_json::Value;

/// The properties that were written are all in the schema, and all that it requires were written.
fn written_as_said<T: Serialize + JsonSchema>(value: &T) {
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
fn models_are_written_as_their_schemas_say() {
    let id = || UserId::new("authress", "auth0|7");
    let raw = serde_json::json!({"password": "MARK"});
    let user = User::new(id())
        .name("Ann")
        .status(UserStatus::Other("asleep".into()))
        .with_raw(raw.clone());
    let mut page = Page::new(vec![user.clone()], None);
    page.service = "authress".to_owned();
    written_as_said(&user);
    written_as_said(&page);
    written_as_said(&CurrentUser::new(Some(id())).with_raw(raw.clone()));
    written_as_said(&Group::new(GroupId::new("authress", "t")).with_raw(raw.clone()));
    written_as_said(
        &Invite::new(InviteToken::new("MARK"), "bob@acme.io", vec![Role::Support]).url("MARK"),
    );
    written_as_said(&InviteCheck::new(true).with_raw(raw));
    written_as_said(&InviteLink::new("MARK", Role::Guest));
    written_as_said(&Link::new(LinkState::AwaitingConsent).consent_url("MARK"));
    written_as_said(&SignInProvider::new("google"));
    written_as_said(&OpenedSession::from_headers(["id0=MARK; Path=/"]));
    written_as_said(&Capability::default());
    written_as_said(
        &Error::from(ErrorKind::NotFound).with_service_error(None, Some("MARK".to_owned())),
    );
    // Made by a hub only; their schemas are asked for all the same.
    for schema in [schema_for!(Person), schema_for!(OffboardReport)] {
        assert!(schema.to_value()["properties"].is_object());
    }
}

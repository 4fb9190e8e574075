//! Which values are parameters, and what becomes of each.

#![allow(clippy::unwrap_used)]
use serde::Serialize;

use super::*;

fn texts<T: Serialize>(value: T) -> Result<Vec<String>, Unsupported> {
    let mut texts = Vec::new();
    scalars(&value, &mut |text| texts.push(text.to_owned()))?;
    Ok(texts)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Order {
    SoonestFirst,
}

#[derive(Serialize)]
struct Id(u32);

#[test]
fn scalars_are_written_as_json_writes_them_without_quotes() {
    assert_eq!(texts(true).unwrap(), ["true"]);
    assert_eq!(texts(-5i32).unwrap(), ["-5"]);
    assert_eq!(texts(1.5f64).unwrap(), ["1.5"]);
    assert_eq!(texts(f64::MAX).unwrap(), [f64::MAX.to_string()]);
    assert_eq!(texts("a b").unwrap(), ["a b"]);
    assert_eq!(texts('ä').unwrap(), ["ä"]);
    assert_eq!(texts(Order::SoonestFirst).unwrap(), ["soonestFirst"]);
    assert_eq!(texts(Some(Id(7))).unwrap(), ["7"]);
    assert_eq!(
        texts(serde_json::json!(["a", 1, null])).unwrap(),
        ["a", "1"]
    );
    assert_eq!(texts(None::<i32>).unwrap(), Vec::<String>::new());
    assert_eq!(texts(vec![1, 2]).unwrap(), ["1", "2"]);
}

#[test]
fn objects_and_nested_lists_are_refused() {
    assert!(texts(serde_json::json!({"a": 1})).is_err());
    assert!(texts(vec![vec![1]]).is_err());
}

#[test]
fn objects_give_their_fields_and_lists_in_them_repeat() {
    #[derive(Serialize)]
    struct Filter<'a> {
        name: &'a str,
        none: Option<i32>,
        ids: [i32; 2],
    }
    let mut seen = Vec::new();
    fields(
        &Filter {
            name: "x&y",
            none: None,
            ids: [1, 2],
        },
        &mut |key, text| {
            seen.push(format!("{key}={text}"));
        },
    )
    .unwrap();
    assert_eq!(seen, ["name=x&y", "ids=1", "ids=2"]);
    assert!(fields(&5, &mut |_, _| ()).is_err());
}

#[test]
fn scalars_take_tuples_wide_numbers_and_formatted_text() {
    #[derive(Serialize)]
    struct Pair(i8, &'static str);
    assert_eq!(texts((1u8, "a")).unwrap(), ["1", "a"]);
    assert_eq!(texts(Pair(-1, "b")).unwrap(), ["-1", "b"]);
    assert_eq!(texts(i128::MIN).unwrap(), [i128::MIN.to_string()]);
    assert_eq!(texts(format_args!("{}-{}", 1, 2)).unwrap(), ["1-2"]);
    assert_eq!(texts([Some(1), None]).unwrap(), ["1"]);
}

/// Not a parameter, whichever way.
#[derive(Serialize)]
enum Content {
    One(i32),
    Two(i32, i32),
    Named { a: i32 },
}

/// What `serde_bytes` writes.
struct Raw;

impl Serialize for Raw {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(b"MARK")
    }
}

struct Broken;

impl Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(ser::Error::custom("MARK"))
    }
}

#[test]
fn scalars_say_what_cannot_stand_in_a_parameter() {
    let says = |result: Result<Vec<String>, Unsupported>| result.unwrap_err().to_string();
    let cannot = |what: &str| format!("{what} cannot stand in a parameter");
    assert_eq!(says(texts(Raw)), cannot("a byte string"));
    assert_eq!(says(texts([[1]])), cannot("a list of lists"));
    assert_eq!(says(texts([(1, 2)])), cannot("a list of lists"));
    assert_eq!(
        says(texts(serde_json::json!([{"a": 1}]))),
        cannot("an object")
    );
    assert_eq!(says(texts(Content::One(1))), cannot("an enum with content"));
    assert_eq!(
        says(texts(Content::Two(1, 2))),
        cannot("an enum with content")
    );
    assert_eq!(says(texts(Content::Named { a: 1 })), cannot("an object"));
    assert_eq!(says(texts(Broken)), "its serialization failed");
}

fn pairs<T: Serialize>(value: T) -> Result<Vec<String>, Unsupported> {
    let mut pairs = Vec::new();
    fields(&value, &mut |key, text| pairs.push(format!("{key}={text}")))?;
    Ok(pairs)
}

#[test]
fn fields_take_maps_options_and_wrappers_of_objects() {
    #[derive(Serialize)]
    struct Wrapper<T>(T);
    let map = std::collections::BTreeMap::from([(7, "x"), (9, "y")]);
    assert_eq!(pairs(&map).unwrap(), ["7=x", "9=y"]);
    assert_eq!(pairs(Some(Wrapper(map))).unwrap(), ["7=x", "9=y"]);
    for nothing in [pairs(None::<i32>), pairs(())] {
        assert_eq!(nothing.unwrap(), Vec::<String>::new());
    }
}

#[test]
fn fields_refuse_what_is_not_a_flat_object() {
    for refused in [
        pairs("a"),
        pairs(true),
        pairs(Raw),
        pairs([1]),
        pairs((1, 2)),
        pairs(Content::One(1)),
        pairs(Content::Two(1, 2)),
        pairs(Content::Named { a: 1 }),
        pairs(serde_json::json!({"a": {"b": 1}})),
        pairs(Broken),
    ] {
        assert!(refused.is_err(), "{refused:?}");
    }
}

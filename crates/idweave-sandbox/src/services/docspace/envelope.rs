//! The envelope of answers and errors.

use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Answer, Refused};
use crate::engine::wire::{Reply, Request, without_nulls};

#[derive(Serialize)]
struct Link<'a> {
    href: String,
    action: &'a str,
}

/// Members in the order the service writes them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Value>,
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
    links: [Link<'a>; 1],
    status: u8,
    status_code: u16,
}

fn envelope(
    request: &Request,
    response: Option<Value>,
    count: usize,
    total: Option<usize>,
) -> Reply {
    let mut href = format!("{}{}", request.base_url, request.path);
    if !request.raw_query.is_empty() {
        href = format!("{href}?{}", request.raw_query);
    }
    let response = response.filter(|value| !value.is_null()).map(without_nulls);
    let response = match (&request.method, response) {
        (&Method::GET, Some(response)) => Some(trimmed(request, response)),
        (_, response) => response,
    };
    let links = [Link {
        href,
        action: request.method.as_str(),
    }];
    Reply::json(
        StatusCode::OK,
        &Envelope {
            response,
            count,
            total,
            links,
            status: 0,
            status_code: 200,
        },
    )
}

/// One thing.
pub(crate) fn one(request: &Request, value: Value) -> Answer {
    let count = usize::from(!value.is_null());
    Ok(envelope(request, Some(value), count, None))
}

/// Nothing: no `response` at all.
pub(crate) fn nothing(request: &Request) -> Answer {
    Ok(envelope(request, None, 0, None))
}

/// A page of a list, with how many there are in all.
pub(crate) fn page(request: &Request, items: Vec<Value>, total: usize) -> Answer {
    let count = items.len();
    Ok(envelope(
        request,
        Some(Value::Array(items)),
        count,
        Some(total),
    ))
}

/// A list that is not paged.
pub(crate) fn list(request: &Request, items: Vec<Value>) -> Answer {
    let count = items.len();
    Ok(envelope(request, Some(Value::Array(items)), count, None))
}

/// A list the service streams: it does not know its count and says 1.
pub(crate) fn streamed(request: &Request, items: Vec<Value>) -> Answer {
    Ok(envelope(request, Some(Value::Array(items)), 1, None))
}

/// The error envelope; a kind brings a stack trace with it, as the service does.
pub(crate) fn error(status: StatusCode, message: &str, kind: Option<&str>) -> Reply {
    let mut error = Map::from_iter([("message".to_owned(), json!(message))]);
    if let Some(kind) = kind {
        error.insert("type".to_owned(), json!(kind));
        error.insert("stack".to_owned(), json!("   at ASC.Sandbox.Invoke()"));
    }
    error.insert(
        "hresult".to_owned(),
        json!(if kind.is_some() { -2_146_233_088 } else { 0 }),
    );
    Reply::json(
        status,
        &json!({"error": error, "status": 1, "statusCode": status.as_u16()}),
    )
}

/// A model that does not validate: the envelope of a success around RFC 7807's object.
pub(crate) fn invalid(field: &str, reason: &str) -> Reply {
    let problem = json!({
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {field: [format!("The field {field} {reason}.")]},
    });
    Reply::json(
        StatusCode::BAD_REQUEST,
        &json!({"response": problem, "count": 1, "status": 1, "statusCode": 400}),
    )
}

pub(crate) fn invalid_field(field: &str, reason: &str) -> Refused {
    Refused(invalid(field, reason))
}

/// `fields=a,b.c` keeps only those members of each item.
fn trimmed(request: &Request, value: Value) -> Value {
    let wanted: Vec<&str> = request
        .query
        .iter()
        .filter(|(name, _)| {
            name.eq_ignore_ascii_case("fields") || name.eq_ignore_ascii_case("fields[]")
        })
        .flat_map(|(_, value)| value.split(','))
        .map(str::trim)
        .filter(|path| !path.is_empty())
        .collect();
    if wanted.is_empty() {
        value
    } else {
        keep(value, &wanted)
    }
}

fn keep(value: Value, wanted: &[&str]) -> Value {
    match value {
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| keep(item, wanted)).collect())
        }
        Value::Object(map) => Value::Object(
            map.into_iter()
                .filter_map(|(name, value)| {
                    let mut below = Vec::new();
                    let mut whole = false;
                    for path in wanted {
                        match path.split_once('.') {
                            Some((first, rest)) if first.eq_ignore_ascii_case(&name) => {
                                below.push(rest)
                            }
                            None if path.eq_ignore_ascii_case(&name) => whole = true,
                            _ => {}
                        }
                    }
                    if whole {
                        Some((name, value))
                    } else {
                        (!below.is_empty()).then(|| (name, keep(value, &below)))
                    }
                })
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_trim_by_path() {
        let value = json!([{"id": 1, "a": {"b": 2, "c": 3}, "d": 4}]);
        assert_eq!(
            keep(value, &["id", "a.c"]),
            json!([{"id": 1, "a": {"c": 3}}])
        );
    }
}

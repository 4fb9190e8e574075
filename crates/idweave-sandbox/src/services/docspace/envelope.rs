//! The envelope around every successful response.

use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::error::HandlerResult;
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
        (&Method::GET, Some(response)) => Some(selected(request, response)),
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

/// Responds with one value; null is a response without one.
pub(crate) fn ok(request: &Request, value: Value) -> HandlerResult {
    let count = usize::from(!value.is_null());
    Ok(envelope(request, Some(value), count, None))
}

/// Responds without a value: no `response` at all.
pub(crate) fn ok_empty(request: &Request) -> HandlerResult {
    Ok(envelope(request, None, 0, None))
}

/// Responds with a page of a list, and the total.
pub(crate) fn ok_page(request: &Request, items: Vec<Value>, total: usize) -> HandlerResult {
    let count = items.len();
    Ok(envelope(
        request,
        Some(Value::Array(items)),
        count,
        Some(total),
    ))
}

/// Responds with a list that is not paged.
pub(crate) fn ok_list(request: &Request, items: Vec<Value>) -> HandlerResult {
    let count = items.len();
    Ok(envelope(request, Some(Value::Array(items)), count, None))
}

/// Responds with a list that the service streams, which does not know its count and says 1.
pub(crate) fn ok_streamed(request: &Request, items: Vec<Value>) -> HandlerResult {
    Ok(envelope(request, Some(Value::Array(items)), 1, None))
}

/// Selects the members that `fields=a,b.c` names, of each item.
fn selected(request: &Request, value: Value) -> Value {
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
        select(value, &wanted)
    }
}

fn select(value: Value, wanted: &[&str]) -> Value {
    match value {
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| select(item, wanted)).collect())
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
                        (!below.is_empty()).then(|| (name, select(value, &below)))
                    }
                })
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn select_keeps_members_by_path() {
        let value = json!([{"id": 1, "a": {"b": 2, "c": 3}, "d": 4}]);
        assert_eq!(
            select(value, &["id", "a.c"]),
            json!([{"id": 1, "a": {"c": 3}}])
        );
    }
}

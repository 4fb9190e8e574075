//! Cursor pages: `limit`, an opaque `cursor`, `pagination.next` and `links`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{Answer, Refused, bad_request, ok};
use crate::engine::wire::{Request, encode};

/// What a request asks for: how many, and from where on.
pub(crate) struct Page {
    pub(crate) limit: usize,
    /// The first entry of the page, in the list's own terms; none is the beginning.
    pub(crate) start: Option<String>,
}

impl Page {
    /// Reads `limit` and `cursor`. A page may hold `largest` entries, which is also the default.
    pub(crate) fn read(request: &Request, largest: usize) -> Result<Self, Refused> {
        let limit = match request
            .query("limit")
            .text()
            .filter(|text| !text.is_empty())
        {
            None => largest,
            Some(text) => text
                .parse::<usize>()
                .ok()
                .filter(|limit| (1..=largest).contains(limit))
                .ok_or_else(|| bad_request(format!("limit must be between 1 and {largest}")))?,
        };
        let (mut start, previous) = match request
            .query("cursor")
            .text()
            .filter(|text| !text.is_empty())
        {
            None => (None, None),
            Some(cursor) => decode(cursor)
                .ok_or_else(|| bad_request("cursor is not one this service has made"))?,
        };
        if request.page_shift == -1 {
            start = previous;
        }
        Ok(Self { limit, start })
    }

    /// The cursor of the page that begins with `next`.
    pub(crate) fn cursor(&self, next: &str) -> String {
        let own = self.start.as_deref().unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("1\n{next}\n{own}"))
    }
}

fn decode(cursor: &str) -> Option<(Option<String>, Option<String>)> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let mut lines = text.split('\n');
    if lines.next() != Some("1") {
        return None;
    }
    let start = lines.next()?.to_owned();
    let previous = lines.next()?.to_owned();
    Some((Some(start), (!previous.is_empty()).then_some(previous)))
}

/// A collection's answer: its items under their name, and where the next page is.
pub(crate) fn collection(
    request: &Request,
    name: &str,
    items: Vec<Value>,
    next: Option<String>,
) -> Answer {
    let mut own = format!("{}{}", request.base_url, request.path);
    if !request.raw_query.is_empty() {
        own = format!("{own}?{}", request.raw_query);
    }
    let mut links = Map::from_iter([("self".to_owned(), json!({"href": own}))]);
    let mut body = Map::new();
    if let Some(cursor) = next {
        let mut query: Vec<String> = request
            .query
            .iter()
            .filter(|(name, _)| name != "cursor")
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        query.push(format!("cursor={cursor}"));
        let href = format!("{}{}?{}", request.base_url, request.path, query.join("&"));
        links.insert("next".to_owned(), json!({"href": href}));
        body.insert("pagination".to_owned(), json!({"next": {"cursor": cursor}}));
    }
    body.insert(name.to_owned(), Value::Array(items));
    body.insert("links".to_owned(), Value::Object(links));
    ok(&Value::Object(body))
}

/// A page of things that are kept by id.
pub(crate) fn shelf_page<'a>(
    request: &Request,
    name: &str,
    largest: usize,
    entries: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Answer {
    let page = Page::read(request, largest)?;
    let filter = filter(request, false)?;
    let mut rest = entries
        .filter(|(_, value)| {
            filter
                .as_ref()
                .is_none_or(|filter| holds_text(value, filter))
        })
        .skip_while(|(id, _)| page.start.as_ref().is_some_and(|start| *id < start))
        .peekable();
    if request.page_shift == 1 {
        for _ in 0..page.limit {
            rest.next();
        }
    }
    let items: Vec<Value> = rest
        .by_ref()
        .take(page.limit)
        .map(|(_, value)| value.clone())
        .collect();
    let next = rest.peek().map(|(id, _)| page.cursor(id));
    collection(request, name, items, next)
}

/// The free-text filter in lower case; only users may be filtered by nothing.
pub(crate) fn filter(request: &Request, may_be_empty: bool) -> Result<Option<String>, Refused> {
    match request.query("filter").text() {
        None => Ok(None),
        Some("") if may_be_empty => Ok(None),
        Some("") => Err(bad_request("filter must not be empty")),
        Some(text) if text.chars().count() > 64 => {
            Err(bad_request("filter must have at most 64 characters"))
        }
        Some(text) => Ok(Some(text.to_lowercase())),
    }
}

fn holds_text(value: &Value, filter: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(filter),
        Value::Array(items) => items.iter().any(|item| holds_text(item, filter)),
        Value::Object(map) => map
            .iter()
            .any(|(name, item)| name != "links" && holds_text(item, filter)),
        _ => false,
    }
}

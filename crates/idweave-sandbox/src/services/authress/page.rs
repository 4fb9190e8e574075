//! Cursor pages: `limit`, an opaque `cursor`, `pagination.next` and `links`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::error::{ApiError, HandlerResult, bad_request, ok};
use super::model::Show;
use crate::engine::wire::{Request, encode};

/// The page a request asks for.
pub(crate) struct Page {
    pub(crate) limit: usize,
    /// The first entry of the page, in the list's own terms; `None` is the beginning.
    pub(crate) start: Option<String>,
}

impl Page {
    /// Reads `limit` and `cursor`. A page may hold `max` entries, which is also the default.
    pub(crate) fn read(request: &Request, max: usize) -> Result<Self, ApiError> {
        let reason = format!("must be between 1 and {max}");
        let limit = match request.query("limit").non_empty().parse(&reason)? {
            None => max,
            Some(limit) if (1..=max).contains(&limit) => limit,
            Some(_) => return Err(bad_request(format!("limit {reason}"))),
        };
        let (mut start, previous) = match request.query("cursor").non_empty().text() {
            None => (None, None),
            Some(cursor) => decode(cursor).ok_or_else(unknown_cursor)?,
        };
        if request.page_shift == -1 {
            start = previous;
        }
        Ok(Self { limit, start })
    }

    /// Skips a page when a fault asks for the one after.
    pub(crate) fn skip_for_fault(&self, request: &Request, entries: &mut impl Iterator) {
        if request.page_shift == 1 {
            entries.by_ref().take(self.limit).for_each(drop);
        }
    }

    /// Skips what comes before the page, in entries sorted by key.
    pub(crate) fn skip_to_start<K: AsRef<str>, V>(
        &self,
        entries: impl Iterator<Item = (K, V)>,
    ) -> impl Iterator<Item = (K, V)> {
        entries.skip_while(|(key, _)| {
            let start = self.start.as_deref();
            start.is_some_and(|start| key.as_ref() < start)
        })
    }

    /// Takes the items of the page, and the cursor of the next one if there is one.
    pub(crate) fn take<K: AsRef<str>>(
        &self,
        mut entries: impl Iterator<Item = (K, Value)>,
    ) -> (Vec<Value>, Option<String>) {
        let items = entries
            .by_ref()
            .take(self.limit)
            .map(|(_, value)| value)
            .collect();
        let next = entries.next().map(|(key, _)| self.cursor(key.as_ref()));
        (items, next)
    }

    /// Returns the cursor of the page that begins with `next`.
    fn cursor(&self, next: &str) -> String {
        let start = self.start.as_deref().unwrap_or_default();
        URL_SAFE_NO_PAD.encode(format!("1\n{next}\n{start}"))
    }
}

pub(crate) fn unknown_cursor() -> ApiError {
    bad_request("cursor is not one this service has made")
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

/// Responds with the items of a list under their name, and where the next page is.
pub(crate) fn list_response(
    request: &Request,
    name: &str,
    items: Vec<Value>,
    next: Option<String>,
) -> HandlerResult {
    ok(&Value::Object(list_body(request, name, items, next)))
}

/// Builds the body of a list, for lists that add fields of their own.
pub(crate) fn list_body(
    request: &Request,
    name: &str,
    items: Vec<Value>,
    next: Option<String>,
) -> Map<String, Value> {
    let mut href = format!("{}{}", request.base_url, request.path);
    if !request.raw_query.is_empty() {
        href = format!("{href}?{}", request.raw_query);
    }
    let mut links = Map::from_iter([("self".to_owned(), json!({"href": href}))]);
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
    body
}

/// Responds with a page of items that are stored by id.
pub(crate) fn paginate<'a, T: Show + 'a>(
    request: &Request,
    name: &str,
    max: usize,
    entries: impl Iterator<Item = (&'a String, &'a T)>,
) -> HandlerResult {
    let page = Page::read(request, max)?;
    let filter = filter(request, false)?;
    let shown = entries.map(|(id, item)| (id, item.show()));
    let matching = shown.filter(|(_, value)| {
        filter
            .as_ref()
            .is_none_or(|filter| contains_text(value, filter))
    });
    let mut rest = page.skip_to_start(matching);
    page.skip_for_fault(request, &mut rest);
    let (items, next) = page.take(rest.map(|(id, value)| (id, value.into_owned())));
    list_response(request, name, items, next)
}

/// Reads the free-text filter in lower case; only users may be filtered by an empty one.
pub(crate) fn filter(request: &Request, may_be_empty: bool) -> Result<Option<String>, ApiError> {
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

fn contains_text(value: &Value, filter: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(filter),
        Value::Array(items) => items.iter().any(|item| contains_text(item, filter)),
        Value::Object(map) => map
            .iter()
            .any(|(name, item)| name != "links" && contains_text(item, filter)),
        _ => false,
    }
}

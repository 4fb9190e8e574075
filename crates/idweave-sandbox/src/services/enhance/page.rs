//! Pages of a list: `{items, total}` by offset and limit, sorted on request.

use std::sync::Arc;

use serde_json::{Value, json};

use super::error::{HandlerResult, bad_request, ok};
use crate::engine::wire::Request;

/// No default and no largest page are documented; these keep a response within reason.
const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 10_000;

/// Returns the text an item is sorted by.
pub(crate) type SortKey<'a, T> = &'a dyn Fn(&T) -> String;

/// Responds with a page of the items at some positions.
pub(crate) fn list_page<T>(
    request: &Request,
    sort_keys: &[(&str, SortKey<'_, T>)],
    mut positions: Arc<Vec<usize>>,
    get: &dyn Fn(usize) -> Option<T>,
    show: &dyn Fn(&T) -> Value,
) -> HandlerResult {
    let number = |name| request.query(name).parse("must be a whole number");
    let limit = number("limit")?.unwrap_or(DEFAULT_LIMIT).min(MAX_LIMIT);
    let offset: usize = number("offset")?.unwrap_or(0);
    let offset = match request.page_shift {
        -1 => offset.saturating_sub(limit),
        1 => offset.saturating_add(limit),
        _ => offset,
    };
    if let Some(field) = request.query("sortBy").text() {
        let Some((_, key)) = sort_keys.iter().find(|(name, _)| *name == field) else {
            return Err(bad_request("sortBy is not one of its values"));
        };
        Arc::make_mut(&mut positions)
            .sort_by_cached_key(|position| get(*position).map(|item| key(&item)));
    }
    let order = request
        .query("sortOrder")
        .one_of(&["asc", "desc"], "must be asc or desc")?;
    if order == Some("desc") {
        Arc::make_mut(&mut positions).reverse();
    }
    let items: Vec<Value> = positions
        .iter()
        .skip(offset)
        .take(limit)
        .filter_map(|position| Some(show(&get(*position)?)))
        .collect();
    ok(&json!({"items": items, "total": positions.len()}))
}

/// Responds with a page of a list that is small enough to be collected.
pub(crate) fn list_page_of<T: Clone>(
    request: &Request,
    sort_keys: &[(&str, SortKey<'_, T>)],
    items: &[T],
    show: &dyn Fn(&T) -> Value,
) -> HandlerResult {
    let positions = Arc::new((0..items.len()).collect());
    list_page(
        request,
        sort_keys,
        positions,
        &|at| items.get(at).cloned(),
        show,
    )
}

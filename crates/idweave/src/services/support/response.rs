//! Reads the responses of every service: lists record by record, raw records, required fields, offsets.

use idweave_transport::{self as transport, ResponseValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Cursor, Error, ErrorKind, Group, Page, Result, SignInProvider, User};

/// A list as its service sent it.
pub(crate) struct Listing<C> {
    /// The list, with those of its records that could be read.
    pub(crate) list: C,
    /// The same records, as they were sent.
    raw: Vec<Value>,
    /// The positions of the records in the response, if it had others as well.
    positions: Vec<usize>,
    problems: Vec<Error>,
}

/// Reads a list whose records are in one field of the response.
///
/// Where a record does not decode, the others do: such records become problems of the page, and the list is read
/// without them.
pub(crate) fn listing<C: DeserializeOwned, R: DeserializeOwned>(
    response: Result<ResponseValue<C>, transport::Error>,
    operation: &'static str,
    field: &'static str,
    map_error: fn(transport::Error) -> Error,
) -> Result<Listing<C>> {
    let (list, raw, positions, problems) = match response {
        Ok(response) => {
            let raw = records(raw(&response), field).unwrap_or_default();
            (response.into_inner(), raw, Vec::new(), Vec::new())
        }
        Err(error) => match without_unreadable::<C, R>(&error, operation, field) {
            Some(read) => read,
            None => return Err(map_error(error)),
        },
    };
    Ok(Listing {
        list,
        raw,
        positions,
        problems,
    })
}

type Read<C> = (C, Vec<Value>, Vec<usize>, Vec<Error>);

/// Reads a list without its records that do not decode; `None` if that is not what is wrong with the response.
fn without_unreadable<C: DeserializeOwned, R: DeserializeOwned>(
    error: &transport::Error,
    operation: &'static str,
    field: &'static str,
) -> Option<Read<C>> {
    if error.kind() != transport::ErrorKind::Decode {
        return None;
    }
    let mut whole: Value = serde_json::from_slice(error.body()).ok()?;
    let all = whole.get_mut(field)?.as_array_mut()?;
    let (mut raw, mut positions, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for (position, record) in std::mem::take(all).into_iter().enumerate() {
        // What is not a record at all says that this is another list.
        let Value::Object(_) = record else {
            return None;
        };
        match R::deserialize(&record) {
            Ok(_) => {
                positions.push(position);
                raw.push(record);
            }
            Err(why) => {
                let cause = transport::Error::new(
                    transport::ErrorKind::Decode,
                    "one record of the list does not decode",
                );
                let text = "the record is not as the operation documents";
                let problem = Error::new(ErrorKind::UnexpectedResponse, text)
                    .with_operation(operation)
                    .with_record(position + 1)
                    .with_source(cause.with_json_error(&why));
                problems.push(problem);
            }
        }
    }
    whole[field] = Value::Array(raw.clone());
    let list = C::deserialize(&whole).ok()?;
    (!problems.is_empty()).then_some((list, raw, positions, problems))
}

fn records(mut whole: Value, field: &str) -> Option<Vec<Value>> {
    match whole.get_mut(field)?.take() {
        Value::Array(records) => Some(records),
        _ => None,
    }
}

impl<C> Listing<C> {
    /// Converts the records, each with its raw record, to a page. One that cannot be converted is a problem of the page.
    pub(crate) fn into_page<R, T: WithRaw>(
        self,
        records: impl FnOnce(C) -> Vec<R>,
        next: Option<Cursor>,
        convert: impl Fn(R) -> Result<T>,
    ) -> Page<T> {
        let mut problems = self.problems;
        let mut raw = self.raw.into_iter();
        let mut items = Vec::new();
        for (i, record) in records(self.list).into_iter().enumerate() {
            let raw = raw.next().unwrap_or_default();
            match convert(record) {
                Ok(item) => items.push(item.with_raw_record(raw)),
                Err(error) => {
                    let position = self.positions.get(i).copied().unwrap_or(i);
                    problems.push(error.with_record(position + 1));
                }
            }
        }
        Page::new(items, next).problems(problems)
    }

    /// Converts the records to the page that begins at an offset, of a list of `total` items.
    pub(crate) fn into_page_at<R, T: WithRaw>(
        self,
        offset: u32,
        total: Option<impl TryInto<u64>>,
        records: impl FnOnce(C) -> Vec<R>,
        convert: impl Fn(R) -> Result<T>,
    ) -> Page<T> {
        let total = total.and_then(|total| total.try_into().ok());
        let next = next_offset(offset, self.raw.len() + self.problems.len(), total);
        let mut page = self.into_page(records, next, convert);
        page.total = total;
        page
    }
}

/// Models that are made from one record, and may keep it.
pub(crate) trait WithRaw {
    fn with_raw_record(self, raw: Value) -> Self;
}

impl WithRaw for User {
    fn with_raw_record(self, raw: Value) -> Self {
        self.with_raw(raw)
    }
}

impl WithRaw for Group {
    fn with_raw_record(self, raw: Value) -> Self {
        self.with_raw(raw)
    }
}

impl WithRaw for SignInProvider {
    fn with_raw_record(self, _: Value) -> Self {
        self
    }
}

/// Parses the whole response as the service sent it.
pub(crate) fn raw<T>(response: &ResponseValue<T>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// Creates an error about a response without a required field.
pub(crate) fn missing_field(operation: &'static str, what: &str) -> Error {
    let text = format!("the response is missing {what}");
    Error::new(ErrorKind::UnexpectedResponse, text).with_operation(operation)
}

/// Parses a cursor that is the offset of an item.
pub(crate) fn offset(after: Option<&Cursor>) -> Result<u32> {
    let Some(cursor) = after else { return Ok(0) };
    let invalid = || Error::invalid_input("invalid cursor; it is not from this list");
    cursor.as_str().parse().map_err(|_| invalid())
}

/// Returns the cursor of the next page, if the total is larger than offset and items.
fn next_offset(offset: u32, items: usize, total: Option<u64>) -> Option<Cursor> {
    let reached = u64::from(offset) + items as u64;
    let more = items > 0 && total.is_some_and(|total| reached < total);
    more.then(|| Cursor::new(reached.to_string()))
}

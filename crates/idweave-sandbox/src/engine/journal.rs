//! The requests the services received, and how often each operation took effect.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::Serialize;
use serde_json::Value;

use crate::engine::clock::rfc3339;
use crate::engine::redact::{redacted_body, redacted_header, redacted_pairs};
use crate::engine::wire::parse_query;

/// A request as a service received it, with the status of the response.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counts up over all services.
    pub number: u64,
    /// `docspace`, `authress`, `ostrom` or `enhance`.
    pub service: &'static str,
    /// The vendor's operation id; `None` for an unknown path or a web page.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: String,
    /// The path as it was sent, still percent-encoded.
    pub path: String,
    /// The query, decoded, with secrets redacted.
    pub query: Vec<(String, String)>,
    /// The headers, lower-case names, with credentials redacted.
    pub headers: Vec<(String, String)>,
    /// The body as text, with secrets redacted; binary bodies as their length.
    pub body: String,
    /// The kind of credential that was accepted, such as `access key JWT`.
    pub credential: Option<&'static str>,
    /// The status of the response; `None` when a fault left the call without one.
    pub status: Option<u16>,
    /// Whether a fault applied.
    pub fault: bool,
    /// When it was received, by the sandbox's clock.
    pub at: String,
}

impl RecordedRequest {
    /// Returns the first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns the first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(parameter, _)| parameter == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }
}

/// A request as it is stored: secrets are redacted when it is read.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) service: &'static str,
    pub(crate) operation: Option<&'static str>,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) credential: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) fault: bool,
    pub(crate) at: jiff::Timestamp,
}

/// The recorded requests of a sandbox, and its count of effects.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: VecDeque<(u64, Entry)>,
    count: u64,
    bytes: usize,
    effects: HashMap<(&'static str, &'static str), u64>,
}

/// The newest requests are stored, limited by number and by bytes of body.
const MAX_ENTRIES: usize = 10_000;
const MAX_BYTES: usize = 32 << 20;

impl Journal {
    pub(crate) fn record(&self, entry: Entry) {
        let mut inner = self.lock();
        inner.count += 1;
        inner.bytes += entry.body.len();
        let number = inner.count;
        inner.entries.push_back((number, entry));
        while inner.entries.len() > MAX_ENTRIES || inner.bytes > MAX_BYTES {
            match inner.entries.pop_front() {
                Some((_, old)) => inner.bytes -= old.body.len(),
                None => break,
            }
        }
    }

    pub(crate) fn count_effect(&self, service: &'static str, operation: &'static str) {
        *self.lock().effects.entry((service, operation)).or_default() += 1;
    }

    pub(crate) fn effects(&self, service: &str, operation: &str) -> u64 {
        let inner = self.lock();
        let found = inner
            .effects
            .iter()
            .find(|((name, id), _)| *name == service && *id == operation);
        found.map_or(0, |(_, count)| *count)
    }

    pub(crate) fn all_effects(&self) -> Vec<(String, u64)> {
        let inner = self.lock();
        let mut all: Vec<(String, u64)> = inner
            .effects
            .iter()
            .map(|((service, operation), count)| (format!("{service}.{operation}"), *count))
            .collect();
        all.sort();
        all
    }

    /// Returns the requests after a number, oldest first, secrets redacted.
    pub(crate) fn since(&self, number: u64) -> Vec<RecordedRequest> {
        let inner = self.lock();
        inner
            .entries
            .iter()
            .filter(|(at, _)| *at > number)
            .map(|(at, entry)| entry.redacted(*at))
            .collect()
    }

    /// Returns how many requests there were, stored or not.
    pub(crate) fn count(&self) -> u64 {
        self.lock().count
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Inner::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn redacted(&self, number: u64) -> RecordedRequest {
        RecordedRequest {
            number,
            service: self.service,
            operation: self.operation,
            method: self.method.to_string(),
            path: self.path.clone(),
            query: redacted_pairs(parse_query(&self.query)),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| {
                    (
                        name.as_str().to_owned(),
                        redacted_header(name.as_str(), &String::from_utf8_lossy(value.as_bytes())),
                    )
                })
                .collect(),
            body: redacted_body(&self.headers, &self.body),
            credential: self.credential,
            status: self.status,
            fault: self.fault,
            at: rfc3339(self.at),
        }
    }
}

//! What the services received, with secrets blotted out, and how often each operation took effect.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::Serialize;
use serde_json::Value;

use crate::engine::wire::parse_query;

/// A request as a service received it, with what it answered.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Counts up over all services.
    pub number: u64,
    /// `docspace`, `authress`, `ostrom` or `enhance`.
    pub service: &'static str,
    /// The vendor's operation id; none when the path led nowhere or to a web page.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: String,
    /// The path as it was sent, still percent-encoded.
    pub path: String,
    /// The query, decoded, with secrets blotted out.
    pub query: Vec<(String, String)>,
    /// The headers, lower-case names, with credentials blotted out.
    pub headers: Vec<(String, String)>,
    /// The body as text, with secrets blotted out; binary bodies as their length.
    pub body: String,
    /// Which kind of credential was accepted, such as `access key JWT`.
    pub credential: Option<&'static str>,
    /// The status that was answered; none when a fault left the call without one.
    pub status: Option<u16>,
    /// Whether a fault was at work.
    pub fault: bool,
    /// When it was received, by the sandbox's clock.
    pub at: String,
}

impl RecordedRequest {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }
}

/// A request as it is kept: blotting out is done when someone looks.
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

/// What is kept: the newest requests, bounded by number and by bytes of body.
const KEPT: usize = 10_000;
const KEPT_BYTES: usize = 32 << 20;

impl Journal {
    pub(crate) fn record(&self, entry: Entry) {
        let mut inner = self.lock();
        inner.count += 1;
        inner.bytes += entry.body.len();
        let number = inner.count;
        inner.entries.push_back((number, entry));
        while inner.entries.len() > KEPT || inner.bytes > KEPT_BYTES {
            match inner.entries.pop_front() {
                Some((_, old)) => inner.bytes -= old.body.len(),
                None => break,
            }
        }
    }

    pub(crate) fn took_effect(&self, service: &'static str, operation: &'static str) {
        *self.lock().effects.entry((service, operation)).or_default() += 1;
    }

    pub(crate) fn effects(&self, service: &str, operation: &str) -> u64 {
        let inner = self.lock();
        let found = inner
            .effects
            .iter()
            .find(|((own, id), _)| *own == service && *id == operation);
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

    /// The requests after a number, oldest first, secrets blotted out.
    pub(crate) fn since(&self, number: u64) -> Vec<RecordedRequest> {
        let inner = self.lock();
        inner
            .entries
            .iter()
            .filter(|(own, _)| *own > number)
            .map(|(own, entry)| received(*own, entry))
            .collect()
    }

    /// How many requests there were, kept or not.
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

fn received(number: u64, entry: &Entry) -> RecordedRequest {
    RecordedRequest {
        number,
        service: entry.service,
        operation: entry.operation,
        method: entry.method.to_string(),
        path: entry.path.clone(),
        query: blotted_pairs(parse_query(&entry.query)),
        headers: entry
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    blotted_header(name.as_str(), &String::from_utf8_lossy(value.as_bytes())),
                )
            })
            .collect(),
        body: blotted_body(&entry.headers, &entry.body),
        credential: entry.credential,
        status: entry.status,
        fault: entry.fault,
        at: crate::engine::clock::rfc3339(entry.at),
    }
}

const BLOT: &str = "[redacted]";

fn blotted_header(name: &str, value: &str) -> String {
    match name {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {BLOT}"),
            None => BLOT.to_owned(),
        },
        "cookie" => value
            .split(';')
            .map(|pair| match pair.trim().split_once('=') {
                Some((name, _)) => format!("{name}={BLOT}"),
                None => BLOT.to_owned(),
            })
            .collect::<Vec<_>>()
            .join("; "),
        "x-signature" | "confirm" => BLOT.to_owned(),
        _ => value.to_owned(),
    }
}

/// Whether a field of this name holds a secret.
fn is_secret(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    const WHOLE: [&str; 8] = [
        "key",
        "pin",
        "code",
        "secret",
        "otp",
        "jwt",
        "codeoauth",
        "cookie",
    ];
    const PARTS: [&str; 8] = [
        "password",
        "accesskey",
        "clientsecret",
        "serializedprofile",
        "apikey",
        "privatekey",
        "accesstoken",
        "codeverifier",
    ];
    WHOLE.contains(&name.as_str())
        || name.ends_with("token")
        || PARTS.iter().any(|part| name.contains(part))
}

fn blotted_pairs(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs
        .into_iter()
        .map(|(name, value)| {
            let value = if is_secret(&name) {
                BLOT.to_owned()
            } else {
                value
            };
            (name, value)
        })
        .collect()
}

fn blotted_body(headers: &HeaderMap, body: &Bytes) -> String {
    if body.is_empty() {
        return String::new();
    }
    let kind = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        blot(&mut value);
        return value.to_string();
    }
    if kind.starts_with("application/x-www-form-urlencoded") {
        return blotted_pairs(parse_query(&String::from_utf8_lossy(body)))
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("&");
    }
    // Anything else might hide a secret where we would not find it.
    format!("[{} bytes]", body.len())
}

fn blot(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if is_secret(name) && !value.is_null() {
                    *value = Value::String(BLOT.to_owned());
                } else {
                    blot(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(blot),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_blotted_out_of_headers_and_bodies() {
        assert_eq!(
            blotted_header("authorization", "Bearer sk-abc"),
            "Bearer [redacted]"
        );
        assert_eq!(
            blotted_header("cookie", "id0=abc; a=b"),
            "id0=[redacted]; a=[redacted]"
        );
        let body = Bytes::from_static(
            br#"{"email":"a@b.c","newPassword":"x","deep":[{"clientSecret":"y"}]}"#,
        );
        let text = blotted_body(&HeaderMap::new(), &body);
        assert!(text.contains("a@b.c"));
        assert!(!text.contains("\"x\"") && !text.contains("\"y\""), "{text}");
    }
}

//! A request as an emulator receives it, and the reply it returns.

use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::Value;

use crate::data::fields::{Checked, Fields, guid};
use crate::data::parameter::Parameter;

/// A whole request: its body is read and its path matched.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) raw_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) now: Timestamp,
    /// Origin of the listener it came in at, without a trailing slash.
    pub(crate) base_url: Arc<str>,
    pub(crate) peer: IpAddr,
    /// A fault asks for the page before (-1) or after (1) the one requested.
    pub(crate) page_shift: i8,
    /// The kind of credential that was accepted, for the recorded request.
    pub(crate) credential: RefCell<Option<&'static str>>,
}

impl Request {
    /// Returns a path parameter, percent-decoded; the path's template must have it.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(param, _)| *param == name)
            .map_or("", |(_, value)| value)
    }

    /// Reads a path parameter that is a GUID and returns it in lower case.
    pub(crate) fn guid(&self, name: &str) -> Checked<String> {
        guid(name, self.param(name))
    }

    pub(crate) fn query<'n>(&self, name: &'n str) -> Parameter<'n, '_> {
        self.parameter(name, |parameter| parameter == name)
    }

    /// As [`Request::query`], for a service that binds names in any case.
    pub(crate) fn query_any_case<'n>(&self, name: &'n str) -> Parameter<'n, '_> {
        self.parameter(name, |parameter| parameter.eq_ignore_ascii_case(name))
    }

    /// Reads a required GUID from a query whose names may be in any case.
    pub(crate) fn required_guid(&self, name: &str) -> Checked<String> {
        guid(name, self.query_any_case(name).text_or_empty())
    }

    fn parameter<'n>(&self, name: &'n str, is: impl Fn(&str) -> bool) -> Parameter<'n, '_> {
        let found = self.query.iter().find(|(parameter, _)| is(parameter));
        Parameter::new(name, found.map(|(_, value)| value.as_str()))
    }

    /// Parses the body, which must be a JSON object.
    pub(crate) fn json(&self) -> Checked<Fields> {
        Fields::parse(&self.body)
    }

    /// As [`Request::json`]; an empty body counts as an empty object.
    pub(crate) fn json_or_empty(&self) -> Checked<Fields> {
        Fields::parse_or_empty(&self.body)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn authorization(&self) -> Option<&str> {
        self.headers.get(AUTHORIZATION)?.to_str().ok()
    }

    /// Returns the token after `Bearer `, whatever the scheme's case.
    pub(crate) fn bearer(&self) -> Option<&str> {
        scheme(self.authorization()?, "bearer")
    }

    /// Returns the decoded pair after `Basic `.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        use base64::Engine as _;
        let encoded = scheme(self.authorization()?, "basic")?;
        let pair = base64::engine::general_purpose::STANDARD
            .decode(encoded.trim())
            .ok()?;
        let pair = String::from_utf8(pair).ok()?;
        let (user, password) = pair.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .find_map(|line| {
                line.split(';').find_map(|pair| {
                    let (cookie, value) = pair.trim().split_once('=')?;
                    (cookie == name).then_some(value)
                })
            })
    }

    /// Records the kind of credential that was accepted.
    pub(crate) fn record_credential(&self, credential: &'static str) {
        *self.credential.borrow_mut() = Some(credential);
    }

    pub(crate) fn is_json(&self) -> bool {
        self.headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().contains("json"))
    }

    pub(crate) fn is_multipart(&self) -> bool {
        self.headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .to_ascii_lowercase()
                    .starts_with("multipart/form-data")
            })
    }

    /// Returns the first field of a form body with this name.
    pub(crate) fn form_field(&self, name: &str) -> Option<String> {
        let mut fields = self.form().into_iter();
        fields.find_map(|(field, value)| (field == name).then_some(value))
    }

    /// Returns the fields of a form body.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        parse_query(&String::from_utf8_lossy(&self.body))
    }
}

fn scheme<'a>(header: &'a str, scheme: &str) -> Option<&'a str> {
    let (name, rest) = header.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| rest.trim_start())
}

/// Splits a query (or a form body) into decoded pairs, `+` being a space.
pub(crate) fn parse_query(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub(crate) fn encode(text: &str) -> String {
    const ENCODED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    percent_encoding::utf8_percent_encode(text, ENCODED).to_string()
}

/// A whole response.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    // Boxed, so that an error response is small enough to be the error of a `Result`.
    pub(crate) headers: Box<HeaderMap>,
    pub(crate) body: Bytes,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: Box::default(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn typed(
        status: StatusCode,
        content_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut reply = Self {
            status,
            headers: Box::default(),
            body: body.into(),
        };
        reply
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply
    }

    pub(crate) fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Self {
        Self::json_as(status, "application/json", value)
    }

    pub(crate) fn json_as<T: Serialize + ?Sized>(
        status: StatusCode,
        content_type: &'static str,
        value: &T,
    ) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::typed(status, content_type, body),
            Err(_) => Self::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    pub(crate) fn html(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::typed(status, "text/html; charset=utf-8", body)
    }

    pub(crate) fn redirect(status: StatusCode, location: &str) -> Self {
        Self::empty(status).with_header("location", location)
    }

    /// Adds a header, unless the value is not a valid one.
    pub(crate) fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(HeaderName::from_static(name), value);
        }
        self
    }
}

/// Removes the members that are null, which is how three of the four services write objects.
pub(crate) fn without_nulls(mut value: Value) -> Value {
    remove_nulls(&mut value);
    value
}

fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// Escapes text for HTML.
pub(crate) fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

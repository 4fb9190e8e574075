//! A successful response: the value and everything it came with.

use std::{fmt, ops::Deref};

use ::http::{HeaderMap, Response, StatusCode};
use bytes::Bytes;

/// What came back, body and all.
#[derive(Clone)]
pub(crate) struct RawResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl From<Response<Bytes>> for RawResponse {
    fn from(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

impl From<RawResponse> for Response<Bytes> {
    fn from(raw: RawResponse) -> Self {
        let mut response = Self::new(raw.body);
        *response.status_mut() = raw.status;
        *response.headers_mut() = raw.headers;
        response
    }
}

/// The decoded response of an operation, with status, headers and raw body.
#[derive(Clone)]
pub struct ResponseValue<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl<T> ResponseValue<T> {
    pub(crate) fn new(value: T, response: RawResponse) -> Self {
        Self {
            value,
            status: response.status,
            headers: response.headers,
            body: response.body,
        }
    }

    /// Returns the value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns the status, a 2xx.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers; the values of `Set-Cookie` are marked sensitive.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body as it came.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the same response with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> ResponseValue<U> {
        ResponseValue {
            value: f(self.value),
            status: self.status,
            headers: self.headers,
            body: self.body,
        }
    }
}

impl<T> AsRef<T> for ResponseValue<T> {
    fn as_ref(&self) -> &T {
        &self.value
    }
}

impl<T> Deref for ResponseValue<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for ResponseValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseValue")
            .field("status", &self.status.as_u16())
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ::http::header::ETAG;

    use super::*;

    fn raw() -> RawResponse {
        let response = Response::builder().status(201).header(ETAG, "7");
        response.body(Bytes::from_static(b"{}")).unwrap().into()
    }

    #[test]
    fn raw_response_is_the_same_after_a_way_through_http() {
        let response = Response::<Bytes>::from(raw());
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()[ETAG], "7");
        assert_eq!(response.body(), "{}");
    }

    #[test]
    fn response_value_keeps_what_the_value_came_with() {
        let response = ResponseValue::new(vec![1, 2], raw());
        assert_eq!((response.len(), response.as_ref()), (2, &vec![1, 2]));
        let response = response.map(|list| list.len());
        assert_eq!((response.status().as_u16(), *response), (201, 2));
        assert_eq!(response.headers()[ETAG], "7");
        assert_eq!(response.body(), "{}");
        assert_eq!(
            format!("{response:?}"),
            "ResponseValue { status: 201, value: 2, .. }"
        );
        assert_eq!(response.into_inner(), 2);
    }
}

//! One call of an operation, being put together.
//!
//! Generated methods are a chain on [`Call`]: `path`, `query`, `header`, a body,
//! and the shape of the response, which sends it. An argument that cannot be sent
//! is remembered and comes out at the end; nothing is sent then.

use std::fmt::Display;

use ::http::{HeaderName, HeaderValue, StatusCode, header};
use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use tracing::Instrument as _;

use crate::{
    Error, ErrorKind, Multipart, Operation, ResponseValue, Session,
    error::JsonError,
    execute::{ClientCore, Execution},
    http::RawResponse,
    request::{self, Body, Path, RequestParts, append, append_pair},
    secret::wiped,
};

/// How an object stands in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectStyle {
    /// `role=admin&name=ann`
    Form,
    /// `filter[role]=admin&filter[name]=ann`
    DeepObject,
}

/// One call of an operation. Made by [`Session::call`](crate::Session::call).
#[must_use = "a call is sent by its last method: `json`, `json_or_empty`, `empty`, `text` or `bytes`"]
pub struct Call<'a> {
    core: &'a ClientCore,
    operation: &'static Operation,
    path: Path,
    query: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Body>,
    anonymous: bool,
    error: Option<Error>,
}

/// Headers that the transport and HTTP itself set; an argument must not.
fn is_reserved(name: &HeaderName) -> bool {
    [
        header::HOST,
        header::AUTHORIZATION,
        header::COOKIE,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
    ]
    .contains(name)
}

impl Session {
    /// Starts a call of `operation`.
    pub fn call(&self, operation: &'static Operation) -> Call<'_> {
        let mut call = Call::new(self.core(), operation);
        call.anonymous = self.is_anonymous();
        call
    }
}

impl<'a> Call<'a> {
    fn new(core: &'a ClientCore, operation: &'static Operation) -> Self {
        Self {
            core,
            operation,
            path: Path::new(core.http.base.as_str(), operation.path()),
            query: String::new(),
            headers: Vec::new(),
            body: None,
            anonymous: false,
            error: None,
        }
    }

    /// Sends the call without any of the client's credentials, and without its session cookie.
    ///
    /// For what another person than the client's does, such as accepting an invite. An operation
    /// that requires credentials fails with [`ErrorKind::Credentials`], and is not sent.
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// Sets a path parameter, percent-encoded as one segment.
    ///
    /// An empty value, `.` and `..` are refused: they would address another path.
    pub fn path(mut self, name: &'static str, value: impl Display) -> Self {
        if let Err(error) = self.path.set(name, value) {
            self.fail(error);
        }
        self
    }

    /// Adds a query parameter; nothing for `None`, repeated for a list.
    pub fn query<T: Serialize + ?Sized>(mut self, name: &'static str, value: &T) -> Self {
        let query = &mut self.query;
        let written = request::scalars(value, &mut |text| append_pair(query, name, text));
        self.check(written, name);
        self
    }

    /// Adds a list in one query parameter, its items joined by `separator`.
    pub fn query_joined<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
        separator: char,
    ) -> Self {
        let query = &mut self.query;
        let mut first = true;
        let mut ambiguous = false;
        let written = request::scalars(value, &mut |text| {
            ambiguous |= text.contains(separator);
            if std::mem::take(&mut first) {
                append_pair(query, name, text);
            } else {
                // A comma stands for itself in a query (RFC 3986 section 3.4); a space and a bar do not.
                if separator == ',' {
                    query.push(',')
                } else {
                    append(query, separator.encode_utf8(&mut [0; 4]))
                }
                append(query, text);
            }
        });
        self.check(written, name);
        if ambiguous {
            self.fail(Error::invalid(format!(
                "an item of `{name}` holds the character that separates items"
            )));
        }
        self
    }

    /// Adds an object to the query.
    pub fn query_object<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
        style: ObjectStyle,
    ) -> Self {
        let query = &mut self.query;
        let written = request::fields(value, &mut |key, text| match style {
            ObjectStyle::Form => append_pair(query, key, text),
            ObjectStyle::DeepObject => append_pair(query, &format!("{name}[{key}]"), text),
        });
        self.check(written, name);
        self
    }

    /// Adds a query parameter that holds JSON; nothing for a value that is `null`.
    pub fn query_json<T: Serialize + ?Sized>(mut self, name: &'static str, value: &T) -> Self {
        match serde_json::to_string(value) {
            Ok(json) if json == "null" => {}
            Ok(json) => append_pair(&mut self.query, name, &json),
            Err(_) => self.fail(Error::invalid(format!(
                "`{name}` cannot be written as JSON"
            ))),
        }
        self
    }

    /// Adds a header; nothing for `None`, joined by commas for a list.
    pub fn header<T: Serialize + ?Sized>(mut self, name: &'static str, value: &T) -> Self {
        let mut text = String::new();
        let mut items = 0;
        let mut ambiguous = false;
        let written = request::scalars(value, &mut |item| {
            if items > 0 {
                text.push(',');
            }
            items += 1;
            ambiguous |= item.contains(',');
            text.push_str(item);
        });
        self.check(written, name);
        if items == 0 {
            return self;
        }
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::try_from(text),
        ) {
            (Ok(name), Ok(mut value)) if !(is_reserved(&name) || ambiguous && items > 1) => {
                // Not known to be harmless, so not shown.
                value.set_sensitive(true);
                self.headers.push((name, value));
            }
            _ => self.fail(Error::invalid(format!(
                "`{name}` cannot be sent as a header"
            ))),
        }
        self
    }

    /// Sets a JSON body.
    pub fn json_body<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(json) => self.set_body(wiped(json)),
            Err(_) => self.fail(Error::invalid("the body cannot be written as JSON")),
        }
        self
    }

    /// Sets a JSON body, or none and no content type.
    pub fn json_body_opt<T: Serialize + ?Sized>(self, body: Option<&T>) -> Self {
        match body {
            Some(body) => self.json_body(body),
            None => self,
        }
    }

    /// Sets a body as HTML forms send it.
    pub fn form_body<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        let mut form = String::new();
        match request::fields(body, &mut |key, text| append_pair(&mut form, key, text)) {
            Ok(()) => {
                self.body = Some(Body {
                    content: wiped(form),
                    content_type: HeaderValue::from_static("application/x-www-form-urlencoded"),
                });
            }
            Err(why) => {
                self.fail(Error::invalid("the body cannot be written as a form").with_source(why))
            }
        }
        self
    }

    /// Sets a form body, or none.
    pub fn form_body_opt<T: Serialize + ?Sized>(self, body: Option<&T>) -> Self {
        match body {
            Some(body) => self.form_body(body),
            None => self,
        }
    }

    /// Sets a multipart body.
    pub fn multipart_body(mut self, form: Multipart) -> Self {
        match form.finish() {
            Ok((content, content_type)) => {
                self.body = Some(Body {
                    content,
                    content_type,
                })
            }
            Err(error) => self.fail(error),
        }
        self
    }

    /// Sets a multipart body, or none.
    pub fn multipart_body_opt(self, form: Option<Multipart>) -> Self {
        match form {
            Some(form) => self.multipart_body(form),
            None => self,
        }
    }

    /// Sets a body of the operation's own media type.
    pub fn raw_body(mut self, body: impl Into<Bytes>) -> Self {
        self.set_body(body.into());
        self
    }

    /// Sets a body of the operation's own media type, or none.
    pub fn raw_body_opt(self, body: Option<impl Into<Bytes>>) -> Self {
        match body {
            Some(body) => self.raw_body(body),
            None => self,
        }
    }

    /// Sends the call and decodes the JSON response; an empty one decodes as `null`.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`]; `Decode` keeps status, headers and body.
    pub async fn json<T: DeserializeOwned>(self) -> Result<ResponseValue<T>, Error> {
        self.send(|response| {
            let json: &[u8] = if response.body.is_empty() {
                b"null"
            } else {
                &response.body
            };
            serde_json::from_slice(json)
        })
        .await
    }

    /// Sends the call and decodes the JSON response, or gives `None` when the
    /// service had nothing to say (an empty body, 204, 205).
    ///
    /// # Errors
    ///
    /// As [`json`](Self::json).
    pub async fn json_or_empty<T: DeserializeOwned>(
        self,
    ) -> Result<ResponseValue<Option<T>>, Error> {
        self.send(|response| {
            let empty = response.body.is_empty()
                || matches!(
                    response.status,
                    StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT
                );
            if empty {
                Ok(None)
            } else {
                serde_json::from_slice(&response.body).map(Some)
            }
        })
        .await
    }

    /// Sends the call; the response's body is read and kept, but means nothing.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`]; `Decode` when it is a web page: something on the way
    /// gave it, and the service may not even have been asked.
    pub async fn empty(self) -> Result<ResponseValue<()>, Error> {
        let is_json = self.operation.accept().contains("json");
        self.send(move |response| {
            if is_json && response.body.trim_ascii_start().starts_with(b"<") {
                // Never JSON, so never `Ok`.
                serde_json::from_slice::<serde::de::IgnoredAny>(&response.body).map(drop)
            } else {
                Ok(())
            }
        })
        .await
    }

    /// Sends the call and gives the response as text.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`]; `Decode` when it is not UTF-8.
    pub async fn text(self) -> Result<ResponseValue<String>, Error> {
        let operation = self.operation;
        let response = self.bytes().await?;
        let Ok(text) = std::str::from_utf8(&response).map(str::to_owned) else {
            return Err(Error::new(ErrorKind::Decode, "the text is not UTF-8")
                .of(operation)
                .with_response(
                    response.status(),
                    response.headers().clone(),
                    response.into_inner(),
                ));
        };
        Ok(response.map(|_| text))
    }

    /// Sends the call and gives the response's body as it is.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`] but `Decode`.
    pub async fn bytes(self) -> Result<ResponseValue<Bytes>, Error> {
        self.send(|response| Ok(response.body.clone())).await
    }

    async fn send<T>(
        self,
        decode: impl Fn(&RawResponse) -> Result<T, serde_json::Error>,
    ) -> Result<ResponseValue<T>, Error> {
        let operation = self.operation;
        let mut execution = self.start().map_err(|error| error.of(operation))?;
        let span = execution.span();
        let recorded = span.clone();
        async move {
            loop {
                let response = match execution.response().await {
                    Ok(response) => response,
                    Err(error) => return Err(execution.fail(error, &recorded)),
                };
                match decode(&response) {
                    Ok(value) => {
                        execution.succeed(response.status, &recorded);
                        return Ok(ResponseValue::new(value, response));
                    }
                    Err(why) => {
                        let error = Error::bare(ErrorKind::Decode)
                            .with_response(response.status, response.headers, response.body)
                            .with_source(JsonError::new(&why));
                        if let Err(error) = execution.retry_or_fail(error).await {
                            return Err(execution.fail(error, &recorded));
                        }
                    }
                }
            }
        }
        .instrument(span)
        .await
    }

    /// Everything is here; what is wrong comes out now.
    fn start(self) -> Result<Execution<'a>, Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.anonymous && !self.operation.is_public() {
            return Err(Error::new(
                ErrorKind::Credentials,
                "the call is anonymous, and the operation requires credentials",
            ));
        }
        let mut url = self.path.finish()?;
        if !self.query.is_empty() {
            url.push('?');
            url.push_str(&self.query);
        }
        let parts = RequestParts {
            url,
            headers: self.headers,
            body: self.body,
            anonymous: self.anonymous,
        };
        Ok(Execution::new(self.core, self.operation, parts))
    }

    fn set_body(&mut self, content: Bytes) {
        // `from_maybe_shared` keeps the static text as it is instead of copying it.
        match HeaderValue::from_maybe_shared(Bytes::from_static(
            self.operation.content_type().as_bytes(),
        )) {
            Ok(content_type) => {
                self.body = Some(Body {
                    content,
                    content_type,
                })
            }
            Err(error) => self.fail(
                Error::invalid("the operation's content type is impossible").with_source(error),
            ),
        }
    }

    fn check(&mut self, written: Result<(), request::Unsupported>, name: &str) {
        if let Err(why) = written {
            self.fail(Error::invalid(format!("`{name}` cannot be sent")).with_source(why));
        }
    }

    /// The first mistake is the one that is told.
    fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation.id())
            .finish_non_exhaustive()
    }
}

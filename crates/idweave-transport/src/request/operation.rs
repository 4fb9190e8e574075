//! The properties of an operation that do not depend on a call.
//!
//! Generated code holds one `static` [`Operation`] for each operation of a
//! service; the transport reads from it which credentials may go along, whether
//! a request may be repeated, and the template its path must still fit.

use ::http::Method;

/// How a credential travels with a request.
///
/// OAuth 2.0 and OpenID Connect schemes are [`Scheme::Bearer`]: that is what
/// they are on the wire (RFC 6750).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `Authorization: Basic` (RFC 7617).
    Basic,
    /// `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// A header of this name.
    Header(&'static str),
    /// A query parameter of this name.
    Query(&'static str),
    /// A cookie of this name.
    Cookie(&'static str),
}

/// One operation of a service: everything that does not depend on its arguments.
///
/// ```
/// use idweave_transport::{Method, Operation, Scheme};
///
/// static GET_USER: Operation = Operation::new("getUser", Method::GET, "/v1/users/{userId}")
///     .with_security(&[&[Scheme::Bearer]]);
/// assert!(GET_USER.is_idempotent());
/// ```
#[derive(Debug)]
pub struct Operation {
    id: &'static str,
    method: Method,
    path: &'static str,
    security: &'static [&'static [Scheme]],
    idempotent: Option<bool>,
    accept: &'static str,
    content_type: &'static str,
}

impl Operation {
    /// Creates an operation that is public, takes and gives JSON, and is idempotent if
    /// its method is (RFC 9110 section 9.2.2).
    pub const fn new(id: &'static str, method: Method, path: &'static str) -> Self {
        Self {
            id,
            method,
            path,
            security: &[],
            idempotent: None,
            accept: "application/json",
            content_type: "application/json",
        }
    }

    /// Sets the alternatives of credentials, each a combination that must go together.
    ///
    /// None (the default) means that the operation is public: credentials are
    /// never sent to it. An empty combination makes credentials optional.
    #[must_use]
    pub const fn with_security(mut self, security: &'static [&'static [Scheme]]) -> Self {
        self.security = security;
        self
    }

    /// Overrides what the method says about repeating a request.
    #[must_use]
    pub const fn with_idempotent(mut self, idempotent: bool) -> Self {
        self.idempotent = Some(idempotent);
        self
    }

    /// Sets the media type of the response, sent as `Accept`.
    #[must_use]
    pub const fn with_accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    /// Sets the media type of the request body.
    #[must_use]
    pub const fn with_content_type(mut self, content_type: &'static str) -> Self {
        self.content_type = content_type;
        self
    }

    /// Returns the vendor's name of the operation.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Returns the request method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path template, `{name}` where a parameter goes.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Returns the alternatives of credentials; see [`Operation::with_security`].
    pub const fn security(&self) -> &'static [&'static [Scheme]] {
        self.security
    }

    /// Returns whether it can be called without credentials.
    pub fn is_public(&self) -> bool {
        self.security.is_empty() || self.security.iter().any(|schemes| schemes.is_empty())
    }

    /// Returns whether sending the request twice has the effect of sending it once.
    pub fn is_idempotent(&self) -> bool {
        // `Method::is_idempotent` covers GET, HEAD, PUT, DELETE, OPTIONS and TRACE.
        self.idempotent
            .unwrap_or_else(|| self.method.is_idempotent())
    }

    /// Returns the media type sent as `Accept`.
    pub const fn accept(&self) -> &'static str {
        self.accept
    }

    /// Returns the media type of the request body.
    pub const fn content_type(&self) -> &'static str {
        self.content_type
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static EVERYTHING: Operation = Operation::new("import", Method::POST, "/imports/{id}")
        .with_security(&[&[Scheme::Basic, Scheme::Cookie("id0")], &[]])
        .with_idempotent(true)
        .with_accept("text/csv")
        .with_content_type("application/gzip");

    #[test]
    fn operation_gives_back_what_it_was_made_of() {
        assert_eq!(EVERYTHING.id(), "import");
        assert_eq!(EVERYTHING.method(), Method::POST);
        assert_eq!(EVERYTHING.path(), "/imports/{id}");
        let security = EVERYTHING.security();
        assert_eq!(security, [&[Scheme::Basic, Scheme::Cookie("id0")][..], &[]]);
        assert!(EVERYTHING.is_idempotent());
        assert_eq!(EVERYTHING.accept(), "text/csv");
        assert_eq!(EVERYTHING.content_type(), "application/gzip");
    }

    #[test]
    fn operation_is_public_json_and_as_idempotent_as_its_method() {
        for (method, idempotent) in [
            (Method::GET, true),
            (Method::HEAD, true),
            (Method::PUT, true),
            (Method::DELETE, true),
            (Method::OPTIONS, true),
            (Method::POST, false),
            (Method::PATCH, false),
        ] {
            let operation = Operation::new("o", method, "/");
            assert_eq!(operation.is_idempotent(), idempotent, "{operation:?}");
            assert!(operation.security().is_empty());
            assert_eq!(operation.accept(), "application/json");
            assert_eq!(operation.content_type(), "application/json");
            assert!(!operation.with_idempotent(false).is_idempotent());
        }
    }
}

//! A session that a service opened, and its cookies.

use std::fmt;

use serde::Serialize;

use crate::Secret;

/// A session that a service opened, for instance when an invite was accepted.
///
/// The cookies are secrets: not shown by `Debug`, not serialized, read with [`Secret::expose`].
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct OpenedSession {
    /// The cookies that the service set, in its order.
    pub cookies: Vec<SessionCookie>,
}

impl OpenedSession {
    /// Creates a session from cookies.
    pub fn new(cookies: Vec<SessionCookie>) -> Self {
        Self { cookies }
    }

    /// Reads the values of `Set-Cookie` headers, leaving out invalid and cleared cookies.
    pub fn from_headers<'a>(headers: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            cookies: headers
                .into_iter()
                .filter_map(SessionCookie::parse)
                .collect(),
        }
    }

    /// Returns the value of a cookie by name.
    pub fn cookie(&self, name: &str) -> Option<&Secret> {
        self.cookies
            .iter()
            .find(|cookie| cookie.name == name)
            .map(|cookie| &cookie.value)
    }

    /// Returns the value of a `Cookie` header for requests in this session.
    pub fn cookie_header(&self) -> Secret {
        let pairs = self
            .cookies
            .iter()
            .map(|c| format!("{}={}", c.name, c.value.expose()));
        Secret::new(pairs.collect::<Vec<_>>().join("; "))
    }
}

/// One cookie of a session.
#[derive(Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SessionCookie {
    /// The name: `id0` at Enhance.
    pub name: String,
    /// The value: whoever has it is logged in.
    #[serde(skip)]
    pub value: Secret,
    /// The whole `Set-Cookie` header with path, expiry and flags, to pass on to a browser.
    #[serde(skip)]
    pub header: Secret,
}

impl SessionCookie {
    /// Reads one `Set-Cookie` header (RFC 6265, section 4.1).
    pub fn parse(header: &str) -> Option<Self> {
        let pair = header.split(';').next()?;
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (name.trim(), value.trim().trim_matches('"'));
        if name.is_empty() || value.is_empty() {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            value: value.into(),
            header: header.into(),
        })
    }
}

impl fmt::Debug for SessionCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionCookie")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opened_session_keeps_every_cookie_with_its_attributes() {
        let session = OpenedSession::from_headers([
            "id0=abc.def=; Path=/; HttpOnly; Secure",
            "theme=dark",
            "gone=; Max-Age=0",
            "nonsense",
        ]);
        assert_eq!(session.cookies.len(), 2);
        assert_eq!(session.cookie("id0").map(Secret::expose), Some("abc.def="));
        assert!(session.cookies[0].header.expose().ends_with("; Secure"));
        assert_eq!(session.cookie_header().expose(), "id0=abc.def=; theme=dark");
    }

    #[test]
    fn opened_session_shows_no_value_in_debug_or_json() {
        let session = OpenedSession::from_headers(["id0=MARK; Path=/"]);
        let json = serde_json::to_string(&session).unwrap_or_default();
        assert!(!format!("{session:?} {json}").contains("MARK"));
        assert!(json.contains("id0"), "{json}");
    }
}

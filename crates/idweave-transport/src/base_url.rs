//! Where a service is: a checked base URL.
//!
//! Made once, by the builder; every request URL starts with it, so a request
//! cannot leave its origin.

use std::fmt;

use url::{Host, Url};

use crate::{Error, ErrorKind};

/// Scheme, host, port and sub-path, without a slash at the end.
#[derive(Clone)]
pub(crate) struct BaseUrl {
    url: Url,
    text: String,
}

impl BaseUrl {
    /// Refuses what is not a plain http or https address, and plain http to
    /// another machine unless `dangerous` says it is wanted.
    pub(crate) fn parse(text: &str, dangerous: bool) -> Result<Self, Error> {
        let url = Url::parse(text.trim()).map_err(|error| {
            Error::invalid("the base URL is not a URL: it must look like https://example.com")
                .with_source(error)
        })?;
        if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            return Err(Error::invalid("the base URL must start with https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::invalid(
                "the base URL holds a user or password: give them as credentials",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Error::invalid(
                "the base URL has a query or fragment: leave them out",
            ));
        }
        if url.path().contains("//") {
            return Err(Error::invalid("the base URL has an empty path segment"));
        }
        if !dangerous && !is_private(&url) {
            return Err(Error::new(
                ErrorKind::Credentials,
                "plain http would show credentials to the network: use https, or a loopback address, \
                 or call `dangerously_allow_plain_http` when the network itself is trusted",
            ));
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, text })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether what is sent is encrypted.
    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }
}

/// Whether nobody between here and the service can read along.
fn is_private(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Domain(name)) => is_localhost(name),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

/// Whether a host name is one of this machine's (RFC 6761, section 6.3).
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn base_url_ignores_a_trailing_slash() {
        for (text, base) in [
            ("https://acme.io", "https://acme.io"),
            ("https://acme.io/", "https://acme.io"),
            ("https://acme.io/api", "https://acme.io/api"),
            ("https://acme.io/api/", "https://acme.io/api"),
            (" HTTPS://ACME.io:443/a/b/ ", "https://acme.io/a/b"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("http://localhost", "http://localhost"),
            ("http://x.LocalHost:81/a/", "http://x.localhost:81/a"),
        ] {
            assert_eq!(BaseUrl::parse(text, false).unwrap().as_str(), base);
        }
    }

    #[test]
    fn base_url_rejects_an_invalid_url_and_says_why() {
        for text in [
            "",
            "acme.io",
            "ftp://acme.io",
            "file:///etc",
            "https://",
            "https://u:p@acme.io",
            "https://u@acme.io",
            "https://:p@acme.io",
            "https://acme.io?x=1",
            "https://acme.io/#f",
            "https://acme.io//api",
            "mailto:a@b.c",
        ] {
            let error = BaseUrl::parse(text, false).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        for text in [
            "http://acme.io",
            "http://10.0.0.1",
            "http://localhost.evil.io",
            "http://128.0.0.1",
            "http://[::2]",
        ] {
            assert_eq!(
                BaseUrl::parse(text, false).unwrap_err().kind(),
                ErrorKind::Credentials,
                "{text}"
            );
            assert!(BaseUrl::parse(text, true).is_ok());
        }
    }

    #[test]
    fn base_url_tells_scheme_host_and_port() {
        for (text, https, host, port) in [
            ("https://acme.io/api", true, "acme.io", 443),
            ("https://acme.io:8443", true, "acme.io", 8443),
            ("http://127.0.0.1", false, "127.0.0.1", 80),
            ("http://[::1]:81", false, "[::1]", 81),
        ] {
            let url = BaseUrl::parse(text, false).unwrap();
            assert_eq!(
                (url.is_https(), url.host(), url.port()),
                (https, host, port),
                "{text}"
            );
            assert_eq!(url.url(), &Url::parse(text).unwrap());
            assert_eq!(format!("{url:?}"), text);
        }
    }
}

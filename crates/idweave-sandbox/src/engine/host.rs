//! The hosts that a listener responds to: its own loopback names, and what the user allows.
//!
//! A page whose host name an attacker points at 127.0.0.1 (DNS rebinding) has the same origin as the
//! sandbox for the browser that shows it, and may read every response. Its requests still carry the
//! attacker's name in `Host`. Such a request is misdirected (RFC 9110, section 15.5.20).

use std::str::FromStr;
use std::sync::Arc;

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri};

use crate::engine::wire::Reply;

/// A host that the user allows beside a listener's own, with one port or with any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AllowedHost {
    name: String,
    port: Option<u16>,
}

impl FromStr for AllowedHost {
    type Err = std::io::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((name, port)) = split(text) else {
            let message = format!("invalid host {text:?}; give a name or name:port, as in Host");
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidInput,
                message,
            ));
        };
        Ok(Self { name, port })
    }
}

/// The hosts of one listener.
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    port: u16,
    allowed: Arc<[AllowedHost]>,
}

impl Hosts {
    pub(crate) fn new(port: u16, allowed: Arc<[AllowedHost]>) -> Self {
        Self { port, allowed }
    }

    /// Returns the refusal of a request that is for another host, or says not for which.
    pub(crate) fn refusal(&self, uri: &Uri, headers: &HeaderMap) -> Option<Reply> {
        let mut named = headers.get_all(HOST).iter();
        // Exactly one (RFC 9112, section 3.2).
        let (Some(host), None) = (named.next(), named.next()) else {
            return Some(text(
                StatusCode::BAD_REQUEST,
                "exactly one Host header is required",
            ));
        };
        let host = host.to_str().unwrap_or_default();
        // An absolute target takes the place of the header (section 3.2.2), so it is checked too.
        let target = uri.authority().map(Authority::as_str);
        let is_own = self.contains(host) && target.is_none_or(|target| self.contains(target));
        (!is_own).then(|| {
            text(
                StatusCode::MISDIRECTED_REQUEST,
                "this host is not one of the sandbox's; use 127.0.0.1 or localhost with the port of \
                 the service, or allow the host with --allow-host",
            )
        })
    }

    fn contains(&self, authority: &str) -> bool {
        let Some((name, port)) = split(authority) else {
            return false;
        };
        // Without a port it is that of http.
        let port = port.unwrap_or(80);
        is_loopback(&name) && port == self.port
            || self
                .allowed
                .iter()
                .any(|host| host.name == name && host.port.is_none_or(|allowed| allowed == port))
    }
}

/// Returns whether a `Host` header has a name that browsers never resolve to another machine.
pub(crate) fn has_loopback_name(host: &str) -> bool {
    split(host).is_some_and(|(name, _)| is_loopback(&name))
}

fn is_loopback(name: &str) -> bool {
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

/// Splits `name` or `name:port`; the name in lower case.
fn split(authority: &str) -> Option<(String, Option<u16>)> {
    let authority: Authority = authority.parse().ok()?;
    let name = authority.host().to_ascii_lowercase();
    let port = authority.port_u16();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._[:]".contains(c);
    // Whatever else an authority may have (a user, an empty port) is not in a `Host` header.
    let whole = match port {
        Some(port) => format!("{name}:{port}"),
        None => name.clone(),
    };
    let is_whole = whole.eq_ignore_ascii_case(authority.as_str());
    (is_whole && name.chars().all(is_name)).then_some((name, port))
}

fn text(status: StatusCode, message: &'static str) -> Reply {
    Reply::typed(status, "text/plain; charset=utf-8", message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn status(hosts: &Hosts, target: &str, named: &[&str]) -> Option<u16> {
        let mut headers = HeaderMap::new();
        for host in named {
            headers.append(HOST, host.parse().unwrap());
        }
        let reply = hosts.refusal(&target.parse().unwrap(), &headers)?;
        Some(reply.status.as_u16())
    }

    #[test]
    fn hosts_are_the_loopback_names_with_the_port_of_the_listener() {
        let hosts = Hosts::new(4000, Arc::default());
        for own in [
            "127.0.0.1:4000",
            "localhost:4000",
            "LocalHost:4000",
            "[::1]:4000",
        ] {
            assert_eq!(status(&hosts, "/", &[own]), None, "{own}");
        }
        for other in [
            "rebound.example:4000",
            "127.0.0.1:4001",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.2:4000",
            "localhost.:4000",
            "localhost.rebound.example:4000",
            "user@127.0.0.1:4000",
            "0.0.0.0:4000",
            "",
        ] {
            assert_eq!(status(&hosts, "/", &[other]), Some(421), "{other}");
        }
        assert_eq!(status(&hosts, "/", &[]), Some(400));
        let twice = ["127.0.0.1:4000", "127.0.0.1:4000"];
        assert_eq!(status(&hosts, "/", &twice), Some(400));
        let own = ["127.0.0.1:4000"];
        assert_eq!(status(&hosts, "http://127.0.0.1:4000/", &own), None);
        assert_eq!(
            status(&hosts, "http://rebound.example:4000/", &own),
            Some(421)
        );
        assert_eq!(
            status(&Hosts::new(80, Arc::default()), "/", &["127.0.0.1"]),
            None
        );
    }

    #[test]
    fn allowed_hosts_are_added_with_one_port_or_any() {
        let allowed = ["sandbox.test", "localhost:9000"].map(|host| host.parse().unwrap());
        let hosts = Hosts::new(4000, allowed.into());
        for own in [
            "127.0.0.1:4000",
            "sandbox.test",
            "Sandbox.test:1",
            "localhost:9000",
        ] {
            assert_eq!(status(&hosts, "/", &[own]), None, "{own}");
        }
        for other in ["localhost:9001", "other.test:4000", "a.sandbox.test"] {
            assert_eq!(status(&hosts, "/", &[other]), Some(421), "{other}");
        }
        for invalid in ["", "http://sandbox.test", "sandbox.test:", "a b", "*"] {
            assert!(invalid.parse::<AllowedHost>().is_err(), "{invalid}");
        }
    }
}

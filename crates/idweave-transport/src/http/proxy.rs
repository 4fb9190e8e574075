//! Which proxy https calls go through.
//!
//! Calls over plain http never go through one: it would read the credentials that loopback
//! addresses may be sent. Calls to this machine do not either, as a proxy elsewhere would send
//! them to its own machine.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::{Error, Secret};

/// Hosts that are reached without a proxy, besides those of `NO_PROXY`.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// Where the proxy's address comes from.
#[derive(Default)]
pub(crate) enum ProxySetting {
    /// `HTTPS_PROXY` or `ALL_PROXY`, and `NO_PROXY`.
    #[default]
    Environment,
    /// No proxy.
    Direct,
    /// This address, for every host but this machine.
    Address(Secret),
}

impl ProxySetting {
    pub(crate) fn is_environment(&self) -> bool {
        matches!(self, Self::Environment)
    }

    /// The rule that says which https host is reached through which proxy.
    pub(crate) fn matcher(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Matcher>, Error> {
        let first = |names: [&'static str; 2]| {
            let set = |name| variable(name).filter(|value| !value.trim().is_empty());
            names.into_iter().find_map(|name| Some((name, set(name)?)))
        };
        match self {
            Self::Direct => Ok(None),
            Self::Address(address) => matcher(address.expose(), LOOPBACK)
                .map(Some)
                .map_err(|what| Error::invalid(format!("the proxy {what}"))),
            Self::Environment => {
                let address = first(["HTTPS_PROXY", "https_proxy"])
                    .or_else(|| first(["ALL_PROXY", "all_proxy"]));
                let Some((name, address)) = address else {
                    return Ok(None);
                };
                let excluded = match first(["NO_PROXY", "no_proxy"]) {
                    Some((_, hosts)) => format!("{LOOPBACK},{hosts}"),
                    None => LOOPBACK.to_owned(),
                };
                matcher(&address, &excluded).map(Some).map_err(|what| {
                    Error::invalid(format!(
                        "the proxy in the environment variable {name} {what}; \
                         `without_proxy` ignores the variable"
                    ))
                })
            }
        }
    }
}

/// Says what is wrong with the address without showing it: it may hold a password.
fn matcher(address: &str, excluded: &str) -> Result<Matcher, &'static str> {
    const FORM: &str = "must look like http://proxy.example.com:8080";
    let address = address.trim();
    let url = match address.contains("://") {
        true => Url::parse(address),
        false => Url::parse(&format!("http://{address}")),
    }
    .map_err(|_| FORM)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must be an http or https proxy; other protocols are not supported");
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(FORM);
    }
    Ok(Matcher::builder().https(url.as_str()).no(excluded).build())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn proxy_of(variables: &[(&str, &str)], target: &str) -> Option<String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let matcher = ProxySetting::Environment.matcher(variable).unwrap()?;
        let intercept = matcher.intercept(&target.parse().unwrap())?;
        Some(intercept.uri().to_string())
    }

    #[test]
    fn environment_decides_by_the_first_variable_that_is_set() {
        let target = "https://service.invalid";
        let (one, two) = ("http://one.invalid:1", "two.invalid:2");
        for (variables, proxy) in [
            (vec![], None),
            (vec![("HTTPS_PROXY", one), ("https_proxy", two)], Some(one)),
            (
                vec![("HTTPS_PROXY", ""), ("https_proxy", two)],
                Some("http://two.invalid:2"),
            ),
            (
                vec![("ALL_PROXY", one), ("https_proxy", two)],
                Some("http://two.invalid:2"),
            ),
            (vec![("all_proxy", one)], Some(one)),
            (vec![("HTTP_PROXY", one), ("http_proxy", one)], None),
        ] {
            let expected = proxy.map(|proxy| format!("{proxy}/"));
            assert_eq!(proxy_of(&variables, target), expected, "{variables:?}");
        }
    }

    #[test]
    fn plain_http_excluded_hosts_and_this_machine_are_reached_directly() {
        let variables = [
            ("HTTPS_PROXY", "http://proxy.invalid"),
            ("ALL_PROXY", "http://proxy.invalid"),
            ("no_proxy", "acme.invalid, 10.0.0.0/8"),
        ];
        for target in [
            "http://service.invalid",
            "https://acme.invalid",
            "https://www.acme.invalid:8443",
            "https://10.1.2.3",
            "https://localhost",
            "https://x.localhost:1",
            "https://127.0.0.1",
            "https://127.1.2.3:1",
            "https://[::1]:1",
        ] {
            assert_eq!(proxy_of(&variables, target), None, "{target}");
        }
        assert!(proxy_of(&variables, "https://notacme.invalid").is_some());
    }

    #[test]
    fn proxy_is_an_origin_and_nothing_more() {
        let given = |address: &str| {
            ProxySetting::Address(address.into())
                .matcher(|_| None)
                .map(|matcher| {
                    let target = "https://service.invalid".parse().unwrap();
                    matcher
                        .unwrap()
                        .intercept(&target)
                        .unwrap()
                        .uri()
                        .to_string()
                })
        };
        for (address, proxy) in [
            ("http://proxy.invalid:8080", "http://proxy.invalid:8080/"),
            (" https://proxy.invalid/ ", "https://proxy.invalid/"),
            ("proxy.invalid:8080", "http://proxy.invalid:8080/"),
        ] {
            assert_eq!(given(address).unwrap(), proxy);
        }
        for address in [
            "http://proxy.invalid/path",
            "http://proxy.invalid?x=1",
            "http://proxy.invalid#x",
            "socks5://proxy.invalid",
        ] {
            let error = given(address).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest, "{address}");
        }
        assert!(ProxySetting::Direct.matcher(|_| None).unwrap().is_none());
    }
}

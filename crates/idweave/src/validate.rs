//! Validates arguments before anything is sent.
//!
//! The transport percent-encodes what goes into a path and rejects what would change it; here is the form of each kind
//! of argument. No error repeats the argument.

use email_address::{EmailAddress, Options};

use crate::{Error, Result};

/// Validates an e-mail address without a display name, at most 254 characters (RFC 5321, section 4.5.3.1.3).
pub(crate) fn email(text: &str) -> Result<&str> {
    let text = text.trim();
    let options = Options::default()
        .without_display_text()
        .without_domain_literal();
    if EmailAddress::parse_with_options(text, options).is_err() {
        return Err(Error::invalid_input("invalid e-mail address"));
    }
    Ok(text)
}

/// Validates a text: not blank, on one line, within a length in characters.
pub(crate) fn text<'a>(what: &str, text: &'a str, max_chars: usize) -> Result<&'a str> {
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Err(Error::invalid_input(format!("{what} is empty")));
    }
    if length > max_chars {
        return Err(Error::invalid_input(format!(
            "{what} is longer than {max_chars} characters"
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid_input(format!(
            "{what} contains control characters"
        )));
    }
    Ok(text)
}

/// Validates an id that goes into a path: a text, and neither `.` nor `..`, which would name another path.
pub(crate) fn id<'a>(what: &str, id: &'a str, max_chars: usize) -> Result<&'a str> {
    if matches!(id, "." | "..") {
        return Err(Error::invalid_input(format!("{what} is not a valid id")));
    }
    text(what, id, max_chars)
}

/// Validates a GUID: 8-4-4-4-12 hexadecimal digits.
pub(crate) fn guid<'a>(what: &str, id: &'a str) -> Result<&'a str> {
    let groups: Vec<&str> = id.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|b| b.is_ascii_hexdigit());
    if groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hex) {
        return Ok(id);
    }
    let form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    Err(Error::invalid_input(format!(
        "{what} is not a GUID of the form {form}"
    )))
}

/// Validates an address that a browser is sent to: absolute, `https`, or `http` on the same machine.
pub(crate) fn web_address<'a>(what: &str, text: &'a str) -> Result<&'a str> {
    let invalid = || Error::invalid_input(format!("{what} is not an https address"));
    let url = url::Url::parse(text).map_err(|_| invalid())?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" if url.has_host() => Ok(text),
        "http" if is_local => Ok(text),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn email_accepts_addresses_only() {
        for good in ["ann@acme.io", " ann.berg+x@acme.co.uk ", "ann@localhost"] {
            assert_eq!(email(good).unwrap(), good.trim());
        }
        let long = format!("{}@acme.io", "a".repeat(250));
        for bad in [
            "",
            "ann",
            "ann@",
            "@acme.io",
            "a@b@c",
            "Ann <ann@acme.io>",
            "ann@acme.io\nbcc: x@y.z",
            &long,
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn id_rejects_what_names_another_path() {
        for bad in ["", " ", ".", "..", "a\nb", "a\u{0}b", &"x".repeat(129)] {
            assert!(id("the id", bad, 128).is_err(), "{bad:?}");
        }
        for good in ["auth0|7", "a/b", "a%2fb", "a?b#c", "ä ö", "..."] {
            assert!(id("the id", good, 128).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn guid_accepts_guids_only() {
        assert!(guid("the id", "6C5bb468-14b2-4183-baf2-06d523e03bd3").is_ok());
        for bad in [
            "",
            "..",
            "7",
            "6c5bb468-14b2-4183-baf2-06d523e03bd",
            "6c5bb46814b24183baf206d523e03bd3",
            "6c5bb468-14b2-4183-baf2-06d523e03bd/",
            "6c5bb468-14b2-4183-baf2-06d523e03bd3\n",
        ] {
            assert!(guid("the id", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn web_address_accepts_https_and_loopback_only() {
        for good in [
            "https://acme.io/back?x=1",
            "http://localhost:3000/",
            "http://127.0.0.1/",
        ] {
            assert!(web_address("it", good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "acme.io",
            "http://acme.io",
            "javascript:alert(1)",
            "https://",
            "/back",
        ] {
            assert!(web_address("it", bad).is_err(), "{bad}");
        }
    }
}

//! Path parameters: from a value to one segment that stays one segment.
//!
//! Called by [`Call::path`](crate::Call::path). An id of `..`, or an empty one,
//! would otherwise reach another operation, with the same credentials.

use std::fmt::{Display, Write};

use super::percent::PercentEncoder;
use crate::Error;

/// A path template being filled.
pub(crate) struct Path {
    /// The path as far as the next parameter that is still missing.
    filled: String,
    /// What of the template is still to be copied.
    rest: &'static str,
    /// Parameters given before their turn, encoded.
    out_of_order: Vec<(&'static str, String)>,
}

impl Path {
    /// `base` is what stands before the template: origin and sub-path.
    pub(crate) fn new(base: &str, template: &'static str) -> Self {
        // Room for a few ids and a query.
        let mut filled = String::with_capacity(base.len() + template.len() + 96);
        filled.push_str(base);
        Self {
            filled,
            rest: template,
            out_of_order: Vec::new(),
        }
    }

    /// Gives a parameter its value.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Display) -> Result<(), Error> {
        if self.next_name() == Some(name) {
            let (literal, rest) = split(self.rest, name);
            self.filled.push_str(literal);
            self.rest = rest;
            let from = self.filled.len();
            encode(&mut self.filled, value, name)?;
            return check(&self.filled[from..], name);
        }
        if !has(self.rest, name) || self.out_of_order.iter().any(|(given, _)| *given == name) {
            return Err(Error::invalid(format!(
                "there is no parameter `{name}` left in the path template"
            )));
        }
        let mut encoded = String::new();
        encode(&mut encoded, value, name)?;
        check(&encoded, name)?;
        self.out_of_order.push((name, encoded));
        Ok(())
    }

    fn next_name(&self) -> Option<&'static str> {
        let (_, tail) = self.rest.split_once('{')?;
        Some(tail.split_once('}')?.0)
    }

    /// The whole path, once every parameter has its value.
    pub(crate) fn finish(mut self) -> Result<String, Error> {
        while let Some(name) = self.next_name() {
            let Some((_, value)) = self.out_of_order.iter().find(|(given, _)| *given == name)
            else {
                return Err(Error::invalid(format!(
                    "the path parameter `{name}` has no value"
                )));
            };
            let (literal, rest) = split(self.rest, name);
            self.filled.push_str(literal);
            self.filled.push_str(value);
            self.rest = rest;
        }
        self.filled.push_str(self.rest);
        Ok(self.filled)
    }
}

/// What stands before and after `{name}`, which comes first in `rest`.
fn split(rest: &'static str, name: &str) -> (&'static str, &'static str) {
    let literal = rest.split('{').next().unwrap_or(rest);
    (
        literal,
        rest.get(literal.len() + name.len() + 2..).unwrap_or(""),
    )
}

fn has(template: &str, name: &str) -> bool {
    template
        .split('{')
        .skip(1)
        .any(|part| part.split_once('}').is_some_and(|(found, _)| found == name))
}

fn encode(into: &mut String, value: impl Display, name: &str) -> Result<(), Error> {
    write!(PercentEncoder(into), "{value}").map_err(|_| {
        Error::invalid(format!(
            "the path parameter `{name}` cannot be written as text"
        ))
    })
}

/// Dots are unreserved, so a segment of dots is the same text encoded and raw.
fn check(encoded: &str, name: &str) -> Result<(), Error> {
    let what = match encoded {
        "" => "empty",
        "." | ".." => "a dot segment, which would address another path",
        _ => return Ok(()),
    };
    Err(Error::invalid(format!(
        "the path parameter `{name}` is {what}"
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEMPLATE: &str = "/orgs/{org_id}/members/{member_id}/sso";

    fn fill(pairs: &[(&'static str, &str)]) -> Result<String, Error> {
        let mut path = Path::new("https://h/api", TEMPLATE);
        for (name, value) in pairs {
            path.set(name, value)?;
        }
        path.finish()
    }

    #[test]
    fn parameters_may_come_in_any_order() {
        let path = "https://h/api/orgs/o/members/m/sso";
        assert_eq!(fill(&[("org_id", "o"), ("member_id", "m")]).unwrap(), path);
        assert_eq!(fill(&[("member_id", "m"), ("org_id", "o")]).unwrap(), path);
    }

    #[test]
    fn path_rejects_a_missing_an_unknown_and_a_second_value() {
        for pairs in [
            &[("org_id", "o")][..],
            &[("member_id", "m")],
            &[("org_id", "o"), ("member_id", "m"), ("other", "x")],
            &[("other", "x"), ("org_id", "o"), ("member_id", "m")],
            &[("org_id", "o"), ("org_id", "o"), ("member_id", "m")],
            &[("member_id", "m"), ("member_id", "n"), ("org_id", "o")],
        ] {
            assert_eq!(
                fill(pairs).unwrap_err().kind(),
                crate::ErrorKind::InvalidRequest,
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn empty_and_dot_segments_are_refused_and_named() {
        for value in ["", ".", ".."] {
            let error = fill(&[("org_id", value), ("member_id", "m")]).unwrap_err();
            assert!(error.to_string().contains("`org_id`"), "{error}");
        }
    }

    #[test]
    fn path_encodes_all_but_unreserved_characters() {
        for (value, encoded) in [
            ("a/b", "a%2Fb"),
            ("a|b@c:d", "a%7Cb%40c%3Ad"),
            ("%2e%2e", "%252e%252e"),
            ("...", "..."),
            ("a?b#c", "a%3Fb%23c"),
            ("a\r\nb\0", "a%0D%0Ab%00"),
            ("\\..\\", "%5C..%5C"),
            ("ä 漢", "%C3%A4%20%E6%BC%A2"),
            ("{member_id}", "%7Bmember_id%7D"),
        ] {
            assert_eq!(
                fill(&[("org_id", value), ("member_id", "m")]).unwrap(),
                format!("https://h/api/orgs/{encoded}/members/m/sso")
            );
        }
    }
}

//! Typed reading of query parameters, with the reason when a value is invalid.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::data::fields::{Checked, Violation, guid, required};

/// A query parameter: its name, and its value if the query has it.
///
/// `parse`, `date` and `one_of` take a value as it stands. `flag`, `guid`, `integer` and `choice` read as ASP.NET binds:
/// an empty value counts as absent, and names of values may be written in any case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter<'n, 'v> {
    name: &'n str,
    value: Option<&'v str>,
}

impl<'n, 'v> Parameter<'n, 'v> {
    pub(crate) fn new(name: &'n str, value: Option<&'v str>) -> Self {
        Self { name, value }
    }

    pub(crate) fn text(self) -> Option<&'v str> {
        self.value
    }

    pub(crate) fn text_or_empty(self) -> &'v str {
        self.value.unwrap_or_default()
    }

    /// Treats an empty value as absent.
    pub(crate) fn non_empty(self) -> Self {
        Self {
            name: self.name,
            value: self.value.filter(|text| !text.is_empty()),
        }
    }

    pub(crate) fn is(self, text: &str) -> bool {
        self.value == Some(text)
    }

    pub(crate) fn required(self) -> Checked<&'v str> {
        required(self.name, self.value)
    }

    /// Parses the value; the reason is what to say when that fails.
    pub(crate) fn parse<T: FromStr>(self, reason: &str) -> Checked<Option<T>> {
        self.value
            .map(|text| text.parse().map_err(|_| self.violation(reason)))
            .transpose()
    }

    /// Reads a date-time, or a day as its beginning in UTC.
    pub(crate) fn date(self, reason: &str) -> Checked<Option<Timestamp>> {
        let start_of_day = |text: &str| {
            let day: Date = text.parse().ok()?;
            Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
        };
        let Some(text) = self.value else {
            return Ok(None);
        };
        let at = text.parse().ok().or_else(|| start_of_day(text));
        at.map(Some).ok_or_else(|| self.violation(reason))
    }

    /// Reads one of some values.
    pub(crate) fn one_of(self, values: &[&str], reason: &str) -> Checked<Option<&'v str>> {
        match self.value {
            Some(text) if !values.contains(&text) => Err(self.violation(reason)),
            other => Ok(other),
        }
    }

    pub(crate) fn flag(self) -> Checked<Option<bool>> {
        match self.non_empty().value {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(self.violation("must be a boolean")),
        }
    }

    /// Reads a GUID and returns it in lower case.
    pub(crate) fn guid(self) -> Checked<Option<String>> {
        self.non_empty()
            .value
            .map(|text| guid(self.name, text))
            .transpose()
    }

    pub(crate) fn integer(self, min: i64, max: i64) -> Checked<Option<i64>> {
        let Some(text) = self.non_empty().value else {
            return Ok(None);
        };
        let number = text
            .parse::<i64>()
            .ok()
            .filter(|number| (min..=max).contains(number));
        number
            .map(Some)
            .ok_or_else(|| self.violation(format!("must be between {min} and {max}")))
    }

    /// Reads one of the names, or its index; returns the index.
    pub(crate) fn choice(self, names: &[&str]) -> Checked<Option<usize>> {
        let Some(text) = self.non_empty().value else {
            return Ok(None);
        };
        names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text))
            .or_else(|| text.parse().ok().filter(|at| *at < names.len()))
            .map(Some)
            .ok_or_else(|| self.violation("is not valid"))
    }

    fn violation(self, reason: impl Into<String>) -> Violation {
        Violation::new(self.name, reason)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parameter(value: &str) -> Parameter<'_, '_> {
        Parameter::new("x", Some(value))
    }

    #[test]
    fn parameter_reads_flags_and_choices_in_any_case() {
        assert_eq!(parameter("TRUE").flag().unwrap(), Some(true));
        assert_eq!(parameter("").flag().unwrap(), None);
        assert!(parameter("1").flag().is_err());
        let names = ["All", "People"];
        assert_eq!(parameter("people").choice(&names).unwrap(), Some(1));
        assert_eq!(parameter("0").choice(&names).unwrap(), Some(0));
        assert!(parameter("2").choice(&names).is_err());
    }

    #[test]
    fn parameter_parses_values_as_they_stand() {
        assert_eq!(parameter("7").parse::<u8>("must fit").unwrap(), Some(7));
        let violation = parameter("").parse::<u8>("must fit").unwrap_err();
        assert_eq!((&*violation.field, &*violation.reason), ("x", "must fit"));
        assert_eq!(Parameter::new("x", None).parse::<u8>("").unwrap(), None);
        assert!(parameter("").required().is_ok());
        assert!(parameter("").non_empty().required().is_err());
    }
}

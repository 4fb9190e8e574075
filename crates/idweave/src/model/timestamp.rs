//! Points in time as services send them, with and without a time zone.

use std::{fmt, str::FromStr, time::SystemTime};

use serde::Serialize;

use crate::Error;

/// A date, with time and time zone if the service sent them, kept as the service sent it.
///
/// Services differ: some send RFC 3339, some leave the time zone out, some send a date only. Nothing is assumed here:
/// [`to_system_time`](Self::to_system_time) returns a value only if the time zone is known.
///
/// ```
/// use idweave::Timestamp;
///
/// let zoned: Timestamp = "2026-01-31T10:20:30.0000000+03:00".parse()?;
/// assert!(zoned.to_system_time().is_some());
/// let local: Timestamp = "2026-01-31T10:20:30".parse()?;
/// assert!(local.to_system_time().is_none());
/// # Ok::<(), idweave::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// Returns the text as the service sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the point in time, if the text has a time zone.
    pub fn to_system_time(&self) -> Option<SystemTime> {
        self.0.parse::<jiff::Timestamp>().ok().map(SystemTime::from)
    }

    /// Parses what a service sent. Some services send the year 1 for "never".
    #[cfg_attr(
        not(any(feature = "docspace", feature = "authress", feature = "enhance")),
        allow(dead_code)
    )]
    pub(crate) fn read(text: Option<&str>) -> Option<Self> {
        text.filter(|text| !text.starts_with("0001-01-01"))?
            .parse()
            .ok()
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    /// Parses RFC 3339, the same without a time zone, or a date only.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_date = text.parse::<jiff::Timestamp>().is_ok()
            || text.parse::<jiff::civil::DateTime>().is_ok()
            || text.parse::<jiff::civil::Date>().is_ok();
        if is_date {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid_input(
                "invalid date or time; write it as in RFC 3339",
            ))
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "RFC 3339, possibly without time zone or time.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamp_reads_every_form_that_services_send() {
        for text in [
            "2026-01-31T10:20:30.0000000+03:00",
            "2026-01-31T10:20:30.0000000Z",
            "2026-01-31T10:20:30",
            "2026-01-31",
        ] {
            assert_eq!(
                Timestamp::read(Some(text)).as_ref().map(Timestamp::as_str),
                Some(text)
            );
        }
    }

    #[test]
    fn timestamp_rejects_never_and_invalid_text() {
        for text in [
            "0001-01-01T00:00:00",
            "0001-01-01T00:00:00.0000000Z",
            "soon",
            "",
        ] {
            assert_eq!(Timestamp::read(Some(text)), None, "{text}");
        }
    }

    #[test]
    fn timestamp_without_zone_has_no_system_time() {
        let epoch = Timestamp::read(Some("1970-01-01T01:00:00+01:00"));
        assert_eq!(
            epoch.and_then(|t| t.to_system_time()),
            Some(SystemTime::UNIX_EPOCH)
        );
        let local = Timestamp::read(Some("1970-01-01T01:00:00"));
        assert_eq!(local.and_then(|t| t.to_system_time()), None);
    }
}

//! Series of values between two dates.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::error::{ApiError, bad_request};
use crate::data::fields::required;
use crate::engine::wire::Request;

/// The most steps of a series; a year of hours fits.
const MAX_STEPS: usize = 10_000;

/// Reads `startDate`, `endDate` and `resolution`; returns the steps between, up to the horizon, each
/// with the hours it covers.
pub(crate) fn steps(
    request: &Request,
    resolutions: &[&str],
    horizon: Timestamp,
) -> Result<Vec<(Timestamp, f64)>, ApiError> {
    let date = |name| {
        let date = request.query(name).date("must be an ISO 8601 date")?;
        required(name, date)
    };
    let (start, end) = (date("startDate")?, date("endDate")?);
    let resolution = request.query("resolution").required()?;
    if !resolutions.contains(&resolution) {
        let resolutions = resolutions.join(", ");
        return Err(bad_request(format!(
            "resolution must be one of {resolutions}"
        )));
    }
    if end < start {
        return Err(bad_request("endDate must not be before startDate"));
    }
    let mut steps = Vec::new();
    let mut at = start;
    while at < end && at < horizon {
        let next = match resolution {
            "HOUR" => at.checked_add(SignedDuration::from_hours(1)),
            "DAY" => at.checked_add(SignedDuration::from_hours(24)),
            _ => at
                .to_zoned(TimeZone::UTC)
                .checked_add(Span::new().months(1))
                .map(|next| next.timestamp()),
        };
        let Ok(next) = next else { break };
        steps.push((at, next.duration_since(at).as_secs_f64() / 3_600.0));
        if steps.len() > MAX_STEPS {
            return Err(bad_request("the period is too long for this resolution"));
        }
        at = next;
    }
    Ok(steps)
}

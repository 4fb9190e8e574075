//! The delay that a service asks for in its response headers.
//!
//! Used by the retry loop, the rate limiter and [`Error::retry_after`](crate::Error::retry_after).

use std::time::{Duration, SystemTime};

use ::http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER};

/// Numbers from here on are seconds since 1970, below it seconds from now: services count in both ways.
const MIN_EPOCH_SECONDS: u64 = 1_000_000_000;

/// The wait that a response of this status asks for, the longer of the two ways
/// of saying it.
///
/// `X-RateLimit-Reset` counts only when the limit is what refused the request;
/// it stands on successful responses, too.
pub(crate) fn requested_delay(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if headers.is_empty() || status.is_success() {
        return None;
    }
    let reset = (status == StatusCode::TOO_MANY_REQUESTS)
        .then(|| reset_delay(headers))
        .flatten();
    headers.get(RETRY_AFTER).and_then(retry_after).max(reset)
}

/// `X-RateLimit-Reset`, or the `RateLimit-Reset` of the IETF draft.
pub(crate) fn reset_delay(headers: &HeaderMap) -> Option<Duration> {
    let seconds =
        number(headers, "x-ratelimit-reset").or_else(|| number(headers, "ratelimit-reset"))?;
    Some(from_now(seconds))
}

/// How many requests the service still grants until the reset.
pub(crate) fn remaining_requests(headers: &HeaderMap) -> Option<u64> {
    number(headers, "x-ratelimit-remaining").or_else(|| number(headers, "ratelimit-remaining"))
}

fn number(headers: &HeaderMap, name: &'static str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

fn from_now(seconds: u64) -> Duration {
    if seconds < MIN_EPOCH_SECONDS {
        return Duration::from_secs(seconds);
    }
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .and_then(|at| at.duration_since(SystemTime::now()).ok())
        .unwrap_or_default()
}

/// `Retry-After`: seconds or an HTTP date (RFC 9110 section 10.2.3).
fn retry_after(value: &HeaderValue) -> Option<Duration> {
    let value = value.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn retry_after_takes_the_longer_delay() {
        let headers = headers(&[("retry-after", "3"), ("x-ratelimit-reset", "40")]);
        assert_eq!(
            requested_delay(StatusCode::TOO_MANY_REQUESTS, &headers),
            Some(Duration::from_secs(40))
        );
        assert_eq!(
            requested_delay(StatusCode::SERVICE_UNAVAILABLE, &headers),
            Some(Duration::from_secs(3))
        );
        assert_eq!(requested_delay(StatusCode::OK, &headers), None);
    }

    #[test]
    fn retry_after_counts_dates_from_now_and_ignores_the_past() {
        let future = SystemTime::now() + Duration::from_secs(90);
        let wait = requested_delay(
            StatusCode::SERVICE_UNAVAILABLE,
            &headers(&[("retry-after", &httpdate::fmt_http_date(future))]),
        );
        assert!(
            wait.is_some_and(|wait| (85..=90).contains(&wait.as_secs())),
            "{wait:?}"
        );
        let past = headers(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]);
        assert_eq!(
            requested_delay(StatusCode::SERVICE_UNAVAILABLE, &past),
            Some(Duration::ZERO)
        );
    }

    #[test]
    fn retry_after_reads_a_reset_in_unix_time() {
        let at = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_secs()
            + 30;
        let wait = reset_delay(&headers(&[("x-ratelimit-reset", &at.to_string())])).unwrap();
        assert!((28..=30).contains(&wait.as_secs()), "{wait:?}");
    }

    #[test]
    fn retry_after_ignores_invalid_values() {
        for value in ["soon", "-1", "", "1e3", "99999999999999999999999"] {
            assert_eq!(
                requested_delay(
                    StatusCode::SERVICE_UNAVAILABLE,
                    &headers(&[("retry-after", value)])
                ),
                None
            );
        }
    }
}

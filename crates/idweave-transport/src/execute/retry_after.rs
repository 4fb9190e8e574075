//! The delay that a service asks for in its response headers.
//!
//! Used by the retry loop, the rate limiter and [`Error::retry_after`](crate::Error::retry_after).

use std::time::{Duration, SystemTime};

use ::http::{HeaderMap, HeaderName, StatusCode, header::RETRY_AFTER};

use crate::duration::MAX_REQUESTED_DELAY;

/// Numbers from here on are seconds since 1970, below it seconds from now: services count in both ways.
const MIN_EPOCH_SECONDS: u64 = 1_000_000_000;

// Read from every response; a name that is parsed already is found faster.
static X_RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
static RATE_LIMIT_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
static X_RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RATE_LIMIT_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");

/// The wait that a response of this status asks for, the longer of the two ways
/// of saying it, and at most [`MAX_REQUESTED_DELAY`].
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
    retry_after(headers).max(reset)
}

/// `X-RateLimit-Reset`, or the `RateLimit-Reset` of the IETF draft; at most [`MAX_REQUESTED_DELAY`].
pub(crate) fn reset_delay(headers: &HeaderMap) -> Option<Duration> {
    let seconds =
        number(headers, &X_RATE_LIMIT_RESET).or_else(|| number(headers, &RATE_LIMIT_RESET))?;
    Some(from_now(seconds).min(MAX_REQUESTED_DELAY))
}

/// How many requests the service still grants until the reset.
pub(crate) fn remaining_requests(headers: &HeaderMap) -> Option<u64> {
    number(headers, &X_RATE_LIMIT_REMAINING).or_else(|| number(headers, &RATE_LIMIT_REMAINING))
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    seconds(text(headers, name)?)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}

/// A whole number. A fraction, which some services add, is rounded up, and what is greater than
/// any number counts as the greatest (RFC 9111 section 1.2.2).
fn seconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let part = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    // Digits alone fail to parse only by being too many.
    Some(whole.parse().unwrap_or(u64::MAX).saturating_add(part))
}

fn from_now(seconds: u64) -> Duration {
    if seconds < MIN_EPOCH_SECONDS {
        return Duration::from_secs(seconds);
    }
    // A clock before 1970 makes it a long wait, which the caller shortens.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Duration::from_secs(seconds).saturating_sub(now.unwrap_or_default())
}

/// `Retry-After`: seconds or an HTTP date (RFC 9110 section 10.2.3); at most [`MAX_REQUESTED_DELAY`].
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER)?;
    let delay = match seconds(value) {
        Some(seconds) => Duration::from_secs(seconds),
        None => {
            let date = httpdate::parse_http_date(value).ok()?;
            date.duration_since(SystemTime::now()).unwrap_or_default()
        }
    };
    Some(delay.min(MAX_REQUESTED_DELAY))
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
        for value in [
            "soon", "-1", "+1", "", ".", "1.", ".5", "1.-5", "1e3", "0x10", "1,5",
        ] {
            assert_eq!(
                requested_delay(
                    StatusCode::SERVICE_UNAVAILABLE,
                    &headers(&[("retry-after", value)])
                ),
                None,
                "{value}"
            );
        }
    }

    #[test]
    fn retry_after_is_at_most_an_hour_however_it_is_written() {
        for value in [
            "3601",
            "18446744073709551615",
            "18446744073709551615.9",
            "99999999999999999999999",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            let retry_after = headers(&[("retry-after", value)]);
            assert_eq!(
                requested_delay(StatusCode::SERVICE_UNAVAILABLE, &retry_after),
                Some(MAX_REQUESTED_DELAY),
                "{value}"
            );
        }
        for value in ["1800000000000", "18446744073709551615"] {
            for name in ["x-ratelimit-reset", "ratelimit-reset"] {
                let reset = headers(&[(name, value)]);
                assert_eq!(reset_delay(&reset), Some(MAX_REQUESTED_DELAY), "{value}");
                assert_eq!(
                    requested_delay(StatusCode::TOO_MANY_REQUESTS, &reset),
                    Some(MAX_REQUESTED_DELAY)
                );
            }
        }
    }

    #[test]
    fn retry_after_rounds_a_fraction_up() {
        for (value, seconds) in [
            ("0.0", 0),
            ("0.001", 1),
            ("1.50", 2),
            ("59.999999999999", 60),
        ] {
            assert_eq!(
                requested_delay(
                    StatusCode::SERVICE_UNAVAILABLE,
                    &headers(&[("retry-after", value)])
                ),
                Some(Duration::from_secs(seconds)),
                "{value}"
            );
        }
    }
}

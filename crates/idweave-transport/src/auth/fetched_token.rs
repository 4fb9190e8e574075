//! A token as it was issued: how long it is valid, and when to replace it.

use std::time::{Duration, SystemTime};

use ::http::{HeaderMap, header};

use crate::Credential;

/// How long before its expiry a token is replaced, at most.
const MARGIN: Duration = Duration::from_secs(60);

/// How long a token is used at least, unless the service refuses it.
///
/// One that is over when it comes (`expires_in: 0`, or a clock that is wrong) would otherwise
/// make every call fetch another one, and services lock accounts that log in too often.
pub(super) const MIN_USE: Duration = Duration::from_secs(30);

/// A credential as a token endpoint has issued it.
#[derive(Clone, Debug)]
pub struct FetchedToken {
    credential: Credential,
    lifetime: Option<Duration>,
    margin: Duration,
}

impl FetchedToken {
    /// Creates one from a credential and how long it is valid; without a lifetime it is used until it is refused.
    ///
    /// It is replaced a minute before its expiry, or a tenth of a shorter lifetime, but is
    /// used for half a minute at least: a service that refuses it earlier gets another one then.
    #[must_use]
    pub fn new(credential: Credential, lifetime: Option<Duration>) -> Self {
        let margin = lifetime.map_or(MARGIN, |lifetime| (lifetime / 10).min(MARGIN));
        Self {
            credential,
            lifetime,
            margin,
        }
    }

    /// Creates one from a credential and the time of its expiry by the service's clock.
    ///
    /// The lifetime counts from the `Date` of the response that brought it, else from
    /// `issued` (the `iat` of a JWT), else from this machine's clock. So it is right where
    /// this machine's clock is wrong.
    #[must_use]
    pub fn expiring_at(
        credential: Credential,
        expiry: SystemTime,
        headers: &HeaderMap,
        issued: Option<SystemTime>,
    ) -> Self {
        let now = date(headers).or(issued).unwrap_or_else(SystemTime::now);
        let lifetime = expiry.duration_since(now).unwrap_or_default();
        Self::new(credential, Some(lifetime))
    }

    /// Sets how long before its expiry the credential is replaced.
    #[must_use]
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// Returns the credential.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// After how long it is replaced.
    pub(super) fn renew_after(&self) -> Option<Duration> {
        self.lifetime
            .map(|lifetime| lifetime.saturating_sub(self.margin).max(MIN_USE))
    }

    /// After how long it has expired.
    pub(super) fn expires_after(&self) -> Option<Duration> {
        self.lifetime
    }

    pub(super) fn into_credential(self) -> Credential {
        self.credential
    }
}

/// When a response was sent, by the clock of its sender (RFC 9110 section 6.6.1).
fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn credential() -> Credential {
        Credential::plain(&"t".into()).unwrap()
    }

    #[test]
    fn token_is_used_for_half_a_minute_at_least() {
        for (lifetime, renewed) in [
            (0, 30),
            (1, 30),
            (30, 30),
            (60, 54),
            (3_600, 3_540),
            (u64::MAX, u64::MAX - 60),
        ] {
            let token = FetchedToken::new(credential(), Some(Duration::from_secs(lifetime)));
            assert_eq!(
                token.renew_after().map(|after| after.as_secs()),
                Some(renewed),
                "{lifetime}"
            );
        }
        let margin = Duration::MAX;
        let token = FetchedToken::new(credential(), Some(Duration::MAX)).with_margin(margin);
        assert_eq!(token.renew_after(), Some(MIN_USE));
        assert_eq!(
            FetchedToken::new(credential(), None).renew_after(),
            None,
            "used until it is refused"
        );
    }

    #[test]
    fn lifetime_counts_from_the_services_clock_where_it_is_known() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let dated = HeaderMap::from_iter([(
            header::DATE,
            // RFC 9110, section 5.6.7: its example is 784,111,777 seconds after 1970.
            "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap(),
        )]);
        let none = HeaderMap::new();
        let broken = HeaderMap::from_iter([(header::DATE, "yesterday".parse().unwrap())]);
        let lifetime = |expiry, headers: &HeaderMap, issued| {
            FetchedToken::expiring_at(credential(), expiry, headers, issued).lifetime
        };
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3_600));
        let issued = Some(at(784_111_777 - 3_600));
        let expiry = at(784_111_777 + 3_600);
        assert_eq!(lifetime(expiry, &dated, issued), hours(1));
        assert_eq!(lifetime(expiry, &none, issued), hours(2));
        assert_eq!(lifetime(expiry, &broken, issued), hours(2));
        assert_eq!(
            lifetime(expiry, &none, None),
            hours(0),
            "long ago by our clock"
        );
        assert_eq!(lifetime(at(0), &dated, None), hours(0));
    }
}

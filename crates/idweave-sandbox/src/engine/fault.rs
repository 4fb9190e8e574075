//! Faults on demand: what goes wrong, for which calls, how often.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One thing that goes wrong. It holds for every call until narrowed down:
///
/// ```
/// use idweave_sandbox::Fault;
/// use std::time::Duration;
/// let busy = Fault::on("authress").operation("getUsers").status(503).retry_after(1).times(2);
/// let slow = Fault::on("docspace").rate(0.1).delay(Duration::from_millis(200));
/// let lost = Fault::on("enhance").operation("createInvite").reset_after().times(1);
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    service: Option<String>,
    operation: Option<String>,
    times: Option<u64>,
    skip: u64,
    rate: Option<f64>,
    status: Option<u16>,
    retry_after: Option<u64>,
    delay_ms: Option<u64>,
    stall: bool,
    reset: Option<Reset>,
    truncate: bool,
    malformed: bool,
    content_type: Option<String>,
    body: Option<String>,
    page: Option<Page>,
}

/// When the connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reset {
    Before,
    After,
    During,
}

/// Which page is answered instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Page {
    Duplicate,
    Missing,
}

impl Fault {
    /// A fault of one service: `docspace`, `authress`, `ostrom` or `enhance`.
    pub fn on(service: impl Into<String>) -> Self {
        Self {
            service: Some(service.into()),
            ..Self::default()
        }
    }

    /// A fault of every service.
    pub fn anywhere() -> Self {
        Self::default()
    }

    /// Only for this vendor operation id.
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Only for so many calls, then never again.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only after so many matching calls went well.
    pub fn skip(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// Only for this share of the calls, 0 to 1, spread the same way in every run.
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Answer this status, in the service's own error form; nothing takes effect.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Add `Retry-After` with so many seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Answer later, by real time.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay_ms = Some(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Handle the call, then never answer.
    pub fn stall(mut self) -> Self {
        self.stall = true;
        self
    }

    /// Reset the connection before the call takes effect.
    pub fn reset_before(mut self) -> Self {
        self.reset = Some(Reset::Before);
        self
    }

    /// Reset the connection after the call took effect.
    pub fn reset_after(mut self) -> Self {
        self.reset = Some(Reset::After);
        self
    }

    /// Announce the whole body, send half of it and reset the connection.
    pub fn reset_during(mut self) -> Self {
        self.reset = Some(Reset::During);
        self
    }

    /// Announce the whole body, send half of it and close.
    pub fn truncate(mut self) -> Self {
        self.truncate = true;
        self
    }

    /// Send a body that is no JSON, its length being right.
    pub fn malformed(mut self) -> Self {
        self.malformed = true;
        self
    }

    /// Say another content type than the body has.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Send this body instead.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Answer a list's page before the one that was asked for.
    pub fn duplicate_page(mut self) -> Self {
        self.page = Some(Page::Duplicate);
        self
    }

    /// Answer a list's page after the one that was asked for.
    pub fn missing_page(mut self) -> Self {
        self.page = Some(Page::Missing);
        self
    }

    fn matches(&self, service: &str, operation: &str) -> bool {
        self.service.as_deref().is_none_or(|own| own == service)
            && self.operation.as_deref().is_none_or(|own| own == operation)
            && self.times != Some(0)
    }
}

/// What goes wrong with one call: every fault that holds for it, put together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble {
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) delay: Option<Duration>,
    pub(crate) stall: bool,
    pub(crate) reset: Option<Reset>,
    pub(crate) truncate: bool,
    pub(crate) malformed: bool,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) page: Option<Page>,
}

impl Trouble {
    /// What another fault adds; where both say something, the later one holds.
    pub(crate) fn add(&mut self, fault: &Fault) {
        self.status = fault.status.or(self.status);
        self.retry_after = fault.retry_after.or(self.retry_after);
        self.delay = fault.delay_ms.map(Duration::from_millis).or(self.delay);
        self.stall |= fault.stall;
        self.reset = fault.reset.or(self.reset);
        self.truncate |= fault.truncate;
        self.malformed |= fault.malformed;
        self.content_type = fault.content_type.clone().or(self.content_type.take());
        self.body = fault.body.clone().or(self.body.take());
        self.page = fault.page.or(self.page);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    faults: Vec<Fault>,
    draws: u64,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Inner::default();
    }

    pub(crate) fn all(&self) -> Vec<Fault> {
        self.lock().faults.clone()
    }

    /// The trouble of the next call of this operation; counts it against `times` and `skip`.
    pub(crate) fn draw(&self, service: &str, operation: &str) -> Option<Trouble> {
        let mut inner = self.lock();
        let Inner { faults, draws } = &mut *inner;
        if faults.is_empty() {
            return None;
        }
        let mut trouble = None::<Trouble>;
        for fault in faults
            .iter_mut()
            .filter(|fault| fault.matches(service, operation))
        {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if let Some(rate) = fault.rate {
                *draws += 1;
                // Golden-ratio steps: evenly spread, and the same in every run.
                let spot = (*draws as f64 * 0.618_033_988_749_894_9).fract();
                if spot >= rate {
                    continue;
                }
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            trouble.get_or_insert_default().add(fault);
        }
        faults.retain(|fault| fault.times != Some(0));
        trouble
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_ends_after_its_times_and_starts_after_its_skip() {
        let faults = Faults::default();
        faults.add(
            Fault::on("authress")
                .operation("getUser")
                .status(503)
                .skip(1)
                .times(2),
        );
        let seen: Vec<bool> = (0..5)
            .map(|_| faults.draw("authress", "getUser").is_some())
            .collect();
        assert_eq!(seen, [false, true, true, false, false]);
        assert!(faults.all().is_empty());
    }

    #[test]
    fn a_rate_of_a_tenth_hits_a_tenth() {
        let faults = Faults::default();
        faults.add(Fault::anywhere().rate(0.1).status(500));
        let hits = (0..1000)
            .filter(|_| faults.draw("x", "y").is_some())
            .count();
        assert!((95..=105).contains(&hits), "{hits}");
    }
}

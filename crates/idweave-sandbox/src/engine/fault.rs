//! Faults on demand: which failure, for which calls, how often.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A failure to inject. It applies to every call until narrowed down:
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
    reset: Option<ResetPoint>,
    truncate: bool,
    malformed: bool,
    content_type: Option<String>,
    body: Option<String>,
    page: Option<PageFault>,
}

/// When the connection is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResetPoint {
    Before,
    After,
    During,
}

/// Which page of a list is returned instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageFault {
    Duplicate,
    Missing,
}

impl Fault {
    /// Creates a fault of one service: `docspace`, `authress`, `ostrom` or `enhance`.
    pub fn on(service: impl Into<String>) -> Self {
        Self {
            service: Some(service.into()),
            ..Self::default()
        }
    }

    /// Creates a fault of every service.
    pub fn anywhere() -> Self {
        Self::default()
    }

    /// Limits the fault to this vendor operation id.
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Limits the fault to so many calls, after which it is removed.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many matching calls pass first.
    pub fn skip(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// Limits the fault to this share of the calls, 0 to 1, spread the same way in every run.
    pub fn rate(mut self, rate: f64) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Responds with this status, in the service's own error form; nothing takes effect.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds `Retry-After` with so many seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Delays the response, by real time.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay_ms = Some(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Handles the call, then never responds.
    pub fn stall(mut self) -> Self {
        self.stall = true;
        self
    }

    /// Resets the connection before the call takes effect.
    pub fn reset_before(mut self) -> Self {
        self.reset = Some(ResetPoint::Before);
        self
    }

    /// Resets the connection after the call took effect.
    pub fn reset_after(mut self) -> Self {
        self.reset = Some(ResetPoint::After);
        self
    }

    /// Announces the whole body, sends half of it and resets the connection.
    pub fn reset_during(mut self) -> Self {
        self.reset = Some(ResetPoint::During);
        self
    }

    /// Announces the whole body, sends half of it and closes the connection.
    pub fn truncate(mut self) -> Self {
        self.truncate = true;
        self
    }

    /// Sends a body that is not valid JSON, with the right length.
    pub fn malformed(mut self) -> Self {
        self.malformed = true;
        self
    }

    /// Sends another content type than the body has.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Sends this body instead.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Returns the page of a list before the requested one.
    pub fn duplicate_page(mut self) -> Self {
        self.page = Some(PageFault::Duplicate);
        self
    }

    /// Returns the page of a list after the requested one.
    pub fn missing_page(mut self) -> Self {
        self.page = Some(PageFault::Missing);
        self
    }

    fn matches(&self, service: &str, operation: &str) -> bool {
        self.service
            .as_deref()
            .is_none_or(|wanted| wanted == service)
            && self
                .operation
                .as_deref()
                .is_none_or(|wanted| wanted == operation)
            && self.times != Some(0)
    }
}

/// The fault of one call: every fault that applies to it, combined.
#[derive(Clone, Debug, Default)]
pub(crate) struct ActiveFault {
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) delay: Option<Duration>,
    pub(crate) stall: bool,
    pub(crate) reset: Option<ResetPoint>,
    pub(crate) truncate: bool,
    pub(crate) malformed: bool,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) page: Option<PageFault>,
}

impl ActiveFault {
    /// Adds another fault; where both set a value, the later one wins.
    pub(crate) fn merge(&mut self, fault: &Fault) {
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

/// The faults that were added to a sandbox.
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

    /// Returns the fault of the next call of this operation; counts it against `times` and `skip`.
    pub(crate) fn next_fault(&self, service: &str, operation: &str) -> Option<ActiveFault> {
        let mut inner = self.lock();
        let Inner { faults, draws } = &mut *inner;
        if faults.is_empty() {
            return None;
        }
        let mut active = None::<ActiveFault>;
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
                let position = (*draws as f64 * 0.618_033_988_749_894_9).fract();
                if position >= rate {
                    continue;
                }
            }
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            active.get_or_insert_default().merge(fault);
        }
        faults.retain(|fault| fault.times != Some(0));
        active
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_starts_after_its_skip_and_ends_after_its_times() {
        let faults = Faults::default();
        faults.add(
            Fault::on("authress")
                .operation("getUser")
                .status(503)
                .skip(1)
                .times(2),
        );
        let hits: Vec<bool> = (0..5)
            .map(|_| faults.next_fault("authress", "getUser").is_some())
            .collect();
        assert_eq!(hits, [false, true, true, false, false]);
        assert!(faults.all().is_empty());
    }

    #[test]
    fn fault_rate_of_a_tenth_applies_to_a_tenth_of_the_calls() {
        let faults = Faults::default();
        faults.add(Fault::anywhere().rate(0.1).status(500));
        let hits = (0..1000)
            .filter(|_| faults.next_fault("x", "y").is_some())
            .count();
        assert!((95..=105).contains(&hits), "{hits}");
    }
}

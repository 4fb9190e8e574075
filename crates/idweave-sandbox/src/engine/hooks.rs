//! Faults chosen call by call, by a test that also needs the outcome of each call.
//!
//! A [`Fault`] added to a sandbox applies to whatever call comes next; under concurrency that is
//! another one in every run. A [`FaultController`] sees each call first, for instance a header that
//! names the operation of the test it belongs to, and decides by that.

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Method};

use crate::engine::fault::Fault;

/// A call that has arrived.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallInfo<'a> {
    /// `docspace`, `authress`, `ostrom` or `enhance`.
    pub service: &'static str,
    /// The vendor's operation id; `None` for an unknown path or a web page.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: &'a Method,
    /// The path as it was sent, still percent-encoded.
    pub path: &'a str,
    /// The headers as they were sent, credentials included.
    pub headers: &'a HeaderMap,
}

/// The outcome of a call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallOutcome {
    /// Whether it was carried out: a handler ran and returned no error.
    pub effect: bool,
    /// The status of the response; `None` when a fault leaves the call without one.
    pub status: Option<u16>,
}

/// Decides which fault each call meets, and is told the outcome.
pub trait FaultController: Send + Sync + 'static {
    /// Returns the fault of this call, in addition to the faults that were added to the sandbox;
    /// its `times`, `skip` and `rate` are ignored.
    fn on_request(&self, call: CallInfo<'_>) -> Option<Fault>;

    /// Receives the outcome of a call, before the response is sent.
    fn on_response(&self, call: CallInfo<'_>, outcome: CallOutcome) {
        let _ = (call, outcome);
    }
}

/// The fault controller of a sandbox, if one was set.
#[derive(Default)]
pub(crate) struct Hooks(OnceLock<Arc<dyn FaultController>>);

impl Hooks {
    /// Returns false when a controller was set before.
    pub(crate) fn set(&self, controller: Arc<dyn FaultController>) -> bool {
        self.0.set(controller).is_ok()
    }

    pub(crate) fn get(&self) -> Option<&dyn FaultController> {
        self.0.get().map(AsRef::as_ref)
    }
}

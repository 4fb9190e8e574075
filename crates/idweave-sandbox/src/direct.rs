//! Faults chosen call by call, by a test that also wants to know what came of each call.
//!
//! [`Fault`]s added to a sandbox hold for whatever call comes next; under concurrency that is
//! another one in every run. A [`Director`] sees the call first, for instance a header that names
//! the operation of the test it belongs to, and decides by that.

use std::sync::{Arc, OnceLock};

use http::{HeaderMap, Method};

use crate::fault::Fault;

/// A call that has arrived.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// `docspace`, `authress`, `ostrom` or `enhance`.
    pub service: &'static str,
    /// The vendor's operation id; none when the path led nowhere or to a web page.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: &'a Method,
    /// The path as it was sent, still percent-encoded.
    pub path: &'a str,
    /// The headers as they were sent, credentials included.
    pub headers: &'a HeaderMap,
}

/// What came of a call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// Whether it was carried out: a handler ran and did not refuse.
    pub effect: bool,
    /// The status that is answered; none when a fault leaves the call without one.
    pub status: Option<u16>,
}

/// Decides what goes wrong with each call, and hears what came of it.
pub trait Director: Send + Sync + 'static {
    /// What goes wrong with this call, besides the faults that were added; `times`, `skip` and
    /// `rate` of it mean nothing here.
    fn fault(&self, call: Call<'_>) -> Option<Fault>;

    /// The call was handled; told before the answer leaves.
    fn handled(&self, call: Call<'_>, outcome: Outcome) {
        let _ = (call, outcome);
    }
}

/// Where a sandbox keeps its director.
#[derive(Default)]
pub(crate) struct Direction(OnceLock<Arc<dyn Director>>);

impl Direction {
    /// False when there is one already.
    pub(crate) fn set(&self, director: Arc<dyn Director>) -> bool {
        self.0.set(director).is_ok()
    }

    pub(crate) fn get(&self) -> Option<&dyn Director> {
        self.0.get().map(AsRef::as_ref)
    }
}

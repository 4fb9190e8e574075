//! Injects faults and records attempts in the sandbox.
//!
//! Every attempt has a header with the number of its operation. Whether it fails depends on the
//! seed, this number and the number of earlier attempts, so that the faults of a run do not depend
//! on the order in which calls arrive.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use idweave_sandbox::{CallInfo, CallOutcome, Fault, FaultController};
use tokio::sync::Notify;

/// The header with the number of the operation.
pub const MARK: &str = "x-chaos-operation";

/// Attempts without the header: requests for tokens and logins.
pub const UNMARKED: u64 = u64::MAX;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultKind {
    Busy,
    BusyAfter(u64),
    Broken,
    Unavailable,
    BadGatewayPage,
    ResetBefore,
    ResetAfter,
    ResetDuring,
    CutOff,
    HalfJson,
    Page,
    Stall,
}

impl FaultKind {
    /// All kinds, in the order of the report.
    pub const ALL: [Self; 13] = [
        Self::Busy,
        Self::BusyAfter(0),
        Self::BusyAfter(1),
        Self::Broken,
        Self::Unavailable,
        Self::BadGatewayPage,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::ResetDuring,
        Self::CutOff,
        Self::HalfJson,
        Self::Page,
        Self::Stall,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "429",
            Self::BusyAfter(0) => "429, Retry-After: 0",
            Self::BusyAfter(_) => "429, Retry-After: 1",
            Self::Broken => "500",
            Self::Unavailable => "503",
            Self::BadGatewayPage => "502 with HTML",
            Self::ResetBefore => "reset before it is carried out",
            Self::ResetAfter => "reset after it was carried out",
            Self::ResetDuring => "reset within the body",
            Self::CutOff => "closed within the body",
            Self::HalfJson => "truncated JSON",
            Self::Page => "200 with HTML",
            Self::Stall => "no response",
        }
    }

    /// Whether the response of the service does not arrive as it was sent.
    pub fn loses_response(self) -> bool {
        !matches!(
            self,
            Self::Busy | Self::BusyAfter(_) | Self::Broken | Self::Unavailable
        )
    }

    fn fault(self) -> Fault {
        const PAGE: &str = "<!doctype html><title>Maintenance</title><h1>Back soon</h1>";
        let page = || Fault::anywhere().body(PAGE).content_type("text/html");
        let fault = Fault::anywhere();
        match self {
            Self::Busy => fault.status(429),
            Self::BusyAfter(seconds) => fault.status(429).retry_after(seconds),
            Self::Broken => fault.status(500),
            Self::Unavailable => fault.status(503),
            Self::BadGatewayPage => page().status(502),
            Self::ResetBefore => fault.reset_before(),
            Self::ResetAfter => fault.reset_after(),
            Self::ResetDuring => fault.reset_during(),
            Self::CutOff => fault.truncate(),
            Self::HalfJson => fault.malformed(),
            Self::Page => page(),
            Self::Stall => fault.stall(),
        }
    }

    /// Selects a kind by 64 random bits. One 429 in twenty asks to wait for a second.
    fn pick(bits: u64) -> Self {
        match bits % 12 {
            0 => Self::Busy,
            1 => Self::BusyAfter(u64::from((bits >> 32).is_multiple_of(20))),
            2 => Self::Broken,
            3 => Self::Unavailable,
            4 => Self::BadGatewayPage,
            5 => Self::ResetBefore,
            6 => Self::ResetAfter,
            7 => Self::ResetDuring,
            8 => Self::CutOff,
            9 => Self::HalfJson,
            10 => Self::Page,
            _ => Self::Stall,
        }
    }
}

/// An attempt as the sandbox recorded it.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    pub operation: &'static str,
    pub fault: Option<FaultKind>,
    /// Whether the sandbox carried out the call.
    pub effect: bool,
    pub status: Option<u16>,
    pub at: Instant,
}

/// Selects the faults and records the attempts.
pub struct FaultInjector {
    seed: u64,
    rate: f64,
    armed: AtomicBool,
    shards: Vec<Mutex<HashMap<u64, Vec<Attempt>>>>,
    watched: Mutex<HashMap<u64, Watch>>,
}

/// What waits for an operation's attempts: their number, and whom to tell.
type Watch = (usize, Arc<Notify>);

thread_local! {
    // Both hooks of a call run on one thread, one after the other.
    static CURRENT: Cell<Option<FaultKind>> = const { Cell::new(None) };
}

impl FaultInjector {
    pub fn new(seed: u64, rate: f64) -> Self {
        Self {
            seed,
            rate,
            armed: AtomicBool::new(false),
            shards: (0..64).map(|_| Mutex::default()).collect(),
            watched: Mutex::default(),
        }
    }

    /// Switches the faults on or off.
    pub fn arm(&self, armed: bool) {
        self.armed.store(armed, Ordering::SeqCst);
    }

    /// Returns the attempts of an operation, oldest first.
    pub fn attempts(&self, mark: u64) -> Vec<Attempt> {
        self.shard(mark).get(&mark).cloned().unwrap_or_default()
    }

    /// Returns what is notified when so many attempts of an operation have been handled.
    pub fn watch(&self, mark: u64, attempts: usize) -> Arc<Notify> {
        let handled = Arc::new(Notify::new());
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.insert(mark, (attempts, handled.clone()));
        handled
    }

    fn shard(&self, mark: u64) -> std::sync::MutexGuard<'_, HashMap<u64, Vec<Attempt>>> {
        let shard = &self.shards[(mark % 64) as usize];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn mark(call: &CallInfo<'_>) -> u64 {
    let text = call.headers.get(MARK).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(UNMARKED)
}

impl FaultController for FaultInjector {
    fn on_request(&self, call: CallInfo<'_>) -> Option<Fault> {
        CURRENT.set(None);
        call.operation
            .filter(|_| self.armed.load(Ordering::SeqCst))?;
        let mark = mark(&call);
        let before = self.shard(mark).get(&mark).map_or(0, Vec::len) as u64;
        let bits = mix(self.seed ^ mix(mark ^ mix(before)));
        let fault = (fraction(bits) < self.rate).then(|| FaultKind::pick(mix(bits)));
        CURRENT.set(fault);
        fault.map(FaultKind::fault)
    }

    fn on_response(&self, call: CallInfo<'_>, outcome: CallOutcome) {
        let Some(operation) = call.operation.filter(|_| self.armed.load(Ordering::SeqCst)) else {
            return;
        };
        let mark = mark(&call);
        let attempt = Attempt {
            operation,
            fault: CURRENT.take(),
            effect: outcome.effect,
            status: outcome.status,
            at: Instant::now(),
        };
        let handled = {
            let mut shard = self.shard(mark);
            let attempts = shard.entry(mark).or_default();
            attempts.push(attempt);
            attempts.len()
        };
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((attempts, notify)) = watched.get(&mark)
            && handled >= *attempts
        {
            notify.notify_one();
        }
    }
}

/// Mixes 64 bits (splitmix64).
pub fn mix(bits: u64) -> u64 {
    let mut x = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Converts 64 bits to a number of [0, 1).
pub fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

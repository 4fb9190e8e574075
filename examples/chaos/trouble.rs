//! What goes wrong, with which call, and what came of it: the sandbox's side of the run.
//!
//! Every attempt carries the number of the operation it belongs to in a header. Whether an attempt
//! fails follows from the seed, that number and how many attempts came before, so that a run's
//! faults do not depend on the order in which its calls happen to arrive.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use idweave_sandbox::{CallInfo, CallOutcome, Fault, FaultController};

/// The header that names the operation.
pub const MARK: &str = "x-chaos-operation";

/// Attempts without the header: requests for tokens and logins.
pub const UNMARKED: u64 = u64::MAX;

/// One way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trouble {
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

impl Trouble {
    /// All of them, as the report lists them.
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
            Self::ResetDuring => "reset in mid body",
            Self::CutOff => "closed in mid body",
            Self::HalfJson => "truncated JSON",
            Self::Page => "200 with HTML",
            Self::Stall => "no response",
        }
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

    /// Picks one by 64 random bits. Only one 429 in twenty asks for a whole second.
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

/// One attempt as the sandbox saw it.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    pub operation: &'static str,
    pub trouble: Option<Trouble>,
    /// Whether it was carried out.
    pub effect: bool,
    pub status: Option<u16>,
    pub at: Instant,
}

/// Chooses the faults and writes down what arrives.
pub struct Chaos {
    seed: u64,
    rate: f64,
    armed: AtomicBool,
    shards: Vec<Mutex<HashMap<u64, Vec<Arrival>>>>,
}

thread_local! {
    // A call's fault is asked for and its outcome told on one thread, one after the other.
    static CURRENT: Cell<Option<Trouble>> = const { Cell::new(None) };
}

impl Chaos {
    pub fn new(seed: u64, rate: f64) -> Self {
        Self {
            seed,
            rate,
            armed: AtomicBool::new(false),
            shards: (0..64).map(|_| Mutex::default()).collect(),
        }
    }

    /// Begins or ends the trouble.
    pub fn arm(&self, armed: bool) {
        self.armed.store(armed, Ordering::SeqCst);
    }

    /// What arrived for an operation, oldest first.
    pub fn arrivals(&self, mark: u64) -> Vec<Arrival> {
        self.shard(mark).get(&mark).cloned().unwrap_or_default()
    }

    fn shard(&self, mark: u64) -> std::sync::MutexGuard<'_, HashMap<u64, Vec<Arrival>>> {
        let shard = &self.shards[(mark % 64) as usize];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn mark(call: &CallInfo<'_>) -> u64 {
    let text = call.headers.get(MARK).and_then(|value| value.to_str().ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(UNMARKED)
}

impl FaultController for Chaos {
    fn on_request(&self, call: CallInfo<'_>) -> Option<Fault> {
        CURRENT.set(None);
        call.operation
            .filter(|_| self.armed.load(Ordering::SeqCst))?;
        let mark = mark(&call);
        let before = self.shard(mark).get(&mark).map_or(0, Vec::len) as u64;
        let bits = mix(self.seed ^ mix(mark ^ mix(before)));
        let trouble = (fraction(bits) < self.rate).then(|| Trouble::pick(mix(bits)));
        CURRENT.set(trouble);
        trouble.map(Trouble::fault)
    }

    fn on_response(&self, call: CallInfo<'_>, outcome: CallOutcome) {
        let Some(operation) = call.operation.filter(|_| self.armed.load(Ordering::SeqCst)) else {
            return;
        };
        let mark = mark(&call);
        self.shard(mark).entry(mark).or_default().push(Arrival {
            operation,
            trouble: CURRENT.take(),
            effect: outcome.effect,
            status: outcome.status,
            at: Instant::now(),
        });
    }
}

/// Scatters 64 bits (splitmix64).
pub fn mix(bits: u64) -> u64 {
    let mut x = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// 64 bits as a number of [0, 1).
pub fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

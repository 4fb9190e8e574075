//! The settings of a run.

use std::time::Duration;

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    pub operations: u64,
    /// Operations and faults follow from it.
    pub seed: u64,
    /// The share of attempts that fail.
    pub faults: f64,
    /// The operations under way at once.
    pub concurrency: usize,
    /// After which silence a client gives an attempt up.
    pub stall: Duration,
    /// The parts of the run; between them time goes by, and all tokens expire.
    pub epochs: usize,
}

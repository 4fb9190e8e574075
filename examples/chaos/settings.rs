//! The settings of a run.

use std::time::Duration;

/// The settings of a run.
#[derive(Clone, Debug)]
pub struct Settings {
    pub operations: u64,
    /// Determines operations and faults.
    pub seed: u64,
    /// The share of attempts that fail.
    pub faults: f64,
    /// The share of operations that their caller drops.
    pub cancellations: f64,
    /// How many operations run at once.
    pub concurrency: usize,
    /// How long a client waits for a silent server.
    pub stall: Duration,
    /// The number of parts of the run; between them all tokens expire.
    pub epochs: usize,
}

//! The run behind `cargo run --example chaos` and the test of the same name: operations against four
//! services that fail all the time, and the verification of each.

#![allow(missing_docs, unreachable_pub)]

pub mod cancellation;
pub mod environment;
pub mod faults;
pub mod judge;
pub mod operation;
pub mod operations;
pub mod report;
mod run;
mod settings;
pub mod state;

pub use run::run;
pub use settings::Settings;

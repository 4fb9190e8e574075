//! Runs many operations against four failing services: none may be lost, none doubled.
//!
//! ```text
//! cargo run --release --example chaos -- --operations 100000
//! ```
//!
//! One attempt in ten has a fault: 429 with and without `Retry-After`, 500, 503, a connection reset
//! before or after the call was carried out or within the body, a truncated response, HTML, or no
//! response. One operation in thirty is dropped by its caller, before its request is sent, on its
//! way, or when it has been carried out: either outcome is right then. The outcome of each operation is compared with what the sandbox recorded, and with the
//! state of the services afterwards:
//!
//! - *lost*: it may be repeated and failed although attempts were left, or it is reported as done
//!   and has no effect;
//! - *doubled*: it may not be repeated and took effect twice;
//! - *wrong*: the result or the error is incorrect, or a call that may have taken effect was sent
//!   again.
//!
//! The last line has the numbers, and the program fails if one of them is not zero.

#[path = "chaos/mod.rs"]
mod chaos;

use std::{process::ExitCode, time::Duration};

use clap::Parser;

/// Tests the clients against failing services.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many operations
    #[arg(long, default_value_t = 100_000)]
    operations: u64,
    /// Determines operations and faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The share of attempts that have a fault, 0 to 1
    #[arg(long, default_value_t = 0.1)]
    faults: f64,
    /// The share of operations that their caller drops, 0 to 1
    #[arg(long, default_value_t = 0.033)]
    cancellations: f64,
    /// How many operations run at once
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    /// Milliseconds that a client waits for a silent server
    #[arg(long, default_value_t = 1_000)]
    stall: u64,
    /// Print the counts as one JSON line instead of tables
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let settings = chaos::Settings {
        operations: arguments.operations,
        seed: arguments.seed,
        faults: arguments.faults.clamp(0.0, 1.0),
        cancellations: arguments.cancellations.clamp(0.0, 1.0),
        concurrency: arguments.concurrency.max(1),
        stall: Duration::from_millis(arguments.stall),
        epochs: 8,
    };
    let report = match chaos::run(settings).await {
        Ok(report) => report,
        Err(error) => {
            eprintln!("chaos: {error}");
            return ExitCode::FAILURE;
        }
    };
    if arguments.json {
        println!("{}", report.json());
    } else {
        println!("{report}");
    }
    println!("{}", report.verdict());
    if report.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

//! Many operations against four services that fail all the time: none may be lost, none doubled.
//!
//! ```text
//! cargo run --release --example chaos -- --operations 100000
//! ```
//!
//! One call in ten meets a fault: 429 with and without `Retry-After`, 500, 503, a connection reset
//! before or after the call was carried out or in mid body, half a response, HTML, silence. Each
//! operation's outcome is compared with what the sandbox did for it and with what the services
//! hold afterwards:
//!
//! - *lost*: it may be repeated and failed although attempts were left, or it is said to be done
//!   and is not there;
//! - *doubled*: it may not be repeated and took effect twice;
//! - *wrong*: the result or the error is another than the right one, or something that may have
//!   had its effect was sent again.
//!
//! The last line says how many there were, and the program fails if there was one.

#[path = "chaos/mod.rs"]
mod chaos;

use std::{process::ExitCode, time::Duration};

use clap::Parser;

/// Tests the client against services that fail all the time.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many operations
    #[arg(long, default_value_t = 100_000)]
    operations: u64,
    /// What operations and faults follow from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The share of attempts that meet a fault, 0 to 1
    #[arg(long, default_value_t = 0.1)]
    faults: f64,
    /// Operations under way at once
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
    /// Milliseconds of silence after which a client gives an attempt up
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

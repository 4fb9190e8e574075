//! `cargo xtask`: the maintainer's commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Maintenance tasks of idweave.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate the low-level clients from specs/, or a stand-alone crate from any OpenAPI document
    Codegen(xtask::codegen::Args),
    /// Import, show, verify, lint and compare the documents of specs/
    Specs(xtask::specs::Args),
    /// Write docs/capabilities.md from the code
    Capabilities(xtask::tasks::CapabilitiesArgs),
    /// Check the habits of the code base: cycles of modules, words, file lengths
    Tidy(xtask::tidy::Args),
    /// Compare a call with reqwest by hand
    Bench,
    /// Run what CI runs
    Ci,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().command {
        Command::Codegen(args) => xtask::codegen::run(&args),
        Command::Specs(args) => xtask::specs::run(&args),
        Command::Capabilities(args) => xtask::tasks::capabilities(&args),
        Command::Tidy(args) => xtask::tidy::run(&args),
        Command::Bench => xtask::tasks::bench(),
        Command::Ci => xtask::tasks::ci(),
    }
}

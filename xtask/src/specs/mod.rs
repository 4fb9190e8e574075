//! `cargo xtask specs`: keeps `specs/` in step with the vendors' documents.

pub mod add;
pub mod compare;
pub mod contract;
pub mod coverage;
pub mod diff;
pub mod extract;
pub mod generation;
pub mod import;
pub mod lint;
pub mod select;
pub mod services;
mod table;
pub mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::openapi::service::Service;
use crate::openapi::{Error, Result, emit};
use generation::generate;
use services::{chosen, default_specs, folder};

/// Arguments of `cargo xtask specs`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The folder of the services
    #[arg(long, global = true, value_name = "DIR")]
    pub specs: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Import a vendor's document: select, prune, remove descriptions; overlay and selection stay
    Import(import::Args),
    /// Print the effective document, overlay applied, as JSON
    Show {
        /// The service: a folder of specs/
        service: String,
        /// Print YAML instead
        #[arg(long)]
        yaml: bool,
    },
    /// List where the effective document differs from the vendor's, and which overlay action explains it
    Verify(verify::Args),
    /// List what is wrong in specs/ itself, by operation and JSON pointer
    Lint {
        /// One service instead of all
        service: Option<String>,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Count what is selected, generated and left out; fail when a required operation is missing
    Coverage {
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a service from a vendor's document: folder, crate, workspace line
    Add(add::Args),
    /// List breaking and compatible changes between two documents, operation by operation
    Diff {
        /// The older document: a file, or a service of specs/
        old: String,
        /// The newer one
        new: String,
        /// Fail when a change is breaking
        #[arg(long)]
        check: bool,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs one `specs` command; what it finds wrong and errors make the exit code 1.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    match dispatch(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command; returns whether everything is in order.
fn dispatch(args: &Args) -> Result<bool> {
    let specs = args.specs.clone().unwrap_or_else(default_specs);
    match &args.command {
        Command::Import(args) => {
            let report = import::import(&folder(&specs, &args.service)?, args)?;
            print!(
                "{}",
                if args.json {
                    json(&report)
                } else {
                    report.to_string()
                }
            );
            Ok(true)
        }
        Command::Show { service, yaml } => {
            let effective = Service::load(&folder(&specs, service)?)?.effective()?;
            print(if *yaml {
                emit::yaml(&effective)
            } else {
                json(&effective)
            })
        }
        Command::Verify(args) => {
            let report = verify::verify(&Service::load(&folder(&specs, &args.service)?)?, args)?;
            print(if args.json {
                json(&report)
            } else {
                report.to_string()
            })?;
            Ok(report.unexplained == 0)
        }
        Command::Lint {
            service,
            json: as_json,
        } => {
            let services = chosen(&specs, service.as_deref())?;
            let reports = services
                .iter()
                .map(|s| lint::lint(s, &generate))
                .collect::<Result<Vec<_>>>()?;
            let text = reports.iter().map(ToString::to_string).collect::<String>();
            print(if *as_json { json(&reports) } else { text })?;
            Ok(reports.iter().all(|r| r.errors() == 0))
        }
        Command::Coverage { json: as_json } => {
            let report = coverage::coverage(&chosen(&specs, None)?, &generate)?;
            print(if *as_json {
                json(&report)
            } else {
                report.to_string()
            })?;
            Ok(report.is_complete())
        }
        Command::Add(args) => {
            let report = add::add(&specs, args)?;
            print(if args.json {
                json(&report)
            } else {
                report.to_string()
            })
        }
        Command::Diff {
            old,
            new,
            check,
            json: as_json,
        } => {
            let report = diff::diff(&diff::read(&specs, old)?, &diff::read(&specs, new)?);
            print(if *as_json {
                json(&report)
            } else {
                report.to_string()
            })?;
            Ok(!check || report.breaking == 0)
        }
    }
}

/// Prints; a closed pipe (`| head`) is not an error.
fn print(text: String) -> Result<bool> {
    use std::io::Write as _;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::new(format!("standard output: {e}")))
        }
        _ => Ok(true),
    }
}

fn json(report: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(report).map_or_else(|e| format!("{e}\n"), |text| text + "\n")
}

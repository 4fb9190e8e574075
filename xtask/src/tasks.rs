//! The tasks that only start other programs: the capability page, the benchmarks, what CI runs.
//!
//! They live here so that a maintainer types `cargo xtask …` for everything; none of them makes xtask
//! depend on a product crate.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

/// Options of `cargo xtask capabilities`.
#[derive(clap::Args)]
pub struct CapabilitiesArgs {
    /// Write nothing; fail when docs/capabilities.md is out of date
    #[arg(long)]
    check: bool,
}

/// Writes docs/capabilities.md from what the facade's services declare.
pub fn capabilities(args: &CapabilitiesArgs) -> ExitCode {
    let path = root().join("docs/capabilities.md");
    let mut program = cargo();
    program.args([
        "run",
        "--quiet",
        "--package",
        "idweave-examples",
        "--example",
        "capabilities",
    ]);
    let output = match program.stderr(Stdio::inherit()).output() {
        Ok(output) if output.status.success() => output.stdout,
        Ok(output) => return code(output.status),
        Err(error) => return fail(&format!("cargo could not be started: {error}")),
    };
    let current = std::fs::read(&path).unwrap_or_default();
    if current == output {
        println!("docs/capabilities.md is current");
        return ExitCode::SUCCESS;
    }
    if args.check {
        return fail("docs/capabilities.md is out of date; run: cargo xtask capabilities");
    }
    match std::fs::write(&path, output) {
        Ok(()) => {
            println!("wrote docs/capabilities.md");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("{}: {error}", path.display())),
    }
}

/// Runs the benchmarks that compare a call with reqwest by hand.
pub fn bench() -> ExitCode {
    run(cargo().args([
        "bench",
        "--package",
        "idweave-transport",
        "--bench",
        "overhead",
    ]))
}

/// Runs what CI runs.
pub fn ci() -> ExitCode {
    run(Command::new("bash").arg(".ci/run"))
}

fn run(command: &mut Command) -> ExitCode {
    match command.current_dir(root()).status() {
        Ok(status) => code(status),
        Err(error) => fail(&format!(
            "{} could not be started: {error}",
            command.get_program().display()
        )),
    }
}

fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

fn code(status: ExitStatus) -> ExitCode {
    match status.code().and_then(|code| u8::try_from(code).ok()) {
        Some(code) => ExitCode::from(code),
        None => ExitCode::FAILURE,
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}

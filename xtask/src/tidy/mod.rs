//! `cargo xtask tidy`: checks the habits of the code base that neither the compiler nor clippy checks.
//!
//! | rule | what it reports |
//! |---|---|
//! | `modules` | files whose modules use each other in a cycle, and files that no crate declares ([`modules`]) |
//! | `words` | words for which there is a standard one ([`words`]) |
//! | `opening` | Rust files that do not open with what they are for |
//! | `length` | Rust files of more than 600 lines |
//! | `doctests` | examples marked `ignore` |
//! | `extensions` | `x-idweave-*` keys that specs/README.md does not describe, and descriptions of none |
//! | `dead_code` | `dead_code` allowed for a whole file |
//! | `generated` | generated files without their header, and the header elsewhere |
//! | `changelog` | a CHANGELOG.md that does not begin with `## Unreleased` |
//!
//! A finding is one line, `path:line: what is wrong; what to do`. All findings are printed at once, sorted, with
//! their number at the end, and the exit code is 1 when there is one. `--json` prints them for machines, paths as
//! arguments limit the report to what concerns them.

mod diagnostic;
mod files;
pub mod modules;
mod rules;
mod syntax;
pub mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use diagnostic::Diagnostic;
use files::Files;

/// Every rule.
const RULES: [fn(&Files) -> Vec<Diagnostic>; 9] = [
    modules::check,
    words::check,
    rules::opening::check,
    rules::length::check,
    rules::doctests::check,
    rules::extensions::check,
    rules::dead_code::check,
    rules::generated::check,
    rules::changelog::check,
];

/// Arguments of `cargo xtask tidy`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Report only what concerns these files and folders
    paths: Vec<PathBuf>,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// Check the repository in this folder instead of the one xtask belongs to
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Checks the repository and prints what is to be changed.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let root = args.root.clone().unwrap_or_else(|| {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        here.parent().unwrap_or(here).to_owned()
    });
    match report(&root, args) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// Checks every rule on the repository below `root`.
///
/// # Errors
/// When a file cannot be read; the message names it.
pub fn check(root: &Path) -> Result<Vec<Diagnostic>, String> {
    let files = Files::read(root)?;
    let mut findings: Vec<Diagnostic> = RULES.iter().flat_map(|rule| rule(&files)).collect();
    findings.sort();
    findings.dedup();
    Ok(findings)
}

fn report(root: &Path, args: &Args) -> Result<usize, String> {
    let paths = args
        .paths
        .iter()
        .map(|path| relative(root, path))
        .collect::<Result<Vec<_>, _>>()?;
    let mut findings = check(root)?;
    findings.retain(|finding| finding.concerns(&paths));
    if args.json {
        let json = serde_json::to_string_pretty(&findings).map_err(|error| error.to_string())?;
        println!("{json}");
    } else {
        for finding in &findings {
            println!("{finding}");
        }
        match findings.len() {
            0 => println!("tidy: nothing to change"),
            1 => println!("tidy: 1 finding"),
            count => println!("tidy: {count} findings"),
        }
    }
    Ok(findings.len())
}

/// The path of an argument, relative to `root`; it may be given relative to the current folder or to `root`.
fn relative(root: &Path, path: &Path) -> Result<String, String> {
    let canonical = |path: &Path| {
        path.canonicalize()
            .map_err(|error| format!("{}: {error}", path.display()))
    };
    let base = canonical(root)?;
    let inside = [canonical(path), canonical(&root.join(path))]
        .into_iter()
        .flatten()
        .find_map(|found| found.strip_prefix(&base).ok().map(Path::to_owned))
        .ok_or_else(|| {
            format!(
                "{}: no such file or folder in {}",
                path.display(),
                root.display()
            )
        })?;
    Ok(inside.to_string_lossy().replace('\\', "/"))
}

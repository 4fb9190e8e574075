//! `cargo xtask tidy`: checks the habits of the code base that neither the compiler nor clippy checks.
//!
//! | rule | what it reports |
//! |---|---|
//! | `modules` | files whose modules use each other in a cycle ([`modules`]) |
//! | `words` | words for which there is a standard one ([`words`]) |
//!
//! A finding is one line, `path:line: what is wrong; what to do`. All findings are printed at once, sorted, with
//! their number at the end, and the exit code is 1 when there is one. `--json` prints them for machines, paths as
//! arguments limit the report to what concerns them.

mod diagnostic;
mod files;
pub mod modules;
mod syntax;
pub mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use diagnostic::Diagnostic;
use files::Files;

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
    let mut findings = modules::check(&files);
    findings.extend(words::check(&files));
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
    let root = root
        .canonicalize()
        .map_err(|error| format!("{}: {error}", root.display()))?;
    let found = path
        .canonicalize()
        .or_else(|_| root.join(path).canonicalize())
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let inside = found.strip_prefix(&root).map_err(|_| {
        format!(
            "{}: not a path of {}; name a file or folder in it",
            path.display(),
            root.display()
        )
    })?;
    Ok(inside.to_string_lossy().replace('\\', "/"))
}

//! `cargo xtask codegen`: generates the low-level clients from OpenAPI documents.
//!
//! A document goes through normalising [`passes`], then through progenitor ([`engine`]) for types and signatures, and is
//! written out by `emit` with bodies on `idweave_transport::Call`. [`run`] is the command; [`generate`] is the pipeline,
//! which tests and `specs coverage` call.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use serde_json::{Map, Value};

use crate::openapi::files::write_file;
use crate::openapi::operations::operations;
use crate::openapi::service::Service;
use crate::openapi::{self, Error, Result};

pub mod bundle;
mod check;
mod emit;
pub mod engine;
mod naming;
pub mod passes;
pub mod plan;
pub mod report;
mod standalone;

use report::Report;

/// What `cargo xtask codegen` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Args {
    /// Only this service of specs/ (may be given several times)
    #[arg(long, value_name = "NAME", conflicts_with = "spec")]
    pub service: Vec<String>,
    /// Write nothing; show what differs and exit 1 if anything does
    #[arg(long)]
    pub check: bool,
    /// Write what was generated, left out and changed as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Any OpenAPI 3.0 or 3.1 document, YAML or JSON: makes a crate of its own
    #[arg(long, value_name = "FILE", requires = "crate_name", requires = "out")]
    pub spec: Option<PathBuf>,
    /// Name of that crate
    #[arg(long, value_name = "NAME", requires = "spec")]
    pub crate_name: Option<String>,
    /// Folder of that crate
    #[arg(long, value_name = "DIR", requires = "spec")]
    pub out: Option<PathBuf>,
    /// Folder of the workspace; found from here upwards when not given
    #[arg(long, value_name = "DIR", hide = true)]
    pub root: Option<PathBuf>,
}

/// What a document is called in generated files.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name for readers.
    pub display_name: String,
    /// First lines of every file.
    pub header: String,
}

/// A generated client.
#[derive(Debug)]
pub struct Output {
    /// Files of `src/generated/` by name.
    pub files: BTreeMap<String, String>,
    /// Files of `tests/generated/` by name.
    pub test_files: BTreeMap<String, String>,
    /// What was done.
    pub report: Report,
}

/// Stack of the thread that generates: schemas may refer to one another in chains of tens of thousands, and both the passes
/// and the generator follow them by recursion. Only what is used of it is taken.
const STACK_SIZE: usize = 2 << 30;

/// Generates a client from an effective document.
///
/// # Errors
/// When the document is not OpenAPI 3 or nothing of it can be generated.
pub fn generate(document: &Value, options: &Options) -> Result<Output> {
    std::thread::scope(|scope| {
        let work = std::thread::Builder::new()
            .name("codegen".into())
            .stack_size(STACK_SIZE)
            .spawn_scoped(scope, || run_pipeline(document, options))
            .map_err(|e| Error::new(format!("cannot start a thread: {e}")))?;
        work.join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn run_pipeline(document: &Value, options: &Options) -> Result<Output> {
    let started = Instant::now();
    openapi::check_version(document)?;
    let paths = document.get("paths").and_then(Value::as_object);
    if paths.is_none_or(Map::is_empty) {
        return Err(Error::new(
            "/paths: there are none, so there is nothing to generate",
        ));
    }
    let mut context = passes::Context {
        document: document.clone(),
        report: Report::default(),
    };
    passes::normalise(&mut context);
    let passes::Context {
        mut document,
        mut report,
    } = context;
    let file = engine::run(&mut document, &mut report)?;
    let generator = started.elapsed();
    let input = emit::Input {
        display_name: &options.display_name,
        header: &options.header,
        document: &document,
        file,
    };
    let files = emit::files(&input)?;
    let test_files = BTreeMap::from([("responses.rs".to_owned(), emit::responses(&input)?)]);
    tracing::info!(generator = ?generator, files = ?(started.elapsed() - generator), "generated");
    report.generated = operations(&document).len();
    report.seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    Ok(Output {
        files,
        test_files,
        report,
    })
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    match execute(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Generates or checks; returns whether the files are up to date.
fn execute(args: &Args) -> Result<bool> {
    if let (Some(spec), Some(name), Some(out)) = (&args.spec, &args.crate_name, &args.out) {
        return generate_crate(args, spec, name, out);
    }
    let root = workspace_root(args)?;
    let specs = root.join("specs");
    let mut services = Service::load_all(&specs)?;
    for wanted in &args.service {
        if !services.iter().any(|s| s.name == *wanted) {
            let known: Vec<&str> = services.iter().map(|s| s.name.as_str()).collect();
            return Err(Error::new(format!(
                "specs/{wanted}: no such service; the services are {}",
                known.join(", ")
            )));
        }
    }
    services.retain(|s| args.service.is_empty() || args.service.contains(&s.name));
    let mut same = true;
    let mut total = Report::default();
    for service in &services {
        let started = Instant::now();
        let effective = service.effective()?;
        let options = Options {
            display_name: service.display_name.clone(),
            header: header(&service.name),
        };
        let output = generate(&effective, &options)
            .map_err(|e| Error::new(format!("specs/{}: {e}", service.name)))?;
        let folder = root.join("crates").join(&service.crate_name);
        for (own, files) in [
            ("src/generated", &output.files),
            ("tests/generated", &output.test_files),
        ] {
            let folder = folder.join(own);
            if args.check {
                same &= check::check_service(&folder, &root, files, &service.name)?;
            } else {
                check::write_files(&folder, files)?;
            }
        }
        let mut report = output.report;
        report.seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        print_summary(&service.name, &report);
        total.operations += report.operations;
        total.generated += report.generated;
        total.seconds += report.seconds;
        total.left_out.extend(report.left_out);
        total.changed.extend(report.changed);
    }
    write_report(args, &total)?;
    Ok(same)
}

/// Returns the first line of the generated files of a service.
#[must_use]
pub fn header(service: &str) -> String {
    format!(
        "// Code generated by `cargo xtask codegen --service {service}` from specs/{service}/openapi.yaml and overlay.yaml; DO NOT EDIT.\n"
    )
}

fn generate_crate(args: &Args, spec: &Path, name: &str, out: &Path) -> Result<bool> {
    let started = Instant::now();
    standalone::check_name(name)?;
    let mut document = openapi::read(spec)?;
    let mut inlined = Report::default();
    bundle::inline_external_refs(&mut document.value, spec, &mut inlined)?;
    tracing::info!(seconds = started.elapsed().as_secs_f64(), "read");
    let file = spec
        .file_name()
        .map(|f| f.to_string_lossy().into_owned())
        .unwrap_or_default();
    let title = document
        .value
        .pointer("/info/title")
        .and_then(Value::as_str)
        .unwrap_or(name)
        .trim()
        .to_owned();
    let options = Options {
        display_name: title
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace(['`', '[', ']', '<', '>', '\\'], ""),
        header: format!(
            "// Code generated by `cargo xtask codegen --spec {file} --crate-name {name}`; DO NOT EDIT.\n"
        ),
    };
    let mut output = generate(&document.value, &options).map_err(|e| e.in_file(spec))?;
    output.report.changed.splice(0..0, inlined.changed);
    for note in document.notes.iter().rev() {
        let at = format!("line {}", note.line);
        output.report.changed.insert(
            0,
            report::Changed {
                pass: "reader",
                operation: String::new(),
                pointer: at,
                what: note.what.clone(),
            },
        );
    }
    let version = document
        .value
        .pointer("/info/version")
        .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    let crate_files = standalone::files(&standalone::Crate {
        name,
        title: &options.display_name,
        version: version.as_deref().unwrap_or_default(),
        root: &workspace_root(args)?,
        generated: &output.files,
        report: &output.report,
    })?;
    let same = if args.check {
        let command = format!(
            "cargo xtask codegen --spec {} --crate-name {name} --out {}",
            spec.display(),
            out.display()
        );
        check::check_files(out, out, &crate_files, &command, &["src/generated"])?
    } else {
        for (path, text) in &crate_files {
            write_file(&out.join(path), text)?;
        }
        check::remove_stale(&out.join("src/generated"), &output.files)?;
        true
    };
    let mut report = output.report;
    report.seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    print_summary(name, &report);
    write_report(args, &report)?;
    Ok(same)
}

/// Prints one line, and a table of the operations left out.
fn print_summary(name: &str, report: &Report) {
    println!(
        "{name}: {} operations, {} generated, {:.1} s",
        report.operations, report.generated, report.seconds
    );
    if report.left_out.is_empty() {
        return;
    }
    let width = report
        .left_out
        .iter()
        .map(|l| l.operation.chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    println!("  {:width$}  left out because", "operation");
    for left in &report.left_out {
        println!("  {:width$}  {}", left.operation, left.reason);
    }
}

fn write_report(args: &Args, report: &Report) -> Result<()> {
    let Some(path) = &args.report else {
        return Ok(());
    };
    let json = serde_json::to_string_pretty(report).map_err(|e| Error::new(e.to_string()))?;
    write_file(path, &format!("{json}\n")).map(drop)
}

/// Finds the folder of the workspace: where `specs/` and `crates/idweave-transport` are.
fn workspace_root(args: &Args) -> Result<PathBuf> {
    if let Some(root) = &args.root {
        return Ok(root.clone());
    }
    let here = std::env::current_dir()
        .map_err(|e| Error::new(format!("cannot find the current folder: {e}")))?;
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .chain(manifest.ancestors())
        .find(|dir| dir.join("crates/idweave-transport/Cargo.toml").is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| {
            Error::new(
                "not in the workspace: no folder above this one has crates/idweave-transport",
            )
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn generate_refuses_what_is_not_openapi_3() {
        for (document, word) in [
            (json!({"swagger": "2.0"}), "Swagger"),
            (json!({"a": 1}), "not an OpenAPI document"),
            (
                json!({"openapi": "4.0.0", "paths": {"/": {}}}),
                "not supported",
            ),
            (
                json!({"openapi": "3.1.0", "components": {}}),
                "nothing to generate",
            ),
        ] {
            let options = Options {
                display_name: "T".into(),
                header: String::new(),
            };
            let why = generate(&document, &options).unwrap_err().to_string();
            assert!(why.starts_with('/') && why.contains(word), "{why}");
        }
    }
}

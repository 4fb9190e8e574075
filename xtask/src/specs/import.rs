//! `specs import`: imports a vendor's document into a service folder.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Map;
use sha2::{Digest, Sha256};
use toml_edit::{DocumentMut, Item, Table, value};

use crate::openapi::files::{read_text, write_file};
use crate::openapi::operations::operations;
use crate::openapi::overlay::ActionReport;
use crate::openapi::reference::{references, resolve};
use crate::openapi::service::{Provenance, Service};
use crate::openapi::{self, Error, Result, check_version, emit};

use super::extract::extract;
use super::select::is_named;
use crate::openapi::schemas::named_schemas;

/// What `specs import` is asked to do.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The service: a folder of specs/
    pub service: String,
    /// The vendor's document, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// The version to record, instead of the document's own
    #[arg(long)]
    pub version: Option<String>,
    /// When the vendor last changed it, to record
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<String>,
    /// Where it was found, to record
    #[arg(long)]
    pub source: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// What an import did.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The service.
    pub service: String,
    /// Operations in the vendor's document.
    pub offered: usize,
    /// Operations taken.
    pub selected: usize,
    /// Schemas taken.
    pub schemas: usize,
    /// Files whose content changed.
    pub changed: Vec<String>,
    /// Entries of `selection.operations` that the document does not have.
    pub missing: Vec<String>,
    /// Overlay actions that select nothing in the imported document.
    pub lost_actions: Vec<LostAction>,
    /// What was read tolerantly, with the line.
    pub notes: Vec<String>,
}

/// An overlay action without a place to act on.
#[derive(Debug, Serialize)]
pub struct LostAction {
    /// Its position in the overlay, from 1.
    pub action: usize,
    /// Its JSONPath.
    pub target: String,
    /// Why it was there.
    pub description: Option<String>,
}

/// Imports `from` into the folder `dir`.
///
/// # Errors
/// When a file cannot be read or written, or the result would hold no operation.
pub fn import(dir: &Path, args: &Args) -> Result<Report> {
    let service = Service::load(dir)?;
    let vendor = openapi::read(&args.from)?;
    check_version(&vendor.value).map_err(|e| e.in_file(&args.from))?;
    let extracted = extract(&vendor.value, &service.selection);
    let mut notes: Vec<String> = vendor
        .notes
        .iter()
        .map(|note| format!("line {}: {}", note.line, note.what))
        .collect();
    notes.extend(dangling(&extracted).into_iter().map(|reference| {
        format!("{reference} is referred to and not in the file; add it there, or correct it in the overlay")
    }));
    let selected = operations(&extracted).len();
    if selected == 0 {
        let advice =
            "service.toml selects none of its operations; check its tags, operations and paths";
        return Err(Error::new(advice).in_file(&args.from));
    }
    let missing = service
        .selection
        .operations
        .iter()
        .filter(|entry| !operations(&extracted).iter().any(|o| is_named(entry, o)))
        .cloned()
        .collect();
    let mut report = Report {
        service: service.name.clone(),
        offered: operations(&vendor.value).len(),
        selected,
        schemas: named_schemas(&extracted).map_or(0, Map::len),
        changed: Vec::new(),
        missing,
        lost_actions: Vec::new(),
        notes,
    };
    let header = format!(
        "# Written by `cargo xtask specs import {}` from the vendor's document: facts only.\n# Corrections and sentences belong in overlay.yaml.\n",
        service.name
    );
    write(
        &dir.join("openapi.yaml"),
        &format!("{header}{}", emit::yaml(&extracted)),
        &mut report.changed,
    )?;
    let provenance = provenance(&service, &vendor.value, args)?;
    if provenance != service.provenance {
        record(&dir.join("service.toml"), &provenance, &mut report.changed)?;
    }
    report.lost_actions = unmatched(&service.applied()?.actions);
    Ok(report)
}

/// Lists references that lead nowhere in `document`, mostly to other files.
fn dangling(document: &serde_json::Value) -> std::collections::BTreeSet<&str> {
    let mut lost = std::collections::BTreeSet::new();
    references(document, &mut |reference| {
        if resolve(document, reference).is_none() {
            lost.insert(reference);
        }
    });
    lost
}

/// Lists the actions that selected nothing.
#[must_use]
pub fn unmatched(actions: &[ActionReport]) -> Vec<LostAction> {
    let without_place = |(i, action): (usize, &ActionReport)| {
        (action.matched == 0).then(|| LostAction {
            action: i + 1,
            target: action.target.clone(),
            description: action.description.clone(),
        })
    };
    actions
        .iter()
        .enumerate()
        .filter_map(without_place)
        .collect()
}

fn provenance(service: &Service, vendor: &serde_json::Value, args: &Args) -> Result<Provenance> {
    let bytes =
        std::fs::read(&args.from).map_err(|e| Error::new(e.to_string()).in_file(&args.from))?;
    let sha256 = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    // Date and source describe one file; those of another file are unknown until given.
    let same = sha256 == service.provenance.sha256;
    let keep = |given: &Option<String>, recorded: &str| {
        given.clone().unwrap_or_else(|| {
            if same {
                recorded.to_owned()
            } else {
                String::new()
            }
        })
    };
    let own = vendor
        .pointer("/info/version")
        .and_then(|v| v.as_str())
        .unwrap_or_default();
    Ok(Provenance {
        document: file_name(&args.from),
        version: args.version.clone().unwrap_or_else(|| own.to_owned()),
        date: keep(&args.date, &service.provenance.date),
        source: keep(&args.source, &service.provenance.source),
        sha256,
    })
}

/// Rewrites the provenance table and nothing else of `service.toml`.
fn record(path: &Path, provenance: &Provenance, changed: &mut Vec<String>) -> Result<()> {
    let text = read_text(path)?;
    let mut toml: DocumentMut = text
        .parse()
        .map_err(|e: toml_edit::TomlError| Error::new(e.to_string()).in_file(path))?;
    let table = toml
        .entry("provenance")
        .or_insert(Item::Table(Table::new()));
    let fields = [
        ("document", &provenance.document),
        ("version", &provenance.version),
        ("date", &provenance.date),
        ("sha256", &provenance.sha256),
        ("source", &provenance.source),
    ];
    for (key, text) in fields {
        if table.get(key).and_then(Item::as_str) != Some(text) {
            table[key] = value(text);
        }
    }
    write(path, &toml.to_string(), changed)
}

fn write(path: &Path, text: &str, changed: &mut Vec<String>) -> Result<()> {
    if write_file(path, text)? {
        changed.push(file_name(path));
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{}: {} of {} operations, {} schemas; {}",
            self.service,
            self.selected,
            self.offered,
            self.schemas,
            if self.changed.is_empty() {
                "nothing changed".to_owned()
            } else {
                format!("wrote {}", self.changed.join(", "))
            }
        )?;
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        for name in &self.missing {
            writeln!(
                f,
                "  not in the document: {name} (selected in service.toml)"
            )?;
        }
        for lost in &self.lost_actions {
            writeln!(
                f,
                "  overlay action {} no longer matches: {}",
                lost.action, lost.target
            )?;
            if let Some(why) = &lost.description {
                writeln!(f, "    reason: {why}")?;
            }
        }
        Ok(())
    }
}

//! `specs add`: adds a service from a vendor's document: its folder, its crate, its line in the workspace.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::codegen;
use crate::openapi::files::{read_text, write_file};
use crate::openapi::service::Service;
use crate::openapi::{self, Error, Result, check_version};

use super::import;

/// What `specs add` is asked to do.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The new service's name: small letters, digits and hyphens
    pub name: String,
    /// The vendor's document, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// The name people know the service by, instead of the document's title
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// What was added.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The service.
    pub service: String,
    /// Its crate.
    pub crate_name: String,
    /// Operations in the document.
    pub operations: usize,
    /// Operations that have a method.
    pub generated: usize,
    /// Operations without one, with the reason.
    pub left_out: Vec<(String, String)>,
    /// Files written, from the workspace's folder.
    pub files: Vec<String>,
}

/// Adds a service to the workspace that `specs` belongs to.
///
/// # Errors
/// When the name is invalid or taken, or the document cannot be used; nothing is left behind then.
pub fn add(specs: &Path, args: &Args) -> Result<Report> {
    let root = specs
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let crate_name = format!("idweave-{}", args.name);
    check_name(&args.name)?;
    let (folder, krate) = (
        specs.join(&args.name),
        root.join("crates").join(&crate_name),
    );
    for taken in [&folder, &krate] {
        if taken.exists() {
            return Err(Error::new(
                "already exists; use `specs import` to import a newer document",
            )
            .in_file(taken));
        }
    }
    let created = create(root, &folder, &krate, args, &crate_name);
    if created.is_err() {
        // Neither folder existed before, so nothing else is removed.
        let _ = std::fs::remove_dir_all(&folder);
        let _ = std::fs::remove_dir_all(&krate);
    }
    created
}

fn create(
    root: &Path,
    folder: &Path,
    krate: &Path,
    args: &Args,
    crate_name: &str,
) -> Result<Report> {
    let vendor = openapi::read(&args.from)?.value;
    check_version(&vendor).map_err(|e| e.in_file(&args.from))?;
    let display_name = args
        .display_name
        .clone()
        .unwrap_or_else(|| title(&vendor, &args.name));
    let base_url = base_url(&vendor);
    let mut files = Vec::new();
    let mut write = |path: PathBuf, text: &str| {
        write_file(&path, text).map(|_| files.push(relative(root, &path)))
    };

    write(
        folder.join("service.toml"),
        &service_toml(&args.name, &display_name, crate_name, &base_url),
    )?;
    write(folder.join("overlay.yaml"), &overlay(&display_name))?;
    let import = import::Args {
        service: args.name.clone(),
        from: args.from.clone(),
        version: None,
        date: None,
        source: None,
        json: false,
    };
    import::import(folder, &import)?;
    write(
        folder.join("openapi.yaml"),
        &read_text(&folder.join("openapi.yaml"))?,
    )?;

    let service = Service::load(folder)?;
    let options = codegen::Options {
        display_name: display_name.clone(),
        header: codegen::header(&args.name),
    };
    let output = codegen::generate(&service.effective()?, &options)?;
    if output.report.generated == 0 {
        return Err(Error::new("none of its operations can be generated").in_file(&args.from));
    }
    let fill = |template: &str| {
        template
            .replace("@NAME@", &args.name)
            .replace("@CRATE@", crate_name)
            .replace("@LIB@", &crate_name.replace('-', "_"))
            .replace("@DISPLAY@", &plain_text(&display_name))
            .replace("@BASE@", &base_url)
    };
    let written: BTreeMap<&str, String> = BTreeMap::from([
        ("Cargo.toml", fill(include_str!("template/Cargo.toml.in"))),
        ("README.md", fill(include_str!("template/README.md"))),
        ("src/lib.rs", fill(include_str!("template/lib.rs"))),
        ("src/ext.rs", fill(include_str!("template/ext.rs"))),
        (
            "tests/operations.rs",
            fill(include_str!("template/operations.rs")),
        ),
    ]);
    for (name, text) in &written {
        write(krate.join(name), text)?;
    }
    for (name, text) in &output.files {
        write(krate.join("src/generated").join(name), text)?;
    }
    for (name, text) in &output.test_files {
        write(krate.join("tests/generated").join(name), text)?;
    }
    // A package holds only what is in the folder of its crate.
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        write(krate.join(name), &read_text(&root.join(name))?)?;
    }
    // Last, so that a failure before it leaves the workspace as it was.
    let manifest = root.join("Cargo.toml");
    write(
        manifest.clone(),
        &with_member(&read_text(&manifest)?, crate_name).map_err(|e| e.in_file(&manifest))?,
    )?;
    Ok(Report {
        service: args.name.clone(),
        crate_name: crate_name.to_owned(),
        operations: output.report.operations,
        generated: output.report.generated,
        left_out: output
            .report
            .left_out
            .into_iter()
            .map(|l| (l.operation, l.reason))
            .collect(),
        files,
    })
}

fn check_name(name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let well_formed = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(fits)
        && !name.ends_with('-');
    if !well_formed || name.contains("--") || name.len() > 40 {
        return Err(Error::new(format!(
            "invalid service name {name:?}: use lower-case letters, digits and single hyphens, a letter first, 40 characters at most"
        )));
    }
    Ok(())
}

fn title(vendor: &Value, name: &str) -> String {
    let title = vendor
        .pointer("/info/title")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let title = plain_text(title);
    if title.is_empty() {
        name.to_owned()
    } else {
        title
    }
}

/// Removes what may not stand in a comment, in a manifest or in Markdown.
fn plain_text(text: &str) -> String {
    let words = text.replace(['"', '\\', '`', '[', ']', '<', '>', '@'], " ");
    words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(80)
        .collect()
}

/// Returns the document's first server that is an address; variables stay as written.
fn base_url(vendor: &Value) -> String {
    let servers = vendor
        .get("servers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let urls = servers
        .filter_map(|s| s.get("url"))
        .filter_map(Value::as_str);
    let fits = |url: &&str| {
        url.starts_with("https://")
            && url
                .chars()
                .all(|c| c.is_ascii_graphic() && !"\"\\`".contains(c))
    };
    urls.into_iter()
        .find(fits)
        .unwrap_or("https://api.example.com")
        .to_owned()
}

fn service_toml(name: &str, display_name: &str, crate_name: &str, base_url: &str) -> String {
    let mut toml = DocumentMut::new();
    for (key, text) in [
        ("name", name),
        ("display_name", display_name),
        ("crate", crate_name),
        ("base_url", base_url),
    ] {
        toml[key] = value(text);
    }
    let mut selection = Table::new();
    selection.decor_mut().set_prefix(
        "\n# Everything to begin with; tags, operations, paths and exclude narrow it.\n",
    );
    selection["paths"] = value(Array::from_iter(["/**"]));
    toml["selection"] = Item::Table(selection);
    toml.to_string()
}

/// Writes the overlay, which needs an action: the first sentence of ours.
fn overlay(display_name: &str) -> String {
    let name = serde_json::Value::from(display_name).to_string();
    format!(
        "overlay: 1.0.0\ninfo:\n  title: Corrections and sentences\n  version: 1.0.0\nactions:\n- target: $.info\n  description: The name people know the service by.\n  update:\n    title: {name}\n"
    )
}

/// Adds the new crate to the shared dependencies of the workspace manifest; members are a glob already.
fn with_member(text: &str, crate_name: &str) -> Result<String> {
    let line = format!("{crate_name} = {{ path = \"crates/{crate_name}\", version = \"0.1.0\" }}");
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines
        .iter()
        .rposition(|l| l.starts_with("idweave") && l.contains("path = \"crates/"));
    let after = last.or_else(|| {
        lines
            .iter()
            .position(|l| l.trim() == "[workspace.dependencies]")
    });
    let Some(after) = after else {
        return Err(Error::new(
            "has no [workspace.dependencies] to add the crate to",
        ));
    };
    lines.insert(after + 1, &line);
    let text = lines.join("\n") + "\n";
    text.parse::<DocumentMut>()
        .map_err(|e| Error::new(e.to_string()))?;
    Ok(text)
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: {} of {} operations generated",
            self.service, self.generated, self.operations
        )?;
        for (operation, reason) in &self.left_out {
            writeln!(f, "  left out: {operation}: {reason}")?;
        }
        for file in &self.files {
            writeln!(f, "  wrote {file}")?;
        }
        writeln!(
            f,
            "next: cargo test -p {}; then sentences and corrections in specs/{}/overlay.yaml",
            self.crate_name, self.service
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn check_name_takes_only_plain_names() {
        for good in ["acme", "acme-id", "a1"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in [
            "", "Acme", "1acme", "-a", "a-", "a--b", "../a", "a b", "a_b", "ä",
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn with_member_adds_the_crate_beside_the_others() {
        let text =
            "[workspace.dependencies]\nidweave = { path = \"crates/idweave\" }\nserde = \"1\"\n";
        let expected = "[workspace.dependencies]\nidweave = { path = \"crates/idweave\" }\nidweave-acme = { path = \"crates/idweave-acme\", version = \"0.1.0\" }\nserde = \"1\"\n";
        assert_eq!(with_member(text, "idweave-acme").unwrap(), expected);
        assert!(with_member("[package]\n", "idweave-acme").is_err());
    }
}

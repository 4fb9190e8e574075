//! Writes a stand-alone crate from any document, with the transport inside, so that it builds with public dependencies only.

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, Value as Toml};

use super::report::Report;
use crate::openapi::files::read_text;
use crate::openapi::{Error, Result};

/// What goes into the crate.
pub(super) struct Crate<'a> {
    /// Package name.
    pub(super) name: &'a str,
    /// Title of the document.
    pub(super) title: &'a str,
    /// Version of the document, as the vendor writes it.
    pub(super) version: &'a str,
    /// This workspace.
    pub(super) root: &'a Path,
    /// Files of `src/generated/`.
    pub(super) generated: &'a BTreeMap<String, String>,
    /// What was generated.
    pub(super) report: &'a Report,
}

/// Refuses names that cargo would refuse, before anything is written.
pub(super) fn check_name(name: &str) -> Result<()> {
    let plain = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let keyword = syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_err();
    if plain && starts && !keyword && name != "idweave-transport" && name != "test" {
        return Ok(());
    }
    Err(Error::new(format!(
        "--crate-name {name:?}: invalid crate name: use letters, digits, - and _, a letter first"
    )))
}

/// Makes a semantic version out of whatever a vendor calls a version.
pub(super) fn semver(version: &str) -> String {
    let plain = version.trim().trim_start_matches(['v', 'V']);
    let core = plain.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<u64> = core.split('.').map_while(|n| n.parse().ok()).collect();
    // A date is not a version: 2024-05-01 would sort as 2024.0.0.
    match numbers.as_slice() {
        [] => "0.1.0".into(),
        [a] if *a > 999 => "0.1.0".into(),
        [a] => format!("{a}.0.0"),
        [a, b] => format!("{a}.{b}.0"),
        [a, b, c, ..] => format!("{a}.{b}.{c}"),
    }
}

/// Returns every file of the crate, by path.
pub(super) fn files(krate: &Crate<'_>) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for (name, text) in krate.generated {
        files.insert(format!("src/generated/{name}"), text.clone());
    }
    let workspace = read_text(&krate.root.join("Cargo.toml"))?
        .parse::<DocumentMut>()
        .map_err(|e| format!("Cargo.toml: {e}"))?;
    files.insert("Cargo.toml".into(), manifest(krate, &workspace));
    files.insert("src/lib.rs".into(), library(krate));
    files.insert("README.md".into(), readme(krate));
    files.insert(".gitignore".into(), "/target\n".into());
    let transport = krate.root.join("crates/idweave-transport");
    files.insert(
        "transport/Cargo.toml".into(),
        expand(&read_text(&transport.join("Cargo.toml"))?, &workspace)?,
    );
    let mut queue = vec![transport.join("src")];
    while let Some(dir) = queue.pop() {
        for entry in std::fs::read_dir(&dir).map_err(|e| unlisted(&dir, &e))? {
            let path = entry.map_err(|e| unlisted(&dir, &e))?.path();
            if path.is_dir() {
                queue.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let relative = path
                    .strip_prefix(&transport)
                    .unwrap_or(&path)
                    .to_string_lossy()
                    .replace('\\', "/");
                files.insert(format!("transport/{relative}"), read_text(&path)?);
            }
        }
    }
    for extra in ["README.md"] {
        if let Ok(text) = std::fs::read_to_string(transport.join(extra)) {
            files.insert(format!("transport/{extra}"), text);
        }
    }
    Ok(files)
}

fn unlisted(dir: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot be listed: {error}")).in_file(dir)
}

/// Returns the version requirement that the workspace has for a dependency.
fn requirement(workspace: &DocumentMut, name: &str) -> String {
    let item = workspace
        .get("workspace")
        .and_then(|w| w.get("dependencies"))
        .and_then(|d| d.get(name));
    let text = item.and_then(|i| {
        i.as_str()
            .map(str::to_owned)
            .or_else(|| i.get("version")?.as_str().map(str::to_owned))
    });
    text.unwrap_or_else(|| "*".into())
}

fn manifest(krate: &Crate<'_>, workspace: &DocumentMut) -> String {
    let (name, version) = (krate.name, semver(krate.version));
    let description = format!(
        "Client for {}, generated from its OpenAPI document",
        krate.title
    )
    .replace(['"', '\\'], "");
    let need = |n: &str| requirement(workspace, n);
    let rust = workspace
        .get("workspace")
        .and_then(|w| {
            w.get("package")?
                .get("rust-version")?
                .as_str()
                .map(str::to_owned)
        })
        .unwrap_or_else(|| "1.88".into());
    format!(
        r#"[package]
name = "{name}"
version = "{version}"
edition = "2024"
rust-version = "{rust}"
description = "{description}"
publish = false

[workspace]

[features]
default = []
# Typed httpmock mocks of the service, for tests.
mock = ["dep:httpmock"]

[dependencies]
idweave-transport = {{ path = "transport", version = "{transport}" }}
httpmock = {{ version = "{httpmock}", default-features = false, optional = true }}
serde = {{ version = "{serde}", features = ["derive"] }}
serde_json = "{serde_json}"
"#,
        transport = workspace
            .get("workspace")
            .and_then(|w| w
                .get("package")?
                .get("version")?
                .as_str()
                .map(str::to_owned))
            .unwrap_or_else(|| "0.1.0".into()),
        httpmock = need("httpmock"),
        serde = need("serde"),
        serde_json = need("serde_json"),
    )
}

fn library(krate: &Crate<'_>) -> String {
    format!(
        r#"//! Client for {title}, generated from its OpenAPI document.
//!
//! [`Client`] has one method per operation; [`types`] holds the request and response types.
//!
//! Build a client from the base URL and the credentials:
//!
//! ```no_run
//! # fn example() -> Result<(), {crate_ident}::Error> {{
//! use {crate_ident}::{{Bearer, Client}};
//!
//! let client = Client::builder("https://api.example.com").credentials(Bearer::new("a token")?).build()?;
//! # let _ = client;
//! # Ok(())
//! # }}
//! ```

#![forbid(unsafe_code)]

mod generated;

pub use idweave_transport::{{
    self as transport, Basic, Bearer, Bytes, ClientBuilder, Error, ErrorKind, Multipart, Patch,
    ResponseValue, Secret, Session,
}};

#[cfg(feature = "mock")]
pub use self::generated::mock;
pub use self::generated::{{client::Client, operations, types}};

impl Client {{
    /// Starts building a client for the service at `base_url`.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder<Self> {{
        ClientBuilder::new(base_url)
    }}
}}
"#,
        title = krate.title,
        crate_ident = krate.name.replace('-', "_"),
    )
}

fn readme(krate: &Crate<'_>) -> String {
    let mut text = format!(
        "# {}\n\nClient for {}, generated by idweave's codegen: {} of {} operations.\n\n\
         `src/generated/` is written by the generator; `transport/` sends the requests.\n\n\
         ```\ncargo check\ncargo doc --open\n```\n",
        krate.name, krate.title, krate.report.generated, krate.report.operations
    );
    if !krate.report.left_out.is_empty() {
        text.push_str("\nLeft out:\n\n");
        for left in &krate.report.left_out {
            text.push_str(&format!("- `{}`: {}\n", left.operation, left.reason));
        }
    }
    text
}

/// Writes out what a manifest inherits from this workspace.
fn expand(manifest: &str, workspace: &DocumentMut) -> Result<String> {
    let mut document = manifest
        .parse::<DocumentMut>()
        .map_err(|e| format!("transport manifest: {e}"))?;
    let inherited = workspace
        .get("workspace")
        .ok_or_else(|| Error::new("Cargo.toml has no [workspace]"))?;
    for gone in ["dev-dependencies", "lints", "bench", "test", "example"] {
        document.remove(gone);
    }
    if let Some(package) = document.get_mut("package").and_then(Item::as_table_mut) {
        let keys: Vec<String> = package
            .iter()
            .filter(|(_, v)| inherits(v))
            .map(|(k, _)| k.to_owned())
            .collect();
        for key in keys {
            match inherited.get("package").and_then(|p| p.get(&key)) {
                Some(value) => drop(package.insert(&key, value.clone())),
                None => drop(package.remove(&key)),
            }
        }
        package.insert("publish", toml_edit::value(false));
    }
    if let Some(dependencies) = document
        .get_mut("dependencies")
        .and_then(Item::as_table_mut)
    {
        let names: Vec<String> = dependencies
            .iter()
            .filter(|(_, v)| inherits(v))
            .map(|(k, _)| k.to_owned())
            .collect();
        for name in names {
            let shared = inherited
                .get("dependencies")
                .and_then(|d| d.get(&name))
                .cloned()
                .unwrap_or_else(|| toml_edit::value("*"));
            let Some(own) = dependencies.get(&name).cloned() else {
                continue;
            };
            dependencies.insert(&name, merged(&shared, &own));
        }
    }
    let mut text = document.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn inherits(item: &Item) -> bool {
    item.get("workspace").and_then(Item::as_bool) == Some(true)
}

/// Merges the workspace's entry with the crate's own additions.
fn merged(shared: &Item, own: &Item) -> Item {
    let mut table = Table::new().into_inline_table();
    match shared {
        Item::Value(Toml::InlineTable(t)) => {
            for (key, value) in t.iter().filter(|(k, _)| *k != "path") {
                table.insert(key, value.clone());
            }
        }
        Item::Value(version) => drop(table.insert("version", version.clone())),
        Item::Table(t) => {
            for (key, value) in t.iter().filter(|(k, _)| *k != "path") {
                if let Some(value) = value.as_value() {
                    table.insert(key, value.clone());
                }
            }
        }
        _ => {}
    }
    let list = |item: Option<&Item>| -> Vec<String> {
        let array = item.and_then(Item::as_array).cloned().unwrap_or_default();
        array
            .iter()
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    };
    let mut features = list(shared.get("features"));
    features.extend(list(own.get("features")));
    features.dedup();
    if !features.is_empty() {
        table.insert(
            "features",
            features.into_iter().collect::<toml_edit::Array>().into(),
        );
    }
    if let Some(optional) = own.get("optional").and_then(Item::as_value) {
        table.insert("optional", optional.clone());
    }
    table.fmt();
    Item::Value(Toml::InlineTable(table))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn semver_accepts_any_version() {
        for (vendor, ours) in [
            ("v1", "1.0.0"),
            ("1.2", "1.2.0"),
            ("12.21.3", "12.21.3"),
            ("", "0.1.0"),
            ("2023-11-01", "0.1.0"),
            ("latest", "0.1.0"),
            ("1.2.3-beta.1", "1.2.3"),
        ] {
            assert_eq!(semver(vendor), ours);
        }
    }

    #[test]
    fn expand_writes_out_what_a_manifest_inherits() {
        let workspace: DocumentMut = "[workspace.package]\nedition = \"2024\"\n[workspace.dependencies]\na = \"1\"\nb = { version = \"2\", default-features = false, features = [\"x\"] }\n".parse().unwrap();
        let text = expand(
            "[package]\nname = \"t\"\nedition.workspace = true\nreadme.workspace = true\n[dependencies]\na.workspace = true\nb = { workspace = true, features = [\"y\"], optional = true }\n[dev-dependencies]\nc = \"1\"\n[lints]\nworkspace = true\n",
            &workspace,
        )
        .unwrap();
        let parsed: DocumentMut = text.parse().unwrap();
        assert_eq!(parsed["package"]["edition"].as_str(), Some("2024"));
        assert!(parsed["package"].get("readme").is_none() && parsed.get("lints").is_none());
        assert_eq!(parsed["dependencies"]["a"]["version"].as_str(), Some("1"));
        assert_eq!(
            parsed["dependencies"]["b"]["features"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        assert_eq!(
            parsed["dependencies"]["b"]["optional"].as_bool(),
            Some(true)
        );
        assert!(!text.contains("workspace"));
    }

    #[test]
    fn check_name_refuses_what_cargo_refuses() {
        assert!(check_name("acme-id").is_ok());
        for name in ["", "1a", "a b", "fn", "../x"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
